import type { Finding, Known } from "../../../runtime/guardrail";
import { fingerprintOf, inWords, ruleInWords, some, spanInWords } from "./words";
import { guardedPorts, isGuarded, type Opening, openings, type OpeningSettings, split } from "./openings";
import { admitsPort, type Admission, type IngressRule, type IngressState, isSameAdmission } from "./rules";

/** What counts as open, and what may be removed. */
export interface OpenIngressSettings extends OpeningSettings {
  readonly allProtocols: "remove-new" | "notify";
  /** Ids of groups and interfaces that are appliances, whatever is read. */
  readonly appliances: readonly string[];
}

/** How an event, or a sweep, came upon a group. */
export type Route =
  "rule-added" | "rule-changed" | "group-attached" | "prefix-list-widened" | "closed" | "sweep";

/** What only the event knows. */
export type IngressHints = {
  route: Route;
  /** The rules that the call made or changed, by id where the record has them, and as they were asked for. */
  ruleIds: string[];
  admissions: Admission[];
  /** Where the record names the group by its name only, and the id is read: what its ARN begins with; else "". */
  byName: string;
  /** Instances and interfaces that got the group. */
  attachedTo: string[];
};

/** A rule that opens a guarded port and stays, and why. */
export type Left = Admission & { ruleId: string; groupId: string; why: string };
/** A rule that goes: what it admitted, and its id. Its description and tags are in the state. */
export type Removed = Admission & { ruleId: string };
export type OpenIngress = { remove: Removed[]; leave: Left[] };

/** Under this identity it is remembered that a group belongs to appliances. */
export const applianceKey = "appliance";

/** Why a rule stays, and whether somebody has to look at once. */
interface Reason {
  readonly why: string;
  readonly critical?: true;
}

const isNamed = (rule: IngressRule, { ruleIds, admissions }: IngressHints): boolean =>
  ruleIds.length > 0
    ? ruleIds.includes(rule.ruleId)
    : admissions.some(admission => isSameAdmission(admission, rule));

/** Whether this occasion brought the rule, or changed it: a sweep brings what the last one did not know. */
function isBrought(rule: IngressRule, hints: IngressHints, known: Known | undefined): boolean {
  if (hints.route === "sweep") return known !== undefined && known[rule.ruleId] === undefined;
  return (hints.route === "rule-added" || hints.route === "rule-changed") && isNamed(rule, hints);
}

/** Why a rule that the occasion brought is left to people, or undefined: it may be removed. */
function doubtOf(
  rule: IngressRule,
  state: IngressState,
  settings: OpenIngressSettings,
  hints: IngressHints,
  known: Known | undefined,
): Reason | undefined {
  // A new rule has an id that nobody knew: a record that lost its answer, or was forged, names an old one as well.
  if (hints.route === "rule-added" && known?.[rule.ruleId] !== undefined)
    return { why: "unconfirmed: it was known before this change, which therefore did not make it" };
  if (hints.route === "rule-changed" && known === undefined)
    return { why: "what the rule was before is unknown: no sweep has ended yet", critical: true };
  if (hints.route === "rule-changed" && known?.[rule.ruleId] === inWords(rule))
    return { why: "it admitted the same before, and only its description or tags changed" };
  return rule.protocol === "-1" ? applianceDoubt(state, settings, known) : undefined;
}

/**
 * Firewalls, NAT and VPN appliances need rules for all protocols by design. What makes an appliance of an instance is
 * one call, so it counts only where a sweep saw it before the event, or the stack's config says so.
 */
function applianceDoubt(
  { groupId, appliances = [] }: IngressState,
  settings: OpenIngressSettings,
  known: Known | undefined,
): Reason | undefined {
  if (settings.allProtocols === "notify")
    return { why: "rules for all protocols are left to people here (allProtocols: notify)" };
  const listed = [groupId, ...appliances.map(({ id }) => id)].find(id => settings.appliances.includes(id));
  if (listed !== undefined)
    return { why: `${listed} is listed under appliances, which need such rules by design`, critical: true };
  if (appliances.length === 0) return undefined;
  const seen = some(appliances.map(({ id, what }) => `${id} (${what})`));
  if (known === undefined)
    return { why: `${seen} looks like an appliance, and no sweep has ended that would know`, critical: true };
  return known[applianceKey] === undefined
    ? undefined
    : { why: `${seen} is an appliance, which needs such rules by design`, critical: true };
}

/** Why a rule that opens a port is not removed. */
function reason(rule: IngressRule, doubts: ReadonlyMap<IngressRule, Reason>, hints: IngressHints): Reason {
  const doubt = doubts.get(rule);
  if (doubt !== undefined) return doubt;
  if (hints.route === "sweep" || hints.route === "closed") return { why: "no event says that it is new" };
  if (hints.route === "group-attached")
    return {
      why: "it was there before the group was attached, and removing it would reach every other user of the group",
    };
  if (hints.ruleIds.length === 0 && hints.admissions.length === 0)
    return { why: "the record does not say which rule is new" };
  if (isNamed(rule, hints)) return { why: "removing it would not close the port: older rules keep it open" };
  return { why: "it is older than this change" };
}

/** Only what the event touched is its business: without any hint, all of it. */
const isInScope = (opening: Opening, hints: IngressHints, named: readonly IngressRule[]): boolean => {
  const touched = [...hints.admissions, ...named];
  if (hints.route === "sweep" || hints.route === "group-attached" || touched.length === 0) return true;
  return touched.some(rule => admitsPort(rule, opening.transport, opening.port));
};

