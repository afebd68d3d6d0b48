import type { Filter, SecurityGroup } from "@aws-sdk/client-ec2";
import type { AdminGroup } from "./instances";
import type { AdminSecurityGroup } from "../../definition";

const tagsOf = (setting: AdminSecurityGroup): { [key: string]: string } | undefined =>
  typeof setting === "object" && typeof setting.tag === "object" ? setting.tag : undefined;

/**
 * The ids of which an interface may be expected to have one; none when only a look at the account can tell which
 * they are.
 */
export function allowedGroups(settings: {
  readonly adminSecurityGroupId: AdminSecurityGroup;
  readonly quarantineGroups: readonly string[];
}): string[] {
  const { adminSecurityGroupId: setting, quarantineGroups } = settings;
  if (typeof setting === "string") return [setting, ...quarantineGroups];
  if (tagsOf(setting) !== undefined) return [];
  return [...Object.values(setting as { [vpcId: string]: string }), ...quarantineGroups];
}

/** What DescribeSecurityGroups has to be asked for these VPCs; undefined when the setting says all by itself. */
export function groupFilters(setting: AdminSecurityGroup, vpcIds: readonly string[]): Filter[] | undefined {
  if (typeof setting === "string") return [{ Name: "group-id", Values: [setting] }];
  const tags = tagsOf(setting);
  if (tags === undefined || vpcIds.length === 0) return undefined;
  const filters = Object.entries(tags).map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] }));
  return [{ Name: "vpc-id", Values: [...vpcIds] }, ...filters];
}

/** The condition that keeps a permission to the VPCs that the setting lists; none where it lists none. */
export function vpcCondition(setting: AdminSecurityGroup): { ArnLikeIfExists?: { "ec2:Vpc": string[] } } {
  if (typeof setting === "string" || tagsOf(setting) !== undefined) return {};
  // A shared VPC is another account's.
  return { ArnLikeIfExists: { "ec2:Vpc": Object.keys(setting).map(id => `arn:*:ec2:*:*:vpc/${id}`) } };
}

/** The administrators' group of each VPC, from the setting and the groups that `groupFilters` found. */
export function adminGroupsOf(
  setting: AdminSecurityGroup,
  vpcIds: readonly string[],
  groups: readonly SecurityGroup[],
): Record<string, AdminGroup> {
  return Object.fromEntries(vpcIds.map(vpcId => [vpcId, adminGroupOf(setting, vpcId, groups)]));
}

function adminGroupOf(
  setting: AdminSecurityGroup,
  vpcId: string,
  groups: readonly SecurityGroup[],
): AdminGroup {
  const none = (problem: string): AdminGroup => ({ id: "", problem });
  const tags = tagsOf(setting);
  if (typeof setting === "object" && tags === undefined) {
    const id = (setting as { [vpcId: string]: string })[vpcId];
    return id === undefined ? none(`adminSecurityGroupId names no group for ${vpcId}`) : { id, problem: "" };
  }
  const here = groups.filter(group => group.VpcId === vpcId).flatMap(group => group.GroupId ?? []);
  if (here.length === 1) return { id: here[0], problem: "" };
  if (typeof setting === "string") {
    const home = groups.find(group => group.GroupId === setting)?.VpcId;
    return none(
      `${setting} ${home === undefined ? "does not exist" : `belongs to ${home}, not to ${vpcId}`}`,
    );
  }
  const spelt = Object.entries(tags ?? {}).map(([key, value]) => `${key}=${value}`);
  return none(
    `${here.length === 0 ? "no group" : `more than one group (${[...here].sort().join(", ")})`} of ${vpcId} has the tag ${spelt.join(" and ")}`,
  );
}
