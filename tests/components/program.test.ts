import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { compile } from "../../patterns";
import { readEnvironment } from "../../runtime/environment";
import { units } from "../../runtime/telling/metrics";
import { enter } from "../support/fakes/container";
import { deploy, forgetBundles, type Deployed, type Registered } from "../support/program";

const on = "aws-event-guardrails:guardrails";
const base = {
  "aws-event-guardrails:recipients": ["secops@example.com", "netops@example.com"],
  "aws-event-guardrails:operators": [{ permissionSet: "SecOps" }, { role: "/teams/responder" }],
  "aws-event-guardrails:controllers": [{ role: "/cluster/karpenter" }],
};
const everything = {
  ...base,
  "aws-event-guardrails:dashboard": true,
  "aws-event-guardrails:adminSecurityGroupId": "sg-0123456789abcdef0",
  [on]: {
    "vpc-created": "notify",
    "s3-bucket-encryption": { mode: "enforce", algorithm: "aws:kms" },
    "ec2-launch-baseline": { mode: "enforce", when: "always" },
    "security-group-open-ingress": "enforce",
  },
};
const inspecting = ["ec2-launch-baseline", "s3-bucket-encryption", "security-group-open-ingress"];
const arnOf = (service: string, resource: string): string =>
  `arn:aws:${service}:us-east-1:123456789012:${resource}`;

const policyOf = (deployed: Deployed, id: string) =>
  JSON.parse(deployed.find("aws:iam/rolePolicy:RolePolicy", id).inputs.policy) as {
    Statement: {
      Action: string[];
      Resource: string[];
      Condition?: Record<string, Record<string, string | string[]> | undefined>;
    }[];
  };
const actionsOf = (deployed: Deployed, id: string): string[] =>
  policyOf(deployed, id).Statement.flatMap(({ Action }) => Action);
const archiveOf = async ({ inputs }: Registered): Promise<Record<string, string>> => {
  const archive = (await inputs.code) as {
    assets: Promise<Record<string, { text: Promise<string> | string }>>;
  };
  const files = Object.entries(await archive.assets);
  return Object.fromEntries(
    await Promise.all(files.map(async ([name, asset]) => [name, await asset.text] as const)),
  );
};

