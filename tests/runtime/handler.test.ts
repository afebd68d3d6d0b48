import { mkdtempSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import { join } from "path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { expect } from "chai";
import { createHandler } from "../../runtime/handler";
import { enter, noticesArn, ownRoleArn, place, unpack } from "../support/fakes/container";
import { fakeTable } from "../support/fakes/table";
import { config, heated, house, thermostat, type House } from "../support/thermostat";

const own = ownRoleArn("thermostat");
const expected = [
  {
    source: ["aws.house"],
    "detail-type": ["AWS API Call via CloudTrail"],
    detail: { eventName: ["HeatRooms"] },
  },
];
const context = { awsRequestId: "invocation-1", getRemainingTimeInMillis: () => 60_000 };

describe("the handler", () => {
  const { send } = SNSClient.prototype;
  const { send: sendToTable } = DynamoDBClient.prototype;
  const { write } = process.stdout;
  let leave: () => void;
  let folder: string;
  let published: PublishCommand["input"][];
  let lines: Record<string, unknown>[];
  let refuse: Error | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "guardrail-"));
    published = [];
    lines = [];
    refuse = undefined;
    leave = enter(folder);
    unpack(folder, config("enforce"));
    DynamoDBClient.prototype.send = fakeTable().client.send;
    SNSClient.prototype.send = (async (command: PublishCommand) => {
      if (refuse) throw refuse;
      published.push(command.input);
      return {};
    }) as typeof send;
  });

  afterEach(() => {
    SNSClient.prototype.send = send;
    DynamoDBClient.prototype.send = sendToTable;
    leave();
    rmSync(folder, { recursive: true });
  });

  /** Invokes as Lambda does, keeping what the function writes to its standard output. */
  async function invoke(home: House, payload: unknown) {
    process.stdout.write = ((text: string) => {
      lines.push(JSON.parse(text));
      return true;
    }) as typeof write;
    try {
      return await createHandler(thermostat(home), expected)(payload, context);
    } finally {
      process.stdout.write = write;
    }
  }

  const rejection = (promise: Promise<unknown>): Promise<Error> =>
    promise.then(
      () => Promise.reject(new Error("expected a rejection, got none")),
      (error: Error) => error,
    );

  it("writes an audit line and metrics as bare JSON lines, and publishes the notice", async () => {
    const home = house({ kitchen: 30 });
    const summary = await invoke(home, heated(["kitchen"]));
    expect(summary.outcomes).to.deep.equal([
      { resource: "arn:aws:house:us-east-1:123456789012:room/kitchen", outcome: "remediated" },
    ]);
    expect(lines[0]).to.deep.include({
      audit: 1,
      guardrail: "thermostat",
      mode: "enforce",
      code: "abc123",
      outcome: "remediated",
    });
    expect(lines[0].before).to.deep.equal({ degrees: 30, tags: {} });
    expect(lines[1]).to.include({ stack: "dev", guardrail: "thermostat", Remediated: 1, Signal: 1 });
    expect(published).to.have.length(1);
    expect(published[0]).to.deep.include({
      TopicArn: noticesArn,
      Subject: "[high] Fixed: Keep rooms cool: kitchen",
    });
    expect(published[0].MessageAttributes?.outcome).to.deep.equal({
      DataType: "String",
      StringValue: "remediated",
    });
  });

  it("declares the unit and dimensions of exactly the metrics that are not zero", async () => {
    await invoke(house({ kitchen: 18 }), heated(["kitchen"]));
    const { _aws } = lines[1] as { _aws: { CloudWatchMetrics: object[] } };
    expect(_aws.CloudWatchMetrics).to.deep.equal([
      {
        Namespace: "Guardrails",
        Dimensions: [["stack"]],
        Metrics: [{ Name: "Compliant", Unit: "Count" }],
      },
    ]);
  });

  for (const [what, detail, why] of [
    ["a failed call", { errorCode: "Client.UnauthorizedOperation" }, "the call failed"],
    ["a dry run", { errorCode: "Client.DryRunOperation" }, "the call failed"],
    [
      "its own call",
      { userIdentity: { type: "AssumedRole", sessionContext: { sessionIssuer: { arn: own } } } },
      "the call was this guardrail's own",
    ],
  ] as const)
    it(`looks at nothing and tells nobody after ${what}`, async () => {
      const home = house({ kitchen: 30 });
      expect(await invoke(home, heated(["kitchen"], detail as never))).to.deep.equal({
        outcomes: [],
        ignored: why,
      });
      expect([home.reads, home.writes, published]).to.deep.equal([0, [], []]);
    });

  it("says one line of an event of another account, and looks at nothing", async () => {
    const home = house({ kitchen: 30 });
    const { ignored } = await invoke(home, { ...heated(["kitchen"]), account: "210987654321" });

    expect(ignored).to.equal("the event is of account 210987654321");
    expect([home.reads, home.writes, published]).to.deep.equal([0, [], []]);
    expect(lines).to.have.length(1);
    expect(lines[0]).to.not.have.property("error");
  });

  for (const [what, payload] of [
    ["a payload that is no event", { hello: "world" }],
    ["an event of another source", { ...heated(["kitchen"]), source: "custom.house" }],
    ["an event that none of its rules delivers", heated(["kitchen"], { eventName: "CoolRooms" })],
  ] as const)
    it(`refuses ${what}, keeps it in the log, and touches nothing`, async () => {
      const home = house({ kitchen: 30 });
      await rejection(invoke(home, payload));
      expect([home.reads, home.writes]).to.deep.equal([0, []]);
      expect(lines[0]).to.have.property("error");
      expect(lines[0].payload).to.deep.equal(payload);
    });

  for (const [what, text] of [
    ["missing", undefined],
    ["no JSON", "{"],
    ["of an unknown format", JSON.stringify({ ...config("enforce"), format: 1 })],
    ["of an unknown mode", JSON.stringify({ ...config("enforce"), mode: "obliterate" })],
    ["without a budget", JSON.stringify({ ...config("enforce"), budget: undefined })],
    ["of a budget of nothing", JSON.stringify({ ...config("enforce"), budget: 0 })],
    ["that does not say who is who", JSON.stringify({ ...config("enforce"), who: undefined })],
    ["with a sweep of an unknown kind", JSON.stringify({ ...config("enforce"), sweep: "always" })],
    ["without settings", JSON.stringify({ ...config("enforce"), settings: null })],
  ] as const)
    it(`writes nothing and raises the alarm when its configuration is ${what}`, async () => {
      rmSync(join(folder, "config.json"));
      if (text !== undefined) writeFileSync(join(folder, "config.json"), text);
      const home = house({ kitchen: 30 });
      await rejection(invoke(home, heated(["kitchen"])));
      expect([home.reads, home.writes]).to.deep.equal([0, []]);
      expect(published[0].Subject).to.equal(
        "[high] FAILED: guardrail thermostat cannot read its configuration",
      );
    });

  it("rethrows when the write is denied, after telling everything", async () => {
    const home = house({ kitchen: 30, bath: 30 });
    home.onWrite = (_, ids) => {
      if (ids.includes("kitchen"))
        throw Object.assign(new Error("not authorized"), { name: "UnauthorizedOperation" });
    };
    const error = await rejection(invoke(home, heated(["kitchen", "bath"])));
    expect(error.name).to.equal("UnauthorizedOperation");
    expect(error.message).to.match(/^1 of 2 resources failed, first .*kitchen: not authorized$/);
    expect(published.map(({ Subject }) => Subject)).to.deep.equal([
      "[high] 2 notices: Keep rooms cool: 1 FAILED, 1 Fixed",
    ]);
    expect(published[0].Message).to.contain("Keep rooms cool: bath").and.to.contain("not authorized");
  });

  it("tells of a failure that no retry can mend, and lets Lambda be done with it", async () => {
    const home = house({ kitchen: 30 });
    home.onWrite = () => {
      throw Object.assign(new Error("the interface is full"), { code: "InterfaceFull", final: true });
    };
    const { outcomes } = await invoke(home, heated(["kitchen"]));
    expect(outcomes[0].outcome).to.equal("failed");
    expect(published[0].Message)
      .to.contain("the interface is full")
      .and.to.contain("Trying again cannot help");
  });

  it("rethrows when the topic refuses the notice, having logged the outcome", async () => {
    refuse = new Error("topic is gone");
    const error = await rejection(invoke(house({ kitchen: 30 }), heated(["kitchen"])));
    expect(error.message).to.equal("topic is gone");
    expect(lines[0]).to.include({ audit: 1, outcome: "remediated" });
  });

  for (const part of ["stack", "partition", "account", "home"])
    it(`fails at cold start when it cannot tell where it is: ${part}`, () => {
      writeFileSync(join(folder, "place.json"), JSON.stringify({ ...place, [part]: undefined }));
      expect(() => createHandler(thermostat(house({})), expected)).to.throw(`place.json has no ${part}`);
    });
});
