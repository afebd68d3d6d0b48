import {
  AuthorizeSecurityGroupIngressCommand,
  type EC2Client,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import { unlessAbsent } from "./absent";
import { type IngressRule, permissionOf } from "./ingress-rules";
import { rulesIn } from "./ingress-reads";

/** Removes exactly these rules of a group; one that somebody else removed meanwhile is no error. */
export async function revokeRules(
  ec2: EC2Client,
  groupId: string,
  rules: readonly IngressRule[],
): Promise<void> {
  const ruleIds = rules.map(rule => rule.ruleId);
  const gone = { "InvalidSecurityGroupRuleId.NotFound": true, "InvalidPermission.NotFound": true };
  const isSomeGone = await unlessAbsent(gone, async () => {
    await revoke(ec2, groupId, ruleIds);
    return false;
  });
  if (!isSomeGone) return;
  // A single rule that is not there refuses the whole call: the others are still to be removed.
  const now = (await rulesIn(ec2, [groupId])).map(rule => rule.SecurityGroupRuleId);
  const left = ruleIds.filter(id => now.includes(id));
  if (left.length > 0) await revoke(ec2, groupId, left);
}

async function revoke(ec2: EC2Client, GroupId: string, SecurityGroupRuleIds: string[]): Promise<void> {
  await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, SecurityGroupRuleIds }));
}

/**
 * Makes rules again, with description and tags; EC2 gives them new ids. One that is there already is no error. Each in
 * a call of its own, because tags belong to all rules of a call.
 */
export async function admitRules(
  ec2: EC2Client,
  groupId: string,
  rules: readonly IngressRule[],
): Promise<void> {
  for (const rule of rules)
    await unlessAbsent({ "InvalidPermission.Duplicate": undefined }, () => admit(ec2, groupId, rule));
}

async function admit(ec2: EC2Client, GroupId: string, rule: IngressRule): Promise<void> {
  const Tags = Object.entries(rule.tags)
    .filter(([key]) => !key.startsWith("aws:"))
    .map(([Key, Value]) => ({ Key, Value }));
  const tagged = Tags.length > 0 && {
    TagSpecifications: [{ ResourceType: "security-group-rule" as const, Tags }],
  };
  const IpPermissions = [permissionOf(rule)];
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions, ...tagged }));
}
