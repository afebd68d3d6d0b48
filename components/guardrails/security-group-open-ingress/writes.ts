import {
  AuthorizeSecurityGroupIngressCommand,
  type EC2Client,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import { unlessAbsent } from "../../../runtime/aws/absent";
import { type IngressRule, permissionOf } from "./rules";
import { rulesIn } from "./reads";

/** Removes exactly these rules of a group; one that somebody else removed meanwhile is no error. */
export async function revokeRules(
  ec2: EC2Client,
  groupId: string,
  rules: readonly { readonly ruleId: string }[],
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

/** What a group has no more: rules that are made again get new ids, so they are told by the old ones. */
export function rulesLost(
  before: { readonly rules: readonly IngressRule[] },
  after: { readonly rules: readonly IngressRule[] },
): IngressRule[] {
  const kept = after.rules.map(({ ruleId }) => ruleId);
  return before.rules.filter(({ ruleId }) => !kept.includes(ruleId));
}

/** Rules with the same tags: EC2 gives the tags of a call to all its rules. */
export function byTags(rules: readonly IngressRule[]): IngressRule[][] {
  const groups: Record<string, IngressRule[]> = {};
  for (const rule of rules) {
    const key = JSON.stringify(Object.entries(rule.tags).sort());
    groups[key] = [...(groups[key] ?? []), rule];
  }
  return Object.values(groups);
}

/**
 * Makes rules again, with description and tags; EC2 gives them new ids. Those with the same tags in one call, as they
 * once came; a rule that is there already refuses the call for all, and then each is tried alone.
 */
export async function admitRules(
  ec2: EC2Client,
  groupId: string,
  rules: readonly IngressRule[],
): Promise<void> {
  for (const same of byTags(rules)) {
    const duplicate = { "InvalidPermission.Duplicate": true };
    const isRefused = await unlessAbsent(duplicate, async () => {
      await admit(ec2, groupId, same);
      return false;
    });
    if (!isRefused || same.length === 1) continue;
    for (const rule of same)
      await unlessAbsent({ "InvalidPermission.Duplicate": undefined }, () => admit(ec2, groupId, [rule]));
  }
}

async function admit(ec2: EC2Client, GroupId: string, rules: readonly IngressRule[]): Promise<void> {
  const Tags = Object.entries(rules[0].tags)
    .filter(([key]) => !key.startsWith("aws:"))
    .map(([Key, Value]) => ({ Key, Value }));
  const tagged = Tags.length > 0 && {
    TagSpecifications: [{ ResourceType: "security-group-rule" as const, Tags }],
  };
  const IpPermissions = rules.map(permissionOf);
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions, ...tagged }));
}
