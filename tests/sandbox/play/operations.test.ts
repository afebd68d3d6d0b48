import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  type Instance,
  type IpPermission,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { awsError } from "../../../sandbox/ground/call";
import type { Credentials } from "../../../sandbox/iam/identity";
import type { Observed } from "../../../sandbox/play/scenario";
import type { Command } from "../../../operations/permissions";
import { policyText } from "../../../operations/operator-policy";
import { guardrails, guardrailsHere, type Ran } from "../support/operating";
import { addUser, type DeployedStack, setUserPolicy, standing, startStack } from "../support/stack";

const account = "123456789012";
const id = "security-group-open-ingress";
const everywhere = "0.0.0.0/0";

/** Reads and writes of EC2 that a person may have besides; nothing here reaches the stack. */
const nothing = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "iam:GetUser", Resource: "*" }],
};

describe("what operators do on a deployed stack", function () {
  this.timeout(600_000);
  let stack: DeployedStack;
  let olga: Credentials;
  let mallory: Credentials;
  let number = 0;

  const ec2 = () => stack.stage.client(EC2Client, "ada");
  const run = (who: Credentials, ...args: string[]): Promise<Ran> => guardrailsHere(stack, who, ...args);
  /** Olga's policy becomes what the command prints, and nothing else. */
  const grant = async (...commands: Command[]) => {
    const place = { stack: "dev", partition: "aws", account, home: "us-east-1" };
    const printed = policyText(commands, place, undefined, process.stderr, stack.stackFiles);
    await setUserPolicy(stack.sandbox, "olga", JSON.parse(printed) as object);
  };
  const newGroup = async (): Promise<string> => {
    number += 1;
    const input = { GroupName: `operated-${number}`, Description: "Operated" };
    return (await ec2().send(new CreateSecurityGroupCommand(input))).GroupId ?? "";
  };
  const open = async (GroupId: string, ...IpPermissions: IpPermission[]): Promise<Observed> => {
    await ec2().send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
    return stack.stage.settle();
  };
  const tcp = (port: number, ...cidrs: string[]): IpPermission => ({
    IpProtocol: "tcp",
    FromPort: port,
    ToPort: port,
    IpRanges: cidrs.filter(cidr => !cidr.includes(":")).map(CidrIp => ({ CidrIp, Description: "door" })),
    Ipv6Ranges: cidrs.filter(cidr => cidr.includes(":")).map(CidrIpv6 => ({ CidrIpv6 })),
  });
  const rulesOf = async (groupId: string): Promise<string[]> => {
    const Filters = [{ Name: "group-id", Values: [groupId] }];
    const { SecurityGroupRules = [] } = await ec2().send(new DescribeSecurityGroupRulesCommand({ Filters }));
    return SecurityGroupRules.flatMap(({ IsEgress, FromPort, CidrIpv4, CidrIpv6 }) =>
      IsEgress ? [] : [`${FromPort} from ${CidrIpv4 ?? CidrIpv6}`],
    ).sort();
  };
  /** What followed a launch, and the instance's id. */
  const launch = async (): Promise<Observed & { id: string }> => {
    const one = { MinCount: 1, MaxCount: 1 };
    const { Instances: [instance] = [] } = await ec2().send(
      new RunInstancesCommand({ ImageId: stack.stage.imageId, InstanceType: "t3.micro", ...one }),
    );
    const id = instance?.InstanceId ?? "";
    const all = await stack.stage.settle();
    return {
      id,
      outcomes: all.outcomes.filter(({ resource }) => resource?.endsWith(`/${id}`)),
      mails: all.mails.filter(({ body }) => body.includes(id)),
    };
  };
  const instanceOf = async (id: string): Promise<Instance | undefined> => {
    const { Reservations } = await ec2().send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    return Reservations?.[0]?.Instances?.[0];
  };
  const arnOf = (groupId: string) => `arn:aws:ec2:us-east-1:${account}:security-group/${groupId}`;
  const kinds = ({ outcomes }: Observed, guardrail = id) =>
    outcomes.filter(one => one.guardrail === guardrail).map(({ kind }) => kind);
  /** The state of the alarm on the dead-letter queue so many minutes later, without ticks. */
  const alarmAfter = async (minutes: number): Promise<string | undefined> => {
    await standing(stack, () => stack.sandbox.clock.advance(minutes * 60_000));
    await stack.sandbox.idle();
    const AlarmNames = ["guardrails-dev-failed-events"];
    const watch = stack.sandbox.gateway.client(CloudWatchClient);
    return (await watch.send(new DescribeAlarmsCommand({ AlarmNames }))).MetricAlarms?.[0]?.StateValue;
  };
  /** The command in the mail, as a person copies it. */
  const undoIn = ({ mails }: Observed): string[] => {
    const [, action = ""] = /guardrails -- undo (\w+) --stack dev/.exec(mails[0].body) ?? [];
    return ["undo", action];
  };

  /** The words of the command in a text, as a shell reads them. */
  const pastedFrom = (text: string): string[] => {
    const [, line = ""] = /npm run guardrails -- (undo .*)/.exec(text) ?? [];
    return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain);
  };

  before(async () => {
    const operators = ["olga", "otto"].map(name => `arn:aws:iam::${account}:user/${name}`);
    stack = await startStack({ config: { operators } });
    // On a slow machine the timers would ring in the middle of a step, and their sweeps be taken for what it brought.
    stack.sandbox.timers.running = false;
    olga = await addUser(stack.sandbox, "olga", nothing);
    mallory = await addUser(stack.sandbox, "trudy", {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: ["dynamodb:*", "ec2:*"], Resource: "*" }],
    });
  });
  after(() => stack?.stop());

  it("undo restores exactly what was removed, with no more than the printed policy, and it stays", async () => {
    await grant("undo");
    const group = await newGroup();
    await open(group, tcp(443, everywhere));
    const fixed = await open(group, tcp(22, everywhere, "::/0"), tcp(3389, everywhere));
    expect(kinds(fixed)).to.deep.equal(["remediated"]);

    const ran = await guardrails(
      stack,
      olga,
      ...undoIn(fixed),
      "--reason",
      "vendor visit",
      "--for",
      "2h",
      "--yes",
    );
    const after = await stack.stage.settle();

    expect(ran.err.replace(/^\(node[^]*?created\)\n/, "")).to.equal("");
    expect(ran.code).to.equal(0);
    expect(ran.out).to.match(/Taken back, and proven by a fresh read/);
    expect(await rulesOf(group)).to.deep.equal([
      "22 from 0.0.0.0/0",
      "22 from ::/0",
      "3389 from 0.0.0.0/0",
      "443 from 0.0.0.0/0",
    ]);
    expect(kinds(after)).to.deep.equal(["held"]);
    expect(after.mails.map(({ subject }) => subject)).to.deep.equal(
      stack.stage.recipients.map(
        () => `[high] UNDONE: Close administration ports that are open to the world: ${group}`,
      ),
    );
    expect(after.mails[0].body).to.match(/user\/olga has taken back[^]*vendor visit/);
  });

  it("what is new on an undone resource is still fixed, and only that", async () => {
    await grant("undo");
    const group = await newGroup();
    const fixed = await open(group, tcp(22, everywhere));
    await run(olga, ...undoIn(fixed), "--reason", "vendor visit", "--yes");
    await stack.stage.settle();

    const later = await open(group, tcp(3389, everywhere));

    expect(kinds(later)).to.deep.equal(["remediated"]);
    expect(await rulesOf(group)).to.deep.equal(["22 from 0.0.0.0/0"]);
  });

  it("undo works with the guardrail's function gone, and for the newest change of a resource", async () => {
    const group = await newGroup();
    await open(group, tcp(22, everywhere));
    await grant("undo");
    stack.faults.before = call =>
      call.service === "lambda" ? awsError("ServiceException", "down", 500) : undefined;

    const ran = await run(olga, "undo", "--last", arnOf(group), "--reason", "x", "--yes", "--json");
    stack.faults.before = undefined;
    await stack.stage.settle();

    expect(ran.code, ran.err).to.equal(0);
    expect(JSON.parse(ran.out)).to.include({ guardrail: id, resource: arnOf(group) });
    expect(await rulesOf(group)).to.deep.equal(["22 from 0.0.0.0/0"]);
    const again = await run(olga, "undo", "--last", arnOf(group), "--reason", "x", "--yes");
    expect(again).to.include({ code: 1 });
    expect(again.err).to.match(/is undone already/);
  });

  it("undo leaves what others changed beside it as it is", async () => {
    await grant("undo");
    const group = await newGroup();
    const fixed = await open(group, tcp(22, everywhere));
    await open(group, tcp(8080, "10.0.0.0/8"));

    const ran = await run(olga, ...undoIn(fixed), "--reason", "x", "--yes");
    await stack.stage.settle();

    expect(ran.code, ran.err).to.equal(0);
    expect(await rulesOf(group)).to.deep.equal(["22 from 0.0.0.0/0", "8080 from 10.0.0.0/8"]);
  });

  it("undo refuses when the resource has moved on, and says how; --force undoes all the same", async () => {
    await grant("undo");
    const launched = await launch();
    const { id: instance } = launched;
    const Tags = [{ Key: "Name", Value: "somebody else" }];
    await ec2().send(new CreateTagsCommand({ Resources: [instance], Tags }));

    const refused = await run(olga, ...undoIn(launched), "--reason", "x", "--yes");
    expect(refused.code).to.equal(1);
    expect(refused.err).to.match(/has moved on[^]*\+ .*somebody else/);

    const forced = await run(olga, ...undoIn(launched), "--reason", "x", "--yes", "--force");
    await stack.stage.settle();
    expect(forced.code, forced.err).to.equal(0);
    expect((await instanceOf(instance))?.Tags).to.deep.equal(Tags);
  });

  it("nobody who is not an operator forges a hold or undoes, whatever their own policy allows", async () => {
    const group = await newGroup();
    const fixed = await open(group, tcp(22, everywhere));
    const client = stack.sandbox.gateway.client(DynamoDBClient, {}, mallory);
    const forged = new PutItemCommand({
      TableName: "guardrails-dev-ledger",
      Item: {
        pk: { S: `${id}#${arnOf(group)}` },
        sk: { S: "hold#x" },
        v: { N: "1" },
        ends: { N: "9999999999999" },
      },
    });

    const answer = await client.send(forged).then(
      () => "written",
      (error: Error) => error.name,
    );
    const ran = await run(mallory, ...undoIn(fixed), "--reason", "x", "--yes");

    expect(answer).to.equal("AccessDeniedException");
    expect(ran.code).to.equal(1);
    expect(ran.err).to.match(
      /admits its functions and its operators only[^]*pulumi config set --path 'operators\[0\]'/,
    );
    expect(await rulesOf(group)).to.deep.equal([]);
  });

  it("the mail's undo line, pasted where nobody can be asked, shows the change and the whole command, which works", async () => {
    await grant("undo");
    const group = await newGroup();
    const fixed = await open(group, tcp(22, everywhere));

    const pasted = await run(olga, ...pastedFrom(fixed.mails[0].body));
    const whole = await run(olga, ...pastedFrom(pasted.err).map(word => (word === "..." ? "a visit" : word)));
    await stack.stage.settle();

    expect(pasted.code).to.equal(2);
    expect(pasted.out).to.match(/- rules: .*22/);
    expect(pasted.err).to.match(/^--reason is missing, and nobody is there to be asked/);
    expect(whole.code, whole.err).to.equal(0);
    expect(await rulesOf(group)).to.deep.equal(["22 from 0.0.0.0/0"]);
  });

  it("undo tells what is wrong with the action or the ARN before it wants a reason", async () => {
    await grant("undo");

    expect((await run(olga, "undo", "0123456789abcdef0123")).err).to.match(
      /^The ledger of stack dev has no action 0123456789abcdef0123/,
    );
    const wrong = await run(olga, "undo", "--last", "notanarn");
    expect([wrong.code, wrong.err]).to.deep.equal([
      2,
      `--last "notanarn" is not an ARN, such as arn:aws:s3:::name-of-a-bucket: the mail names the resource's.\n`,
    ]);
  });

  it("undo asks, and does nothing where nobody can answer", async () => {
    await grant("undo");
    const group = await newGroup();
    const fixed = await open(group, tcp(22, everywhere));

    const ran = await run(olga, ...undoIn(fixed), "--reason", "x");

    expect(ran.code).to.equal(2);
    expect(ran.out).to.match(/- rules: .*22/);
    expect(ran.err).to.match(/--yes/);
    expect(await rulesOf(group)).to.deep.equal([]);
  });

  it("when the restoring call is refused nothing is held, and the next breach is fixed", async () => {
    await grant("undo");
    const group = await newGroup();
    const fixed = await open(group, tcp(22, everywhere));
    stack.faults.before = call =>
      call.operation === "AuthorizeSecurityGroupIngress" && call.identity.arn.endsWith("/olga")
        ? awsError("UnauthorizedOperation", "no", 403)
        : undefined;

    const ran = await run(olga, ...undoIn(fixed), "--reason", "x", "--yes");
    stack.faults.before = undefined;
    const later = await open(group, tcp(22, everywhere));

    expect(ran.code).to.equal(1);
    expect(ran.err).to.match(/could not be restored[^]*the hold is taken back/);
    expect(kinds(later)).to.deep.equal(["remediated"]);
  });

  it("undo of a launch baseline takes tags and group away again, part by part, and nothing puts them back", async () => {
    await grant("undo");
    const launched = await launch();
    expect(kinds(launched, "ec2-launch-baseline")).to.deep.equal(["remediated"]);

    const ran = await run(olga, ...undoIn(launched), "--reason", "appliance", "--yes");
    const after = await stack.stage.settle();

    expect(ran.code, ran.err).to.equal(0);
    expect(new Set(kinds(after, "ec2-launch-baseline"))).to.deep.equal(new Set(["held"]));
    const now = await instanceOf(launched.id);
    expect(now?.Tags ?? []).to.deep.equal([]);
    expect(now?.NetworkInterfaces?.[0]?.Groups?.map(({ GroupId }) => GroupId)).to.not.include(
      stack.adminGroupId,
    );
  });

  it("pause holds with a notice, and resume fixes what was held, all of it", async () => {
    await grant("pause", "resume");
    const group = await newGroup();
    const paused = await run(olga, "pause", id, "--for", "2h", "--reason", "migration");
    expect(paused.code, paused.err).to.equal(0);
    await stack.stage.settle();

    const first = await open(group, tcp(22, everywhere));
    const second = await open(group, tcp(3389, everywhere));
    expect([...kinds(first), ...kinds(second)]).to.deep.equal(["held", "held"]);
    expect(first.mails[0].body).to.match(/olga has paused this guardrail until .*: migration/);
    expect(first.mails[0].body).to.include(`guardrails -- resume ${id} --stack dev`);
    expect(await rulesOf(group)).to.deep.equal(["22 from 0.0.0.0/0", "3389 from 0.0.0.0/0"]);

    const dry = await run(olga, "resume", id, "--dry-run");
    expect(dry.out).to.match(/Would take up/);
    const resumed = await run(olga, "resume", id, "--json");
    expect(resumed.code, resumed.err).to.equal(0);
    await stack.stage.settle();
    // The second may find the first at work on the group: then it is tried again a minute later.
    await stack.sandbox.clock.advance(90_000);
    await stack.stage.settle();

    const said = JSON.parse(resumed.out) as { lifted: string[]; resumed: string[] };
    expect(said.lifted).to.deep.equal([id]);
    expect(said.resumed).to.have.length(2);
    expect(await rulesOf(group)).to.deep.equal([]);
    const again = await run(olga, "resume", id);
    expect(again.out).to.not.match(/Took up/);
  });

  it("failures says in words what is in the queue and leaves it, and its alarm; redrive ends both, once in effect", async () => {
    await grant("failures", "redrive");
    const group = await newGroup();
    stack.faults.before = call =>
      call.operation === "DescribeSecurityGroupRules" && call.identity.arn.includes(id)
        ? awsError("InternalError", "out of order", 500)
        : undefined;
    // Without ticks, which would take it up again by themselves.
    await standing(stack, async () => {
      await open(group, tcp(22, everywhere));
      await stack.sandbox.clock.advance(20 * 60_000);
      await stack.sandbox.idle();
    });
    stack.faults.before = undefined;
    expect(await rulesOf(group)).to.deep.equal(["22 from 0.0.0.0/0"]);

    const alarmed = await alarmAfter(0);
    const listed = await run(olga, "failures");
    const again = await run(olga, "failures", "--json");
    expect(listed.code, listed.err).to.equal(0);
    expect(listed.out).to.match(
      /gave up after 3 tries \(RetriesExhausted\)[^]*AuthorizeSecurityGroupIngress of .*user\/ada/,
    );
    const { failures: messages } = JSON.parse(again.out) as { failures: { id: string; kind: string }[] };
    expect(messages.map(({ kind }) => kind)).to.deep.equal(["function"]);

    const looked = await alarmAfter(2);
    const redriven = await run(olga, "redrive", "--id", messages[0].id);
    const after = await stack.stage.settle();
    expect(redriven.code, redriven.err + redriven.out).to.equal(0);
    expect(kinds(after)).to.deep.equal(["remediated"]);
    expect(await rulesOf(group)).to.deep.equal([]);
    expect((await run(olga, "failures")).out).to.match(/is empty/);
    expect([alarmed, looked, await alarmAfter(5)]).to.deep.equal(["ALARM", "ALARM", "OK"]);
  });

  it("a step's operator undoes whatever time it is in the account", async () => {
    await stack.sandbox.clock.advance(3_600_000);
    const group = await newGroup();
    await open(group, tcp(22, everywhere));
    await stack.stage.settle();

    const arn = `arn:aws:ec2:us-east-1:${account}:security-group/${group}`;
    const said = await stack.stage.operate("undo", "--last", arn, "--reason", "demo", "--yes");

    expect(said.code, said.text).to.equal(0);
    await stack.stage.settle();
    expect(await rulesOf(group)).to.deep.equal(["22 from 0.0.0.0/0"]);
  });

  it("redrive believes no message: only this stack's functions and topic are reached", async () => {
    await grant("redrive");
    const sqs = stack.sandbox.gateway.client(SQSClient);
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: "guardrails-dev-failures" }));
    const forged = (TARGET_ARN: string, body: object) =>
      new SendMessageCommand({
        QueueUrl,
        MessageBody: JSON.stringify(body),
        MessageAttributes: Object.fromEntries(
          Object.entries({ RULE_ARN: "arn:aws:events:us-east-1:123456789012:rule/x", TARGET_ARN }).map(
            ([name, StringValue]) => [name, { DataType: "String", StringValue }],
          ),
        ),
      });
    await sqs.send(forged(`arn:aws:lambda:us-east-1:${account}:function:payroll`, { id: "1" }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "no \u001b[31mJSON\nat all" }));
    await sqs.send(
      forged(`arn:aws:sns:us-east-1:${account}:guardrails-dev-notices`, {
        id: "2",
        source: "aws.ec2",
        "detail-type": "AWS API Call via CloudTrail",
        account,
        time: "2026-11-20T10:00:00Z",
        region: "us-east-1",
        detail: {
          eventSource: "ec2.amazonaws.com",
          eventName: "CreateVpc",
          responseElements: { vpc: { vpcId: "vpc-1", cidrBlock: "10.9.0.0/16" } },
        },
      }),
    );

    const ran = await run(olga, "redrive", "--all");
    const nothing = await stack.stage.settle();
    const [, vpc = ""] = /^(\S+) .*\n.*guardrails-dev-notices/m.exec(ran.out) ?? [];
    const believed = await run(olga, "redrive", "--id", vpc, "--unconfirmed");
    const after = await stack.stage.settle();

    expect(ran.code).to.equal(1);
    expect(ran.out).to.match(/payroll is no guardrail of this stack: it stays in the queue/);
    expect(ran.out).to.match(/as it is: no  ?\[31mJSON at all/);
    expect(ran.out).to.match(/CloudTrail has no such call \(record 2 in us-east-1\)/);
    expect(nothing.mails).to.deep.equal([]);
    expect(believed.code, believed.out).to.equal(0);
    expect(after.mails[0].body).to.include("A VPC was created: vpc-1 with addresses 10.9.0.0/16");
    expect(after.outcomes).to.deep.equal([]);
  });
});
