import {
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type ManagedPrefixList,
  type SecurityGroupRule,
} from "@aws-sdk/client-ec2";
import type { Account } from "../../state/account";
import { awsError, type Call, type Exchange, type Handler, type Handlers } from "../../ground/call";
import { canonicalCidr } from "../../iam/cidr";
import { checkRuleLimit, sourceOf } from "./limits";
import { madeElsewhere } from "./made-elsewhere";
import {
  duplicate,
  keyOf,
  keyOfRule,
  normalised,
  permissionsOf,
  protocolOf,
  split,
  withUnsetPorts,
  type Asked,
} from "./permissions";
import { prefixLists } from "./prefix-lists";

/** Rules of security groups: several at once or none, normalised, and answered in full. */
export function ruleHandlers(account: Account): Handlers {
  return {
    AuthorizeSecurityGroupIngress: authorize(account, false),
    AuthorizeSecurityGroupEgress: authorize(account, true),
    RevokeSecurityGroupIngress: revoke(account, false),
    RevokeSecurityGroupEgress: revoke(account, true),
    ModifySecurityGroupRules: modify(account),
    DescribeSecurityGroupRules: describeRules,
  };
}

const authorize =
  (account: Account, egress: boolean): Handler =>
  async exchange => {
    const { call } = exchange;
    const ec2 = account.client(EC2Client, call);
    const groupId = await findGroup(ec2, call);
    const permissions = permissionsOf(call).map(normalised);
    const asked = permissions.flatMap(split);
    if (asked.length === 0)
      throw awsError("MissingParameter", "The request must contain the parameter ipPermissions");
    const existing = (await readRules(ec2, groupId)).filter(rule => rule.IsEgress === egress);
    const sources = [...existing.map(sourceOf), ...asked.map(({ source }) => source)];
    const lists = sources.some(isList) ? await prefixLists(account, madeElsewhere(account), call) : [];
    await checkSources(ec2, asked, lists);
    const taken = new Set(existing.map(keyOfRule));
    for (const one of asked) {
      if (taken.has(keyOf(one))) throw duplicate(one);
      taken.add(keyOf(one));
    }
    checkRuleLimit(sources, lists);
    const added: SecurityGroupRule[] = [];
    try {
      for (const permission of permissions) {
        const { TagSpecifications } = call.input;
        const { output } = await exchange.forward({
          GroupId: groupId,
          IpPermissions: [permission],
          TagSpecifications,
        });
        added.push(...((output.SecurityGroupRules as SecurityGroupRule[] | undefined) ?? []));
      }
    } catch (error) {
      await takeBack(ec2, groupId, egress, added);
      throw error;
    }
    return { output: { Return: true, SecurityGroupRules: added.map(withUnsetPorts) } };
  };

/** All or nothing: what was added before a later permission was refused goes again. */
async function takeBack(
  ec2: EC2Client,
  GroupId: string,
  egress: boolean,
  added: readonly SecurityGroupRule[],
) {
  if (added.length === 0) return;
  const SecurityGroupRuleIds = added.map(rule => rule.SecurityGroupRuleId ?? "");
  const input = { GroupId, SecurityGroupRuleIds };
  if (egress) await ec2.send(new RevokeSecurityGroupEgressCommand(input));
  else await ec2.send(new RevokeSecurityGroupIngressCommand(input));
}

const revoke =
  (account: Account, egress: boolean): Handler =>
  async exchange => {
    const { call } = exchange;
    const ec2 = account.client(EC2Client, call);
    const groupId = await findGroup(ec2, call);
    const existing = (await readRules(ec2, groupId)).filter(rule => rule.IsEgress === egress);
    const ids = call.input.SecurityGroupRuleIds as string[] | undefined;
    const revoked = ids?.length
      ? ids.map(id => existing.find(rule => rule.SecurityGroupRuleId === id) ?? ruleMissing(id))
      : permissionsOf(call)
          .map(normalised)
          .flatMap(split)
          .map(one => existing.find(rule => keyOfRule(rule) === keyOf(one)) ?? permissionMissing());
    if (revoked.length === 0)
      throw awsError(
        "MissingParameter",
        "The request must contain the parameter ipPermissions or securityGroupRuleIds",
      );
    await exchange.forward({
      GroupId: groupId,
      SecurityGroupRuleIds: revoked.map(rule => rule.SecurityGroupRuleId),
    });
    const RevokedSecurityGroupRules = revoked.map(rule => ({
      SecurityGroupRuleId: rule.SecurityGroupRuleId,
      GroupId: rule.GroupId,
      IsEgress: rule.IsEgress,
      IpProtocol: rule.IpProtocol,
      FromPort: rule.FromPort,
      ToPort: rule.ToPort,
      CidrIpv4: rule.CidrIpv4,
      CidrIpv6: rule.CidrIpv6,
      PrefixListId: rule.PrefixListId,
      ReferencedGroupId: rule.ReferencedGroupInfo?.GroupId,
    }));
    return { output: { Return: true, RevokedSecurityGroupRules } };
  };

const ruleMissing = (id: string): never => {
  throw awsError("InvalidSecurityGroupRuleId.NotFound", `The security group rule ID '${id}' does not exist`);
};

const permissionMissing = (): never => {
  throw awsError("InvalidPermission.NotFound", "The specified rule does not exist in this security group.");
};

