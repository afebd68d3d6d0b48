import {
  CloudWatchLogsClient,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { CreateVpcCommand, EC2Client } from "@aws-sdk/client-ec2";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  PutFunctionEventInvokeConfigCommand,
} from "@aws-sdk/client-lambda";
import {
  CreateTopicCommand,
  ListSubscriptionsByTopicCommand,
  ListTopicsCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import type { Clock } from "../../../sandbox/ground/clock";
import type { EventServices } from "../../../sandbox/services/event-services";
import type { Happening } from "../../../sandbox/ground/journal";
import type { World } from "../support/account";
import { arnOf } from "../support/event-services";
import { failure } from "../support/failure";
import { zip } from "../support/functions";
import { startServedAccount, type ServedAccount } from "../support/served-account";

const minute = 60_000;
const roleArn = "arn:aws:iam::123456789012:role/guardrails/watcher";
const ruleArn = arnOf("events", "rule/vpcs");
const newVpc = JSON.stringify({
  source: ["aws.ec2"],
  detail: { eventSource: ["ec2.amazonaws.com"], eventName: ["CreateVpc"] },
});
const allow = (service: string, action: string, resource: string, sourceArn: string) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: service },
        Action: action,
        Resource: resource,
        Condition: { ArnEquals: { "aws:SourceArn": sourceArn } },
      },
    ],
  });

