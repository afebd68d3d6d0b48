import type { SecurityGroupRule } from "@aws-sdk/client-ec2";
import type { Json } from "../../../../runtime/json";
import { awsError } from "../../../support/fakes/client";
import { tagsOf } from "../../account";
import { filtersOf, type Simulation, type Wrong } from "../../simulation";
import { deeds } from "./deeds";
import { type Account, add, hex, inWords, openRules, type Rule, rulesOf } from "./rules";

const wrongs = (account: Account): Wrong[] =>
  openRules(account).map(rule => ({
    thing: rule.id,
    arns: [`arn:aws:ec2:us-east-1:123456789012:security-group/${rule.group}`],
    id: rule.group,
    words: `${rule.group} admits ${inWords(rule)}`,
  }));

function things({ rules, groups, lists }: Account) {
  const found: Record<string, Record<string, string>> = {};
  for (const { id, ...rule } of Object.values(rules))
    found[id] = Object.fromEntries(Object.entries(rule).map(([member, value]) => [member, String(value)]));
  for (const [id, { tags }] of Object.entries(groups)) found[id] = { exists: "yes", ...tags };
  for (const [id, entries] of Object.entries(lists)) found[id] = { entries: entries.join() };
  return found;
}

/** A rule as EC2 answers it. */
const described = ({ id, group, protocol, from, to, source, description }: Rule): SecurityGroupRule => ({
  SecurityGroupRuleId: id,
  GroupId: group,
  GroupOwnerId: "123456789012",
  IsEgress: false,
  IpProtocol: protocol,
  FromPort: from,
  ToPort: to,
  ...(source.startsWith("pl-")
    ? { PrefixListId: source }
    : source.includes(":")
      ? { CidrIpv6: source }
      : { CidrIpv4: source }),
  Description: description,
  Tags: [],
});

type Permission = {
  IpProtocol: string;
  FromPort?: number;
  ToPort?: number;
  IpRanges?: { CidrIp: string; Description?: string }[];
  Ipv6Ranges?: { CidrIpv6: string; Description?: string }[];
  PrefixListIds?: { PrefixListId: string; Description?: string }[];
};

export const simulation: Simulation<Account> = {
  found(dice) {
    const account: Account = {
      groups: {},
      rules: {},
      lists: { "pl-0aaaaaaaaaaaaaaaa": ["198.51.100.0/25"] },
      interfaces: {},
      made: 0,
    };
    for (let at = 1; at <= 3; at++) {
      const group = `sg-${hex(at)}`;
      account.groups[group] = { tags: {} };
      account.interfaces[`eni-${hex(at)}`] = { groups: [group], isChecked: !dice.chance(0.15) };
      const rule = { group, protocol: "tcp", from: 22, to: 22, description: "" };
      add(account, { ...rule, source: "10.0.0.0/8" });
      if (dice.chance(0.3)) add(account, { ...rule, source: "0.0.0.0/0", description: "tolerated" });
      if (dice.chance(0.3)) add(account, { ...rule, source: "pl-0aaaaaaaaaaaaaaaa" });
    }
    return account;
  },
  reads: {
    "ec2 DescribeSecurityGroupRules": (account, input: { Filters: [] }) => {
      const { "group-id": groups } = filtersOf(input, "group-id");
      return {
        SecurityGroupRules: Object.values(account.rules)
          .filter(rule => groups.includes(rule.group))
          .map(described),
      };
    },
    "ec2 DescribeSecurityGroups": (account, input: { Filters?: []; GroupNames?: string[] }) => {
      const { "group-id": ids, "ip-permission.prefix-list-id": lists } = filtersOf(
        input,
        "group-id",
        "ip-permission.prefix-list-id",
      );
      if (input.GroupNames !== undefined) throw awsError("InvalidGroup.NotFound");
      const isAsked = (id: string): boolean =>
        (ids === undefined || ids.includes(id)) &&
        (lists === undefined || rulesOf(account, id).some(({ source }) => lists.includes(source)));
      return {
        SecurityGroups: Object.entries(account.groups)
          .filter(([id]) => isAsked(id))
          .map(([GroupId, { tags }]) => ({
            GroupId,
            OwnerId: "123456789012",
            VpcId: "vpc-0123456789abcdef0",
            Tags: tagsOf(tags),
          })),
      };
    },
    "ec2 DescribeNetworkInterfaces": (account, input: { Filters?: [] }) => {
      const { "group-id": groups } = filtersOf(input, "group-id");
      return {
        NetworkInterfaces: Object.entries(account.interfaces)
          .filter(([, one]) => groups === undefined || one.groups.some(group => groups.includes(group)))
          .map(([NetworkInterfaceId, one]) => ({
            NetworkInterfaceId,
            InterfaceType: "interface",
            SourceDestCheck: one.isChecked,
            Groups: one.groups.map(GroupId => ({ GroupId })),
          })),
      };
    },
    "ec2 DescribeManagedPrefixLists": (account, input: { Filters?: [] }) => {
      const { "prefix-list-id": ids } = filtersOf(input, "prefix-list-id");
      return {
        PrefixLists: Object.keys(account.lists)
          .filter(id => ids?.includes(id) ?? true)
          .map(PrefixListId => ({ PrefixListId, OwnerId: "123456789012", State: "create-complete" })),
      };
    },
    "ec2 GetManagedPrefixListEntries": (account, { PrefixListId }: { PrefixListId: string }) => ({
      Entries: (account.lists[PrefixListId] ?? []).map(Cidr => ({ Cidr })),
    }),
  },
  writes: {
    "ec2 RevokeSecurityGroupIngress": (
      account,
      input: { GroupId: string; SecurityGroupRuleIds: string[] },
    ) => {
      for (const id of input.SecurityGroupRuleIds)
        if (account.rules[id]?.group !== input.GroupId) throw awsError("InvalidSecurityGroupRuleId.NotFound");
      for (const id of input.SecurityGroupRuleIds) delete account.rules[id];
      return { Return: true };
    },
    "ec2 AuthorizeSecurityGroupIngress": (
      account,
      { GroupId: group, IpPermissions }: { GroupId: string; IpPermissions: Permission[] },
    ) => {
      for (const { IpProtocol: protocol, FromPort: from = -1, ToPort: to = -1, ...sources } of IpPermissions)
        for (const { CidrIp, CidrIpv6, PrefixListId, Description = "" } of [
          ...(sources.IpRanges ?? []),
          ...(sources.Ipv6Ranges ?? []),
          ...(sources.PrefixListIds ?? []),
        ] as Record<string, string | undefined>[])
          add(account, {
            group,
            protocol,
            from,
            to,
            source: CidrIp ?? CidrIpv6 ?? PrefixListId ?? "",
            description: Description,
          });
      return { Return: true };
    },
  },
  deeds,
  things,
  wrongs,
  readOf: () => "ec2 DescribeSecurityGroupRules",
  mayChange: (account, { thing, to }) =>
    to === undefined && openRules(account).some(({ id }) => id === thing),
  isTrue(before: Json, account, changes) {
    const kept = (
      before as { rules?: { ruleId: string; protocol: string; source: string; description: string }[] }
    ).rules;
    if (kept === undefined) return false;
    const isSo = ({ ruleId, protocol, source, description }: (typeof kept)[number]): boolean => {
      const rule = account.rules[ruleId];
      return rule?.protocol === protocol && rule.source === source && rule.description === description;
    };
    return kept.every(isSo) && changes.every(({ thing }) => kept.some(({ ruleId }) => ruleId === thing));
  },
};
