import { expect } from "chai";
import { unzipSync, strFromU8 } from "fflate";
import type { Archive, CreateRequest, Properties } from "../../../sandbox/pulumi/engine";
import { signatureKey } from "../../../sandbox/pulumi/values";
import { createProvider, resourceTypes, type Clients } from "../../../sandbox/pulumi/provider";
import { zipOf } from "../../../sandbox/pulumi/provider/archive";
import { declarationOf } from "../support/aws-package";

const types = resourceTypes(__dirname);

const asset = { [signatureKey]: "c44067f5952c0a294b673a41bacd8c17" } as const;
const text = (content: string) => ({ ...asset, text: content });
const archive = (assets: NonNullable<Archive["assets"]>): Archive => ({
  [signatureKey]: "0def7320c3a5731c473e5ecbe6d01bc7",
  assets,
});

const roleArn = "arn:aws:iam::123456789012:role/guardrails/name";
const queueArn = "arn:aws:sqs:us-east-1:123456789012:name";
const functionArn = "arn:aws:lambda:us-east-1:123456789012:function:name";
const document = JSON.stringify({ Version: "2012-10-17", Statement: [] });

/** Inputs without a fault, of which each case below breaks one. */
const valid: Record<string, Properties> = {
  "aws:sns/topic:Topic": { name: "notices" },
  "aws:sns/topicSubscription:TopicSubscription": {
    topic: "arn:aws:sns:us-east-1:123456789012:notices",
    protocol: "email",
    endpoint: "secops@example.com",
  },
  "aws:sqs/queue:Queue": { name: "failures", messageRetentionSeconds: 1_209_600 },
  "aws:iam/role:Role": { name: "name", assumeRolePolicy: document },
  "aws:lambda/function:Function": {
    name: "name",
    code: archive({ "index.js": text("exports.handler = 1") }),
    handler: "index.handler",
    runtime: "nodejs22.x",
    role: roleArn,
    environment: { variables: { TOPIC_ARN: "arn" } },
  },
  "aws:lambda/permission:Permission": {
    action: "lambda:InvokeFunction",
    function: "name",
    principal: "events.amazonaws.com",
    statementId: "rule",
  },
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": { functionName: "name" },
  "aws:cloudwatch/eventRule:EventRule": { name: "name", eventPattern: "{}" },
  "aws:cloudwatch/eventTarget:EventTarget": {
    rule: "name",
    arn: functionArn,
    retryPolicy: { maximumRetryAttempts: 185, maximumEventAgeInSeconds: 86_400 },
    deadLetterConfig: { arn: queueArn },
  },
  "aws:cloudwatch/logGroup:LogGroup": { name: "/guardrails/dev", retentionInDays: 30 },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    comparisonOperator: "GreaterThanThreshold",
    evaluationPeriods: 1,
    metricName: "Errors",
    namespace: "AWS/Lambda",
    period: 60,
    statistic: "Sum",
    threshold: 0,
  },
  "aws:dynamodb/table:Table": {
    name: "ledger",
    billingMode: "PAY_PER_REQUEST",
    hashKey: "pk",
    rangeKey: "sk",
    attributes: [
      { name: "pk", type: "S" },
      { name: "sk", type: "S" },
    ],
  },
};

const problemsOf = (type: string, change: Properties): string[] => {
  const found = types.find(candidate => candidate.type === type);
  if (found === undefined) throw new Error(`no type ${type}`);
  const inputs = { ...valid[type], ...change };
  return found.check(Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined)));
};

describe("the provider's resource types", () => {
  for (const { type, properties, required } of types)
    it(`${type} takes and requires what the AWS package declares`, () => {
      const declared = declarationOf(type);

      expect(declared.args, "a property that the package does not have").to.include.members([...properties]);
      expect(required).to.include.members([...declared.required]);
    });

  for (const [type, inputs] of Object.entries(valid))
    it(`${type} accepts inputs without a fault`, () => {
      expect(problemsOf(type, {})).to.deep.equal([]);
      expect(inputs).not.to.deep.equal({});
    });
});