describe("the event services behind the gateway", function () {
  this.timeout(600_000);
  let served: ServedAccount;
  let world: World;
  let services: EventServices;
  let clock: Clock;
  beforeEach(async () => {
    served = await startServedAccount();
    ({ world, services, clock } = served);
  });
  afterEach(() => served.close());
  const client = <C>(make: new (config: never) => C): C => served.client(make);
  const of = <K extends Happening["kind"]>(kind: K) => served.of(kind);

  const createTopic = async () => {
    const sns = client(SNSClient);
    const Policy = allow("events.amazonaws.com", "sns:Publish", arnOf("sns", "alerts"), ruleArn);
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "alerts", Attributes: { Policy } }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "email", Endpoint: "secops@example.com" }));
    return TopicArn;
  };
  const createFunction = async (source: string, statements: object[]) => {
    const trust = {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
      ],
    };
    const iam = client(IAMClient);
    await iam.send(
      new CreateRoleCommand({
        RoleName: "watcher",
        Path: "/guardrails/",
        AssumeRolePolicyDocument: JSON.stringify(trust),
      }),
    );
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: statements });
    await iam.send(new PutRolePolicyCommand({ RoleName: "watcher", PolicyName: "own", PolicyDocument }));
    await client(LambdaClient).send(
      new CreateFunctionCommand({
        FunctionName: "watcher",
        Code: { ZipFile: zip({ "index.js": source }) },
        Handler: "index.handler",
        Runtime: "nodejs22.x",
        Role: roleArn,
        Timeout: 30,
      }),
    );
  };
  const createRule = async (Arn: string) => {
    const events = client(EventBridgeClient);
    await events.send(new PutRuleCommand({ Name: "vpcs", EventPattern: newVpc }));
    await events.send(new PutTargetsCommand({ Rule: "vpcs", Targets: [{ Id: "one", Arn }] }));
  };
  const createVpc = async () => {
    await client(EC2Client).send(new CreateVpcCommand({ CidrBlock: "10.1.0.0/16" }));
    await services.idle();
  };
  const logging = {
    Effect: "Allow",
    Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: "*",
  };

  it("mail about an API call through rule and topic", async () => {
    const topicArn = await createTopic();
    await createRule(topicArn ?? "");

    await createVpc();

    expect(of("mail").map(({ to }) => to)).to.deep.equal(["secops@example.com"]);
    expect(of("mail")[0]?.body).to.include('"eventName":"CreateVpc"');
    const { Subscriptions } = await client(SNSClient).send(
      new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }),
    );
    expect(Subscriptions?.[0]?.SubscriptionArn).to.match(/^arn:aws:sns:us-east-1:123456789012:alerts:/);
  });

  it("run a function that calls AWS with its role's permissions, and keep its log", async () => {
    const topicArn = await createTopic();
    const source = `
      const { SNSClient, PublishCommand } = require(${JSON.stringify(require.resolve("@aws-sdk/client-sns"))});
      const sns = new SNSClient({});
      exports.handler = async event => {
        process.stdout.write("saw " + event.detail.eventName + "\\n");
        await sns.send(new PublishCommand({ TopicArn: "${topicArn}", Subject: "seen", Message: "a VPC" }));
      };`;
    const publish = { Effect: "Allow", Action: "sns:Publish", Resource: topicArn };
    await createFunction(source, [publish, logging]);
    const functionArn = arnOf("lambda", "function:watcher");
    await client(LambdaClient).send(
      new AddPermissionCommand({
        FunctionName: "watcher",
        StatementId: "rule",
        Action: "lambda:InvokeFunction",
        Principal: "events.amazonaws.com",
        SourceArn: ruleArn,
      }),
    );
    await createRule(functionArn);
    await clock.advance(6 * 60 * minute);

    await createVpc();

    expect(of("invocation").map(({ error }) => error)).to.deep.equal([undefined]);
    expect(of("mail").map(({ subject }) => subject)).to.deep.equal(["seen"]);
    const logs = client(CloudWatchLogsClient);
    const logGroupName = "/aws/lambda/watcher";
    const { logStreams = [] } = await logs.send(new DescribeLogStreamsCommand({ logGroupName }));
    const { logStreamName } = logStreams[0] ?? {};
    const { events } = await logs.send(new GetLogEventsCommand({ logGroupName, logStreamName }));
    const found = await logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern: "saw -Delete" }));
    expect(events?.map(({ message }) => message)).to.deep.equal(["saw CreateVpc"]);
    expect(events?.[0]?.timestamp).to.be.closeTo(clock.now(), minute);
    expect(found.events).to.have.length(1);
    expect(of("note").filter(({ text }) => text.startsWith("Lost"))).to.deep.equal([]);
  });

  it("send a failed event to the queue that the function's role may write to", async () => {
    const sqs = client(SQSClient);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "failures" }));
    const queueArn = arnOf("sqs", "failures");
    const write = { Effect: "Allow", Action: "sqs:SendMessage", Resource: queueArn };
    await createFunction("exports.handler = async () => { throw new Error('no'); };", [write, logging]);
    const lambda = client(LambdaClient);
    await lambda.send(
      new PutFunctionEventInvokeConfigCommand({
        FunctionName: "watcher",
        DestinationConfig: { OnFailure: { Destination: queueArn } },
      }),
    );

    await lambda.send(new InvokeCommand({ FunctionName: "watcher", InvocationType: "Event", Payload: "{}" }));
    await clock.advance(5 * minute);
    await services.idle();

    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    const record = JSON.parse(Messages[0]?.Body ?? "{}") as Record<string, object>;
    expect(of("invocation").map(({ attempt }) => attempt)).to.deep.equal([1, 2, 3]);
    expect(record.requestContext).to.include({ condition: "RetriesExhausted", approximateInvokeCount: 3 });
    const used = world.gateway.audit.filter(({ action }) => action === "sqs:SendMessage");
    expect(used).to.have.length(1);
  });

  it("say that a record is lost when the role may not write to the queue", async () => {
    await client(SQSClient).send(new CreateQueueCommand({ QueueName: "failures" }));
    await createFunction("exports.handler = async () => { throw new Error('no'); };", [logging]);
    const lambda = client(LambdaClient);
    await lambda.send(
      new PutFunctionEventInvokeConfigCommand({
        FunctionName: "watcher",
        MaximumRetryAttempts: 0,
        DestinationConfig: { OnFailure: { Destination: arnOf("sqs", "failures") } },
      }),
    );

    await lambda.send(new InvokeCommand({ FunctionName: "watcher", InvocationType: "Event", Payload: "{}" }));
    await services.idle();

    const lost = of("note").filter(({ text }) => text.startsWith("Lost: watcher could not send"));
    expect(lost).to.have.length(1);
    expect(lost[0]?.text).to.include("sqs:SendMessage");
  });

  describe("keep what a role may do for its own function", () => {
    const list = `
      const { SNSClient, ListTopicsCommand } = require(${JSON.stringify(require.resolve("@aws-sdk/client-sns"))});
      exports.handler = async () => ({ topics: (await new SNSClient({}).send(new ListTopicsCommand({}))).Topics });`;
    const onlyFrom = (name: string, statement: object) => ({
      ...statement,
      Condition: { ArnEquals: { "lambda:SourceFunctionArn": arnOf("lambda", `function:${name}`) } },
    });
    const listing = { Effect: "Allow", Action: "sns:ListTopics", Resource: "*" };
    const invoke = async (FunctionName: string) => {
      const answer = await client(LambdaClient).send(new InvokeCommand({ FunctionName }));
      return Buffer.from(answer.Payload ?? []).toString();
    };

    it("while another with the same role, and a session of the role made elsewhere, are refused", async () => {
      await createFunction(list, [onlyFrom("watcher", listing), logging]);
      await client(LambdaClient).send(
        new CreateFunctionCommand({
          FunctionName: "other",
          Code: { ZipFile: zip({ "index.js": list }) },
          Handler: "index.handler",
          Runtime: "nodejs22.x",
          Role: roleArn,
        }),
      );
      const elsewhere = await world.gateway.credentialsFor({
        roleArn,
        session: "watcher",
        service: "lambda.amazonaws.com",
      });
      const stolen = world.gateway.client(SNSClient, {}, elsewhere);

      expect(await invoke("watcher")).to.equal('{"topics":[]}');
      expect(await invoke("other")).to.include("not authorized to perform: sns:ListTopics");
      expect((await failure(stolen.send(new ListTopicsCommand({})))).name).to.equal(
        "AuthorizationErrorException",
      );
    });

    it("and the log lines that Lambda writes for it, but nothing that Lambda sends to a destination", async () => {
      const { QueueUrl } = await client(SQSClient).send(new CreateQueueCommand({ QueueName: "failures" }));
      const queueArn = arnOf("sqs", "failures");
      const write = { Effect: "Allow", Action: "sqs:SendMessage", Resource: queueArn };
      const source = "exports.handler = async () => { console.log('seen'); throw new Error('no'); };";
      await createFunction(source, [onlyFrom("watcher", write), onlyFrom("watcher", logging)]);
      await client(LambdaClient).send(
        new PutFunctionEventInvokeConfigCommand({
          FunctionName: "watcher",
          MaximumRetryAttempts: 0,
          DestinationConfig: { OnFailure: { Destination: queueArn } },
        }),
      );

      const Event = { FunctionName: "watcher", InvocationType: "Event", Payload: "{}" } as const;
      await client(LambdaClient).send(new InvokeCommand(Event));
      await services.idle();

      const logs = client(CloudWatchLogsClient);
      const found = await logs.send(
        new FilterLogEventsCommand({ logGroupName: "/aws/lambda/watcher", filterPattern: "seen" }),
      );
      expect(found.events).to.have.length(1);
      const { Messages = [] } = await client(SQSClient).send(new ReceiveMessageCommand({ QueueUrl }));
      expect(Messages).to.deep.equal([]);
      expect(
        of("note")
          .map(({ text }) => text)
          .join("\n"),
      ).to.include("Lost: watcher could not send");
    });
  });

  it("refuse a function whose role does not trust Lambda", async () => {
    const error = await failure(
      createFunction("exports.handler = async () => {};", [logging]).then(() =>
        client(LambdaClient).send(
          new CreateFunctionCommand({
            FunctionName: "second",
            Code: { ZipFile: zip({ "index.js": "" }) },
            Handler: "index.handler",
            Runtime: "nodejs22.x",
            Role: "arn:aws:iam::123456789012:role/nobody",
          }),
        ),
      ),
    );

    expect(error.name).to.equal("InvalidParameterValueException");
  });

  it("answer a synchronous invocation through the SDK", async () => {
    await createFunction("exports.handler = async event => ({ twice: event.n * 2 });", [logging]);

    const answer = await client(LambdaClient).send(
      new InvokeCommand({ FunctionName: "watcher", Payload: '{"n":21}' }),
    );

    expect(JSON.parse(answer.Payload?.transformToString() ?? "")).to.deep.equal({ twice: 42 });
    expect(answer.StatusCode).to.equal(200);
  });

  it("refuse a subject that SNS would refuse, in SNS's words", async () => {
    const TopicArn = await createTopic();

    const error = await failure(
      client(SNSClient).send(new PublishCommand({ TopicArn, Subject: "a\nb", Message: "m" })),
    );

    expect([error.name, error.message]).to.deep.equal([
      "InvalidParameterException",
      "Invalid parameter: Subject",
    ]);
  });

  it("refuse a FIFO topic, which takes no mail and asks every message for a group", async () => {
    for (const input of [{ Name: "alerts.fifo" }, { Name: "alerts", Attributes: { FifoTopic: "true" } }]) {
      const error = await failure(client(SNSClient).send(new CreateTopicCommand(input)));

      expect([error.name, error.message]).to.deep.equal([
        "NotImplemented",
        "The sandbox does not implement FIFO topics of sns:CreateTopic.",
      ]);
    }
  });
});
