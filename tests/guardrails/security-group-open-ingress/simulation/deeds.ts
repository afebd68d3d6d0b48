import type { JsonObject } from "../../../../runtime/json";
import type { CallRecord, Deed, Dice } from "../../simulation";
import { type Account, add, inWords, openRules, pieces, type Rule, rulesOf, world } from "./rules";

const ports: readonly (readonly [string, number, number])[] = [
  ["tcp", 22, 22],
  ["tcp", 3389, 3389],
  ["tcp", 20, 25],
  ["tcp", 443, 443],
  ["-1", -1, -1],
];
const groupOf = (account: Account, dice: Dice): string => dice.pick(Object.keys(account.groups));

/** An AuthorizeSecurityGroupIngress of these rules, and its record. Undefined when one is there already. */
function authorize(account: Account, group: string, asked: readonly Omit<Rule, "id" | "group">[]) {
  const isThere = (one: Omit<Rule, "id" | "group">) =>
    rulesOf(account, group).some(
      other => inWords({ ...other, id: "" }) === inWords({ ...one, group, id: "" }),
    );
  if (asked.some(isThere)) return undefined;
  const made = asked.map(one => add(account, { ...one, group }));
  const sourceIn = (rule: Rule): JsonObject =>
    rule.source.startsWith("pl-")
      ? { prefixListIds: { items: [{ prefixListId: rule.source }] } }
      : rule.source.includes(":")
        ? { ipv6Ranges: { items: [{ cidrIpv6: rule.source }] } }
        : { ipRanges: { items: [{ cidrIp: rule.source }] } };
  const portsIn = ({ protocol, from, to }: Rule): JsonObject =>
    protocol === "-1" ? { ipProtocol: "-1" } : { ipProtocol: protocol, fromPort: from, toPort: to };
  const record: CallRecord = {
    service: "ec2",
    name: "AuthorizeSecurityGroupIngress",
    request: {
      groupId: group,
      ipPermissions: {
        items: made.map(rule => ({
          ...portsIn(rule),
          groups: {},
          ipRanges: {},
          ipv6Ranges: {},
          prefixListIds: {},
          ...sourceIn(rule),
        })),
      },
    },
    response: {
      _return: true,
      securityGroupRuleSet: {
        items: made.map(rule => ({
          groupOwnerId: "123456789012",
          groupId: group,
          securityGroupRuleId: rule.id,
          isEgress: false,
          ipProtocol: rule.protocol,
          fromPort: rule.from,
          toPort: rule.to,
          [rule.source.startsWith("pl-")
            ? "prefixListId"
            : rule.source.includes(":")
              ? "cidrIpv6"
              : "cidrIpv4"]: rule.source,
        })),
      },
    },
  };
  return { words: `admits ${made.map(inWords).join(" and ")} to ${group}`, record };
}

const everybody = ["engineer", "pipeline", "controller", "attacker"] as const;
export const deeds: readonly Deed<Account>[] = [
  {
    name: "open",
    weight: 6,
    by: everybody,
    play: (account, dice) => {
      const group = groupOf(account, dice);
      const [protocol, from, to] = dice.pick(ports);
      const source = dice.pick([...world, ...pieces]);
      const open = { protocol, from, to, source, description: "" };
      const office = { protocol: "tcp", from: 22, to: 22, source: "198.51.100.0/24", description: "office" };
      return authorize(account, group, dice.chance(0.2) ? [open, office] : [open]);
    },
  },
  {
    name: "admit-office",
    weight: 2,
    by: ["engineer", "pipeline"],
    play: (account, dice) =>
      authorize(account, groupOf(account, dice), [
        {
          protocol: "tcp",
          from: 22,
          to: 22,
          source: `203.0.113.${dice.below(4) * 64}/26`,
          description: "office",
        },
      ]),
  },
  {
    name: "widen",
    weight: 3,
    by: ["engineer", "pipeline", "attacker"],
    play: (account, dice) => {
      const narrow = Object.values(account.rules).filter(
        rule => ![...world, ...pieces].includes(rule.source) && !rule.source.startsWith("pl-"),
      );
      if (narrow.length === 0) return undefined;
      const rule = dice.pick(narrow);
      const source = dice.pick(world);
      if (rulesOf(account, rule.group).some(other => other.source === source && other.from === rule.from))
        return undefined;
      const words = `changes ${inWords(rule)} of ${rule.group} to ${source}`;
      account.rules[rule.id] = { ...rule, source };
      return { words, record: modification(account.rules[rule.id]) };
    },
  },
  {
    name: "describe",
    weight: 2,
    by: ["engineer", "attacker"],
    play: (account, dice) => {
      const rules = Object.values(account.rules);
      if (rules.length === 0) return undefined;
      const rule = dice.pick(rules);
      account.rules[rule.id] = { ...rule, description: `${rule.description}+` };
      return {
        words: `changes the description of ${inWords(rule)} of ${rule.group}`,
        names: [rule.id],
        record: modification(account.rules[rule.id]),
      };
    },
  },
  {
    name: "close",
    weight: 1,
    by: ["engineer", "attacker"],
    play: (account, dice) => {
      const open = openRules(account);
      if (open.length === 0) return undefined;
      const rule = dice.pick(open);
      delete account.rules[rule.id];
      const revoked = { groupId: rule.group, securityGroupRuleIds: { items: [] } };
      return {
        words: `removes ${inWords(rule)} from ${rule.group}`,
        record: {
          service: "ec2",
          name: "RevokeSecurityGroupIngress",
          request: {
            ...revoked,
            securityGroupRuleIds: { items: [{ securityGroupRuleId: rule.id }] },
          },
          response: { _return: true },
        },
      };
    },
  },
  {
    name: "mark",
    weight: 1,
    by: ["engineer", "attacker"],
    play: (account, dice) => {
      const group = groupOf(account, dice);
      account.groups[group] = { tags: { "kubernetes.io/cluster/shop": "owned" } };
      return { words: `tags ${group} as a Kubernetes cluster's` };
    },
  },
  {
    name: "widen-list",
    weight: 1,
    by: ["engineer", "attacker"],
    play: (account, dice) => {
      const list = dice.pick(Object.keys(account.lists));
      if (account.lists[list].includes("0.0.0.0/0")) return undefined;
      account.lists[list].push("0.0.0.0/0");
      return {
        words: `adds 0.0.0.0/0 to prefix list ${list}`,
        record: {
          service: "ec2",
          name: "ModifyManagedPrefixList",
          request: {
            ModifyManagedPrefixListRequest: {
              PrefixListId: list,
              CurrentVersion: 1,
              AddEntry: { Cidr: "0.0.0.0/0", tag: 1 },
            },
          },
          response: { ModifyManagedPrefixListResponse: { prefixList: { prefixListId: list } } },
        },
      };
    },
  },
];

const modification = ({ id, group, protocol, from, to, source, description }: Rule): CallRecord => ({
  service: "ec2",
  name: "ModifySecurityGroupRules",
  request: {
    ModifySecurityGroupRulesRequest: {
      GroupId: group,
      SecurityGroupRule: {
        SecurityGroupRuleId: id,
        SecurityGroupRule: {
          IpProtocol: protocol,
          FromPort: from,
          ToPort: to,
          [source.includes(":") ? "CidrIpv6" : "CidrIpv4"]: source,
          ...(description !== "" && { Description: description }),
        },
        tag: 1,
      },
    },
  },
  response: { ModifySecurityGroupRulesResponse: { return: true } },
});
