import { expect } from "chai";
import { awsError } from "../../../sandbox/ground/call";
import { place } from "../support/functions";
import { arnOf, event, startEventServices } from "../support/event-services";
import { failure } from "../support/failure";

const minute = 60_000;
const inbox = arnOf("sqs", "inbox");
const failures = arnOf("sqs", "failures");
const alerts = arnOf("sns", "alerts");
const ruleArn = "arn:aws:events:us-east-1:123456789012:rule/orders";

describe("the event bus", () => {
  let sandbox: Awaited<ReturnType<typeof startEventServices>>;
  beforeEach(async () => {
    sandbox = await startEventServices();
  });
  afterEach(() => sandbox.stop());
  const put = async (change?: object) => {
    sandbox.bus.put(event(change) as never, place);
    await sandbox.idle();
  };

  it("delivers an event to the targets of the rules that match, and to no other", async () => {
    await sandbox.rule({ Arn: inbox });
    await sandbox.call("events:PutRule", { Name: "other", EventPattern: '{"source":["bank"]}' });
    await sandbox.call("events:PutTargets", { Rule: "other", Targets: [{ Id: "x", Arn: failures }] });

    await put();

    expect(sandbox.sent.map(({ queue, body }) => [queue, JSON.parse(body)])).to.deep.equal([
      ["inbox", event()],
    ]);
    expect(sandbox.of("event").map(({ rules }) => rules)).to.deep.equal([["orders"]]);
    expect(sandbox.of("delivery")).to.have.length(1);
  });

  it("shows an event that no rule wants", async () => {
    await put();

    expect(sandbox.of("event").map(({ eventId, rules }) => [eventId, rules])).to.deep.equal([["e-1", []]]);
  });

  it("invokes a function with the event", async () => {
    const arn = await sandbox.deploy("shop", "exports.handler = async e => console.log(e.detail.name);");
    await sandbox.rule({ Arn: arn });

    await put();

    expect(sandbox.of("invocation")[0]).to.include({ functionName: "shop", eventId: "e-1", attempt: 1 });
    expect(sandbox.of("log")[0]?.line).to.match(/vase$/);
  });

  it("stops delivering once a rule is disabled, and goes on when it is enabled", async () => {
    await sandbox.rule({ Arn: inbox });
    await sandbox.call("events:DisableRule", { Name: "orders" });
    await put();
    expect(sandbox.sent).to.deep.equal([]);

    await sandbox.call("events:EnableRule", { Name: "orders" });
    await put();

    expect(sandbox.sent).to.have.length(1);
  });

  it("keeps calls that only read from rules that did not ask for all management events", async () => {
    const reading = {
      "detail-type": "AWS API Call via CloudTrail",
      detail: { readOnly: true, managementEvent: true },
    };
    await sandbox.rule({ Arn: inbox });
    await put(reading);
    expect(sandbox.sent).to.deep.equal([]);

    await sandbox.rule({ Arn: inbox }, { State: "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" });
    await put(reading);

    expect(sandbox.sent).to.have.length(1);
  });

  describe("without the target's permission", () => {
    const dead = { DeadLetterConfig: { Arn: failures } };
    const onlyRule = (name: string) => ({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: ["sqs:SendMessage", "sns:Publish"],
          Resource: "*",
          Condition: { ArnEquals: { "aws:SourceArn": `arn:aws:events:us-east-1:123456789012:rule/${name}` } },
        },
      ],
    });

    it("sends the event to the dead-letter queue at once and says why", async () => {
      const arn = await sandbox.deploy("shop", "exports.handler = async () => {};", false);
      await sandbox.rule({ Arn: arn, ...dead });

      await put();

      expect(sandbox.of("invocation")).to.deep.equal([]);
      const [{ attributes = {}, body = "", queue = "" } = {}] = sandbox.sent;
      expect([queue, JSON.parse(body)]).to.deep.equal(["failures", event()]);
      expect(attributes).to.include({
        RULE_ARN: ruleArn,
        TARGET_ARN: arn,
        ERROR_CODE: "NO_PERMISSIONS",
        RETRY_ATTEMPTS: "0",
      });
      expect(attributes).to.not.have.property("EXHAUSTED_RETRY_CONDITION");
      expect(attributes.ERROR_MESSAGE).to.include("lambda:InvokeFunction");
    });

    for (const [kind, arn] of [
      ["queue", inbox],
      ["topic", alerts],
    ] as const)
      it(`does not reach a ${kind} whose policy admits another rule only`, async () => {
        sandbox.policies.set(arn, onlyRule("another"));
        await sandbox.rule({ Arn: arn, ...dead });
        await put();
        expect(sandbox.sent.map(({ queue }) => queue)).to.deep.equal(["failures"]);

        sandbox.policies.set(arn, onlyRule("orders"));
        await put();

        expect(sandbox.of("delivery").map(({ error }) => error?.split(":")[0])).to.deep.equal([
          "NO_PERMISSIONS",
          undefined,
        ]);
      });

    it("loses the event, and says so, when the dead-letter queue does not admit the rule either", async () => {
      sandbox.policies.set(failures, onlyRule("another"));
      sandbox.policies.set(inbox, onlyRule("another"));
      await sandbox.rule({ Arn: inbox, ...dead });

      await put();

      expect(sandbox.sent).to.deep.equal([]);
      expect(sandbox.of("dead-letter")).to.deep.equal([]);
      expect(sandbox.of("note").map(({ text }) => text.slice(0, 39))).to.deep.equal([
        "Lost: orders could not deliver e-1 (NO_",
      ]);
    });

    it("treats a target that is gone the same way", async () => {
      await sandbox.rule({ Arn: arnOf("sqs", "gone"), ...dead });

      await put();

      expect(sandbox.sent[0]?.attributes.ERROR_CODE).to.equal("NO_RESOURCE");
    });
  });

  it("tries a target that fails again, with growing pauses, until it works", async () => {
    sandbox.faults.set("inbox", awsError("ServiceUnavailable", "try later", 503));
    await sandbox.rule({ Arn: inbox });
    await put();
    expect(sandbox.services.retrying).to.equal(1);

    await sandbox.clock.advance(5000);
    sandbox.faults.clear();
    await sandbox.clock.advance(minute);

    expect(sandbox.of("delivery").map(({ attempt, error }) => [attempt, error])).to.deep.equal([
      [1, "ERROR_FROM_TARGET: try later"],
      [2, "ERROR_FROM_TARGET: try later"],
      [3, "ERROR_FROM_TARGET: try later"],
      [4, undefined],
    ]);
    expect(sandbox.services.retrying).to.equal(0);
  });

  it("gives up after the tries, or the time, that the retry policy allows", async () => {
    sandbox.faults.set("inbox", awsError("ServiceUnavailable", "down", 503));
    const dead = { DeadLetterConfig: { Arn: failures } };
    await sandbox.rule({ Arn: inbox, ...dead, RetryPolicy: { MaximumRetryAttempts: 2 } });
    await put();
    await sandbox.clock.advance(minute);
    await sandbox.rule({ Arn: inbox, ...dead, RetryPolicy: { MaximumEventAgeInSeconds: 60 } });
    await put();
    await sandbox.clock.advance(5 * minute);

    expect(
      sandbox.sent.map(({ attributes }) => [attributes.EXHAUSTED_RETRY_CONDITION, attributes.RETRY_ATTEMPTS]),
    ).to.deep.equal([
      ["MaximumRetryAttempts", "2"],
      ["MaximumEventAgeInSeconds", "5"],
    ]);
  });

  it("fires a rate rule by the clock, until it is disabled", async () => {
    await sandbox.rule({ Arn: inbox }, { EventPattern: undefined, ScheduleExpression: "rate(5 minutes)" });

    await sandbox.clock.advance(16 * minute);
    await sandbox.call("events:DisableRule", { Name: "orders" });
    await sandbox.clock.advance(30 * minute);

    const events = sandbox.sent.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(events).to.have.length(3);
    expect(events[0]).to.deep.include({
      "detail-type": "Scheduled Event",
      source: "aws.events",
      resources: [ruleArn],
      detail: {},
    });
  });

  it("fires a cron rule at its offset, and sends the constant input that its target has", async () => {
    await sandbox.rule(
      { Arn: inbox, Input: '{"tick":"orders"}' },
      { EventPattern: undefined, ScheduleExpression: "cron(3/5 * * * ? *)" },
    );

    await sandbox.clock.advance(15 * minute);

    expect(sandbox.sent.map(({ body }) => body)).to.deep.equal(Array(3).fill('{"tick":"orders"}'));
    const minutes = sandbox.of("event").map(({ at }) => new Date(at).getUTCMinutes() % 5);
    expect(minutes).to.deep.equal([3, 3, 3]);
  });

  it("fires every schedule as often as whoever watches asks", async () => {
    await sandbox.stop();
    sandbox = await startEventServices({ every: 20_000 });
    await sandbox.rule({ Arn: inbox }, { EventPattern: undefined, ScheduleExpression: "cron(0 8 * * ? *)" });

    await sandbox.clock.advance(minute);

    const events = sandbox.sent.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(events.map(({ resources }) => resources)).to.deep.equal([[ruleArn], [ruleArn], [ruleArn]]);
  });

  it("leaves out what falls due while timers stand still, and goes on at the next time", async () => {
    await sandbox.rule({ Arn: inbox }, { EventPattern: undefined, ScheduleExpression: "rate(5 minutes)" });

    sandbox.bus.timers.running = false;
    await sandbox.clock.advance(16 * minute);
    expect(sandbox.sent).to.deep.equal([]);
    sandbox.bus.timers.running = true;
    await sandbox.clock.advance(5 * minute);
    expect(sandbox.sent).to.have.length(1);
  });

  describe("PutEvents", () => {
    const entry = { Source: "shop", DetailType: "Order", Detail: '{"id":7}' };

    it("puts an own event on the bus with an envelope around it", async () => {
      await sandbox.rule({ Arn: inbox });

      const answer = await sandbox.call("events:PutEvents", { Entries: [entry] });
      await sandbox.idle();

      expect(answer.FailedEntryCount).to.equal(0);
      expect(JSON.parse(sandbox.sent[0]?.body ?? "")).to.deep.include({
        "detail-type": "Order",
        source: "shop",
        account: "123456789012",
        region: "us-east-1",
        detail: { id: 7 },
      });
    });

    it("answers each entry that it refuses, and takes the others", async () => {
      await sandbox.rule({ Arn: inbox });
      const Entries = [
        { ...entry, Source: "aws.ec2" },
        { ...entry, Detail: "[1]" },
        { ...entry, DetailType: undefined },
        { ...entry, EventBusName: "nowhere" },
        entry,
      ];

      const answer = await sandbox.call("events:PutEvents", { Entries });
      await sandbox.idle();

      const codes = (answer.Entries as { ErrorCode?: string }[]).map(({ ErrorCode }) => ErrorCode);
      expect(codes).to.deep.equal([
        "NotAuthorizedForSourceException",
        "MalformedDetail",
        "InvalidArgument",
        "ResourceNotFoundException",
        undefined,
      ]);
      expect([answer.FailedEntryCount, sandbox.sent.length]).to.deep.equal([4, 1]);
    });

    it("reaches the rules of the bus that it names", async () => {
      await sandbox.call("events:CreateEventBus", { Name: "guardrails" });
      await sandbox.call("events:PutRule", {
        Name: "own",
        EventBusName: "guardrails",
        EventPattern: '{"source":["shop"]}',
      });
      await sandbox.call("events:PutTargets", {
        Rule: "own",
        EventBusName: "guardrails",
        Targets: [{ Id: "x", Arn: inbox }],
      });

      await sandbox.call("events:PutEvents", { Entries: [entry] });
      await sandbox.call("events:PutEvents", { Entries: [{ ...entry, EventBusName: "guardrails" }] });
      await sandbox.idle();

      expect(sandbox.of("event").map(({ rules }) => rules)).to.deep.equal([[], ["own"]]);
    });
  });

  describe("refuses", () => {
    for (const [what, action, input, code] of [
      [
        "a pattern that is none",
        "PutRule",
        { Name: "a", EventPattern: '{"source":"shop"}' },
        "InvalidEventPatternException",
      ],
      ["a rule without pattern and schedule", "PutRule", { Name: "a" }, "ValidationException"],
      [
        "a schedule it cannot read",
        "PutRule",
        { Name: "a", ScheduleExpression: "rate(5 minute)" },
        "ValidationException",
      ],
      [
        "a target of a missing rule",
        "PutTargets",
        { Rule: "none", Targets: [] },
        "ResourceNotFoundException",
      ],
      [
        "a target of an unknown kind",
        "PutTargets",
        { Rule: "orders", Targets: [{ Id: "a", Arn: arnOf("states", "x") }] },
        "NotImplemented",
      ],
      [
        "a target with a member it does not serve",
        "PutTargets",
        {
          Rule: "orders",
          Targets: [{ Id: "a", Arn: inbox, KinesisParameters: { PartitionKeyPath: "$.id" } }],
        },
        "NotImplemented",
      ],
      [
        "a sixth target",
        "PutTargets",
        { Rule: "orders", Targets: [2, 3, 4, 5, 6].map(n => ({ Id: `t${n}`, Arn: inbox })) },
        "LimitExceededException",
      ],
      [
        "a template with an unknown variable",
        "PutTargets",
        {
          Rule: "orders",
          Targets: [{ Id: "a", Arn: inbox, InputTransformer: { InputTemplate: '"<nothing>"' } }],
        },
        "ValidationException",
      ],
      [
        "a template that is neither JSON nor quoted",
        "PutTargets",
        {
          Rule: "orders",
          Targets: [{ Id: "a", Arn: inbox, InputTransformer: { InputTemplate: "plain words" } }],
        },
        "ValidationException",
      ],
      ["deleting a rule that has targets", "DeleteRule", { Name: "orders" }, "ValidationException"],
      ["an operation it does not have", "CreateArchive", { ArchiveName: "a" }, "NotImplemented"],
    ] as const)
      it(`${what} with ${code}`, async () => {
        await sandbox.rule({ Arn: inbox });

        const error = await failure(sandbox.call(`events:${action}`, input));

        expect(error).to.have.property("code", code);
      });
  });

  describe("an input transformer", () => {
    const template = async (InputTemplate: string, InputPathsMap: object = {}) => {
      await sandbox.rule({ Arn: inbox, InputTransformer: { InputTemplate, InputPathsMap } });
      await put();
      return sandbox.sent[0]?.body;
    };

    it("fills quoted lines in and leaves the quotes, as a mail shows them", async () => {
      const body = await template('"Order <id> of <name>."\n"Rule <aws.events.rule-name>"', {
        id: "$.detail.id",
        name: "$.detail.name",
      });

      expect(body).to.equal('"Order 7 of vase."\n"Rule orders"');
    });

    it("leaves nothing where a path is absent", async () => {
      const body = await template('"name: <none>!"', { none: "$.detail.customer.name" });

      expect(body).to.equal('"name: !"');
    });

    it("puts values into JSON with their type, and minifies it", async () => {
      const body = await template('{ "id": <id>, "items": <items>, "text": "no <id>", "first": <first> }', {
        id: "$.detail.id",
        items: "$.detail.items[*].sku",
        first: "$.detail.items[0]",
      });

      expect(body).to.equal('{"id":7,"items":["a","b"],"text":"no 7","first":{"sku":"a"}}');
    });

    it("knows the whole event, the event without its detail, and the rule", async () => {
      const body = await template(
        '{"all": <aws.events.event.json>, "head": <aws.events.event>, "rule": <aws.events.rule-arn>}',
      );

      const { detail: _detail, ...head } = event();
      expect(JSON.parse(body ?? "")).to.deep.equal({ all: event(), head, rule: ruleArn });
    });

    it("reads keys with dashes, and values from a list", async () => {
      const body = await template('"<type>: <sku>"', { type: "$.detail-type", sku: "$.detail.items[1].sku" });

      expect(body).to.equal('"Order: b"');
    });

    it("sends an event to the dead-letter queue when a function would get no JSON", async () => {
      const arn = await sandbox.deploy("shop", "exports.handler = async () => {};");
      await sandbox.rule({
        Arn: arn,
        DeadLetterConfig: { Arn: failures },
        InputTransformer: { InputTemplate: '{"id": <id>}', InputPathsMap: { id: "$.detail.none" } },
      });

      await put();

      expect(sandbox.sent[0]?.attributes.ERROR_CODE).to.equal("INVALID_JSON");
    });
  });

  it("says whether a pattern matches an event", async () => {
    const ask = (EventPattern: string) =>
      sandbox.call("events:TestEventPattern", { EventPattern, Event: JSON.stringify(event()) });

    expect(await ask('{"detail":{"id":[{"numeric":[">",5]}]}}')).to.deep.equal({ Result: true });
    expect(await ask('{"detail":{"id":[8]}}')).to.deep.equal({ Result: false });
  });

  it("lists rules and targets as they were put", async () => {
    const target = { Id: "one", Arn: inbox, RetryPolicy: { MaximumRetryAttempts: 3 } };
    await sandbox.rule(target, { Description: "orders of the shop" });

    const { Targets } = await sandbox.call("events:ListTargetsByRule", { Rule: "orders" });
    const { Rules } = await sandbox.call("events:ListRules", { NamePrefix: "ord" });

    expect(Targets).to.deep.equal([target]);
    expect((Rules as object[])[0]).to.deep.include({
      Name: "orders",
      Arn: ruleArn,
      State: "ENABLED",
      Description: "orders of the shop",
    });
  });
});
