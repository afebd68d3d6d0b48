import { CloudWatchClient, DeleteAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { DisableRuleCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { IAMClient, ListRolePoliciesCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { LambdaClient, UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { dateOf, day } from "../../runtime/exemptions";
import { roleName } from "../../runtime/names";
import { awsError } from "../../sandbox/ground/call";
import { startWorld, type World } from "./support/account";
import { changesOf, countOf, type Ran } from "./support/events";

const guardrail = "security-group-open-ingress";
/** What belongs to one mode: the function's config, its permissions, how often it looks again, and the words. */
const ofMode = [
  `update EventRule guardrails-dev-${guardrail}-tick: scheduleExpression`,
  `update EventRule guardrails-dev-${guardrail}: description`,
  `update Function ${guardrail}: code`,
  "update MetricAlarm failures-silent: threshold",
  `update Role ${guardrail}: description`,
  `update RolePolicy ${guardrail}: policy`,
];
const codeOfAll = ["ec2-launch-baseline", "s3-bucket-encryption", guardrail].map(
  id => `update Function ${id}: code`,
);

// One story of one stack, in this order: each test goes on where the one before it ended.
describe("the life of a stack under Pulumi's CLI", function () {
  this.bail(true);
  let world: World;
  let made = 0;
  before(async () => (world = await startWorld()));
  after(() => world?.stop());

  const run = (...args: Parameters<World["workspace"]["run"]>): Promise<Ran> => world.workspace.run(...args);
  const set = (path: string, value: string) => world.workspace.pulumi("config", "set", "--path", path, value);
  const fine = (ran: Ran): Ran => {
    expect(ran.code, ran.out + ran.err).to.equal(0);
    return ran;
  };
  const unchanged = async (...args: string[]) =>
    expect(countOf(fine(await run("up", "--expect-no-changes", ...args)))).to.have.all.keys("same");

  it("previews everything as new, and warns of what the settings leave open, and of nothing else", async () => {
    const preview = fine(await run("preview"));

    expect(countOf(preview)).to.have.all.keys("create");
    made = preview.steps.length;
    expect(preview.diagnostics.map(({ message }) => message.replace(/[:,].*/s, ""))).to.deep.equal([
      "recipients",
      "ec2-launch-baseline",
    ]);
  });

  it("makes it all at once, and lets nobody else in meanwhile", async () => {
    const up = run("up");
    while (!world.workspace.isLocked()) await new Promise(resolve => setTimeout(resolve, 100));
    const other = await world.workspace.attempt("up", "--yes", "--skip-preview");

    expect(other.code).to.not.equal(0);
    expect(other.err).to.include("the stack is currently locked by 1 lock(s)");
    expect(countOf(fine(await up))).to.deep.equal({ create: made });
    const outputs = JSON.parse(await world.workspace.pulumi("stack", "output", "--json")) as object;
    expect(outputs).to.have.all.keys(
      ...[
        "dashboardName",
        "deadLetterQueueUrl",
        "guardrails",
        "ledgerTable",
        "regions",
        "reminder",
        "topicArn",
      ],
    );
  });

  it("changes nothing when nothing has changed", () => unchanged());

  it("previews another mode as JSON, with the statements that go", async () => {
    await set(`guardrails.${guardrail}`, "notify");

    const { out } = fine(await run("preview", "--diff", "--json"));

    const { changeSummary, steps } = JSON.parse(out) as {
      changeSummary: object;
      steps: { urn: string; oldState?: State; newState?: State }[];
    };
    expect(changeSummary).to.have.property("update", ofMode.length);
    const policy = steps.find(({ urn }) => urn.endsWith(`RolePolicy::${guardrail}`));
    expect(policy?.oldState?.inputs.policy).to.include("ec2:RevokeSecurityGroupIngress");
    expect(policy?.newState?.inputs.policy).to.not.include("ec2:RevokeSecurityGroupIngress");
  });

  it("updates only what is named as a target, and the rest with the next", async () => {
    const exported = await world.workspace.pulumi("stack", "export");
    const urn = /"urn": "([^"]*aws:lambda\/function:Function::security-group-open-ingress)"/.exec(exported);

    const targeted = fine(await run("up", "--target", urn?.[1] ?? ""));
    const rest = fine(await run("up"));

    const code = `update Function ${guardrail}: code`;
    expect(changesOf(targeted)).to.deep.equal([code]);
    expect(changesOf(rest)).to.deep.equal(ofMode.filter(change => change !== code));
  });

  it("makes one subscription for one recipient more, and deletes it again", async () => {
    const subscription = "TopicSubscription notifications-third@example.com";
    await set("recipients[2]", "third@example.com");
    expect(changesOf(fine(await run("up")))).to.deep.equal([`create ${subscription}`, ...codeOfAll]);

    await world.workspace.pulumi("config", "rm", "recipients");
    await world.workspace.pulumi("config", "set", "recipients", "secops@example.com, netops@example.com");
    expect(changesOf(fine(await run("up")))).to.deep.equal([`delete ${subscription}`, ...codeOfAll]);
  });

  it("changes one function for an exemption, nothing for a list that was a text, and says once that it ends", async () => {
    await world.workspace.pulumi("config", "rm", "recipients");
    await set("recipients[0]", "secops@example.com");
    await set("recipients[1]", "netops@example.com");
    const exemption = {
      guardrail: "s3-bucket-encryption",
      resource: "arn:aws:s3:::demo-*",
      reason: "holds nothing but a demo",
      owner: "ada@example.com",
      expires: dateOf(Date.now() + 10 * day),
    };
    for (const [name, value] of Object.entries(exemption)) await set(`exemptions[0].${name}`, value);

    const up = fine(await run("up"));

    expect(changesOf(up)).to.deep.equal(["update Function s3-bucket-encryption: code"]);
    expect(up.diagnostics.filter(({ message }) => message.includes("within 14 days"))).to.have.length(1);
  });

  it("finds what was changed by hand, and puts it back", async () => {
    await world
      .client(CloudWatchClient)
      .send(new DeleteAlarmsCommand({ AlarmNames: ["guardrails-dev-held"] }));
    await world
      .client(EventBridgeClient)
      .send(new DisableRuleCommand({ Name: "guardrails-dev-vpc-created" }));
    await world.client(LambdaClient).send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: "guardrails-dev-ec2-launch-baseline",
        Timeout: 3,
      }),
    );
    const RoleName = roleName({ stack: "dev", home: "us-east-1" }, guardrail);
    const iam = world.client(IAMClient);
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    const all = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
    await iam.send(
      new PutRolePolicyCommand({ RoleName, PolicyName: PolicyNames[0], PolicyDocument: JSON.stringify(all) }),
    );

    const up = fine(await run("up", "--refresh"));

    const back = changesOf(up).filter(change => !change.startsWith("refresh "));
    expect(back).to.deep.equal([
      "create MetricAlarm failures-held",
      "update EventRule guardrails-dev-vpc-created: state",
      "update Function ec2-launch-baseline: timeout",
      `update RolePolicy ${guardrail}: policy`,
    ]);
  });

  it("finds nothing afterwards", async () => {
    const refreshed = fine(await run("refresh", "--expect-no-changes"));

    expect(countOf(refreshed)).to.have.all.keys("refresh");
    await unchanged();
  });

  it("deletes what a guardrail has when it is off, and leaves what others share as it is", async () => {
    await set("guardrails.ec2-launch-baseline.mode", "off");

    const off = fine(await run("up"));

    const deleted = off.steps.filter(({ op }) => op === "delete");
    expect(deleted.map(({ urn }) => urn).filter(urn => !urn.includes("ec2-launch-baseline"))).to.deep.equal(
      [],
    );
    expect(changesOf(off)).to.include("delete Function ec2-launch-baseline");
    expect(changesOf(off).join("\n")).to.not.match(/ResourcePolicy|QueuePolicy/);
  });

  it("goes on after a call that failed where it stopped, with the error once and without a trace", async () => {
    await set("guardrails.ec2-launch-baseline.mode", "enforce");
    world.faults.before = ({ operation }) =>
      operation === "CreateFunction20150331" || operation === "CreateFunction"
        ? awsError("ServiceUnavailable", "a fault of the test", 503)
        : undefined;
    const failed = await run("up");
    world.faults.before = undefined;

    expect(failed.code).to.not.equal(0);
    expect(failed.out)
      .to.include("a fault of the test")
      .and.not.match(/^\s+at /m);
    const next = fine(await run("up"));
    expect(changesOf(next)).to.include("create Function ec2-launch-baseline");
    expect(countOf(next)).to.have.all.keys("create", "same", ...(countOf(next).update ? ["update"] : []));
    expect(next.steps.length).to.equal(made);
  });

  it("would replace the ledger, the audit log and the queue under another stack's name", async () => {
    await world.workspace.pulumi("stack", "rename", "other");
    try {
      const replaced = fine(await run("preview"))
        .steps.filter(({ op }) => op === "replace")
        .map(({ type }) => type.split(":").pop());

      expect(replaced).to.include.members(["Table", "LogGroup", "Queue"]);
    } finally {
      await world.workspace.pulumi("stack", "rename", "dev");
    }
  });

  it("has no function left when all guardrails are off", async () => {
    await set("guardrails.ec2-launch-baseline.mode", "off");
    await set("guardrails.s3-bucket-encryption.mode", "off");
    for (const id of [guardrail, "vpc-created"]) await set(`guardrails.${id}`, "off");

    const off = fine(await run("up"));

    expect(changesOf(off)).to.include.members(
      ["ec2-launch-baseline", "s3-bucket-encryption", guardrail].map(id => `delete Function ${id}`),
    );
    const left = await world.workspace.pulumi("stack", "export");
    expect(left).to.not.match(/"type": "aws:lambda\/|"type": "aws:iam\//);
  });
});

interface State {
  readonly inputs: { readonly policy?: string };
}
