import type { LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import type { Operator } from "../../operations/operator";
import { planResume, resume } from "../../operations/resume";
import { createLedger } from "../../runtime/ledger/ledger";
import { type OpenFinding, openName } from "../../runtime/ledger/open";
import { fakeClient, inputsOf } from "../support/fakes/client";
import { fakeTable } from "../support/fakes/table";

const now = Date.parse("2026-11-20T12:00:00Z");
const hour = 3600_000;

const olga = "arn:aws:iam::123456789012:user/olga";

/** An open finding of the thermostat, as the ledger keeps it. */
const held = (room: string, fingerprint: string, change: Partial<OpenFinding> = {}): OpenFinding => ({
  guardrail: "thermostat",
  resource: {
    arn: `arn:aws:house:us-east-1:123456789012:room/${room}`,
    type: "House::Room",
    id: room,
    region: "us-east-1",
    account: "123456789012",
    hints: {},
  },
  finding: { fingerprint, summary: "hot", data: 20 },
  kind: "held",
  code: "paused",
  because: "it is paused",
  cause: {
    kind: "event",
    key: "e-1",
    id: "e-1",
    time: "2026-11-20T09:00:00Z",
    account: "123456789012",
    region: "us-east-1",
    words: "called HeatRooms",
  },
  since: now - 3 * hour,
  attention: "hourly",
  tries: 0,
  revision: "1",
  ...change,
});

async function house(...open: OpenFinding[]) {
  const table = fakeTable();
  const ledger = createLedger(table.client, "guardrails-dev-ledger");
  for (const one of open) await ledger.open(one);
  const lambda = fakeClient<LambdaClient>({ Invoke: () => ({ StatusCode: 202 }) });
  const operator = {
    place: { stack: "dev", partition: "aws", account: "123456789012", home: "us-east-1" },
    by: olga,
    dynamodb: table.client,
    lambda,
    now: () => now,
  } as unknown as Operator;
  const sent = () =>
    inputsOf(lambda, "Invoke").map(({ FunctionName, InvocationType, Payload }) => ({
      FunctionName,
      InvocationType,
      payload: JSON.parse(Buffer.from(Payload as Uint8Array).toString()) as object,
    }));
  const marked = async () =>
    (await ledger.openFindings("thermostat")).map(({ due, resumed }) => ({ due, resumed }));
  return { operator, sent, marked, table };
}

const run = async (operator: Operator) =>
  resume(operator, await planResume(operator, "thermostat", ["thermostat"]));

/** An operator's decision in the ledger. */
const decision = (pk: string, sk: string) =>
  ({
    pk: { S: pk },
    sk: { S: sk },
    v: { N: "2" },
    ends: { N: String(now + hour) },
    reason: { S: "r" },
    by: { S: "zoe" },
  }) as never;

describe("taking up what is open", () => {
  it("marks each finding in the ledger with who wants it, and wakes the function once for all of them", async () => {
    const [attic, cellar, damp] = [held("attic", "hot"), held("cellar", "hot"), held("attic", "damp")];
    const { operator, sent, marked } = await house(attic, cellar, damp);

    expect(await run(operator)).to.deep.equal([]);

    const names = [attic, cellar, damp].map(one => openName(one.resource.arn, one.finding.fingerprint));
    expect(sent()).to.have.length(1);
    expect(sent()[0]).to.include({ FunctionName: "guardrails-dev-thermostat", InvocationType: "Event" });
    expect((sent()[0].payload as { takes: string[] }).takes).to.have.members(names);
    expect(await marked()).to.deep.equal(Array(3).fill({ due: now, resumed: olga }));
  });

  it("leaves what is left to people, and says why", async () => {
    const finding = { fingerprint: "fire", summary: "hot", data: 20, notifyOnly: "it is on fire" };
    const { operator, sent, marked } = await house(
      held("attic", "fire", { finding, kind: "notified", code: "left-to-people", because: "it is on fire" }),
    );

    const plan = await planResume(operator, "thermostat", ["thermostat"]);
    await resume(operator, plan);

    expect(plan.findings[0].left).to.equal("it is left to you, because it is on fire");
    expect(sent()).to.deep.equal([]);
    expect(await marked()).to.deep.equal([{ due: undefined, resumed: undefined }]);
  });

  it("leaves what an operator has undone, and says whose decision that is", async () => {
    const { operator, sent, table } = await house(held("attic", "hot"));
    const pk = "thermostat#arn:aws:house:us-east-1:123456789012:room/attic";
    table.items.set(`${pk} hold#hot`, decision(pk, "hold#hot"));

    const plan = await planResume(operator, "thermostat", ["thermostat"]);
    await resume(operator, plan);

    expect(plan.findings[0].left).to.match(/^zoe has undone exactly this, until 2026-11-20T13:00Z$/);
    expect(sent()).to.deep.equal([]);
  });

  it("leaves everything while every guardrail is paused, and names the command that lifts it", async () => {
    const { operator, sent, table } = await house(held("attic", "hot"));
    table.items.set("thermostat#brake all", decision("thermostat#brake", "all"));

    const plan = await planResume(operator, "thermostat", ["thermostat"]);
    await resume(operator, plan);

    expect(plan.lifted).to.deep.equal([]);
    expect(plan.findings[0].left).to.match(/zoe has paused every guardrail \(resume --all\)/);
    expect(sent()).to.deep.equal([]);
  });

  it("says so where the guardrail changes a finding at this moment, and leaves that to it", async () => {
    const { operator, sent, table } = await house(held("attic", "hot"));
    const plan = await planResume(operator, "thermostat", ["thermostat"]);
    await createLedger(table.client, "guardrails-dev-ledger").open(held("attic", "hot", { revision: "2" }));

    expect(await resume(operator, plan)).to.have.length(1);

    expect(sent()).to.deep.equal([]);
  });
});
