import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  EC2Client,
  paginateDescribeSecurityGroupRules,
} from "@aws-sdk/client-ec2";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import type { Call } from "../../../sandbox/ground/call";
import { nameOf } from "../faults/trial";
import { type DeployedStack, passInTicks, startStack } from "../support/stack";

const guardrail = "security-group-open-ingress";
const minute = 60_000;

describe("whoever opens more than may be closed at once", function () {
  this.timeout(900_000);
  let stack: DeployedStack;
  let ada: EC2Client;
  let from = 0;
  beforeEach(async () => {
    const others = ["s3-bucket-encryption", "ec2-launch-baseline", "vpc-created"];
    const off = Object.fromEntries(others.map(id => [id, "off"]));
    stack = await startStack({ config: { guardrails: { ...off, [guardrail]: "enforce" } } });
    ada = stack.stage.client(EC2Client, "ada");
    // The first sweep belongs to the stack's first ticks, whatever is opened.
    await pass(10);
    from = stack.sandbox.journal.happenings.length;
  });
  afterEach(() => stack?.stop());

  const newGroup = async (GroupName: string): Promise<string> => {
    const { GroupId = "" } = await ada.send(
      new CreateSecurityGroupCommand({ GroupName, Description: "Of a test" }),
    );
    return GroupId;
  };
  const open = (GroupId: string, FromPort: number, ToPort: number) =>
    ada.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId,
        IpPermissions: [{ IpProtocol: "tcp", FromPort, ToPort, IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
      }),
    );
  /** How many rules are open, of any group. */
  const openRules = async (): Promise<number> => {
    let count = 0;
    for await (const { SecurityGroupRules = [] } of paginateDescribeSecurityGroupRules({ client: ada }, {}))
      count += SecurityGroupRules.filter(
        ({ IsEgress, CidrIpv4 }) => IsEgress !== true && CidrIpv4 === "0.0.0.0/0",
      ).length;
    return count;
  };
  const pass = (minutes: number) => passInTicks(stack, minutes);
  const heldAlarm = async (): Promise<string | undefined> => {
    const AlarmNames = ["guardrails-dev-held"];
    const watch = stack.sandbox.gateway.client(CloudWatchClient);
    return (await watch.send(new DescribeAlarmsCommand({ AlarmNames }))).MetricAlarms?.[0]?.StateValue;
  };
  const mails = () => {
    const all = stack.sandbox.journal.happenings.slice(from);
    const [first] = stack.stage.recipients;
    return all.flatMap(one => (one.kind === "mail" && one.to === first ? [one] : []));
  };

  it("with fifty rules on one group in fifty calls finds all of them closed a quarter of an hour later", async () => {
    const group = await newGroup("fifty-rules");
    for (let n = 0; n < 50; n += 1) await open(group, 22 - (n % 10), 22 + n);
    await pass(15);

    expect(await openRules()).to.equal(0);
    await pass(25);
    expect(await heldAlarm()).to.equal("OK");
  });

  it("with sixty groups in sixty calls finds all of them closed within three hours", async () => {
    for (let n = 0; n < 60; n += 1) await open(await newGroup(`group-${n}`), 22, 22);
    await pass(10);
    const left = await openRules();
    const alarm = await heldAlarm();
    await pass(170);

    expect(left, "a principal's half of the budget").to.equal(60 - 25);
    expect(alarm).to.equal("ALARM");
    expect(await openRules()).to.equal(0);
    await pass(25);
    expect(await heldAlarm()).to.equal("OK");
  });

  it("and opens again whatever is closed is told every hour, with the alarm on", async () => {
    const group = await newGroup("again-and-again");
    let closed = 0;
    stack.faults.after = (call: Call) => {
      const isOurs = call.identity.role?.session === nameOf(guardrail);
      if (isOurs && call.operation === "RevokeSecurityGroupIngress") {
        closed += 1;
        setImmediate(() => void open(group, 22, 22).catch(() => undefined));
      }
      return undefined;
    };
    await open(group, 22, 22);
    // Three times at once, then after five minutes and after half an hour more: from here on it is waited for hours.
    await pass(50);
    const start = stack.sandbox.clock.now();
    for (let hours = 1; hours <= 4; hours += 1) {
      await pass(60);
      expect(await heldAlarm(), `${hours} hours later`).to.equal("ALARM");
    }
    const heard = mails().flatMap(({ at, body }) => (at > start && body.includes(group) ? [at] : []));
    const gaps = [start, ...heard, stack.sandbox.clock.now()].map((at, n, all) => at - (all[n - 1] ?? at));

    expect(closed, "six times a day at most").to.be.at.most(6);
    expect(await openRules()).to.equal(1);
    expect(Math.max(...gaps), "an hour, and the tick after it").to.be.at.most(70 * minute);
  });
});
