import { expect } from "chai";
import { arnOf, event, startEventServices } from "../support/event-services";
import { failure } from "../support/failure";
import { place } from "../support/functions";

const alerts = arnOf("sns", "alerts");
const inbox = arnOf("sqs", "inbox");
const text = (StringValue: string) => ({ DataType: "String", StringValue });

describe("topics", () => {
  let sandbox: Awaited<ReturnType<typeof startEventServices>>;
  beforeEach(async () => {
    sandbox = await startEventServices();
  });
  afterEach(() => sandbox.stop());
  const subscribe = (Protocol: string, Endpoint: string, Attributes: object = {}) =>
    sandbox.call("sns:Subscribe", {
      TopicArn: alerts,
      Protocol,
      Endpoint,
      Attributes,
      ReturnSubscriptionArn: true,
    });
  const publish = async (input: object) => {
    await sandbox.call("sns:Publish", { TopicArn: alerts, ...input });
    await sandbox.idle();
  };

  it("mail a message with its subject, and SNS's footer below", async () => {
    const { SubscriptionArn } = await subscribe("email", "secops@example.com");

    await publish({
      Subject: "A port is open",
      Message: "Close it.",
      MessageAttributes: { severity: text("high") },
    });

    const [mail] = sandbox.of("mail");
    expect(mail).to.deep.include({
      to: "secops@example.com",
      subject: "A port is open",
      topicArn: alerts,
      attributes: { severity: "high" },
    });
    expect(mail?.body).to.match(/^Close it\.\n\n--\nIf you wish to stop receiving notifications/);
    expect(mail?.body).to.include(`SubscriptionArn=${String(SubscriptionArn)}&Endpoint=secops@example.com`);
  });

  it("put SNS's own subject where the publisher gave none", async () => {
    await subscribe("email", "secops@example.com");

    await publish({ Message: "plain" });

    expect(sandbox.of("mail")[0]?.subject).to.equal("AWS Notification Message");
  });

  it("mail what a rule's template says, in its quotes", async () => {
    await subscribe("email", "secops@example.com");
    await sandbox.rule({
      Arn: alerts,
      InputTransformer: { InputTemplate: '"Order <id>"', InputPathsMap: { id: "$.detail.id" } },
    });

    sandbox.bus.put(event() as never, place);
    await sandbox.idle();

    expect(sandbox.of("mail")[0]?.body).to.match(/^"Order 7"\n\n--\n/);
  });

  it("send nothing to an address that has not confirmed", async () => {
    await sandbox.stop();
    sandbox = await startEventServices({ confirmsMail: false });
    const { SubscriptionArn } = await subscribe("email", "secops@example.com");
    await publish({ Message: "unheard" });
    expect(sandbox.of("mail")).to.deep.equal([]);
    const { Subscriptions } = await sandbox.call("sns:ListSubscriptionsByTopic", { TopicArn: alerts });
    expect(Subscriptions).to.have.nested.property("[0].SubscriptionArn", "PendingConfirmation");

    await sandbox.call("sns:ConfirmSubscription", { TopicArn: alerts, Token: SubscriptionArn });
    await publish({ Message: "heard" });

    expect(sandbox.of("mail").map(({ body }) => body.split("\n")[0])).to.deep.equal(["heard"]);
  });

  it("say in a note that the sandbox confirmed a mail address by itself", async () => {
    await subscribe("email", "secops@example.com");

    const { Attributes } = await sandbox.call("sns:GetTopicAttributes", { TopicArn: alerts });

    expect(sandbox.of("note")[0]?.text).to.match(/^secops@example.com confirmed .* must click the link/);
    expect(Attributes).to.deep.equal({
      SubscriptionsPending: "0",
      SubscriptionsConfirmed: "1",
      SubscriptionsDeleted: "0",
    });
  });

  describe("with more than ten messages in a second", () => {
    const counts = async () => {
      const { Attributes } = await sandbox.call("sns:GetTopicAttributes", { TopicArn: alerts });
      const { SubscriptionsPending, SubscriptionsConfirmed, SubscriptionsDeleted } = Attributes as Record<
        string,
        string
      >;
      return [SubscriptionsConfirmed, SubscriptionsPending, SubscriptionsDeleted];
    };
    const send = async (count: number) => {
      for (let at = 0; at < count; at += 1)
        await sandbox.call("sns:Publish", { TopicArn: alerts, Message: `number ${at + 1}` });
      await sandbox.idle();
    };
    const hour = 3_600_000;

    it("suspend a mail subscription, which gets nothing more, and delete it after two days", async () => {
      await subscribe("email", "secops@example.com");
      await subscribe("sqs", inbox);

      await send(12);
      const suspended = await counts();
      await sandbox.clock.advance(47 * hour);
      await send(1);
      const stillThere = await counts();
      await sandbox.clock.advance(2 * hour);

      expect(sandbox.of("mail").map(({ body }) => body.split("\n")[0])).to.deep.equal(
        Array.from({ length: 10 }, (_, at) => `number ${at + 1}`),
      );
      expect(sandbox.sent, "a queue takes them all").to.have.length(13);
      expect([suspended, stillThere, await counts()]).to.deep.equal([
        ["1", "1", "0"],
        ["1", "1", "0"],
        ["1", "0", "1"],
      ]);
      expect(sandbox.of("note").map(({ text: note }) => note)).to.include(
        `Lost: SNS suspended the subscription of secops@example.com to ${alerts}, which got more than 10 messages in a second`,
      );
    });

    it("keep a subscription that its owner confirms again", async () => {
      const { SubscriptionArn } = await subscribe("email", "secops@example.com");
      await send(11);
      await sandbox.call("sns:ConfirmSubscription", { TopicArn: alerts, Token: SubscriptionArn });

      await sandbox.clock.advance(49 * hour);
      await send(1);

      expect(await counts()).to.deep.equal(["1", "0", "0"]);
      expect(sandbox.of("mail")).to.have.length(11);
    });

    it("suspend nobody when they come over more than a second", async () => {
      await subscribe("email", "secops@example.com");

      for (let second = 0; second < 3; second += 1) {
        await send(10);
        await sandbox.clock.advance(1000);
      }

      expect(await counts()).to.deep.equal(["1", "0", "0"]);
      expect(sandbox.of("mail")).to.have.length(30);
    });
  });

  it("forget who never confirms, after two days", async () => {
    await sandbox.stop();
    sandbox = await startEventServices({ confirmsMail: false });
    await subscribe("email", "secops@example.com");

    await sandbox.clock.advance(49 * 3_600_000);

    const { Attributes } = await sandbox.call("sns:GetTopicAttributes", { TopicArn: alerts });
    expect(Attributes).to.include({ SubscriptionsPending: "0", SubscriptionsDeleted: "1" });
  });

  it("send only what a filter policy lets through", async () => {
    const FilterPolicy = JSON.stringify({ severity: ["high", { prefix: "crit" }] });
    await subscribe("email", "secops@example.com", { FilterPolicy });

    for (const severity of ["low", "high", "critical"])
      await publish({ Message: severity, MessageAttributes: { severity: text(severity) } });
    await publish({ Message: "no attribute" });

    expect(sandbox.of("mail").map(({ body }) => body.split("\n")[0])).to.deep.equal(["high", "critical"]);
  });

  it("filter by the body where the policy says so", async () => {
    const FilterPolicy = JSON.stringify({ order: { total: [{ numeric: [">", 100] }] } });
    await subscribe("sqs", inbox, {
      FilterPolicy,
      FilterPolicyScope: "MessageBody",
      RawMessageDelivery: "true",
    });

    await publish({ Message: '{"order":{"total":99}}' });
    await publish({ Message: '{"order":{"total":101}}' });
    await publish({ Message: "no JSON" });

    expect(sandbox.sent.map(({ body }) => body)).to.deep.equal(['{"order":{"total":101}}']);
  });

  it("reach a queue in an envelope, and only if the queue's policy admits the topic", async () => {
    await subscribe("sqs", inbox);
    await publish({ Subject: "s", Message: "first" });
    sandbox.policies.set(inbox, {
      ...sandbox.admitAll("sqs"),
      Statement: [
        {
          ...sandbox.admitAll("sqs").Statement[0],
          Condition: { ArnEquals: { "aws:SourceArn": arnOf("sns", "other") } },
        },
      ],
    });

    await publish({ Message: "second" });

    const bodies = sandbox.sent.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(bodies).to.have.length(1);
    expect(bodies[0]).to.include({ Type: "Notification", TopicArn: alerts, Subject: "s", Message: "first" });
    expect(sandbox.of("note").map(({ text: note }) => note)[0]).to.match(/^Lost: .*alerts could not deliver/);
  });

  it("invoke a function with the message in a record", async () => {
    const arn = await sandbox.deploy(
      "reader",
      "exports.handler = async e => console.log(e.Records[0].Sns.Message);",
    );
    await sandbox.call("lambda:AddPermission", {
      FunctionName: "reader",
      StatementId: "topic",
      Action: "lambda:InvokeFunction",
      Principal: "sns.amazonaws.com",
      SourceArn: alerts,
    });
    await subscribe("lambda", arn);

    await publish({ Message: "hello" });

    expect(sandbox.of("log")[0]?.line).to.match(/hello$/);
  });

  it("forget who unsubscribed", async () => {
    const { SubscriptionArn } = await subscribe("email", "secops@example.com");
    await sandbox.call("sns:Unsubscribe", { SubscriptionArn });

    await publish({ Message: "unheard" });

    expect(sandbox.of("mail")).to.deep.equal([]);
  });

  describe("refuse", () => {
    for (const [what, input, code] of [
      ["a subject of 100 characters", { Message: "m", Subject: "x".repeat(100) }, "InvalidParameter"],
      ["a subject with a line break", { Message: "m", Subject: "a\nb" }, "InvalidParameter"],
      ["a subject that is not ASCII", { Message: "m", Subject: "Öffnung" }, "InvalidParameter"],
      ["an empty message", { Message: "" }, "InvalidParameter"],
      ["more than 256 KB", { Message: "x".repeat(262_145) }, "InvalidParameter"],
      [
        "an attribute without a value",
        { Message: "m", MessageAttributes: { a: text("") } },
        "ParameterValueInvalid",
      ],
      ["a topic that does not exist", { Message: "m", TopicArn: arnOf("sns", "none") }, "NotFound"],
      ["a phone number", { Message: "m", PhoneNumber: "+15550100" }, "NotImplemented"],
    ] as const)
      it(`${what} with ${code}`, async () => {
        await subscribe("email", "secops@example.com");

        const error = await failure(sandbox.call("sns:Publish", { TopicArn: alerts, ...input }));

        expect(error).to.have.property("code", code);
        expect(sandbox.of("mail")).to.deep.equal([]);
      });

    it("a protocol that the sandbox does not deliver to", async () => {
      const error = await failure(subscribe("sms", "+15550100"));

      expect(error).to.include({ code: "NotImplemented" });
      expect(error.message).to.include("Protocol sms");
    });

    it("a service that the topic's policy does not admit", async () => {
      sandbox.policies.set(alerts, { ...sandbox.admitAll("sqs") });
      const sender = {
        service: "events.amazonaws.com",
        sourceArn: "arn:aws:events:us-east-1:123456789012:rule/r",
        sourceAccount: place.account,
      };

      const error = await failure(sandbox.topics.publishAs(sender, alerts, { message: "m", attributes: {} }));

      expect(error).to.have.property("code", "AccessDenied");
    });
  });

  it("take a subject of 99 characters", async () => {
    await subscribe("email", "secops@example.com");

    await publish({ Message: "m", Subject: "x".repeat(99) });

    expect(sandbox.of("mail")).to.have.length(1);
  });
});
