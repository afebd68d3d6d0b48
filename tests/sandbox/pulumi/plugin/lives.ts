import { signatureKey, type Archive, type Properties } from "../../../../sandbox/pulumi/values";

/** What the resources below need: ARNs and names of what is there already. */
export interface Ground {
  readonly topicArn: string;
  readonly queueArn: string;
  readonly roleArn: string;
  readonly roleName: string;
  readonly functionArn: string;
  readonly functionName: string;
  readonly ruleName: string;
  readonly tableArn: string;
  readonly queueUrl: string;
}

/** The life of one resource: how it is made, what is changed on it, and what takes another one. */
export interface Life {
  readonly made: Properties;
  /** Laid over it, one after another; undefined takes an input away. */
  readonly changes: readonly Properties[];
  readonly replacing?: Properties;
}

const document = (action: string, resource = "*", more: object = {}) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Sid: "One", Effect: "Allow", Action: action, Resource: resource, ...more }],
  });
const trust = (service: string) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });
export const lambdaTrust = trust("lambda.amazonaws.com");
const everybody = { Principal: "*" };

export const codeOf = (text: string): Archive => ({
  [signatureKey]: "0def7320c3a5731c473e5ecbe6d01bc7",
  assets: { "index.js": { [signatureKey]: "c44067f5952c0a294b673a41bacd8c17", text } },
});
const code = codeOf("exports.handler = async () => 1;\n");

