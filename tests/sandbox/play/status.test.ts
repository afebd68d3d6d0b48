import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { ListSubscriptionsByTopicCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { PurgeQueueCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { alarmsOf } from "../../../components/shared/alarms";
import { policyText } from "../../../operations/operator-policy";
import type { Credentials } from "../../../sandbox/iam/identity";
import { project } from "../../../sandbox/sandbox";
import { guardrailsHere, type Ran } from "../support/operating";
import { addUser, type DeployedStack, passInTicks, standing, startStack } from "../support/stack";

const account = "123456789012";
const id = "security-group-open-ingress";
const recipients = ["secops@example.com", "netops@example.com"];
const place = { stack: "dev", partition: "aws", account, home: "us-east-1" };

interface Said {
  readonly needs: readonly { readonly what: string; readonly command?: string }[];
  readonly guardrails: readonly { readonly id: string; readonly mode: string }[];
  readonly memories: readonly { readonly guardrail: string; readonly open: readonly object[] }[];
}

describe("guardrails status, on a deployed stack", function () {
  this.timeout(600_000);
  let stack: DeployedStack;
  let olga: Credentials;
  let folder: string;
  /** A few minutes after the deployment, and when a first tick is overdue. */
  const early: Ran[] = [];

  const root: DeployedStack["sandbox"]["gateway"]["client"] = Client => stack.sandbox.gateway.client(Client);
  const status = (...args: string[]): Promise<Ran> => guardrailsHere(stack, olga, "status", ...args);
  const needs = async (): Promise<Said["needs"]> => {
    const { out, err, code } = await status("--json");
    const said = (JSON.parse(out) as Said).needs;
    expect(code, err).to.equal(said.length === 0 ? 0 : 3);
    return said;
  };
  const topic = `arn:aws:sns:us-east-1:${account}:guardrails-dev-notices`;

  before(async () => {
    const operators = ["olga", "otto"].map(name => `arn:aws:iam::${account}:user/${name}`);
    stack = await startStack({ config: { operators, recipients } });
    // Whoever looks has what the printed policy gives, and nothing else.
    olga = await addUser(
      stack.sandbox,
      "olga",
      JSON.parse(policyText(["status"], place, undefined, process.stderr)) as object,
    );
    folder = mkdtempSync(join(tmpdir(), "stack-file-"));
    const lines = [
      "config:",
      "  aws:region: us-east-1",
      `  ${project}:recipients: [${recipients.join(", ")}]`,
    ];
    writeFileSync(join(folder, "Pulumi.dev.yaml"), [...lines, ""].join("\n"));
    stack.stackFiles = folder;
    for (const minutes of [3, 20]) {
      await standing(stack, () => stack.sandbox.clock.advance(minutes * 60_000));
      await stack.sandbox.idle();
      early.push(await status());
    }
    await passInTicks(stack, 25);
  });
  after(async () => {
    if (folder) rmSync(folder, { recursive: true });
    await stack?.stop();
  });

  it("says of a new stack that its alarm held sounds until the first tick, unless that is overdue", () => {
    const [soon, late] = early;

    expect(soon.code, soon.err + soon.out).to.equal(0);
    expect(soon.out).to.match(
      /^Alarms: .*, held sounds\nThe alarm held sounds until it knows of the first tick, due by \S+Z\n\nNothing needs you\.\n$/m,
    );
    expect(late.code, late.err).to.equal(3);
    expect(late.out).to.not.include("the first tick");
    expect(late.out).to.match(/^- The alarm guardrails-dev-held sounds since /m);
  });

  it("says of a stack in which nothing is wrong what is on, in 80 columns, and ends with 0", async () => {
    const ran = await status();

    expect(ran.code, ran.err + ran.out).to.equal(0);
    expect(ran.out).to.match(/^Stack dev, account 123456789012, region us-east-1, at \S+Z$/m);
    expect(ran.out).to.match(/^guardrail +mode +open +baseline +last sweep$/m);
    expect(ran.out).to.match(/^security-group-open-ingress +enforce +0 +0 +\d{4}-\d\d-\d\dT\d\d:\d\dZ$/m);
    expect(ran.out).to.match(/^vpc-created +notify +- +- +-$/m);
    expect(ran.out).to.match(/^Mails go to 2 of 2 recipients; 0 pending, 0 missing$/m);
    expect(ran.out).to.match(/^Failed events in the queue: 0$/m);
    expect(ran.out).to.match(/^Alarms: (\d+) of \1 OK$/m);
    expect(ran.out).to.match(/\nNothing needs you\.\n$/);
    expect(Math.max(...ran.out.split("\n").map(line => line.length))).to.be.at.most(80);
  });

  it("is one JSON object under --json, with each guardrail's mode", async () => {
    const { out } = await status("--json");

    expect(out.trim().split("\n")).to.have.length(1);
    expect((JSON.parse(out) as Said).guardrails.find(one => one.id === id)).to.deep.include({
      mode: "enforce",
      missing: [],
      disabled: [],
    });
  });

  it("shows a pause with who, how long and why; what it holds needs somebody", async () => {
    await stack.stage.operate("pause", "--all", "--for", "2h", "--reason", "migration");
    await stack.stage.settle();
    const paused = await status();

    const ec2 = stack.stage.client(EC2Client, "ada");
    const { GroupId } = await ec2.send(
      new CreateSecurityGroupCommand({ GroupName: "held", Description: "Held" }),
    );
    const ssh = { IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [ssh] }));
    await stack.stage.settle();
    const held = await status();
    await stack.stage.operate("resume", "--all");
    await stack.stage.settle();
    await passInTicks(stack, 25);

    expect(paused.code, paused.err).to.equal(0);
    expect(paused.out.replace(/\s+/g, " ")).to.match(
      / Paused: every guardrail until \S+Z by arn:aws:iam::\d+:user\/otto: migration /,
    );
    expect(held.code, held.err).to.equal(3);
    expect(held.out).to.match(/^security-group-open-ingress +enforce +1 /m);
    expect(held.out).to.include(`security-group/${GroupId}\n    held since `);
    expect(held.out).to.match(
      /^- security-group-open-ingress has found 1 that is still wrong[^]*paused until[^]*\n {2}npm run guardrails -- resume --all --stack dev$/m,
    );
    expect(await needs()).to.deep.equal([]);
  });

  it("tells of failed events with the command that reads them, once and not by their alarm as well", async () => {
    const sqs = root(SQSClient);
    const QueueUrl = `${stack.sandbox.url}/${account}/guardrails-dev-failures`;
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "an event that nobody understands" }));
    await passInTicks(stack, 5);

    const told = await needs();
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    await passInTicks(stack, 10);

    expect(told.map(({ command }) => command)).to.deep.equal(["npm run guardrails -- failures --stack dev"]);
    expect(await needs()).to.deep.equal([]);
  });

  it("tells of a rule that is switched off, with the command that switches it on", async () => {
    const rule = { Name: `guardrails-dev-${id}` };
    await root(EventBridgeClient).send(new DisableRuleCommand(rule));
    const told = await needs();
    await root(EventBridgeClient).send(new EnableRuleCommand(rule));

    expect(told.map(({ command }) => command)).to.deep.equal([
      `aws events enable-rule --name guardrails-dev-${id} --region us-east-1`,
    ]);
  });

  it("tells of an alarm that nothing else explains, in the words of the alarm, on one line", async () => {
    await standing(stack, () => stack.sandbox.clock.advance(45 * 60_000));
    await stack.sandbox.idle();
    const { code, out, err } = await status();
    await passInTicks(stack, 25);

    expect(code, err).to.equal(3);
    const [, sounding] = /^Alarms: \d+ of \d+ OK, ([a-z-]+) sounds/m.exec(out) ?? [];
    const words = alarmsOf({ stack: "dev", functions: 1, ticksAnHour: 1 }).find(
      ({ what }) => what === sounding,
    );
    expect(out).to.match(new RegExp(`^- The alarm guardrails-dev-${sounding} sounds since \\S+Z: .+$`, "m"));
    expect(out).to.include(`: ${words?.description}\n`);
  });

  it("tells of a recipient that is pending or gone, by address, and that SNS deletes what nobody confirms", async () => {
    const sns = root(SNSClient);
    // SNS suspends who gets too many mails: the subscription is pending again.
    const flood = Array.from({ length: 30 }, () =>
      sns.send(new PublishCommand({ TopicArn: topic, Message: "x" })),
    );
    await Promise.all(flood);
    await stack.sandbox.idle();
    const pending = await needs();
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic }));

    expect(Subscriptions.map(({ SubscriptionArn }) => SubscriptionArn)).to.include("PendingConfirmation");
    for (const recipient of recipients)
      expect(pending.find(({ what }) => what.startsWith(recipient))).to.deep.equal({
        what: `${recipient} hears nothing before it has followed the link in SNS's mail (look in the spam folder too). SNS deletes the subscription after 48 hours; then this sends another link.`,
        command: "pulumi up --refresh --stack dev",
      });

    await standing(stack, () => stack.sandbox.clock.advance(49 * 3600_000));
    await stack.sandbox.idle();
    const gone = await needs();
    for (const recipient of recipients)
      expect(gone.find(({ what }) => what.startsWith(recipient))?.what).to.match(
        /is named .* not subscribed/,
      );
  });

  it("says in a sentence that the region has no such stack", async () => {
    // Of another region the printed policy allows nothing.
    const { bootstrap } = stack.sandbox.gateway;
    const { code, out, err } = await guardrailsHere(stack, bootstrap, "status", "--region", "eu-west-1");

    expect([code, out]).to.deep.equal([1, ""]);
    expect(err).to.match(/^Stack dev is not in account 123456789012, region eu-west-1, .*\n$/);
  });

  it("says to an operator, who may look at this stack alone, that another is perhaps not there", async () => {
    const { code, out, err } = await status("--region", "eu-west-1");

    expect([code, out]).to.deep.equal([1, ""]);
    expect(err).to.match(
      /^AWS refused a call: .*sqs:GetQueueUrl.*\nEither stack dev is not in account 123456789012, region eu-west-1 .*--policy.*\n$/,
    );
  });
});