describe("the program with every guardrail on", () => {
  let stack: Deployed;
  before(async function () {
    stack = await deploy(everything);
  });

  it("gives each guardrail exactly its own resources, under its own component", () => {
    const children = (name: string) =>
      stack.resources
        .filter(({ parent, type }) => parent === name && type.startsWith("aws:"))
        .map(({ type }) => type.split(":").pop())
        .sort();
    expect(children("vpc-created")).to.deep.equal(["EventRule", "EventTarget"]);
    for (const id of inspecting)
      expect(children(id), `${id}: with one rule for its trigger, and one for its timer`).to.deep.equal([
        "EventRule",
        "EventRule",
        "EventTarget",
        "EventTarget",
        "Function",
        "FunctionEventInvokeConfig",
        "Permission",
        "Permission",
        "Role",
        "RolePolicy",
      ]);
  });

  it("has a parent for everything but the stack, and a component above every AWS resource", () => {
    const components = stack.resources
      .filter(({ type }) => type.startsWith("aws-event-guardrails:index:"))
      .map(({ name }) => name);
    for (const { type, name, parent } of stack.resources)
      if (type !== "pulumi:pulumi:Stack") expect(parent, `${type} ${name}`).not.to.equal("");
    for (const { type, name, parent } of stack.resources)
      if (type.startsWith("aws:")) expect(components, `${type} ${name}`).to.include(parent);
  });

  it("names everything readably, and known beforehand", () => {
    const named = ["lambda/function:Function", "iam/role:Role", "cloudwatch/eventRule:EventRule"].flatMap(
      type => stack.all(`aws:${type}`),
    );
    for (const { inputs, deleteBeforeReplace, name } of named) {
      expect(inputs.name, name).to.match(/^guardrails-dev-[a-z0-9-]+$/);
      expect(deleteBeforeReplace, name).to.equal(true);
    }
  });

  it("sends the notice-only guardrail straight to the topic, with its text", () => {
    const { inputs } = stack.find("aws:cloudwatch/eventTarget:EventTarget", "guardrails-dev-vpc-created");
    expect(inputs.arn).to.equal(arnOf("sns", "guardrails-dev-notices"));
    for (const line of inputs.inputTransformer.inputTemplate.split("\n")) expect(line).to.match(/^".*"$/);
  });

  it("gives every target of events a retry policy and the dead-letter queue", () => {
    const targets = stack
      .all("aws:cloudwatch/eventTarget:EventTarget")
      .filter(({ name }) => !name.endsWith("-tick"));
    expect(targets).to.have.length(4);
    for (const { inputs } of targets) {
      expect(inputs.deadLetterConfig).to.deep.equal({ arn: arnOf("sqs", "guardrails-dev-failures") });
      expect(inputs.retryPolicy).to.deep.equal({
        maximumEventAgeInSeconds: 86400,
        maximumRetryAttempts: 185,
      });
    }
  });

  it("keeps no tick that comes late: the next one does its work", () => {
    for (const id of inspecting) {
      const { inputs } = stack.find("aws:cloudwatch/eventTarget:EventTarget", `guardrails-dev-${id}-tick`);
      expect(inputs.deadLetterConfig).to.equal(undefined);
      expect(inputs.retryPolicy.maximumEventAgeInSeconds).to.be.below(5 * 60);
      expect(inputs.arn).to.equal(arnOf("lambda", `function:guardrails-dev-${id}`));
    }
  });

  it("lets no two guardrails tick in the same minute, and each at least every five or fifteen", () => {
    const minutes = inspecting.map(id => {
      const { inputs } = stack.find("aws:cloudwatch/eventRule:EventRule", `guardrails-dev-${id}-tick`);
      const [, start, period] = /^cron\((\d+)\/(\d+) \* \* \* \? \*\)$/.exec(inputs.scheduleExpression) ?? [];
      return Array.from(
        { length: 60 / Number(period) },
        (_, at) => `minute ${Number(start) + at * Number(period)}`,
      );
    });
    const periods = Object.fromEntries(inspecting.map((id, at) => [id, 60 / minutes[at].length]));

    expect(periods).to.deep.equal({
      "ec2-launch-baseline": 15,
      "s3-bucket-encryption": 15,
      "security-group-open-ingress": 5,
    });
    expect(new Set(minutes.flat()).size).to.equal(minutes.flat().length);
  });

  it("lets each rule, and nothing else, invoke its function", () => {
    for (const id of inspecting)
      for (const rule of [`guardrails-dev-${id}`, `guardrails-dev-${id}-tick`])
        expect(stack.find("aws:lambda/permission:Permission", rule).inputs).to.deep.include({
          action: "lambda:InvokeFunction",
          principal: "events.amazonaws.com",
          sourceArn: arnOf("events", `rule/${rule}`),
        });
  });

  it("sends what a function cannot handle to the dead-letter queue after bounded retries", () => {
    for (const id of inspecting)
      expect(
        stack.find("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", id).inputs,
      ).to.deep.include({
        maximumRetryAttempts: 2,
        maximumEventAgeInSeconds: 21600,
        destinationConfig: { onFailure: { destination: arnOf("sqs", "guardrails-dev-failures") } },
      });
  });

  it("lets nobody but EventBridge for the stack's rules, and its functions' roles, put anything into the queue", () => {
    const policy = JSON.parse(stack.find("aws:sqs/queuePolicy:QueuePolicy", "failures").inputs.policy);
    const rules = arnOf("events", "rule/guardrails-dev-*");
    const roles = "arn:aws:iam::123456789012:role/guardrails/guardrails-dev-use1-*";
    const send = { Action: "sqs:SendMessage", Resource: arnOf("sqs", "guardrails-dev-failures") };
    expect(policy.Statement).to.deep.equal([
      {
        Sid: "RulesOfThisStack",
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        ...send,
        Condition: { ArnLike: { "aws:SourceArn": rules } },
      },
      {
        Sid: "NobodyElse",
        Effect: "Deny",
        Principal: "*",
        ...send,
        Condition: { ArnNotLike: { "aws:SourceArn": rules, "aws:PrincipalArn": roles } },
      },
    ]);
  });

  it("has policies of queue and topic that do not depend on which guardrails are on", async () => {
    const policiesOf = ({ find }: Deployed) => [
      find("aws:sqs/queuePolicy:QueuePolicy", "failures").inputs.policy,
      find("aws:sns/topicPolicy:TopicPolicy", "notifications").inputs.policy,
    ];
    expect(policiesOf(await deploy({ ...base, [on]: ["s3-bucket-encryption"] }))).to.deep.equal(
      policiesOf(stack),
    );
  });

  it("admits to the topic each of the stack's alarms by its name, and no other alarm", () => {
    const policy = JSON.parse(stack.find("aws:sns/topicPolicy:TopicPolicy", "notifications").inputs.policy);
    const names = stack.all("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ inputs }) => inputs.name);
    const { Principal, Condition } = policy.Statement[0];
    expect(Principal).to.deep.equal({ Service: "cloudwatch.amazonaws.com" });
    expect(Condition.ArnEquals["aws:SourceArn"]).to.include.members(
      names.map(name => arnOf("cloudwatch", `alarm:${name}`)),
    );
    expect(JSON.stringify(policy)).to.not.match(/[*?]"/);
  });

  it("admits to the topic the rules that publish, whether or not EventBridge says which one does", () => {
    const policy = JSON.parse(stack.find("aws:sns/topicPolicy:TopicPolicy", "notifications").inputs.policy);
    expect(policy.Statement[1]).to.deep.include({
      Principal: { Service: "events.amazonaws.com" },
      Condition: {
        ArnLikeIfExists: { "aws:SourceArn": [arnOf("events", "rule/guardrails-dev-vpc-created")] },
      },
    });
  });

  it("subscribes each recipient under its own address", () => {
    const subscriptions = stack.all("aws:sns/topicSubscription:TopicSubscription");
    expect(
      subscriptions.map(({ name, inputs }) => [name, inputs.protocol, inputs.endpoint]),
    ).to.have.deep.members([
      ["notifications-secops@example.com", "email", "secops@example.com"],
      ["notifications-netops@example.com", "email", "netops@example.com"],
    ]);
  });

  it("runs every function on arm64 with an explicit runtime, and its lines bare in the stack's one log group", () => {
    for (const { inputs } of stack.all("aws:lambda/function:Function")) {
      expect(inputs).to.deep.include({
        runtime: "nodejs24.x",
        architectures: ["arm64"],
        handler: "index.handler",
        memorySize: 256,
      });
      expect(inputs.timeout).to.equal(300);
      expect(inputs.loggingConfig).to.deep.equal({ logFormat: "Text", logGroup: "/guardrails/dev" });
    }
    expect(stack.all("aws:cloudwatch/logGroup:LogGroup")).to.have.length(1);
  });

  it("packs exactly the code and the configuration, and neither holds documentation", async () => {
    for (const lambda of stack.all("aws:lambda/function:Function")) {
      const files = await archiveOf(lambda);
      expect(Object.keys(files).sort()).to.deep.equal(["config.json", "index.js", "place.json"]);
      expect(files["index.js"]).not.to.contain("What to do about");
      expect(JSON.parse(files["config.json"])).to.include({
        format: 2,
        mode: "enforce",
        managed: "notify",
        sweep: "notify",
        recipients: 2,
        metrics: "stack",
        budget: lambda.name === "ec2-launch-baseline" ? 1000 : 50,
      });
    }
  });

  it("tells every function who is who, in the stack's own account", async () => {
    for (const lambda of stack.all("aws:lambda/function:Function"))
      expect(JSON.parse((await archiveOf(lambda))["config.json"]).who).to.deep.equal({
        trusted: { accounts: [] },
        controllers: ["arn:aws:iam::123456789012:role/cluster/karpenter"],
        expected: [],
      });
  });

  it("tells a function in its archive all that it has to know, and nothing by variables", async () => {
    const lambda = stack.find("aws:lambda/function:Function", "s3-bucket-encryption");
    expect(JSON.parse((await archiveOf(lambda))["config.json"]).settings).to.deep.include({
      algorithm: "aws:kms",
    });
    expect(JSON.parse((await archiveOf(lambda))["place.json"])).to.deep.equal({
      stack: "dev",
      partition: "aws",
      account: "123456789012",
      home: "us-east-1",
    });
    for (const { inputs } of stack.all("aws:lambda/function:Function"))
      expect(inputs).not.to.have.property("environment");
  });

  it("makes what a function finds by its name", async () => {
    const lambda = stack.find("aws:lambda/function:Function", "s3-bucket-encryption");
    const folder = mkdtempSync(join(tmpdir(), "guardrail-"));
    writeFileSync(join(folder, "place.json"), (await archiveOf(lambda))["place.json"]);
    const leave = enter(folder);
    try {
      const { topicArn, ledgerTable, roleArn } = readEnvironment("s3-bucket-encryption");
      expect(topicArn).to.equal(arnOf("sns", stack.find("aws:sns/topic:Topic", "notifications").inputs.name));
      expect(ledgerTable).to.equal(stack.find("aws:dynamodb/table:Table", "ledger").inputs.name);
      expect(roleArn).to.equal(lambda.inputs.role);
    } finally {
      leave();
      rmSync(folder, { recursive: true });
    }
  });

  it("lets only Lambda assume a guardrail's role, under the product's path, without any managed policy", () => {
    const roles = stack.all("aws:iam/role:Role");
    expect(roles).to.have.length(3);
    for (const { inputs } of roles) {
      expect(inputs.path).to.equal("/guardrails/");
      expect(JSON.parse(inputs.assumeRolePolicy).Statement).to.deep.equal([
        { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
      ]);
      expect(inputs.managedPolicyArns).to.equal(undefined);
    }
    expect(stack.resources.filter(({ type }) => /PolicyAttachment|ManagedPolic/.test(type))).to.deep.equal(
      [],
    );
  });

  describe("has alarms that", () => {
    const alarmOf = (what: string) =>
      stack.find("aws:cloudwatch/metricAlarm:MetricAlarm", `failures-${what}`).inputs;

    it("are at most twelve, however many guardrails there are, and watch one metric each", () => {
      const alarms = stack.all("aws:cloudwatch/metricAlarm:MetricAlarm");
      expect(alarms).to.have.length.within(8, 12);
      for (const { inputs } of alarms)
        expect(inputs).to.have.property("metricName").and.not.have.property("metricQueries");
    });

    it("reach the topic, and say what to do with commands of this stack", () => {
      for (const { inputs, name } of stack.all("aws:cloudwatch/metricAlarm:MetricAlarm")) {
        expect(inputs.alarmActions).to.deep.equal([arnOf("sns", "guardrails-dev-notices")]);
        expect(inputs.alarmDescription.length, name).to.be.within(80, 1024);
        expect(inputs.alarmDescription, name).to.match(/npm run guardrails -- \w|pulumi up|aws \w|log group/);
        expect(inputs.alarmDescription, name).to.match(/^[ -~]*$/);
        for (const [, given] of inputs.alarmDescription.matchAll(/--stack (\S+)/g))
          expect(given).to.match(/^dev\b/);
      }
    });

    for (const [what, metricName, statistic, treatMissingData] of [
      ["ledger-errors", "LedgerErrors", "Sum", "notBreaching"],
      ["failed", "FailedForGood", "Sum", "notBreaching"],
    ])
      it(`sound at the first ${metricName}: ${what}`, () => {
        expect(Object.keys(units)).to.include(metricName);
        expect(alarmOf(what)).to.deep.include({
          namespace: "Guardrails",
          metricName,
          dimensions: { stack: "dev" },
          statistic,
          comparisonOperator: "GreaterThanOrEqualToThreshold",
          threshold: 1,
          treatMissingData,
        });
      });

    it("nobody silences by reading the dead-letter queue: something was in it in each hour of a day", () =>
      expect(alarmOf("failed-events-age")).to.deep.include({
        metricName: "ApproximateNumberOfMessagesVisible",
        dimensions: { QueueName: "guardrails-dev-failures" },
        statistic: "Maximum",
        period: 3600,
        evaluationPeriods: 24,
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        threshold: 1,
      }));

    it("take silence for something that is wrong: all of them, or one guardrail's", () => {
      expect(alarmOf("held")).to.deep.include({
        metricName: "Open",
        dimensions: { stack: "dev" },
        statistic: "Maximum",
        period: 20 * 60,
        treatMissingData: "breaching",
      });
      const timers = stack
        .all("aws:cloudwatch/eventRule:EventRule")
        .flatMap(({ inputs }) => /^cron\(\d+\/(\d+) /.exec(inputs.scheduleExpression ?? "")?.[1] ?? []);
      const ticks = timers.reduce((sum, minutes) => sum + 60 / Number(minutes), 0);
      const { statistic, period, comparisonOperator, threshold } = alarmOf("silent");
      expect([statistic, period, comparisonOperator]).to.deep.equal([
        "SampleCount",
        3600,
        "LessThanThreshold",
      ]);
      for (const minutes of timers) expect(ticks - 60 / Number(minutes)).to.be.below(threshold);
      expect(ticks).to.be.at.least(threshold + 2);
    });

    it("take silence for nothing where nothing ticks", async () => {
      const observing = await deploy({
        ...base,
        [on]: { "s3-bucket-encryption": "observe", "security-group-open-ingress": "off" },
      });
      const alarms = observing.all("aws:cloudwatch/metricAlarm:MetricAlarm");
      expect(alarms.map(({ name }) => name)).to.not.include("failures-silent");
      for (const { inputs, name } of alarms) expect(inputs.treatMissingData, name).to.equal("notBreaching");
    });

    it("claim of mails only what SNS counts", () =>
      expect(alarmOf("lost-notices").alarmDescription).to.match(/bounce .* SNS reports nothing/));
  });

  it("has no dashboard, which costs by the month, unless the stack asks for one", async () => {
    const unasked = await deploy({ ...base, [on]: ["vpc-created"] });
    expect(unasked.all("aws:cloudwatch/dashboard:Dashboard")).to.deep.equal([]);
    expect(unasked.outputs).to.not.have.property("dashboardName");

    const asked = await deploy({ ...everything, "aws-event-guardrails:dashboard": "true" });
    const { inputs } = asked.find("aws:cloudwatch/dashboard:Dashboard", "dashboard");
    expect(inputs.dashboardName).to.equal("guardrails-dev-dashboard");
    expect(asked.outputs.dashboardName).to.equal("guardrails-dev-dashboard");
    expect(inputs.dashboardBody).to.include(arnOf("cloudwatch", "alarm:guardrails-dev-held"));
    for (const id of inspecting) expect(inputs.dashboardBody).not.to.include(`"${id}"`);
  });

  it("shows and sends the metrics of each guardrail where the stack asks for them", async () => {
    const asked = await deploy({
      ...everything,
      "aws-event-guardrails:dashboard": "true",
      "aws-event-guardrails:metrics": "guardrail",
    });
    const { dashboardBody } = asked.find("aws:cloudwatch/dashboard:Dashboard", "dashboard").inputs;
    for (const id of inspecting) {
      expect(dashboardBody).to.include(`"${id}"`);
      const files = await archiveOf(asked.find("aws:lambda/function:Function", id));
      expect(JSON.parse(files["config.json"])).to.include({ metrics: "guardrail", recipients: 2 });
    }
    expect(dashboardBody).not.to.include("vpc-created");
  });

  it("keeps ledger and audit lines when the stack goes, and makes them unless told to adopt them", () => {
    for (const kept of [
      stack.find("aws:dynamodb/table:Table", "ledger"),
      stack.find("aws:cloudwatch/logGroup:LogGroup", "audit-log"),
    ])
      expect(kept, kept.name).to.deep.include({ retainOnDelete: true, importId: "" });
    expect(stack.find("aws:dynamodb/table:Table", "ledger").inputs).to.deep.include({
      name: "guardrails-dev-ledger",
      deletionProtectionEnabled: true,
      pointInTimeRecovery: { enabled: true },
    });
  });

  it("gives each index of the ledger a range key, without which a provider sees a difference at each deployment", () => {
    const { globalSecondaryIndexes } = stack.find("aws:dynamodb/table:Table", "ledger").inputs;
    expect(globalSecondaryIndexes).to.have.length(2);
    for (const index of globalSecondaryIndexes as { hashKey: string; rangeKey?: string }[])
      expect(index).to.include({ rangeKey: "sk" });
  });

  it("lets nobody but its functions and operators touch the ledger's items", () => {
    const policy = JSON.parse(
      stack.find("aws:dynamodb/resourcePolicy:ResourcePolicy", "ledger").inputs.policy,
    );
    expect(policy.Statement).to.have.length(1);
    expect(policy.Statement[0]).to.deep.include({
      Effect: "Deny",
      Principal: "*",
      Condition: {
        ArnNotLike: {
          "aws:PrincipalArn": [
            ...inspecting.map(id => `guardrails/guardrails-dev-use1-${id}`),
            "aws-reserved/sso.amazonaws.com/AWSReservedSSO_SecOps_????????????????",
            "aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_SecOps_????????????????",
            "teams/responder",
          ].map(name => `arn:aws:iam::123456789012:role/${name}`),
        },
      },
    });
  });

  it("tags everything that can be tagged with project, stack and guardrail", () => {
    const taggable = /:(Topic|Queue|LogGroup|MetricAlarm|Role|Function|EventRule|Table)$/;
    const tagged = stack.resources.filter(({ type }) => taggable.test(type));
    expect(tagged.length).to.be.greaterThan(12);
    for (const { inputs, name } of tagged)
      expect(inputs.tags, name).to.include({
        "guardrails:project": "aws-event-guardrails",
        "guardrails:stack": "dev",
      });
    for (const id of inspecting)
      expect(stack.find("aws:lambda/function:Function", id).inputs.tags).to.include({
        "guardrails:guardrail": id,
      });
  });

  it("waits for the queue's and the topic's policies before anything can be delivered", () => {
    const { dependencies } = stack.find(
      "aws:cloudwatch/eventTarget:EventTarget",
      "guardrails-dev-vpc-created",
    );
    expect(dependencies).to.include.members(["failures", "notifications"]);
  });

  it("tells the topic, the guardrails with their modes and names, the regions, and to confirm subscriptions", () => {
    expect(stack.outputs.topicArn).to.equal(arnOf("sns", "guardrails-dev-notices"));
    expect(stack.outputs.guardrails).to.deep.include({
      "vpc-created": { mode: "notify", rules: ["guardrails-dev-vpc-created"], function: undefined },
      "s3-bucket-encryption": {
        mode: "enforce",
        rules: ["guardrails-dev-s3-bucket-encryption"],
        function: "guardrails-dev-s3-bucket-encryption",
      },
    });
    expect(stack.outputs.regions).to.deep.equal(["us-east-1"]);
    expect(stack.outputs.reminder).to.match(/hears nothing before/);
  });

  describe("rule patterns", () => {
    const call = (id: string, userIdentity: object, more: object = {}) => {
      const s3 = id === "s3-bucket-encryption";
      return {
        source: s3 ? "aws.s3" : "aws.ec2",
        account: "123456789012",
        "detail-type": "AWS API Call via CloudTrail",
        detail: {
          eventSource: s3 ? "s3.amazonaws.com" : "ec2.amazonaws.com",
          eventName: s3 ? "PutBucketEncryption" : "ModifyNetworkInterfaceAttribute",
          userIdentity,
          ...more,
        },
      };
    };
    const roleArn = (name: string) => `arn:aws:iam::123456789012:role/guardrails/${name}`;
    const role = (arn: string) => ({ type: "AssumedRole", sessionContext: { sessionIssuer: { arn } } });
    const matcher = (id: string) =>
      compile(
        JSON.parse(
          stack.find("aws:cloudwatch/eventRule:EventRule", `guardrails-dev-${id}`).inputs.eventPattern,
        ),
      );

    for (const id of ["s3-bucket-encryption", "ec2-launch-baseline", "security-group-open-ingress"]) {
      it(`of ${id} drop what another account did`, () => {
        const root = call(id, { type: "Root" });
        expect(matcher(id)({ ...root, account: "210987654321" })).to.equal(false);
        expect(matcher(id)(root)).to.equal(true);
      });

      it(`of ${id} drop its own role's calls and failed ones`, () => {
        expect(matcher(id)(call(id, role(roleArn(`guardrails-dev-use1-${id}`))))).to.equal(false);
        expect(matcher(id)(call(id, {}, { errorCode: "Client.UnauthorizedOperation" }))).to.equal(false);
      });
      it(`of ${id} hear root, users, other roles and records without identity`, () => {
        const callers = [
          { type: "Root" },
          { type: "IAMUser", userName: "ada" },
          role(roleArn("guardrails-dev-use1-vpc-created")),
          role("arn:aws:iam::123456789012:role/admin"),
          { type: "AssumedRole", sessionContext: { sessionIssuer: {} } },
        ];
        for (const caller of callers)
          expect(matcher(id)(call(id, caller)), JSON.stringify(caller)).to.equal(true);
      });
    }
  });
});

describe("the program", () => {
  it("enables the default pack in notify when the config names none", async () => {
    const stack = await deploy(base);
    expect(Object.keys(stack.outputs.guardrails as object)).to.deep.equal(["security-group-open-ingress"]);
    expect(stack.outputs.guardrails).to.have.nested.property("security-group-open-ingress.mode", "notify");
  });

  it("makes no dashboard unless it is asked for one", async () => {
    const stack = await deploy(base);
    expect(stack.all("aws:cloudwatch/dashboard:Dashboard")).to.deep.equal([]);
    expect(stack.outputs).not.to.have.property("dashboardName");
  });

  for (const mode of ["observe", "notify"])
    it(`grants no permission to write in mode ${mode}`, async () => {
      const stack = await deploy({
        ...everything,
        [on]: {
          "s3-bucket-encryption": mode,
          "ec2-launch-baseline": mode,
          "security-group-open-ingress": mode,
        },
      });
      for (const id of inspecting)
        expect(
          actionsOf(stack, id).filter(
            action =>
              !/:(Get|List|Describe|Lookup)|^(sns:Publish|sqs:SendMessage|logs:(CreateLogStream|PutLogEvents)|dynamodb:\w+)$/.test(
                action,
              ),
          ),
          id,
        ).to.deep.equal([]);
    });

  it("lets a role's own calls come from its own function only", async () => {
    const ids = ["ec2-launch-baseline", "s3-bucket-encryption", "security-group-open-ingress"];
    const admins = { "aws-event-guardrails:adminSecurityGroupId": "sg-0123456789abcdef0" };
    const enforced = Object.fromEntries(ids.map(id => [id, "enforce"]));
    const stack = await deploy({ ...base, ...admins, [on]: enforced });
    for (const id of ids) {
      const own = arnOf("lambda", `function:guardrails-dev-${id}`);
      const open = policyOf(stack, id).Statement.filter(
        ({ Condition }) => Condition?.ArnEquals?.["lambda:SourceFunctionArn"] !== own,
      );
      // Lambda itself makes these calls with the role, and they carry no such key.
      expect(open.flatMap(({ Action }) => Action)).to.deep.equal([
        ...["sqs:SendMessage", "logs:CreateLogStream", "logs:PutLogEvents"],
      ]);
    }
  });

  it("grants in enforce exactly what is declared as a write, beside what it had", async () => {
    const notify = await deploy({ ...base, [on]: ["s3-bucket-encryption"] });
    const enforce = await deploy({ ...base, [on]: { "s3-bucket-encryption": "enforce" } });
    const added = actionsOf(enforce, "s3-bucket-encryption").filter(
      action => !actionsOf(notify, "s3-bucket-encryption").includes(action),
    );
    expect(added).to.deep.equal(["s3:PutEncryptionConfiguration"]);
  });

  it("adopts the ledger and the audit lines that an earlier stack of its name left behind, when told so", async () => {
    const stack = await deploy({ ...base, "aws-event-guardrails:ledger": "adopt" });
    expect(stack.find("aws:dynamodb/table:Table", "ledger").importId).to.equal("guardrails-dev-ledger");
    expect(stack.find("aws:cloudwatch/logGroup:LogGroup", "audit-log").importId).to.equal("/guardrails/dev");
  });

  it("hands a guardrail the budget of the stack config", async () => {
    const stack = await deploy({ ...base, [on]: { "s3-bucket-encryption": { mode: "enforce", budget: 7 } } });
    const files = await archiveOf(stack.find("aws:lambda/function:Function", "s3-bucket-encryption"));
    expect(JSON.parse(files["config.json"])).to.include({ budget: 7 });
  });

  it("has no alarm on functions where there are none", async () => {
    const stack = await deploy({ ...base, [on]: ["vpc-created"] });
    expect(stack.all("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ name }) => name)).to.have.members(
      ["failed-events", "failed-events-age", "lost-notices"].map(what => `failures-${what}`),
    );
  });

  it("leaves nothing of a guardrail that is off but its name in the ledger's policy", async () => {
    const stack = await deploy({
      ...base,
      [on]: { "security-group-open-ingress": "off", "vpc-created": "notify" },
    });
    expect(
      stack.resources.filter(
        ({ type, inputs = {}, name }) =>
          (type !== "aws:dynamodb/resourcePolicy:ResourcePolicy" &&
            JSON.stringify(inputs).includes("security-group-open-ingress")) ||
          name.includes("security-group"),
      ),
    ).to.deep.equal([]);
    expect(stack.all("aws:lambda/function:Function")).to.deep.equal([]);
  });

  it("bounds every role when the config names a permissions boundary", async () => {
    const boundary = "arn:aws:iam::123456789012:policy/boundary";
    const stack = await deploy({ ...base, "aws-event-guardrails:permissionsBoundary": boundary });
    expect(stack.all("aws:iam/role:Role").map(({ inputs }) => inputs.permissionsBoundary)).to.deep.equal([
      boundary,
    ]);
  });

  it("is the same program twice: the same names, and functions of the same bytes", async () => {
    const one = await deploy(everything);
    forgetBundles();
    const two = await deploy(everything);
    expect(one.resources.map(({ type, name }) => `${type} ${name}`).sort()).to.deep.equal(
      two.resources.map(({ type, name }) => `${type} ${name}`).sort(),
    );
    for (const id of inspecting) {
      const [a, b] = [one, two].map(stack => stack.find("aws:lambda/function:Function", id));
      const files = await archiveOf(a);
      expect(files["index.js"].length).to.be.greaterThan(100_000);
      expect(files).to.deep.equal(await archiveOf(b));
    }
  });
});
