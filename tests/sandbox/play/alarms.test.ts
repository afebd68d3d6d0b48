import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  EC2Client,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import {
  DeleteFunctionConcurrencyCommand,
  InvokeCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
} from "@aws-sdk/client-lambda";
import {
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import {
  GetQueueAttributesCommand,
  DeleteMessageCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { type AwsError, awsError, type Call } from "../../../sandbox/ground/call";
import { type DeployedStack, standing, startStack } from "../support/stack";

const minute = 60_000;

describe("the alarms of a deployed stack", function () {
  this.timeout(600_000);
  let stack: DeployedStack;
  before(async () => {
    stack = await startStack();
  });
  after(() => stack?.stop());

  const states = async () => {
    const watch = stack.sandbox.gateway.client(CloudWatchClient);
    const { MetricAlarms = [] } = await watch.send(new DescribeAlarmsCommand({}));
    return Object.fromEntries(
      MetricAlarms.map(({ AlarmName = "", StateValue }) => [
        AlarmName.replace("guardrails-dev-", ""),
        StateValue,
      ]),
    );
  };
  const later = async (minutes: number) => {
    await stack.sandbox.clock.advance(minutes * minute);
    await stack.sandbox.idle();
    return states();
  };

  it("are all evaluated, and off while nothing is wrong", async () => {
    const found = Object.entries(await later(20));

    expect(found).to.not.be.empty;
    expect(found.filter(([, state]) => state !== "OK")).to.deep.equal([]);
  });

  it("sound for an event that a halted function could not take, are not silenced by a look at it, are mailed to each recipient, and end with it", async () => {
    const { sandbox, stage } = stack;
    const FunctionName = "guardrails-dev-s3-bucket-encryption";
    const lambda = sandbox.gateway.client(LambdaClient);
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
    const before = sandbox.journal.happenings.length;

    await sandbox.gateway
      .client(S3Client)
      .send(new CreateBucketCommand({ Bucket: "a-bucket-that-nobody-saw" }));
    await sandbox.idle();
    const on = (await later(2))["failed-events"];
    const QueueUrl = `${sandbox.url}/${stage.account}/guardrails-dev-failures`;
    const sqs = sandbox.gateway.client(SQSClient);
    await sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 150 }));
    const looked = (await later(2))["failed-events"];
    await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    const off = (await later(7))["failed-events"];

    expect([on, looked, off]).to.deep.equal(["ALARM", "ALARM", "OK"]);
    const mails = sandbox.journal.happenings
      .slice(before)
      .flatMap(one => (one.kind === "mail" && one.by === "cloudwatch.amazonaws.com" ? [one] : []));
    const subject = 'ALARM: "guardrails-dev-failed-events" in US East (N. Virginia)';
    expect(mails.filter(mail => mail.subject === subject).map(({ to }) => to)).to.have.members([
      ...stage.recipients,
    ]);
  });

  /** What sets off an alarm; returns what ends it. */
  interface Cause {
    readonly alarm: string;
    readonly when: string;
    cause(): Promise<() => Promise<unknown>>;
    /** Minutes until it must sound, and until it must have ended. */
    readonly within: readonly [number, number];
    /** No timer need ring for it. */
    readonly isStill?: true;
  }
  const root: DeployedStack["sandbox"]["gateway"]["client"] = Client => stack.sandbox.gateway.client(Client);
  const named = (id: string, of = "") => `guardrails-dev-${id}${of}`;
  const isOf = (id: string, { identity }: Call) => identity.role?.session === named(id);
  const queue = () => `${stack.sandbox.url}/${stack.stage.account}/${named("failures")}`;
  /** A queue may be purged once a minute of the wall clock. */
  const drain = async () => {
    const asked = { QueueUrl: queue(), MaxNumberOfMessages: 10 };
    for (;;) {
      const { Messages = [] } = await root(SQSClient).send(new ReceiveMessageCommand(asked));
      if (Messages.length === 0) return;
      for (const { ReceiptHandle } of Messages)
        await root(SQSClient).send(new DeleteMessageCommand({ QueueUrl: queue(), ReceiptHandle }));
    }
  };
  const topic = () => `arn:aws:sns:us-east-1:${stack.stage.account}:${named("notices")}`;
  const openSsh = async () => {
    const ec2 = stack.stage.client(EC2Client, "ada");
    const { GroupId } = await ec2.send(
      new CreateSecurityGroupCommand({ GroupName: `open-${Date.now()}`, Description: "Of a test" }),
    );
    const ssh = { IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [ssh] }));
    await stack.sandbox.idle();
  };
  const switchOffTimer = async (id: string) => {
    const rule = { Name: named(id, "-tick") };
    await root(EventBridgeClient).send(new DisableRuleCommand(rule));
    return () => root(EventBridgeClient).send(new EnableRuleCommand(rule));
  };
  const halt = async (id: string) => {
    const FunctionName = named(id);
    await root(LambdaClient).send(
      new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }),
    );
    return async () => {
      await root(LambdaClient).send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
      await drain();
    };
  };
  /** Calls of one guardrail's function that fail from now on. */
  const fail = (id: string, operation: string, error: AwsError) => {
    stack.faults.before = call => (isOf(id, call) && call.operation === operation ? error : undefined);
    return () => Promise.resolve(void (stack.faults.before = undefined));
  };

  const causes: readonly Cause[] = [
    {
      alarm: "held",
      when: "a finding stays open, although its guardrail's timer is switched off and others say that nothing is",
      within: [60, 60],
      cause: async () => {
        const refused = awsError("UnauthorizedOperation", "no", 403);
        const end = fail("security-group-open-ingress", "RevokeSecurityGroupIngress", refused);
        await openSsh();
        const ring = await switchOffTimer("security-group-open-ingress");
        return async () => {
          await end();
          await ring();
        };
      },
    },
    {
      alarm: "failed",
      when: "no further try can mend something",
      within: [5, 15],
      cause: async () => {
        const full = awsError("SecurityGroupsPerInterfaceLimitExceeded", "full", 400);
        const end = fail("ec2-launch-baseline", "ModifyNetworkInterfaceAttribute", full);
        const one = { MinCount: 1, MaxCount: 1, InstanceType: "t3.micro" as const };
        await stack.stage
          .client(EC2Client, "ada")
          .send(new RunInstancesCommand({ ImageId: stack.stage.imageId, ...one }));
        return end;
      },
    },
    {
      alarm: "ledger-errors",
      when: "the ledger does not answer",
      within: [5, 15],
      cause: async () => {
        const down = awsError("InternalServerError", "out of order", 500);
        const end = fail("security-group-open-ingress", "BatchGetItem", down);
        await openSsh();
        return end;
      },
    },
    {
      alarm: "lost-notices",
      when: "SNS cannot deliver a notice",
      within: [5, 15],
      cause: async () => {
        const Endpoint = `arn:aws:sqs:us-east-1:${stack.stage.account}:gone`;
        const gone = { TopicArn: topic(), Protocol: "sqs", Endpoint, ReturnSubscriptionArn: true };
        const { SubscriptionArn } = await root(SNSClient).send(new SubscribeCommand(gone));
        await root(SNSClient).send(new PublishCommand({ TopicArn: topic(), Message: "m" }));
        return () => root(SNSClient).send(new UnsubscribeCommand({ SubscriptionArn }));
      },
    },
    {
      alarm: "lost-recipients",
      when: "somebody has unsubscribed",
      // The gauge is sent only while somebody is missing, and CloudWatch looks back beyond what it then lacks.
      within: [20, 130],
      cause: async () => {
        const { Subscriptions = [] } = await root(SNSClient).send(
          new ListSubscriptionsByTopicCommand({ TopicArn: topic() }),
        );
        const [{ SubscriptionArn, Endpoint }] = Subscriptions;
        await root(SNSClient).send(new UnsubscribeCommand({ SubscriptionArn }));
        const again = { TopicArn: topic(), Protocol: "email", Endpoint };
        return () => root(SNSClient).send(new SubscribeCommand(again));
      },
    },
    {
      alarm: "lost-events",
      when: "an event can be neither handled nor kept",
      within: [8, 15],
      cause: async () => {
        const policy = (Policy: string) =>
          root(SQSClient).send(new SetQueueAttributesCommand({ QueueUrl: queue(), Attributes: { Policy } }));
        const asked = new GetQueueAttributesCommand({ QueueUrl: queue(), AttributeNames: ["Policy"] });
        const { Attributes: { Policy: before = "" } = {} } = await root(SQSClient).send(asked);
        const denied = JSON.parse(before) as { Statement: object[] };
        denied.Statement.push({ Effect: "Deny", Principal: "*", Action: "sqs:SendMessage", Resource: "*" });
        await policy(JSON.stringify(denied));
        const go = await halt("security-group-open-ingress");
        await openSsh();
        return async () => {
          await policy(before);
          await go();
        };
      },
    },
    {
      alarm: "throttled",
      when: "Lambda does not run a function",
      within: [25, 20],
      cause: () => halt("security-group-open-ingress"),
    },
    {
      alarm: "late",
      when: "a timer rings twelve minutes late",
      within: [3, 30],
      cause: async () => {
        const { account, region } = { account: stack.stage.account, region: "us-east-1" };
        const id = "s3-bucket-encryption";
        const tick = {
          ...{ version: "0", id: "00000000-0000-4000-8000-000000000001", account, region, detail: {} },
          ...{ "detail-type": "Scheduled Event", source: "aws.events" },
          time: new Date(stack.sandbox.clock.now() - 12 * minute).toISOString(),
          resources: [`arn:aws:events:${region}:${account}:rule/${named(id, "-tick")}`],
        };
        const Payload = Buffer.from(JSON.stringify(tick));
        const late = { FunctionName: named(id), InvocationType: "Event" as const, Payload };
        await root(LambdaClient).send(new InvokeCommand(late));
        return () => Promise.resolve();
      },
    },
    {
      alarm: "silent",
      when: "one guardrail's timer does not ring for two hours",
      within: [180, 180],
      cause: () => switchOffTimer("s3-bucket-encryption"),
    },
    {
      alarm: "unconfirmed",
      when: "CloudTrail is behind for three hours after a write",
      within: [220, 60],
      cause: async () => {
        await openSsh();
        // As if it had recorded nothing yet: no call is of the epoch.
        stack.faults.before = ({ operation, input }) => {
          if (operation === "LookupEvents")
            Object.assign(input, { StartTime: new Date(0), EndTime: new Date(1) });
          return undefined;
        };
        return () => Promise.resolve(void (stack.faults.before = undefined));
      },
    },
    {
      alarm: "failed-events-age",
      when: "something has been in the dead-letter queue for a day",
      within: [25 * 60, 130],
      isStill: true,
      cause: async () => {
        const go = await halt("security-group-open-ingress");
        await openSsh();
        const FunctionName = named("security-group-open-ingress");
        await root(LambdaClient).send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
        return go;
      },
    },
  ];

  for (const { alarm, when, within, isStill, cause } of causes)
    it(`${alarm} sounds when ${when}, and ends with it`, async () => {
      const before = (await states())[alarm];
      const end = await cause();
      const on = (await (isStill ? standing(stack, () => later(within[0])) : later(within[0])))[alarm];
      await end();
      const off = (await later(within[1]))[alarm];

      expect([before, on, off]).to.deep.equal(["OK", "ALARM", "OK"]);
    });

  it("have each been set off by what it is for, and have ended with it", async () => {
    const heard = ["failed-events", ...causes.map(({ alarm }) => alarm)];

    expect(Object.keys(await states()).sort()).to.deep.equal(heard.sort());
  });
});
