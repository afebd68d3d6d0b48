import { blockSize, parseCidr, publicAddresses } from "../../../runtime/aws/cidr";
import type { Finding } from "../../../runtime/guardrail";
import { fingerprintOf, inWords, ruleInWords, some } from "./words";
import {
  admitsPort,
  type Admission,
  type IngressRule,
  type IngressState,
  isGroup,
  isPrefixList,
  isSameAdmission,
} from "./rules";

/** What counts as open, and what may be removed. */
export interface OpenIngressSettings {
  readonly ports: readonly number[];
  readonly openIpv4Prefix: number;
  readonly openIpv6Prefix: number;
  readonly allProtocols: "notify" | "remove";
}

/** How an event, or a sweep, came upon a group. */
export type Route = "rule-added" | "rule-changed" | "group-attached" | "prefix-list-widened" | "sweep";

/** What only the event knows. */
export type IngressHints = {
  route: Route;
  /** The rules that the call made or changed, by id where the record has them, and as they were asked for. */
  ruleIds: string[];
  admissions: Admission[];
  /** The record names the group by name only: exemptions are by id, so nothing is written. */
  byName: boolean;
  /** Instances and interfaces that got the group. */
  attachedTo: string[];
};

/** A rule that opens a guarded port and stays, and why. */
export type Left = Admission & { ruleId: string; groupId: string; why: string };
export type OpenIngress = { remove: IngressRule[]; leave: Left[] };

/** The groups that refer to a prefix list. */
export type ListState = { kind: "prefix-list"; prefixListId: string; groups: IngressState[] };

/** A guarded port that is open to the world, over one transport and address family, and the rules that make it so. */
interface Opening {
  readonly transport: string;
  readonly port: number;
  readonly family: 4 | 6;
  readonly rules: readonly IngressRule[];
}

const families = [4, 6] as const;
const transports = ["tcp", "udp"];

const blocksOf = (rule: IngressRule, lists: Record<string, string[]>): string[] =>
  isPrefixList(rule.source) ? (lists[rule.source] ?? []) : isGroup(rule.source) ? [] : [rule.source];

const width = (rules: readonly IngressRule[], lists: Record<string, string[]>, family: 4 | 6): bigint =>
  publicAddresses(
    rules.flatMap(rule => blocksOf(rule, lists)),
    family,
  );
const limit = (settings: OpenIngressSettings, family: 4 | 6): bigint =>
  blockSize(family, family === 4 ? settings.openIpv4Prefix : settings.openIpv6Prefix);

const isOpen = (
  rules: readonly IngressRule[],
  state: IngressState,
  settings: OpenIngressSettings,
  family: 4 | 6,
) => width(rules, state.lists, family) > limit(settings, family);

/** Whether a rule concerns any guarded port: only such rules' prefix lists need to be read. */
export const isGuarded = (rule: Admission, ports: readonly number[]): boolean =>
  ports.some(port => transports.some(transport => admitsPort(rule, transport, port)));

/** Whether these CIDR blocks together admit the world. */
export const isWorldwide = (cidrs: readonly string[], settings: OpenIngressSettings): boolean =>
  families.some(family => publicAddresses(cidrs, family) > limit(settings, family));

/** Whether a rule as asked for is open to the world by itself: what an event claims. */
export const isOpenAlone = (rule: Admission, settings: OpenIngressSettings): boolean =>
  isGuarded(rule, settings.ports) &&
  parseCidr(rule.source) !== undefined &&
  isWorldwide([rule.source], settings);

/** Every guarded port that the rules of the group together open to more public addresses than the limit. */
export function openings(state: IngressState, settings: OpenIngressSettings): Opening[] {
  const cells = transports.flatMap(transport =>
    settings.ports.flatMap(port => families.map(family => ({ transport, port, family }))),
  );
  return cells
    .map(cell => ({
      ...cell,
      rules: state.rules.filter(
        rule =>
          admitsPort(rule, cell.transport, cell.port) && width([rule], state.lists, cell.family) > BigInt(0),
      ),
    }))
    .filter(cell => isOpen(cell.rules, state, settings, cell.family));
}

/**
 * The rules to remove so that this opening ends, taken from `removable` only: each that is open by itself, then, if
 * the others together still are, the widest first. Rules that nobody may remove and that keep it open are `kept`.
 */
function split(
  opening: Opening,
  removable: readonly IngressRule[],
  state: IngressState,
  settings: OpenIngressSettings,
) {
  const { family, rules } = opening;
  const open = (some: readonly IngressRule[]): boolean => isOpen(some, state, settings, family);
  const cut = rules.filter(rule => removable.includes(rule) && open([rule]));
  const rest = rules.filter(rule => !cut.includes(rule));
  if (!open(rest)) return { cut, kept: [] };
  const narrow = rest.filter(rule => removable.includes(rule));
  if (open(rest.filter(rule => !narrow.includes(rule)))) {
    const alone = rest.filter(rule => open([rule]));
    return { cut, kept: alone.length > 0 ? alone : rest };
  }
  const sizes = narrow.map(rule => ({ rule, size: width([rule], state.lists, family) }));
  const widest = sizes
    .sort((a, b) => (a.size < b.size ? 1 : a.size > b.size ? -1 : 0))
    .map(({ rule }) => rule);
  const without = (count: number) => rest.filter(rule => !widest.slice(0, count).includes(rule));
  // The fewest that suffice, by halving: a group may have a thousand rules.
  let [tooFew, enough] = [0, widest.length];
  while (enough - tooFew > 1) {
    const half = Math.floor((tooFew + enough) / 2);
    if (open(without(half))) tooFew = half;
    else enough = half;
  }
  return { cut: [...cut, ...widest.slice(0, enough)], kept: [] };
}

