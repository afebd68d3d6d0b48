import {
  DescribeManagedPrefixListsCommand,
  type DescribeManagedPrefixListsCommandInput,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  type DescribeSecurityGroupsCommandInput,
  type EC2Client,
  GetManagedPrefixListEntriesCommand,
  type ManagedPrefixList,
  type SecurityGroup,
  type SecurityGroupRule,
} from "@aws-sdk/client-ec2";
import { unlessAbsent } from "../../../runtime/aws/absent";
import { allPages } from "../../../runtime/aws/describe";
import { appliancesWith, groupsOn, interfacesBy, type InterfaceState } from "./interfaces";
import type { ListState } from "./lists";
import { isGuarded } from "./openings";
import { type IngressRule, type IngressState, isPrefixList, ruleRead } from "./rules";

/** EC2 takes at most 200 values in one filter. */
const filterValues = 200;

const chunks = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / filterValues) }, (_, at) =>
    items.slice(at * filterValues, (at + 1) * filterValues),
  );

/** All rules of these groups, egress included. */
export const rulesIn = (ec2: EC2Client, groupIds: string[]): Promise<SecurityGroupRule[]> =>
  allPages(async NextToken => {
    const Filters = [{ Name: "group-id", Values: groupIds }];
    const page = await ec2.send(
      new DescribeSecurityGroupRulesCommand({ Filters, MaxResults: 1000, NextToken }),
    );
    return { items: page.SecurityGroupRules, NextToken: page.NextToken };
  });

/** One page of the security groups that these filters select; all of the region without filters. */
export async function groupPage(
  ec2: EC2Client,
  input: Pick<DescribeSecurityGroupsCommandInput, "Filters" | "NextToken">,
): Promise<{ items: SecurityGroup[]; NextToken?: string }> {
  const page = await ec2.send(new DescribeSecurityGroupsCommand({ ...input, MaxResults: 1000 }));
  return { items: page.SecurityGroups ?? [], NextToken: page.NextToken };
}

/** The security groups that this filter selects. A group that is gone is simply not among them. */
export const groupsBy = async (
  ec2: EC2Client,
  name: string,
  values: readonly string[],
): Promise<SecurityGroup[]> => {
  const found = await Promise.all(
    chunks(values).map(Values =>
      allPages(NextToken => groupPage(ec2, { Filters: [{ Name: name, Values }], NextToken })),
    ),
  );
  return found.flat();
};

/** The CIDR blocks of a prefix list, sorted. Throws when the list is gone, or shared with this account no more. */
export async function listEntries(ec2: EC2Client, prefixListId: string): Promise<string[]> {
  const entries = await allPages(async NextToken => {
    const query = { PrefixListId: prefixListId, MaxResults: 100, NextToken };
    const page = await ec2.send(new GetManagedPrefixListEntriesCommand(query));
    return { items: page.Entries, NextToken: page.NextToken };
  });
  return entries
    .map(({ Cidr }) => Cidr)
    .filter(cidr => cidr !== undefined)
    .sort();
}

const goneList = { "InvalidPrefixListID.NotFound": undefined, "InvalidPrefixListId.NotFound": undefined };

const byId = (one: IngressRule, other: IngressRule): number => (one.ruleId < other.ruleId ? -1 : 1);

/**
 * The ingress side of groups, by group id; a group that is gone has no entry. Prefix lists are read only where a rule
 * lets them reach a guarded port; `known` are lists already read.
 */
export async function readGroups(
  ec2: EC2Client,
  groupIds: readonly string[],
  ports: readonly number[],
  known: Readonly<Record<string, string[]>> = {},
): Promise<Record<string, IngressState>> {
  const read: Record<string, string[]> = { ...known };
  const states: Record<string, IngressState> = {};
  for (const ids of chunks(groupIds)) {
    const rules = await rulesIn(ec2, ids);
    // A group without a single rule, not even for egress, looks like one that is gone.
    const silent = ids.filter(id => !rules.some(rule => rule.GroupId === id));
    const empty =
      silent.length > 0 ? (await groupsBy(ec2, "group-id", silent)).map(group => group.GroupId) : [];
    for (const groupId of ids.filter(id => !silent.includes(id) || empty.includes(id))) {
      const own = rules.filter(rule => rule.GroupId === groupId && rule.IsEgress !== true).map(ruleRead);
      const lists: Record<string, string[]> = {};
      for (const { source } of own.filter(rule => isPrefixList(rule.source) && isGuarded(rule, ports)))
        // A list that is no longer shared cannot be judged; that must not keep the other rules from it.
        lists[source] = read[source] ??=
          (await unlessAbsent<string[] | undefined>(goneList, () => listEntries(ec2, source))) ?? [];
      states[groupId] = { kind: "security-group", groupId, rules: own.sort(byId), lists };
    }
  }
  return states;
}

