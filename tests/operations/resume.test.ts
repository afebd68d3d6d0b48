import type { LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import type { Operator } from "../../operations/operator";
import { planResume, resume } from "../../operations/resume";
import type { Action } from "../../runtime/ledger/actions";
import { createLedger } from "../../runtime/ledger/ledger";
import { fakeClient, inputsOf } from "../support/fakes/client";
import { fakeTable } from "../support/fakes/table";

const now = Date.parse("2026-11-20T12:00:00Z");
const hour = 3600_000;

/** A held action of the thermostat, as the ledger keeps it. */
const held = (id: string, room: string, fingerprint: string, hoursAgo: number, occasionKey = id): Action => ({
  id,
  state: "held",
  guardrail: "thermostat",
  resource: {
    arn: `arn:aws:house:us-east-1:123456789012:room/${room}`,
    type: "House::Room",
    id: room,
    region: "us-east-1",
    account: "123456789012",
    hints: {},
  },
  occasionKey,
  source: { id: occasionKey, detail: { rooms: [room] } },
  occasionId: occasionKey,
  principal: { arn: "unknown", tool: "unknown" },
  finding: { fingerprint, summary: "hot", data: 20 },
  before: { degrees: 30 },
  because: "it is paused",
  opened: now - hoursAgo * hour,
  settings: {},
  code: "abc",
});

async function house(...actions: Action[]) {
  const table = fakeTable();
  const ledger = createLedger(table.client, "guardrails-dev-ledger");
  for (const action of actions) await ledger.keep(action);
  const lambda = fakeClient<LambdaClient>({ Invoke: () => ({ StatusCode: 202 }) });
  const operator = {
    place: { stack: "dev", partition: "aws", account: "123456789012", home: "us-east-1" },
    by: "arn:aws:iam::123456789012:user/olga",
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
  const states = () => [...table.items.values()].flatMap(item => item.state?.S ?? []).sort();
  return { operator, sent, states, table };
}

const run = async (operator: Operator) =>
  resume(operator, await planResume(operator, "thermostat", ["thermostat"]));

describe("taking up what was held", () => {
  it("sends an event once for all its resources, marked with the action that it resumes", async () => {
    const { operator, sent, states } = await house(
      held("a", "attic", "hot", 3, "e-1"),
      held("b", "cellar", "hot", 2, "e-1"),
    );

    expect(await run(operator)).to.deep.equal([]);

    expect(sent()).to.have.length(1);
    expect(sent()[0]).to.include({ FunctionName: "guardrails-dev-thermostat", InvocationType: "Event" });
    expect(sent()[0].payload).to.deep.include({ id: "e-1" }).and.have.property("resumes").oneOf(["a", "b"]);
    expect(states()).to.deep.equal(["resumed", "resumed"]);
  });

  it("sends the newest event of a finding, and each finding of a resource, since each concerns its own change", async () => {
    const { operator, sent, states } = await house(
      held("old", "attic", "hot", 5),
      held("new", "attic", "hot", 1),
      held("other", "attic", "damp", 4),
    );

    await run(operator);

    expect(
      sent()
        .map(({ payload }) => (payload as { resumes: string }).resumes)
        .sort(),
    ).to.deep.equal(["new", "other"]);
    expect(states()).to.deep.equal(["resumed", "resumed", "resumed"]);
  });

  it("leaves what an operator has undone, and says whose decision that is", async () => {
    const { operator, sent, table } = await house(held("a", "attic", "hot", 1));
    const key = {
      pk: { S: "thermostat#arn:aws:house:us-east-1:123456789012:room/attic" },
      sk: { S: "hold#hot" },
    };
    const ends = { N: String(now + hour) };
    table.items.set(`${key.pk.S} ${key.sk.S}`, {
      ...key,
      v: { N: "2" },
      ends,
      reason: { S: "r" },
      by: { S: "zoe" },
    } as never);

    const plan = await planResume(operator, "thermostat", ["thermostat"]);
    await resume(operator, plan);

    expect(plan.actions[0].left).to.match(/^zoe has undone exactly this, until 2026-11-20T13:00Z$/);
    expect(sent()).to.deep.equal([]);
  });

  it("leaves everything while every guardrail is paused, and names the command that lifts it", async () => {
    const { operator, sent, table } = await house(held("a", "attic", "hot", 1));
    const item = {
      pk: { S: "thermostat#brake" },
      sk: { S: "all" },
      v: { N: "2" },
      ends: { N: String(now + hour) },
    };
    table.items.set("thermostat#brake all", { ...item, reason: { S: "r" }, by: { S: "zoe" } } as never);

    const plan = await planResume(operator, "thermostat", ["thermostat"]);
    await resume(operator, plan);

    expect(plan.lifted).to.deep.equal([]);
    expect(plan.actions[0].left).to.match(/zoe has paused every guardrail \(resume --all\)/);
    expect(sent()).to.deep.equal([]);
  });
});
