import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { compare, type Difference, type Early, has, type Stage } from "../../step";

export const guardrail = "security-group-open-ingress";
export const sshOpen = "22 from 0.0.0.0/0";
export const guarded = has("ports", 22);

export const nameOf = (stage: Early, group: string): string => `guardrails-demo-${group}-${stage.nonce}`;

/**
 * A group of the demo, made on first use, so that each step can be played alone. Steps have groups of their own: more
 * than three fixes of one group within an hour open the breaker.
 */
export async function groupId(stage: Early, group: string): Promise<string> {
  const ec2 = stage.client(EC2Client, "ada");
  const GroupName = nameOf(stage, group);
  const { SecurityGroups = [] } = await ec2.send(
    new DescribeSecurityGroupsCommand({ Filters: [{ Name: "group-name", Values: [GroupName] }] }),
  );
  if (SecurityGroups[0]?.GroupId !== undefined) return SecurityGroups[0].GroupId;
  const { GroupId = "" } = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName, Description: "Guardrails demo" }),
  );
  return GroupId;
}

/** "22 from 0.0.0.0/0", one for each ingress rule, sorted. */
export async function rulesOf(stage: Stage, group: string): Promise<string[]> {
  const Filters = [{ Name: "group-id", Values: [await groupId(stage, group)] }];
  const { SecurityGroupRules = [] } = await stage
    .client(EC2Client, "ada")
    .send(new DescribeSecurityGroupRulesCommand({ Filters }));
  return SecurityGroupRules.flatMap(({ IsEgress, FromPort, CidrIpv4, CidrIpv6 }) =>
    IsEgress ? [] : [`${FromPort} from ${CidrIpv4 ?? CidrIpv6}`],
  ).sort();
}

/** Opens SSH to the world; returns the group's id. */
export async function open(stage: Early, group: string): Promise<string> {
  const GroupId = await groupId(stage, group);
  await stage.client(EC2Client, "ada").send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId,
      IpProtocol: "tcp",
      FromPort: 22,
      ToPort: 22,
      CidrIp: "0.0.0.0/0",
    }),
  );
  return GroupId;
}

export const ends = (stage: Stage, group: string, rules: string[]) => async (): Promise<Difference[]> =>
  compare("the group's rules", rules, await rulesOf(stage, group));
