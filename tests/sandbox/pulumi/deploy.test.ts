import { join } from "node:path";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, ListTargetsByRuleCommand } from "@aws-sdk/client-eventbridge";
import { GetRoleCommand, GetRolePolicyCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  GetFunctionCommand,
  GetFunctionEventInvokeConfigCommand,
  GetPolicyCommand,
  LambdaClient,
} from "@aws-sdk/client-lambda";
import { GetTopicAttributesCommand, ListSubscriptionsByTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import type { Account } from "../../../sandbox/state/account";
import { runProgram, type Created, type Properties, type RunResult } from "../../../sandbox/pulumi/engine";
import { signatureKey } from "../../../sandbox/pulumi/values";
import { createProvider, resourceTypes, type Clients } from "../../../sandbox/pulumi/provider";
import { sharedAccount } from "../support/account";
import { declarationOf } from "../support/aws-package";

const folder = join(__dirname, "fixtures/program");
const place = { region: "us-east-1", account: "123456789012" };

/** A client straight to the account's state. */
const read = <C>(account: Account, make: new (config: never) => C): C => account.client(make, place);

const clientsOf =
  (account: Account): Clients =>
  (make, region) =>
    account.client(make, { ...place, region });

const deploy = (account: Account): Promise<RunResult> => {
  const config = {
    "aws:region": "us-east-1",
    "aws:defaultTags": JSON.stringify({ tags: { stack: "dev" } }),
    "fixture:recipients": '["secops@example.com", "netops@example.com"]',
    "fixture:token": "not for the log",
  };
  const provider = createProvider({ clients: clientsOf(account), config, folder });
  const secretKeys = ["fixture:token"];
  return runProgram({ cwd: folder, stack: "dev", project: "fixture", config, secretKeys, provider });
};

describe("a program deployed on the sandbox account", function () {
  this.timeout(600_000);
  let account: Account;
  let result: RunResult;
  const outputsOf = (type: string): Properties => {
    const found = result.resources.find(resource => resource.type === type);
    if (found?.outputs === undefined) throw new Error(`the program has no ${type}`);
    return found.outputs;
  };
  const name = "fixture-security-group";

  before(async () => {
    account = await sharedAccount();
    await account.reset();
    result = await deploy(account);
  });

  it("leaves a topic with its policy and a subscription for each recipient", async () => {
    const sns = read(account, SNSClient);
    const TopicArn = result.outputs.topicArn as string;

    const { Attributes = {} } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));

    expect(Attributes.DisplayName).to.equal("Notices");
    expect(JSON.parse(Attributes.Policy ?? "").Statement[0].Principal).to.deep.equal({
      Service: "events.amazonaws.com",
    });
    expect(Subscriptions.map(({ Endpoint }) => Endpoint)).to.have.members([
      "secops@example.com",
      "netops@example.com",
    ]);
  });

  it("leaves a role under its path, with its trust, inline policy and the default tags", async () => {
    const iam = read(account, IAMClient);

    const { Role } = await iam.send(new GetRoleCommand({ RoleName: name }));
    const { PolicyDocument } = await iam.send(
      new GetRolePolicyCommand({ RoleName: name, PolicyName: "write" }),
    );

    expect(Role?.Arn).to.equal(`arn:aws:iam::123456789012:role/fixture/${name}`);
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")).to.include("lambda.amazonaws.com");
    expect(Role?.Tags).to.have.deep.members([
      { Key: "stack", Value: "dev" },
      { Key: "guardrail", Value: "security-group" },
    ]);
    expect(JSON.parse(decodeURIComponent(PolicyDocument ?? "")).Statement[0].Resource).to.equal(
      result.outputs.topicArn,
    );
  });

  it("leaves a function with its code, environment and role", async () => {
    const { Configuration } = await read(account, LambdaClient).send(
      new GetFunctionCommand({ FunctionName: name }),
    );

    expect(Configuration).to.include({
      Handler: "index.handler",
      Runtime: "nodejs22.x",
      Timeout: 60,
      Role: `arn:aws:iam::123456789012:role/fixture/${name}`,
    });
    expect(Configuration?.Environment?.Variables).to.deep.equal({
      TOPIC_ARN: result.outputs.topicArn,
      TOKEN: "not for the log",
    });
    const { codeSha256, sourceCodeSize, arn, qualifiedArn } = outputsOf("aws:lambda/function:Function");
    expect([codeSha256, sourceCodeSize]).to.deep.equal([Configuration?.CodeSha256, Configuration?.CodeSize]);
    expect(qualifiedArn).to.equal(`${String(arn)}:$LATEST`);
  });

  it("lets the rule, and only that rule, invoke the function", async () => {
    const { Policy } = await read(account, LambdaClient).send(new GetPolicyCommand({ FunctionName: name }));

    const [statement, ...others] = JSON.parse(Policy ?? "").Statement;
    expect(others).to.deep.equal([]);
    expect(statement.Principal).to.deep.equal({ Service: "events.amazonaws.com" });
    expect(statement.Condition.ArnLike).to.deep.equal({ "AWS:SourceArn": result.outputs.ruleArn });
  });

  it("sends events that cannot be delivered or handled to the queue", async () => {
    const { arn } = outputsOf("aws:sqs/queue:Queue");

    const { Targets = [] } = await read(account, EventBridgeClient).send(
      new ListTargetsByRuleCommand({ Rule: name }),
    );
    const invoke = await read(account, LambdaClient).send(
      new GetFunctionEventInvokeConfigCommand({ FunctionName: name }),
    );

    expect(Targets).to.have.length(1);
    expect(Targets[0]).to.deep.include({
      RetryPolicy: { MaximumRetryAttempts: 4, MaximumEventAgeInSeconds: 3600 },
      DeadLetterConfig: { Arn: arn },
    });
    expect(invoke.DestinationConfig?.OnFailure?.Destination).to.equal(arn);
  });

  it("keeps messages for 14 days and tells the topic of them", async () => {
    const queue = outputsOf("aws:sqs/queue:Queue");
    const { Attributes = {} } = await read(account, SQSClient).send(
      new GetQueueAttributesCommand({ QueueUrl: queue.url as string, AttributeNames: ["All"] }),
    );
    const { MetricAlarms = [] } = await read(account, CloudWatchClient).send(new DescribeAlarmsCommand({}));

    expect(Attributes.MessageRetentionPeriod).to.equal("1209600");
    expect(MetricAlarms.map(({ AlarmActions }) => AlarmActions)).to.deep.equal([[result.outputs.topicArn]]);
    expect(MetricAlarms[0]?.Dimensions).to.deep.equal([{ Name: "QueueName", Value: queue.name }]);
  });

  it("gets the same names, code and URNs again on an emptied account", async () => {
    await account.reset();
    const again = await deploy(account);

    const identity = ({ resources }: RunResult) =>
      resources.map(({ urn, outputs }) => [urn, outputs?.name, outputs?.codeSha256].join(" ")).sort();
    expect(identity(again)).to.deep.equal(identity(result));
  });
});