/**
 * A group's finding, or none. Sees all rules together; blames, and removes, only those that the occasion brought. A
 * port that is only told is never a reason to remove.
 * @param known what the last sweep, or an event since, knew: rule id → what it admitted
 */
export function assessGroup(
  state: IngressState,
  settings: OpenIngressSettings,
  hints: IngressHints,
  known?: Known,
): Finding<OpenIngress> | undefined {
  const brought = state.rules.filter(rule => isBrought(rule, hints, known));
  const doubts = new Map(
    brought.flatMap(rule => {
      const doubt = doubtOf(rule, state, settings, hints, known);
      return doubt === undefined ? [] : [[rule, doubt] as const];
    }),
  );
  const removable = brought.filter(rule => !doubts.has(rule));
  const inScope = openings(state, settings, guardedPorts(settings)).filter(opening =>
    isInScope(opening, hints, brought),
  );
  const mayClose = ({ port }: Opening): boolean => settings.ports.includes(port);
  const parts = inScope.filter(mayClose).map(opening => split(opening, removable, state, settings));
  const remove = state.rules.filter(rule => parts.some(({ cut }) => cut.includes(rule)));
  const told = inScope
    .filter(opening => !mayClose(opening))
    .map(opening => split(opening, remove, state, settings).kept);
  const keeps = (rule: IngressRule): boolean =>
    !remove.includes(rule) && parts.some(({ kept }) => kept.includes(rule));
  const isTold = (rule: IngressRule): boolean =>
    !remove.includes(rule) && told.some(kept => kept.includes(rule));
  const stays = state.rules.filter(rule => keeps(rule) || isTold(rule));
  if (remove.length === 0 && stays.length === 0) return undefined;
  const why = (rule: IngressRule): Reason =>
    keeps(rule) ? reason(rule, doubts, hints) : { why: "tellPorts are told, never closed" };
  const leave = stays.map(rule => left(rule, state.groupId, why(rule).why));
  const isAllProtocols = remove.some(({ protocol }) => protocol === "-1");
  return {
    fingerprint: fingerprintOf((remove.length > 0 ? remove : leave).map(inWords)),
    summary: summaryOf(state, hints, { remove, leave, stays }, known),
    data: { remove: remove.map(removed), leave },
    notifyOnly: remove.length > 0 ? undefined : reasonsOf(leave),
    ...(remove.length === 0 && stays.some(rule => why(rule).critical) && { critical: true as const }),
    ...(isAllProtocols && {
      leaveToExpected: "it is for all protocols, and the caller does ordinary work of this stack",
    }),
    // Heard so that what comes back is told again: what stays open was told when it was opened, or swept.
    ...(hints.route === "closed" && { once: true as const }),
    ...(hints.byName !== "" && { arn: `${hints.byName}${state.groupId}` }),
    attribute: "ingress of aws_security_group (or its aws_vpc_security_group_ingress_rule)",
  };
}

function summaryOf(
  state: IngressState,
  { attachedTo }: IngressHints,
  { remove, leave, stays }: Omit<OpenIngress, "remove"> & Record<"remove" | "stays", readonly IngressRule[]>,
  known: Known = {},
): string {
  const onto = attachedTo.length > 0 ? `, now attached to ${some(attachedTo)},` : "";
  const uses = state.uses === undefined ? "" : ` It is on ${state.uses} interfaces in all.`;
  const before = [...remove, ...stays].flatMap(rule => {
    const was = known[rule.ruleId];
    return was === undefined || was === inWords(rule) ? [] : [`${rule.ruleId} was ${was} when last seen`];
  });
  const spans = remove.flatMap(rule => spanInWords(rule) ?? []);
  return [
    `Security group ${state.groupId}${onto} is open to the world: ${some([...remove, ...leave].map(ruleInWords))}.${uses}`,
    ...(before.length > 0 ? [`A rule was changed: ${some(before)}.`] : []),
    ...(remove.length > 0 && leave.length > 0
      ? [`Only ${some(remove.map(rule => rule.ruleId))} came with this change.`]
      : []),
    ...(spans.length > 0 ? [`With it close ${some(spans)}.`] : []),
    "Removing a rule does not end connections that are already established.",
  ].join(" ");
}

/** What is remembered of a group: what each rule on a guarded port admits, and whether appliances have it. */
export function rememberedOf(state: IngressState, settings: OpeningSettings): Record<string, string> {
  const rules = state.rules.filter(rule => isGuarded(rule, guardedPorts(settings)));
  const [appliance] = state.appliances ?? [];
  return {
    ...Object.fromEntries(rules.map(rule => [rule.ruleId, inWords(rule)])),
    ...(appliance !== undefined && { [applianceKey]: `${appliance.id} (${appliance.what})` }),
  };
}

const removed = ({ ruleId, protocol, fromPort, toPort, source }: IngressRule): Removed => ({
  ruleId,
  protocol,
  fromPort,
  toPort,
  source,
});

export const left = (rule: IngressRule, groupId: string, why: string): Left => ({
  ruleId: rule.ruleId,
  groupId,
  protocol: rule.protocol,
  fromPort: rule.fromPort,
  toPort: rule.toPort,
  source: rule.source,
  why,
});

export const reasonsOf = (leave: readonly Left[]): string =>
  leave
    .map(({ why }) => why)
    .filter((why, at, all) => all.indexOf(why) === at)
    .join("; ");
