import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
  ModifySecurityGroupRulesCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { expect } from "chai";
import { exhaust, followed, nameOf } from "../faults/trial";
import { type DeployedStack, passInTicks, startStack } from "../support/stack";

const guardrail = "security-group-open-ingress";

describe("whoever opens a security group", function () {
  this.timeout(600_000);
  let stack: DeployedStack;
  let ada: EC2Client;
  before(async () => {
    const others = ["s3-bucket-encryption", "ec2-launch-baseline", "vpc-created"];
    const off = Object.fromEntries(others.map(id => [id, "off"]));
    stack = await startStack({ config: { guardrails: { ...off, [guardrail]: "enforce" } } });
    ada = stack.stage.client(EC2Client, "ada");
  });
  after(() => stack?.stop());

  const newGroup = async (GroupName: string): Promise<string> => {
    const { GroupId = "" } = await ada.send(
      new CreateSecurityGroupCommand({ GroupName, Description: "Of a test" }),
    );
    return GroupId;
  };
  const rulesOf = async (groupId: string) => {
    const Filters = [{ Name: "group-id", Values: [groupId] }];
    const { SecurityGroupRules = [] } = await ada.send(new DescribeSecurityGroupRulesCommand({ Filters }));
    return SecurityGroupRules.filter(({ IsEgress }) => !IsEgress);
  };
  const pass = (minutes: number) => passInTicks(stack, minutes);
  const about = (from: number, id: string) =>
    followed(stack, from, guardrail, {
      id,
      arn: `arn:aws:ec2:us-east-1:123456789012:security-group/${id}`,
    });

  it("is not safe behind rules that are too large to be recorded together: they go part by part", async () => {
    const groupId = await newGroup("fifty-tags");
    const ports = [...Array(20).keys()].map(n => ({ IpProtocol: "tcp", FromPort: 22, ToPort: 22 + n }));
    let seed = 1;
    const noise = (length: number) =>
      Array.from({ length }, () => ((seed = (seed * 48271) % 2147483647) % 36).toString(36)).join("");
    for (const range of ports) {
      const Tags = [...Array(50).keys()].map(() => ({ Key: noise(128), Value: noise(256) }));
      const IpPermissions = [{ ...range, IpRanges: [{ CidrIp: "10.0.0.0/8" }] }];
      const TagSpecifications = [{ ResourceType: "security-group-rule" as const, Tags }];
      await ada.send(
        new AuthorizeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions, TagSpecifications }),
      );
    }
    await pass(5);
    const from = stack.sandbox.journal.happenings.length;
    const SecurityGroupRules = (await rulesOf(groupId)).map(
      ({ SecurityGroupRuleId, IpProtocol, FromPort, ToPort }) => ({
        SecurityGroupRuleId,
        SecurityGroupRule: { IpProtocol, FromPort, ToPort, CidrIpv4: "0.0.0.0/0" },
      }),
    );
    await ada.send(new ModifySecurityGroupRulesCommand({ GroupId: groupId, SecurityGroupRules }));
    await pass(30);

    const { outcomes, mails } = about(from, groupId);
    expect(await rulesOf(groupId)).to.deep.equal([]);
    expect(outcomes.filter(kind => kind === "remediated").length).to.be.within(2, 10);
    expect(mails.some(({ body }) => body.includes("put right part by part at the next ticks"))).to.equal(
      true,
    );
  });

  it("is told of an old open group once a day, with the count, whoever launches with it and how often", async () => {
    const groupId = await newGroup("old-and-open");
    const events = stack.sandbox.gateway.client(EventBridgeClient);
    const rule = { Name: nameOf(guardrail) };
    const launch = (count: number) =>
      ada.send(
        new RunInstancesCommand({
          ...{ ImageId: stack.stage.imageId, InstanceType: "t3.micro", MinCount: count, MaxCount: count },
          SecurityGroupIds: [groupId],
        }),
      );
    // As if it had been opened before anybody listened.
    await events.send(new DisableRuleCommand(rule));
    const ssh = { IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
    await ada.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions: [ssh] }));
    await pass(5);
    await events.send(new EnableRuleCommand(rule));
    const from = stack.sandbox.journal.happenings.length;

    await launch(3);
    await pass(10);
    for (let more = 1; more <= 3; more += 1) {
      await launch(1);
      await pass(60);
    }

    const { mails } = about(from, groupId);
    expect(await rulesOf(groupId)).to.have.length(1);
    expect(mails).to.have.length(stack.stage.recipients.length);
    expect(mails[0].body).to.contain(`Security group ${groupId}, now attached to`);
    expect(mails[0].body).to.contain("It is on 3 interfaces in all.");
  });

  it("makes no appliance of a group with one call before, however many calls were heard since", async () => {
    const groupId = await newGroup("router");
    const launch = new RunInstancesCommand({
      ...{ ImageId: stack.stage.imageId, InstanceType: "t3.micro", MinCount: 1, MaxCount: 1 },
      SecurityGroupIds: [groupId],
    });
    const launched = await ada.send(launch);
    const [{ NetworkInterfaceId = "" } = {}] = launched.Instances?.[0].NetworkInterfaces ?? [];
    await exhaust(stack);
    const from = stack.sandbox.journal.happenings.length;
    const open = (port: number, protocol: string, CidrIp: string) =>
      ada.send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId: groupId,
          IpPermissions: [
            {
              IpProtocol: protocol,
              ...(protocol === "-1" ? {} : { FromPort: port, ToPort: port }),
              IpRanges: [{ CidrIp }],
            },
          ],
        }),
      );
    await ada.send(
      new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, SourceDestCheck: { Value: false } }),
    );
    // A port that is only told makes an attached group worth a look at its interfaces.
    await open(6379, "tcp", "0.0.0.0/0");
    await ada.send(launch);
    await pass(10);
    await open(0, "-1", "0.0.0.0/0");
    await pass(10);

    expect((await rulesOf(groupId)).map(({ IpProtocol }) => IpProtocol)).to.deep.equal(["tcp"]);
    expect(about(from, groupId).outcomes).to.include("remediated");
  });
});