describe("the provider refuses", () => {
  const cases: [string, string, Properties, RegExp][] = [
    [
      "a function name over 64 characters",
      "lambda/function:Function",
      { name: "f".repeat(65) },
      /"name".*at most 64/,
    ],
    ["a role name over 64 characters", "iam/role:Role", { name: "r".repeat(65) }, /"name".*at most 64/],
    [
      "a rule name over 64 characters",
      "cloudwatch/eventRule:EventRule",
      { name: "r".repeat(65) },
      /"name".*at most 64/,
    ],
    ["a queue name over 80 characters", "sqs/queue:Queue", { name: "q".repeat(81) }, /"name".*at most 80/],
    ["a name with a blank", "sns/topic:Topic", { name: "my topic" }, /"name".*form/],
    [
      "a pattern that is no JSON",
      "cloudwatch/eventRule:EventRule",
      { eventPattern: "{source:[]}" },
      /"eventPattern".*expected JSON/,
    ],
    [
      "a pattern over 2,048 characters",
      "cloudwatch/eventRule:EventRule",
      { eventPattern: `{"source":["${"x".repeat(2040)}"]}` },
      /at most 2048/,
    ],
    [
      "a rule without pattern or schedule",
      "cloudwatch/eventRule:EventRule",
      { eventPattern: undefined },
      /one of "eventPattern" and "scheduleExpression" is required/,
    ],
    [
      "a statement id with a dot",
      "lambda/permission:Permission",
      { statementId: "rule.1" },
      /"statementId".*form/,
    ],
    [
      "a missing property",
      "lambda/permission:Permission",
      { principal: undefined },
      /^"principal" is required$/,
    ],
    [
      "an unknown property",
      "sns/topic:Topic",
      { colour: "red" },
      /does not know the property "colour" of aws:sns\/topic:Topic; it knows name/,
    ],
    [
      "an unknown property inside another",
      "cloudwatch/eventTarget:EventTarget",
      { retryPolicy: { attempts: 3 } },
      /does not know the property "retryPolicy.attempts"/,
    ],
    [
      "a text where a number belongs",
      "lambda/function:Function",
      { timeout: "60" },
      /"timeout" is "60": .*number/,
    ],
    [
      "a timeout over 15 minutes",
      "lambda/function:Function",
      { timeout: 901 },
      /"timeout" is 901: expected at most 900/,
    ],
    [
      "a role that is no ARN",
      "lambda/function:Function",
      { role: "name" },
      /"role" is "name": expected an ARN/,
    ],
    [
      "a variable that Lambda sets itself",
      "lambda/function:Function",
      { environment: { variables: { AWS_REGION: "us-east-1" } } },
      /Lambda sets this variable itself/,
    ],
    [
      "an environment over 4 KB",
      "lambda/function:Function",
      { environment: { variables: { BIG: "x".repeat(4096) } } },
      /Lambda allows 4096/,
    ],
    [
      "log levels in the Text format",
      "lambda/function:Function",
      { loggingConfig: { logFormat: "Text", applicationLogLevel: "INFO" } },
      /levels need the format JSON/,
    ],
    [
      "code that is no archive",
      "lambda/function:Function",
      { code: { "index.js": "text" } },
      /"code".*expected an archive/,
    ],
    [
      "a third asynchronous retry",
      "lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
      { maximumRetryAttempts: 3 },
      /at most 2/,
    ],
    [
      "an input beside a transformer",
      "cloudwatch/eventTarget:EventTarget",
      { input: "{}", inputTransformer: { inputTemplate: '"x"' } },
      /exclude each other/,
    ],
    [
      "a trust policy that is no JSON",
      "iam/role:Role",
      { assumeRolePolicy: "lambda" },
      /"assumeRolePolicy".*expected JSON/,
    ],
    ["a path without its slashes", "iam/role:Role", { path: "guardrails" }, /"path".*begins and ends with/],
    [
      "inline policies that are too long together",
      "iam/role:Role",
      {
        inlinePolicies: [1, 2].map(n => ({
          name: `p${n}`,
          policy: JSON.stringify({ Sid: "x".repeat(5200) }),
        })),
      },
      /IAM allows 10240/,
    ],
    [
      "an AWS-managed policy",
      "iam/role:Role",
      { managedPolicyArns: [] },
      /does not know the property "managedPolicyArns"/,
    ],
    [
      "a retention that CloudWatch does not offer",
      "cloudwatch/logGroup:LogGroup",
      { retentionInDays: 31 },
      /expected one of 0, 1, 3/,
    ],
    [
      "an alarm without a namespace",
      "cloudwatch/metricAlarm:MetricAlarm",
      { namespace: undefined },
      /"namespace" is required/,
    ],
    ["a period of 45 seconds", "cloudwatch/metricAlarm:MetricAlarm", { period: 45 }, /"period" is 45/],
    [
      "a key that is no attribute",
      "dynamodb/table:Table",
      { attributes: [{ name: "pk", type: "S" }] },
      /"attributes" lacks "sk"/,
    ],
    [
      "an attribute that is no key",
      "dynamodb/table:Table",
      { rangeKey: undefined },
      /"attributes" has "sk", which is no key/,
    ],
    [
      "an unknown protocol",
      "sns/topicSubscription:TopicSubscription",
      { protocol: "pigeon" },
      /"protocol" is "pigeon"/,
    ],
    ["a tag that begins with aws:", "sqs/queue:Queue", { tags: { "aws:name": "x" } }, /belong to AWS/],
    ["a FIFO name on a standard queue", "sqs/queue:Queue", { name: "failures.fifo" }, /end in \.fifo/],
  ];
  for (const [what, type, change, expected] of cases)
    it(what, () => {
      const problems = problemsOf(`aws:${type}`, change);

      expect(problems.join("\n")).to.match(expected);
      expect(problems).to.have.length(1);
    });
});