const isNamed = (rule: IngressRule, hints: IngressHints): boolean =>
  hints.ruleIds.length > 0
    ? hints.ruleIds.includes(rule.ruleId)
    : hints.admissions.some(admission => isSameAdmission(admission, rule));

/** Why a rule that opens a port is not removed. */
function reason(rule: IngressRule, hints: IngressHints, settings: OpenIngressSettings): string {
  if (hints.byName) return "the record names the group by its name only, so no exemption could be looked up";
  if (hints.route === "sweep") return "no event says that it is new";
  if (hints.route === "group-attached")
    return "it was there before the group was attached, and removing it would reach every other user of the group";
  if (hints.ruleIds.length === 0 && hints.admissions.length === 0)
    return "the record does not say which rule is new";
  if (isNamed(rule, hints) && rule.protocol === "-1" && settings.allProtocols === "notify")
    return "rules for all protocols are by design on firewall, NAT and VPN appliances";
  if (isNamed(rule, hints)) return "removing it would not close the port: older rules keep it open";
  return "it is older than this change";
}

/** Only what the event touched is its business: without any hint, all of it. */
const isInScope = (opening: Opening, hints: IngressHints, named: readonly IngressRule[]): boolean => {
  const touched = [...hints.admissions, ...named];
  if (hints.route === "sweep" || hints.route === "group-attached" || touched.length === 0) return true;
  return touched.some(rule => admitsPort(rule, opening.transport, opening.port));
};

/** A group's finding, or none. Sees all rules together; blames, and removes, only those that the event brought. */
export function assessGroup(
  state: IngressState,
  settings: OpenIngressSettings,
  hints: IngressHints,
): Finding<OpenIngress> | undefined {
  const mayRemove = !hints.byName && (hints.route === "rule-added" || hints.route === "rule-changed");
  const named = mayRemove ? state.rules.filter(rule => isNamed(rule, hints)) : [];
  const removable = named.filter(rule => rule.protocol !== "-1" || settings.allProtocols === "remove");
  const parts = openings(state, settings)
    .filter(opening => isInScope(opening, hints, named))
    .map(opening => split(opening, removable, state, settings));
  const remove = state.rules.filter(rule => parts.some(({ cut }) => cut.includes(rule)));
  const leave = state.rules
    .filter(rule => !remove.includes(rule) && parts.some(({ kept }) => kept.includes(rule)))
    .map(rule => left(rule, state.groupId, reason(rule, hints, settings)));
  if (remove.length === 0 && leave.length === 0) return undefined;
  const onto = hints.attachedTo.length > 0 ? `, now attached to ${some(hints.attachedTo)},` : "";
  return {
    fingerprint: fingerprintOf((remove.length > 0 ? remove : leave).map(inWords)),
    summary: [
      `Security group ${state.groupId}${onto} is open to the world: ${some([...remove, ...leave].map(ruleInWords))}.`,
      ...(remove.length > 0 && leave.length > 0
        ? [`Only ${some(remove.map(rule => rule.ruleId))} came with this change.`]
        : []),
      "Removing a rule does not end connections that are already established.",
    ].join(" "),
    data: { remove, leave },
    notifyOnly: remove.length > 0 ? undefined : reasonsOf(leave),
    attribute: "ingress of aws_security_group (or its aws_vpc_security_group_ingress_rule)",
  };
}

/** The finding of a prefix list that opens guarded ports in the groups that refer to it: told, never written. */
export function assessList(
  state: ListState,
  settings: OpenIngressSettings,
): Finding<OpenIngress> | undefined {
  const isOurs = (rule: IngressRule): boolean => rule.source === state.prefixListId;
  const why = "other groups may rely on the list: change its entries, or the rules that refer to it";
  const leave = state.groups.flatMap(group => {
    const opened = openings(group, settings).filter(
      ({ rules, family }) =>
        isOpen(rules.filter(isOurs), group, settings, family) ||
        !isOpen(
          rules.filter(rule => !isOurs(rule)),
          group,
          settings,
          family,
        ),
    );
    return group.rules
      .filter(rule => isOurs(rule) && opened.some(({ rules }) => rules.includes(rule)))
      .map(rule => left(rule, group.groupId, why));
  });
  if (leave.length === 0) return undefined;
  const inGroup = (words: string, rule: Left): string => `${rule.groupId} ${words}`;
  const words = leave.map(rule => inGroup(ruleInWords(rule), rule));
  return {
    fingerprint: fingerprintOf(leave.map(rule => inGroup(inWords(rule), rule))),
    summary: `Prefix list ${state.prefixListId} opens security groups to the world: ${some(words)}.`,
    data: { remove: [], leave },
    notifyOnly: reasonsOf(leave),
    attribute: "entry of aws_ec2_managed_prefix_list",
  };
}

const left = (rule: IngressRule, groupId: string, why: string): Left => ({
  ruleId: rule.ruleId,
  groupId,
  protocol: rule.protocol,
  fromPort: rule.fromPort,
  toPort: rule.toPort,
  source: rule.source,
  why,
});

const reasonsOf = (leave: readonly Left[]): string =>
  leave
    .map(({ why }) => why)
    .filter((why, at, all) => all.indexOf(why) === at)
    .join("; ");