/** By type. */
export const livesOn = (ground: Ground): Readonly<Record<string, Life>> => ({
  "aws:sns/topic:Topic": {
    made: { name: "notices", displayName: "Notices", tags: { team: "blue" } },
    changes: [
      { displayName: "News" },
      { displayName: undefined },
      { tags: { owner: "ada" } },
      { tags: undefined },
      { policy: document("sns:Publish", ground.topicArn.replace(/[^:]+$/, "notices"), everybody) },
    ],
    replacing: { name: "others" },
  },
  "aws:sns/topicPolicy:TopicPolicy": {
    made: { arn: ground.topicArn, policy: document("sns:Publish", ground.topicArn, everybody) },
    changes: [{ policy: document("sns:Subscribe", ground.topicArn, everybody) }],
    replacing: { arn: `${ground.topicArn}-other` },
  },
  "aws:sns/topicSubscription:TopicSubscription": {
    made: { topic: ground.topicArn, protocol: "sqs", endpoint: ground.queueArn },
    changes: [
      { rawMessageDelivery: true },
      { filterPolicy: '{"severity":["high"]}' },
      { rawMessageDelivery: undefined },
    ],
    replacing: { endpoint: `${ground.queueArn}-other` },
  },
  "aws:sqs/queue:Queue": {
    made: { name: "failures", messageRetentionSeconds: 600, tags: { team: "blue" } },
    changes: [
      { messageRetentionSeconds: 700, delaySeconds: 5 },
      { messageRetentionSeconds: undefined, delaySeconds: undefined },
      { tags: { owner: "ada" } },
    ],
    replacing: { name: "others" },
  },
  "aws:sqs/queuePolicy:QueuePolicy": {
    made: { queueUrl: ground.queueUrl, policy: document("sqs:SendMessage", ground.queueArn, everybody) },
    changes: [{ policy: document("sqs:ReceiveMessage", ground.queueArn, everybody) }],
    replacing: { queueUrl: `${ground.queueUrl}-other` },
  },
  "aws:iam/role:Role": {
    made: {
      name: "worker",
      path: "/staff/",
      description: "works",
      assumeRolePolicy: lambdaTrust,
      inlinePolicies: [{ name: "read", policy: document("s3:GetObject") }],
      tags: { team: "blue" },
    },
    changes: [
      { description: "rests", maxSessionDuration: 7200 },
      { description: undefined, maxSessionDuration: undefined },
      { assumeRolePolicy: trust("ec2.amazonaws.com") },
      {
        inlinePolicies: [
          { name: "list", policy: document("s3:ListBucket") },
          { name: "read", policy: document("s3:GetObjectAcl") },
        ],
      },
      { inlinePolicies: [{ name: "list", policy: document("s3:ListBucket") }] },
      { tags: { owner: "ada" } },
    ],
    replacing: { path: "/rest/" },
  },
  "aws:iam/rolePolicy:RolePolicy": {
    made: { name: "write", role: ground.roleName, policy: document("s3:PutObject") },
    changes: [{ policy: document("s3:DeleteObject") }],
    replacing: { role: "other" },
  },
  "aws:lambda/function:Function": {
    made: {
      name: "watcher",
      code,
      handler: "index.handler",
      runtime: "nodejs22.x",
      role: ground.roleArn,
      description: "watches",
      environment: { variables: { MODE: "notify" } },
      tags: { team: "blue" },
    },
    changes: [
      { code: codeOf("exports.handler = async () => 2;\n") },
      { architectures: ["arm64"] },
      { description: "sleeps", timeout: 30, memorySize: 256 },
      { description: undefined, timeout: undefined, environment: undefined },
      {
        deadLetterConfig: { targetArn: ground.queueArn },
        loggingConfig: { logFormat: "JSON", logGroup: "/x" },
      },
      { deadLetterConfig: undefined, loggingConfig: undefined },
      { reservedConcurrentExecutions: 3 },
      { reservedConcurrentExecutions: undefined },
      { tags: { owner: "ada" } },
    ],
    replacing: { name: "others" },
  },
  "aws:lambda/permission:Permission": {
    made: {
      statementId: "rule",
      action: "lambda:InvokeFunction",
      function: ground.functionName,
      principal: "events.amazonaws.com",
      sourceArn: "arn:aws:events:us-east-1:123456789012:rule/one",
      sourceAccount: "123456789012",
    },
    changes: [],
    replacing: { sourceArn: "arn:aws:events:us-east-1:123456789012:rule/two" },
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
    made: { functionName: ground.functionName, maximumEventAgeInSeconds: 600, maximumRetryAttempts: 1 },
    changes: [
      { maximumRetryAttempts: 0, destinationConfig: { onFailure: { destination: ground.queueArn } } },
      { maximumRetryAttempts: undefined, destinationConfig: undefined, maximumEventAgeInSeconds: undefined },
    ],
    replacing: { functionName: "other" },
  },
  "aws:cloudwatch/eventRule:EventRule": {
    made: {
      name: "buckets",
      description: "buckets",
      eventPattern: '{"source":["aws.s3"]}',
      tags: { team: "b" },
    },
    changes: [
      { eventPattern: '{"source":["aws.ec2"]}', state: "DISABLED" },
      { state: undefined, description: undefined },
      { eventPattern: undefined, scheduleExpression: "rate(5 minutes)" },
      { tags: { owner: "ada" } },
    ],
    replacing: { name: "others" },
  },
  "aws:cloudwatch/eventTarget:EventTarget": {
    made: {
      rule: ground.ruleName,
      targetId: "queue",
      arn: ground.queueArn,
      retryPolicy: { maximumRetryAttempts: 4, maximumEventAgeInSeconds: 3600 },
    },
    changes: [
      { arn: ground.topicArn, deadLetterConfig: { arn: ground.queueArn } },
      { inputTransformer: { inputTemplate: '"<id>"', inputPaths: { id: "$.id" } } },
      { inputTransformer: undefined, retryPolicy: undefined, deadLetterConfig: undefined },
    ],
    replacing: { targetId: "others" },
  },
  "aws:cloudwatch/eventBus:EventBus": {
    made: { name: "own", tags: { team: "blue" } },
    changes: [{ tags: { owner: "ada" } }],
    replacing: { name: "others" },
  },
  "aws:cloudwatch/eventBusPolicy:EventBusPolicy": {
    made: {
      policy: document("events:PutEvents", "arn:aws:events:us-east-1:123456789012:event-bus/default", {
        Principal: { AWS: "arn:aws:iam::210987654321:root" },
      }),
    },
    changes: [
      {
        policy: document("events:PutEvents", "arn:aws:events:us-east-1:123456789012:event-bus/default", {
          Principal: { AWS: "arn:aws:iam::321098765432:root" },
        }),
      },
    ],
    replacing: { eventBusName: "own" },
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    made: { name: "/guardrails/test", retentionInDays: 30, tags: { team: "blue" } },
    changes: [
      { retentionInDays: 90 },
      { retentionInDays: undefined },
      { skipDestroy: true },
      { skipDestroy: undefined },
      { tags: { owner: "ada" } },
    ],
    replacing: { name: "/guardrails/other" },
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    made: {
      name: "errors",
      alarmDescription: "errors",
      comparisonOperator: "GreaterThanThreshold",
      evaluationPeriods: 1,
      metricName: "Errors",
      namespace: "AWS/Lambda",
      dimensions: {},
      period: 60,
      statistic: "Sum",
      threshold: 0,
      alarmActions: [ground.topicArn],
      tags: { team: "blue" },
    },
    changes: [
      { threshold: 2, dimensions: { FunctionName: "watcher" }, okActions: [ground.topicArn] },
      { alarmDescription: undefined, okActions: undefined, treatMissingData: "breaching" },
      { treatMissingData: undefined, tags: { owner: "ada" } },
      {
        metricName: undefined,
        namespace: undefined,
        dimensions: undefined,
        period: undefined,
        statistic: undefined,
        metricQueries: [
          { id: "sum", expression: "errors + 1", label: "sum", returnData: true },
          {
            id: "errors",
            metric: { metricName: "Errors", namespace: "AWS/Lambda", period: 60, stat: "Sum" },
          },
        ],
      },
    ],
    replacing: { name: "others" },
  },
  "aws:cloudwatch/dashboard:Dashboard": {
    made: { dashboardName: "guardrails", dashboardBody: '{"widgets":[]}' },
    changes: [
      {
        dashboardBody: JSON.stringify({
          widgets: [{ type: "text", x: 0, y: 0, width: 6, height: 6, properties: { markdown: "# hello" } }],
        }),
      },
    ],
    replacing: { dashboardName: "others" },
  },
  "aws:dynamodb/table:Table": {
    made: {
      name: "ledger",
      billingMode: "PAY_PER_REQUEST",
      hashKey: "pk",
      rangeKey: "sk",
      attributes: ["sk", "pk", "day"].map(name => ({ name, type: "S" })),
      globalSecondaryIndexes: [{ name: "day", hashKey: "day", rangeKey: "sk", projectionType: "KEYS_ONLY" }],
      tags: { team: "blue" },
    },
    changes: [
      { ttl: { attributeName: "ttl", enabled: true }, pointInTimeRecovery: { enabled: true } },
      { ttl: undefined, pointInTimeRecovery: undefined },
      { deletionProtectionEnabled: true },
      { deletionProtectionEnabled: undefined },
      { billingMode: undefined, readCapacity: 5, writeCapacity: 5 },
      { tags: { owner: "ada" } },
    ],
    replacing: { hashKey: "day" },
  },
  "aws:dynamodb/resourcePolicy:ResourcePolicy": {
    made: { resourceArn: ground.tableArn, policy: document("dynamodb:GetItem", ground.tableArn, everybody) },
    changes: [{ policy: document("dynamodb:Query", ground.tableArn, everybody) }],
    replacing: { resourceArn: `${ground.tableArn}-other` },
  },
});