describe("the provider's configuration", () => {
  const create = (config: Record<string, string>, request: Partial<CreateRequest> = {}) => {
    const clients = () => {
      throw new Error("no call is expected");
    };
    const type = "aws:sns/topic:Topic";
    const provider = createProvider({ clients, config, folder: __dirname })(type);
    return provider.create({ urn: "urn", type, name: "notices", inputs: {}, preview: true, ...request });
  };
  const messageOf = (attempt: Promise<unknown>): Promise<string> =>
    attempt.then(
      () => {
        throw new Error("it should have been refused");
      },
      (error: Error) => error.message,
    );

  it("needs a region", async () => {
    expect(await messageOf(create({}))).to.include("pulumi config set aws:region us-east-1");
  });

  it("refuses keys that the sandbox would otherwise ignore", async () => {
    expect(await messageOf(create({ "aws:region": "us-east-1", "aws:profile": "prod" }))).to.include(
      '"profile"',
    );
  });

  it("may come from a provider resource of the program", async () => {
    const answer = await create({}, { provider: { region: "eu-west-1", skipRegionValidation: "true" } });
    expect(answer.id).to.equal("");
  });
});

describe("the provider, asked to create", () => {
  /** Clients that answer every call with the same, and remember where they were made for. */
  const answering = (answer: object) => {
    const regions: string[] = [];
    const sent: string[] = [];
    const send = async (command: object) => {
      sent.push(command.constructor.name);
      return answer;
    };
    const clients = <C>(_make: new (config: never) => C, region: string): C => {
      regions.push(region);
      return { send } as C;
    };
    return { regions, sent, clients };
  };
  const create = (type: string, inputs: Properties, clients: Clients, config: Record<string, string> = {}) =>
    createProvider({ clients, config: { "aws:region": "us-east-1", ...config }, folder: __dirname })(
      type,
    ).create({
      urn: `urn:${type}`,
      type,
      name: "name",
      inputs,
      preview: false,
    });
  const messageOf = (attempt: Promise<unknown>): Promise<string> =>
    attempt.then(
      () => {
        throw new Error("it should have failed");
      },
      (error: Error) => error.message,
    );

  it("goes to the resource's own region rather than the stack's", async () => {
    const { regions, clients } = answering({ TopicArn: "arn", Attributes: {} });

    const { outputs } = await create("aws:sns/topic:Topic", { region: "eu-west-1" }, clients);

    expect(regions).to.deep.equal(["eu-west-1"]);
    expect(outputs.region).to.equal("eu-west-1");
  });

  it("fails for a target that PutTargets reports as failed", async () => {
    const failure = { TargetId: "x", ErrorCode: "ResourceNotFoundException", ErrorMessage: "no such bus" };
    const { clients } = answering({ FailedEntryCount: 1, FailedEntries: [failure] });
    const type = "aws:cloudwatch/eventTarget:EventTarget";

    expect(await messageOf(create(type, { rule: "rule", arn: queueArn }, clients))).to.equal(
      "ResourceNotFoundException: no such bus",
    );
  });

  it("leaves an account alone that is not among those allowed", async () => {
    const { sent, clients } = answering({ Account: "123456789012" });
    const config = { "aws:allowedAccountIds": '["111111111111"]' };

    expect(await messageOf(create("aws:sns/topic:Topic", {}, clients, config))).to.include("111111111111");
    expect(sent).to.deep.equal(["GetCallerIdentityCommand"]);
  });

  it("names what is left unnamed after the resource, the same every time", async () => {
    const { clients } = answering({ TopicArn: "arn", Attributes: {} });

    const names = [
      await create("aws:sns/topic:Topic", {}, clients),
      await create("aws:sns/topic:Topic", {}, clients),
    ];

    expect(names[0]?.outputs.name).to.match(/^name-[0-9a-f]{7}$/);
    expect(names[1]?.outputs.name).to.equal(names[0]?.outputs.name);
  });
});

