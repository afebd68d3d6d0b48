import {
  CreateSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import type { Stage } from "../step";

export const nameOf = (stage: Stage, group: string): string => `guardrails-demo-${group}-${stage.nonce}`;

/**
 * A group of the demo, made on first use, so that each step can be played alone. Steps have groups of their own: more
 * than three fixes of one group within an hour open the breaker.
 */
export async function groupId(stage: Stage, group: string): Promise<string> {
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