/**
 * With the interfaces of those groups for which they matter: all that may be appliances, or one more interface that
 * got the group.
 */
export async function withInterfaces(
  ec2: EC2Client,
  states: Readonly<Record<string, IngressState>>,
  attached: readonly string[],
): Promise<Record<string, IngressState>> {
  const ids = Object.keys(states);
  const interfaces = ids.length > 0 ? await interfacesBy(ec2, "group-id", ids) : [];
  return Object.fromEntries(
    ids.map(id => {
      const appliances = appliancesWith(id, interfaces);
      const uses = attached.includes(id) && {
        uses: interfaces.filter(one => groupsOn(one).includes(id)).length,
      };
      return [id, { ...states[id], ...(appliances.length > 0 && { appliances }), ...uses }];
    }),
  );
}

/** The groups of one interface; undefined when it is gone. */
export async function readInterface(
  ec2: EC2Client,
  id: string,
  ports: readonly number[],
): Promise<InterfaceState | undefined> {
  const [found] = await interfacesBy(ec2, "network-interface-id", [id]);
  if (found === undefined) return undefined;
  const groups = await readGroups(ec2, groupsOn(found), ports);
  return { kind: "network-interface", interfaceId: id, groups: Object.values(groups) };
}

/** Prefix lists of the region by id, with their owner; of all that EC2 shows without ids. */
export const listsPage = async (
  ec2: EC2Client,
  query: Pick<DescribeManagedPrefixListsCommandInput, "Filters" | "NextToken">,
): Promise<{ items: ManagedPrefixList[]; NextToken?: string | undefined }> => {
  const page = await ec2.send(new DescribeManagedPrefixListsCommand({ ...query, MaxResults: 100 }));
  return { items: page.PrefixLists ?? [], NextToken: page.NextToken };
};

/**
 * A prefix list with every group of the region whose rules let it reach one of these ports; undefined when it is gone.
 * @param account the one in which it is used
 */
export async function readList(
  ec2: EC2Client,
  { id, account }: { id: string; account: string },
  ports: readonly number[],
): Promise<ListState | undefined> {
  const Filters = [{ Name: "prefix-list-id", Values: [id] }];
  const [list] = await allPages(NextToken => listsPage(ec2, { Filters, NextToken }));
  if (list === undefined) return undefined;
  const entries = await unlessAbsent<string[] | undefined>(goneList, () => listEntries(ec2, id));
  if (entries === undefined) return undefined;
  const groups = await groupsBy(ec2, "ip-permission.prefix-list-id", [id]);
  const ids = groups.map(({ GroupId }) => GroupId).filter(groupId => groupId !== undefined);
  const read = await readGroups(ec2, ids.sort(), ports, { [id]: entries });
  const uses = (state: IngressState): boolean =>
    state.rules.some(rule => rule.source === id && isGuarded(rule, ports));
  const ownerId = list.OwnerId ?? "";
  return {
    kind: "prefix-list",
    prefixListId: id,
    ownerId,
    account,
    groups: Object.values(read).filter(uses),
  };
}

/**
 * A call that gives a name means the group of that name in the default VPC; so does this one.
 * Undefined when there is none.
 */
export async function groupIdOf(ec2: EC2Client, name: string): Promise<string | undefined> {
  const query = new DescribeSecurityGroupsCommand({ GroupNames: [name] });
  const groups = await unlessAbsent<SecurityGroup[]>(
    { "InvalidGroup.NotFound": [] },
    async () => (await ec2.send(query)).SecurityGroups ?? [],
  );
  return groups[0]?.GroupId;
}