describe("the provider's functions", () => {
  const clients = () => {
    throw new Error("no call is expected");
  };
  const provider = createProvider({ clients, config: { "aws:region": "cn-north-1" }, folder: __dirname });

  it("tell the region and partition of the stack", async () => {
    const region = await provider("aws").invoke({ token: "aws:index/getRegion:getRegion", args: {} });
    const partition = await provider("aws").invoke({
      token: "aws:index/getPartition:getPartition",
      args: {},
    });

    expect(region).to.include({ region: "cn-north-1", endpoint: "ec2.cn-north-1.amazonaws.com.cn" });
    expect(partition).to.include({ partition: "aws-cn", reverseDnsPrefix: "cn.com.amazonaws" });
  });

  it("refuse arguments that they would otherwise ignore", async () => {
    const token = "aws:index/getRegion:getRegion";
    const message = await provider("aws")
      .invoke({ token, args: { endpoint: "ec2.cn-north-1.amazonaws.com.cn" } })
      .then(
        () => {
          throw new Error("it should have been refused");
        },
        (error: Error) => error.message,
      );

    expect(message).to.include('"endpoint"');
  });
});

describe("a function's zip", () => {
  it("is the same for the same files in another order", () => {
    const one = zipOf(archive({ "a.js": text("a"), "b.js": text("b") }), __dirname);
    const other = zipOf(archive({ "b.js": text("b"), "a.js": text("a") }), __dirname);

    expect(one.equals(other)).to.equal(true);
    expect(Object.keys(unzipSync(one))).to.deep.equal(["a.js", "b.js"]);
  });

  it("holds texts, files, folders and archives in archives under their names", () => {
    const zip = zipOf(
      archive({
        "config.json": text("{}"),
        "project.yaml": { ...asset, path: "fixtures/program/Pulumi.yaml" },
        lib: archive({ "x.js": text("x") }),
        program: { [signatureKey]: "0def7320c3a5731c473e5ecbe6d01bc7", path: "fixtures/mistakes" },
      }),
      __dirname,
    );

    const files = unzipSync(zip);
    expect(Object.keys(files)).to.include.members([
      "config.json",
      "lib/x.js",
      "program/index.ts",
      "project.yaml",
    ]);
    expect(strFromU8(files["project.yaml"] as Uint8Array)).to.include("name: fixture");
  });

  it("is not made of what lies on the network, or of nothing", () => {
    const remote = { ...asset, uri: "https://example.com/index.js" };

    expect(() => zipOf(archive({ "index.js": remote }), __dirname)).to.throw("does not fetch files");
    expect(() => zipOf(archive({}), __dirname)).to.throw("the archive is empty");
  });
});