describe("every resource type", function () {
  this.timeout(600_000);
  let account: Account;
  const document = (resource: string) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Sid: "Own", Effect: "Allow", Principal: { AWS: "123456789012" }, Action: "*", Resource: resource },
      ],
    });
  const trust = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
    ],
  });
  const code = {
    [signatureKey]: "0def7320c3a5731c473e5ecbe6d01bc7",
    assets: {
      "index.js": { [signatureKey]: "c44067f5952c0a294b673a41bacd8c17", text: "exports.handler = 1" },
    },
  };
  const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:123456789012:${resource}`;
  const topic = arn("sns", "topic");
  const queue = arn("sqs", "queue");

  /** In an order in which each finds what it needs; a later one may use the outputs of the earlier ones. */
  const inputs: Record<string, (made: Record<string, Created>) => Properties> = {
    "aws:sns/topic:Topic": () => ({ name: "topic", displayName: "Topic", tags: { a: "b" } }),
    "aws:sns/topicPolicy:TopicPolicy": () => ({ arn: topic, policy: document(topic) }),
    "aws:sqs/queue:Queue": () => ({ name: "queue", visibilityTimeoutSeconds: 90 }),
    "aws:sqs/queuePolicy:QueuePolicy": made => ({
      queueUrl: made["aws:sqs/queue:Queue"]?.id,
      policy: document(queue),
    }),
    "aws:sns/topicSubscription:TopicSubscription": () => ({
      topic,
      protocol: "sqs",
      endpoint: queue,
      rawMessageDelivery: true,
      filterPolicy: JSON.stringify({ severity: ["critical"] }),
    }),
    "aws:iam/role:Role": () => ({ name: "role", assumeRolePolicy: trust }),
    "aws:iam/rolePolicy:RolePolicy": () => ({
      role: "role",
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "sns:Publish", Resource: topic }],
      }),
    }),
    "aws:lambda/function:Function": () => ({
      name: "function",
      code,
      handler: "index.handler",
      runtime: "nodejs22.x",
      role: "arn:aws:iam::123456789012:role/role",
      reservedConcurrentExecutions: 2,
    }),
    "aws:lambda/permission:Permission": () => ({
      function: "function",
      action: "lambda:InvokeFunction",
      principal: "events.amazonaws.com",
    }),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": () => ({ functionName: "function" }),
    "aws:cloudwatch/eventBus:EventBus": () => ({ name: "bus" }),
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": () => ({
      eventBusName: "bus",
      policy: document(arn("events", "event-bus/bus")),
    }),
    "aws:cloudwatch/eventRule:EventRule": () => ({ name: "rule", eventBusName: "bus", eventPattern: "{}" }),
    "aws:cloudwatch/eventTarget:EventTarget": () => ({ rule: "rule", eventBusName: "bus", arn: queue }),
    "aws:cloudwatch/logGroup:LogGroup": () => ({ name: "/logs", retentionInDays: 30 }),
    "aws:cloudwatch/metricAlarm:MetricAlarm": () => ({
      name: "alarm",
      comparisonOperator: "GreaterThanThreshold",
      evaluationPeriods: 1,
      metricName: "Errors",
      namespace: "AWS/Lambda",
      period: 60,
      statistic: "Sum",
      threshold: 0,
    }),
    "aws:cloudwatch/dashboard:Dashboard": () => ({ dashboardName: "board", dashboardBody: '{"widgets":[]}' }),
    "aws:dynamodb/table:Table": () => ({
      name: "ledger",
      billingMode: "PAY_PER_REQUEST",
      hashKey: "pk",
      rangeKey: "sk",
      attributes: ["pk", "sk", "day"].map(name => ({ name, type: "S" })),
      globalSecondaryIndexes: [{ name: "by-day", hashKey: "day", projectionType: "ALL" }],
      pointInTimeRecovery: { enabled: true },
      ttl: { enabled: true, attributeName: "expires" },
      deletionProtectionEnabled: true,
    }),
    "aws:dynamodb/resourcePolicy:ResourcePolicy": () => ({
      resourceArn: arn("dynamodb", "table/ledger"),
      policy: document(arn("dynamodb", "table/ledger")),
    }),
  };
  const made: Record<string, Created> = {};

  before(async () => {
    account = await sharedAccount();
    await account.reset();
  });

  it("is tried here", () => {
    expect(Object.keys(inputs)).to.have.members(resourceTypes(folder).map(({ type }) => type));
  });

  for (const [type, inputsOf] of Object.entries(inputs))
    it(`${type} answers with every output that the AWS package promises`, async () => {
      const provider = createProvider({
        clients: clientsOf(account),
        config: { "aws:region": "us-east-1" },
        folder,
      })(type);

      const urn = `urn:pulumi:dev::test::${type}::name`;
      const created = await provider.create({
        urn,
        type,
        name: "name",
        inputs: inputsOf(made),
        preview: false,
      });
      made[type] = created;

      const undefinedOutputs = declarationOf(type).outputs.filter(
        output => created.outputs[output] === undefined,
      );
      expect(undefinedOutputs).to.deep.equal([]);
      expect(created.id).to.be.a("string").that.is.not.equal("");
    });

  it("has left the table as it was asked for", async () => {
    const { Table } = await read(account, DynamoDBClient).send(
      new DescribeTableCommand({ TableName: "ledger" }),
    );

    expect(Table).to.include({ TableStatus: "ACTIVE", DeletionProtectionEnabled: true });
    expect(Table?.KeySchema).to.deep.equal([
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ]);
    expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName)).to.deep.equal(["by-day"]);
  });

  it("says in AWS's words why the account refuses it", async () => {
    const type = "aws:iam/role:Role";
    const provider = createProvider({
      clients: clientsOf(account),
      config: { "aws:region": "us-east-1" },
      folder,
    })(type);
    const twice = { name: "role", assumeRolePolicy: trust };

    const message = await provider
      .create({ urn: "urn", type, name: "again", inputs: twice, preview: false })
      .then(
        () => {
          throw new Error("the second role of one name should have been refused");
        },
        (error: Error) => error.message,
      );

    expect(message).to.match(/EntityAlreadyExists.*role/);
  });
});
