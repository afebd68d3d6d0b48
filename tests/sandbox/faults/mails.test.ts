import { CloudWatchClient, DescribeAlarmsCommand, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import {
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  SNSClient,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import type { Happening } from "../../../sandbox/ground/journal";
import { failure } from "../support/failure";
import { addUser, type DeployedStack, startStack } from "../support/stack";

const region = "us-east-1";
const TopicArn = "arn:aws:sns:us-east-1:123456789012:guardrails-dev-notices";
const minute = 60_000;
type Mail = Extract<Happening, { kind: "mail" }>;

describe("the mails of a deployed stack", function () {
  this.timeout(900_000);
  let stack: DeployedStack;
  let sns: SNSClient;
  let cloudwatch: CloudWatchClient;
  let mallory: Awaited<ReturnType<typeof addUser>>;
  before(async () => {
    stack = await startStack({ concurrency: 5 });
    const { gateway } = stack.sandbox;
    sns = gateway.client(SNSClient, { region });
    cloudwatch = gateway.client(CloudWatchClient, { region });
    const Action = ["sqs:*", "cloudwatch:*"];
    mallory = await addUser(stack.sandbox, "trudy", {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action, Resource: "*" }],
    });
  });
  after(() => stack?.stop());

  const pass = async (ms: number) => {
    await stack.sandbox.clock.advance(ms);
    await stack.sandbox.idle();
  };
  const mails = (): Mail[] =>
    stack.sandbox.journal.happenings.flatMap(one => (one.kind === "mail" ? [one] : []));
  const stateOf = async (what: string) => {
    const AlarmNames = [`guardrails-dev-${what}`];
    const { MetricAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames }));
    return MetricAlarms[0].StateValue;
  };

  it("say nothing of what somebody else put into the dead-letter queue: it takes nothing from them", async () => {
    const sqs = stack.sandbox.gateway.client(SQSClient, { region }, mallory);
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: "guardrails-dev-failures" }));

    const error = await failure(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "{}" })));

    expect(error.name).to.match(/AccessDenied/);
  });

  it("say nothing in the words of another alarm, though it is called like one of the stack's", async () => {
    const [own] = (await cloudwatch.send(new DescribeAlarmsCommand({}))).MetricAlarms ?? [];
    const forged = { ...own, AlarmName: "guardrails-dev-held-2", AlarmDescription: "Case closed" };
    const { AlarmName, AlarmDescription, ComparisonOperator, EvaluationPeriods, Threshold } = forged;
    await stack.sandbox.gateway.client(CloudWatchClient, { region }, mallory).send(
      new PutMetricAlarmCommand({
        ...{ AlarmName, AlarmDescription, ComparisonOperator, EvaluationPeriods, Threshold },
        ...{ Namespace: "Nothing", MetricName: "Nothing", Statistic: "Sum", Period: 60 },
        TreatMissingData: "breaching",
        AlarmActions: [TopicArn],
      }),
    );

    await pass(2 * minute);

    expect(await stateOf("held-2")).to.equal("ALARM");
    expect(mails().filter(({ body }) => body.includes("Case closed"))).to.deep.equal([]);
  });

  it("end the alarm of silence with the first tick of a stack in which nothing is open", async () => {
    await pass(20 * minute);

    expect(await stateOf("held")).to.equal("OK");
    expect(await stateOf("lost-recipients")).to.equal("OK");
  });

  it("are few for many breaches at once, so that nobody's subscription is suspended", async () => {
    const ada = stack.stage.client(EC2Client, "ada");
    const from = mails().length;
    const groups = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        ada.send(new CreateSecurityGroupCommand({ GroupName: `many-${at}`, Description: "one of many" })),
      ),
    );
    const ssh = { IpProtocol: "tcp", FromPort: 22, ToPort: 22, CidrIp: "0.0.0.0/0" };
    await Promise.all(
      groups.map(({ GroupId }) => ada.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, ...ssh }))),
    );
    await stack.sandbox.idle();
    await pass(65 * minute);

    const told = mails()
      .slice(from)
      .filter(({ to, subject }) => to === "secops@example.com" && /Close administration ports/.test(subject));
    const times = told.map(({ at }) => at);
    for (const [n, at] of times.slice(1).entries()) expect(at - times[n]).to.be.at.least(9_000);
    for (const { GroupId } of groups)
      expect(
        told.some(({ body }) => body.includes(String(GroupId))),
        GroupId,
      ).to.equal(true);
    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).to.include({ SubscriptionsConfirmed: "2", SubscriptionsPending: "0" });
  });

  it("tell those who are left that a recipient is lost, and what to do", async () => {
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    const lost = Subscriptions.find(({ Endpoint }) => Endpoint === "secops@example.com");
    await sns.send(new UnsubscribeCommand({ SubscriptionArn: lost?.SubscriptionArn }));
    const from = mails().length;

    await pass(20 * minute);

    expect(await stateOf("lost-recipients")).to.equal("ALARM");
    const told = mails()
      .slice(from)
      .filter(({ subject }) => subject.includes("guardrails-dev-lost-recipients"));
    expect(told.map(({ to }) => to)).to.deep.equal(["netops@example.com"]);
    expect(told[0].body).to.include("pulumi up --refresh --stack dev");
  });
});
