import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  ModifySecurityGroupRulesCommand,
} from "@aws-sdk/client-ec2";
import {
  always,
  broken,
  compare,
  type Difference,
  lacks,
  type Need,
  type Playing,
  refusalOf,
  type Step,
} from "../../step";
import { groupId, guarded, nameOf, rulesOf, sshOpen } from "./groups";
import { safetySteps } from "./safety";
import { unaskedSteps } from "./unasked";

const everywhere = "0.0.0.0/0";
const tcp = (port: number) => ({ IpProtocol: "tcp", FromPort: port, ToPort: port });

/** @param open what Ada opened, which is gone where the guardrail closes it */
const remains =
  (stage: Playing, group: string, kept: string[], open: string[] = []) =>
  async (): Promise<Difference[]> => {
    const wanted = stage.mode === "enforce" ? kept : [...kept, ...open];
    return compare("the group's rules", wanted.sort(), await rulesOf(stage, group));
  };

const opened = (
  name: string,
  title: string,
  play: Step["play"],
  { needs = [], after }: { needs?: readonly Need[]; after?: string } = {},
): Step => ({
  name,
  title,
  chapter: "breach",
  expected: broken(),
  needs: [guarded, ...needs],
  ...(after !== undefined && { after }),
  play,
});

/** Rules that stay: Ada opens HTTPS beside SSH, and the office may use SSH. */
const kept = "443 from 0.0.0.0/0";
const office = "22 from 10.0.0.0/8";

export const steps: readonly Step[] = [
  opened(
    "ssh-opened-permissions",
    "Ada opens SSH and HTTPS to the world, as a list of permissions",
    async stage => {
      const open = { IpRanges: [{ CidrIp: everywhere }] };
      await stage.client(EC2Client, "ada").send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId: await groupId(stage, "permissions"),
          IpPermissions: [
            { ...tcp(22), ...open, Ipv6Ranges: [{ CidrIpv6: "::/0" }] },
            { ...tcp(443), ...open },
          ],
        }),
      );
      return remains(stage, "permissions", [kept], [sshOpen, "22 from ::/0"]);
    },
    { needs: [lacks("ports", 443), lacks("tellPorts", 443)] },
  ),
  opened("ssh-opened-flat", "Ada opens SSH to the world, with the plain parameters", async stage => {
    await stage.client(EC2Client, "ada").send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: await groupId(stage, "flat"),
        ...tcp(22),
        CidrIp: everywhere,
      }),
    );
    return remains(stage, "flat", [], [sshOpen]);
  }),
  opened("ssh-opened-by-name", "Ada opens SSH to the world, naming the group by its name", async stage => {
    await groupId(stage, "named");
    await stage.client(EC2Client, "ada").send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupName: nameOf(stage, "named"),
        IpPermissions: [{ ...tcp(22), IpRanges: [{ CidrIp: everywhere }] }],
      }),
    );
    return remains(stage, "named", [], [sshOpen]);
  }),
  {
    name: "ssh-from-office",
    title: "Ada lets the office use SSH: a compliant change",
    chapter: "breach",
    expected: always({ outcomes: ["compliant"], notices: 0 }),
    play: async stage => {
      await stage.client(EC2Client, "ada").send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId: await groupId(stage, "office"),
          ...tcp(22),
          CidrIp: "10.0.0.0/8",
        }),
      );
      return remains(stage, "office", [office]);
    },
  },
  opened(
    "ssh-rule-widened",
    "Ada widens the office's rule to the world",
    async stage => {
      const ec2 = stage.client(EC2Client, "ada");
      const GroupId = await groupId(stage, "office");
      const { SecurityGroupRules = [] } = await ec2.send(
        new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: "group-id", Values: [GroupId] }] }),
      );
      const rule = SecurityGroupRules.find(({ CidrIpv4 }) => CidrIpv4 === "10.0.0.0/8");
      await ec2.send(
        new ModifySecurityGroupRulesCommand({
          GroupId,
          SecurityGroupRules: [
            {
              SecurityGroupRuleId: rule?.SecurityGroupRuleId,
              SecurityGroupRule: { ...tcp(22), CidrIpv4: everywhere },
            },
          ],
        }),
      );
      return remains(stage, "office", [], [sshOpen]);
    },
    { after: "ssh-from-office" },
  ),
  {
    name: "denied-call",
    title: "Eve tries to open SSH to the world, and may not",
    chapter: "refused call",
    expected: always({ outcomes: [], notices: 0 }),
    play: async stage => {
      const GroupId = await groupId(stage, "denied");
      const before = await rulesOf(stage, "denied");
      const call = stage
        .client(EC2Client, "eve")
        .send(new AuthorizeSecurityGroupIngressCommand({ GroupId, ...tcp(22), CidrIp: everywhere }));
      const refusal = await refusalOf(call);
      return async () => [
        ...compare("the refusal", "UnauthorizedOperation", refusal),
        ...(await remains(stage, "denied", before)()),
      ];
    },
  },
  {
    name: "dry-run",
    title: "Ada asks whether she could open SSH to the world",
    chapter: "refused call",
    expected: always({ outcomes: [], notices: 0 }),
    play: async stage => {
      const GroupId = await groupId(stage, "dry-run");
      const before = await rulesOf(stage, "dry-run");
      const call = stage
        .client(EC2Client, "ada")
        .send(
          new AuthorizeSecurityGroupIngressCommand({ GroupId, ...tcp(22), CidrIp: everywhere, DryRun: true }),
        );
      const refusal = await refusalOf(call);
      return async () => [
        ...compare("the answer", "DryRunOperation", refusal),
        ...(await remains(stage, "dry-run", before)()),
      ];
    },
  },
  ...safetySteps,
  ...unaskedSteps,
];