const modify =
  (account: Account): Handler =>
  async exchange => {
    const { call } = exchange;
    const ec2 = account.client(EC2Client, call);
    const groupId = await findGroup(ec2, call);
    const existing = await readRules(ec2, groupId);
    const updates = (call.input.SecurityGroupRules ?? []) as {
      SecurityGroupRuleId?: string;
      SecurityGroupRule?: Record<string, unknown>;
    }[];
    const after = new Map(existing.map(rule => [rule.SecurityGroupRuleId, keyOfRule(rule)]));
    const changed = updates.map(update => {
      const id = update.SecurityGroupRuleId ?? "";
      const rule = existing.find(one => one.SecurityGroupRuleId === id) ?? ruleMissing(id);
      const SecurityGroupRule = checkedChange(rule, update.SecurityGroupRule ?? {});
      after.set(id, keyOfRule({ ...SecurityGroupRule, IsEgress: rule.IsEgress }));
      return { SecurityGroupRuleId: id, SecurityGroupRule };
    });
    if (new Set(after.values()).size < after.size)
      throw awsError("InvalidPermission.Duplicate", "the specified rule already exists");
    await exchange.forward({ GroupId: groupId, SecurityGroupRules: changed });
    return { output: { Return: true } };
  };

const sources = ["CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupId"] as const;

function checkedChange(rule: SecurityGroupRule, change: Record<string, unknown>): SecurityGroupRule {
  const given = sources.filter(name => change[name] !== undefined);
  if (given.length !== 1)
    throw awsError(
      given.length === 0 ? "MissingParameter" : "InvalidParameterCombination",
      "Exactly one of cidrIpv4, cidrIpv6, prefixListId, or referencedGroupId must be specified",
    );
  const kind = given[0];
  const was = rule.ReferencedGroupInfo
    ? "ReferencedGroupId"
    : sources.find(name => name in rule && rule[name as "CidrIpv4"] !== undefined);
  if (kind !== was)
    throw awsError(
      "InvalidParameterValue",
      `Invalid rule type for security group rule '${rule.SecurityGroupRuleId}'. You may not specify ${kind} for an existing ${was} rule.`,
    );
  if (change.IpProtocol === undefined)
    throw awsError(
      "InvalidParameterValue",
      "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly.",
    );
  const cidr = (name: "CidrIpv4" | "CidrIpv6") =>
    typeof change[name] === "string" ? { [name]: canonicalCidr(change[name]) } : {};
  return {
    ...change,
    ...cidr("CidrIpv4"),
    ...cidr("CidrIpv6"),
    IpProtocol: protocolOf(String(change.IpProtocol)),
  };
}

/** Pages as AWS does: the account's state knows no MaxResults here. */
const describeRules: Handler = async ({ call, forward }: Exchange) => {
  const { MaxResults, NextToken, ...input } = call.input as { MaxResults?: number; NextToken?: string };
  if (MaxResults === undefined && NextToken === undefined) return forward();
  if (MaxResults !== undefined && (MaxResults < 5 || MaxResults > 1000))
    throw awsError(
      "InvalidParameterValue",
      `Value ( ${MaxResults} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000.`,
    );
  const { output } = await forward(input);
  const rules = (output.SecurityGroupRules ?? []) as SecurityGroupRule[];
  const start = NextToken === undefined ? 0 : Number(Buffer.from(NextToken, "base64url").toString());
  const end = start + (MaxResults ?? 1000);
  const next = end < rules.length ? { NextToken: Buffer.from(String(end)).toString("base64url") } : {};
  return { output: { SecurityGroupRules: rules.slice(start, end), ...next } };
};

async function findGroup(ec2: EC2Client, call: Call): Promise<string> {
  const { GroupId, GroupName } = call.input as { GroupId?: string; GroupName?: string };
  if (GroupId === undefined && GroupName === undefined)
    throw awsError("MissingParameter", "The request must contain the parameter groupName or groupId");
  const filter = GroupId
    ? { Name: "group-id", Values: [GroupId] }
    : { Name: "group-name", Values: [GroupName ?? ""] };
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters: [filter] }));
  const [group] = SecurityGroups;
  if (group?.GroupId) return group.GroupId;
  const what = GroupId ?? GroupName;
  throw awsError("InvalidGroup.NotFound", `The security group '${what}' does not exist`);
}

async function readRules(ec2: EC2Client, groupId: string): Promise<SecurityGroupRule[]> {
  const Filters = [{ Name: "group-id", Values: [groupId] }];
  const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
  return SecurityGroupRules;
}

const isList = (source: string): boolean => source.startsWith("pl-");

async function checkSources(
  ec2: EC2Client,
  asked: readonly Asked[],
  known: readonly ManagedPrefixList[],
): Promise<void> {
  const groups = asked.filter(({ source }) => source.startsWith("sg-")).map(({ source }) => source);
  for (const id of new Set(groups)) {
    const Filters = [{ Name: "group-id", Values: [id] }];
    const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
    if (SecurityGroups.length === 0)
      throw awsError("InvalidGroup.NotFound", `The security group '${id}' does not exist`);
  }
  const lists = asked.map(({ source }) => source).filter(isList);
  for (const id of lists)
    if (!known.some(list => list.PrefixListId === id))
      throw awsError("InvalidPrefixListID.NotFound", `The prefix list ID '${id}' does not exist`);
}
