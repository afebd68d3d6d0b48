import { blockSize, parseCidr, publicAddresses } from "../../../runtime/aws/cidr";
import {
  admitsPort,
  type Admission,
  type IngressRule,
  type IngressState,
  isGroup,
  isPrefixList,
} from "./rules";

/** What counts as open. */
export interface OpeningSettings {
  /** What may be closed. */
  readonly ports: readonly number[];
  /** What is only told. */
  readonly tellPorts: readonly number[];
  readonly openIpv4Prefix: number;
  readonly openIpv6Prefix: number;
}

/** Rules, and the blocks of the prefix lists that they refer to. */
export type Rules = Pick<IngressState, "rules" | "lists">;

/** A guarded port that is open to the world, over one transport and address family, and the rules that make it so. */
export interface Opening {
  readonly transport: string;
  readonly port: number;
  readonly family: 4 | 6;
  readonly rules: readonly IngressRule[];
}

const families = [4, 6] as const;
const transports = ["tcp", "udp"];

/** Every port that is looked at. */
export const guardedPorts = ({
  ports,
  tellPorts,
}: Pick<OpeningSettings, "ports" | "tellPorts">): number[] => [...new Set([...ports, ...tellPorts])];

const blocksOf = (rule: IngressRule, lists: Record<string, string[]>): string[] =>
  isPrefixList(rule.source) ? (lists[rule.source] ?? []) : isGroup(rule.source) ? [] : [rule.source];

/** How many public addresses these rules admit together. */
export const width = (
  rules: readonly IngressRule[],
  lists: Record<string, string[]>,
  family: 4 | 6,
): bigint =>
  publicAddresses(
    rules.flatMap(rule => blocksOf(rule, lists)),
    family,
  );
const limit = (settings: OpeningSettings, family: 4 | 6): bigint =>
  blockSize(family, family === 4 ? settings.openIpv4Prefix : settings.openIpv6Prefix);

export const isOpen = (
  rules: readonly IngressRule[],
  { lists }: Pick<Rules, "lists">,
  settings: OpeningSettings,
  family: 4 | 6,
): boolean => width(rules, lists, family) > limit(settings, family);

/** Whether a rule concerns any of these ports: only such rules' prefix lists need to be read. */
export const isGuarded = (rule: Admission, ports: readonly number[]): boolean =>
  ports.some(port => transports.some(transport => admitsPort(rule, transport, port)));

/** Whether these CIDR blocks together admit the world. */
export const isWorldwide = (cidrs: readonly string[], settings: OpeningSettings): boolean =>
  families.some(family => publicAddresses(cidrs, family) > limit(settings, family));

/** Whether a rule as asked for is open to the world by itself: what an event claims. */
export const isOpenAlone = (rule: Admission, settings: OpeningSettings): boolean =>
  isGuarded(rule, guardedPorts(settings)) &&
  parseCidr(rule.source) !== undefined &&
  isWorldwide([rule.source], settings);

/**
 * Every one of these ports that the rules together open to more public addresses than the limit. Ports that the same
 * rules admit are measured once: a group may have a thousand rules.
 */
export function openings(state: Rules, settings: OpeningSettings, ports: readonly number[]): Opening[] {
  const measured: Record<string, boolean> = {};
  const places = new Map(state.rules.map((rule, at) => [rule, at]));
  const admitting = families.map(family => ({
    family,
    rules: state.rules.filter(rule => width([rule], state.lists, family) > BigInt(0)),
  }));
  return transports.flatMap(transport =>
    ports.flatMap(port =>
      admitting
        .map(({ family, rules }) => ({
          transport,
          port,
          family,
          rules: rules.filter(rule => admitsPort(rule, transport, port)),
        }))
        .filter(({ family, rules }) => {
          const key = `${family} ${rules.map(rule => places.get(rule)).join()}`;
          return (measured[key] ??= isOpen(rules, state, settings, family));
        }),
    ),
  );
}

/**
 * The rules to remove so that this opening ends, taken from `removable` only: each that is open by itself, then, if
 * the others together still are, the widest first. Rules that nobody may remove and that keep it open are `kept`.
 */
export function split(
  { family, rules }: Opening,
  removable: readonly IngressRule[],
  state: Rules,
  settings: OpeningSettings,
): { cut: IngressRule[]; kept: readonly IngressRule[] } {
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
