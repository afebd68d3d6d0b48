import { mayLoseDigits, parseJson } from "./json";
import type { Matcher } from "./match";
import { isObject, matchersOf, matchesBranch } from "./match";
import type { Steps } from "./paths";
import { anyLeaf } from "./paths";
import { branchesOf } from "./read";

/** Many patterns, matched at once. Results are in the order in which the rules were given. */
export interface RuleSet<T> {
  /** The rules that match an event of parsed JSON. */
  match(event: unknown): T[];
  /** The rules that match an event's JSON text. Throws a SyntaxError when the text is not JSON. */
  matchText(json: string): T[];
}

/** One branch of one rule. */
interface Entry {
  rule: number;
  matcher: Matcher;
}

/** Entries that may match: some always, others only if a path has one of their values. */
interface Node {
  checks: Entry[];
  switches: { steps: Steps; byValue: Map<unknown, Node> }[];
}

/**
 * An index over many rules. Branches that ask for plain strings are found by those strings, so the time for an event
 * depends on how many rules come into question, not on how many there are. Throws a PatternError for the first
 * invalid pattern; its `rule` is the rule.
 */
export function ruleSet<T>(rules: Iterable<readonly [T, unknown]>): RuleSet<T> {
  const names: T[] = [];
  const entries: Entry[] = [];
  for (const [name, pattern] of rules) {
    const rule = names.push(name) - 1;
    for (const matcher of matchersOf(branchesOf(pattern))) entries.push({ rule, matcher });
  }
  const root = buildNode(entries, new Set());

  const find = (event: unknown, exactly: () => unknown): T[] => {
    if (!isObject(event)) return [];
    const matched: number[] = [];
    const visit = (node: Node): void => {
      for (const { rule, matcher } of node.checks) {
        if (matched.includes(rule)) continue;
        const seen = matcher.readsNumbers ? (exactly() as object) : event;
        if (matchesBranch(matcher, seen)) matched.push(rule);
      }
      for (const { steps, byValue } of node.switches) {
        const visitValue = (value: unknown): boolean => {
          const next = byValue.get(value);
          if (next) visit(next);
          return false;
        };
        anyLeaf(event, steps, visitValue, { passedList: false });
      }
    };
    visit(root);
    return matched.length < 2
      ? matched.map(rule => names[rule])
      : matched.sort((a, b) => a - b).map(rule => names[rule]);
  };

  return {
    match: event => find(event, () => event),
    matchText: json => {
      const event: unknown = JSON.parse(json);
      let exact: unknown;
      return find(event, () => (exact ??= mayLoseDigits(json) ? parseJson(json) : event));
    },
  };
}

const fewEntries = 3;

const buildNode = (entries: Entry[], usedPaths: ReadonlySet<string>): Node => {
  const node: Node = { checks: [], switches: [] };
  let left = entries;
  while (left.length > fewEntries) {
    const path = bestPath(left, usedPaths);
    if (path === undefined) break;
    const groups = new Map<string, Entry[]>();
    const others: Entry[] = [];
    let steps: Steps = [];
    for (const entry of left) {
      const field = entry.matcher.fields.find(candidate => candidate.path === path);
      const values = field && onlyStrings(entry.matcher, path);
      if (!field || !values) {
        others.push(entry);
        continue;
      }
      steps = field.steps;
      for (const value of values) groups.set(value, [...(groups.get(value) ?? []), entry]);
    }
    const used = new Set(usedPaths).add(path);
    const byValue = new Map([...groups].map(([value, group]) => [value as unknown, buildNode(group, used)]));
    node.switches.push({ steps, byValue });
    left = others;
  }
  node.checks = left;
  return node;
};

/** The path that splits the entries best: many of them ask for a string there, and few for the same one. */
const bestPath = (entries: Entry[], usedPaths: ReadonlySet<string>): string | undefined => {
  const counts = new Map<string, Map<string, number>>();
  for (const { matcher } of entries) {
    for (const { path } of matcher.fields) {
      if (usedPaths.has(path)) continue;
      for (const value of onlyStrings(matcher, path) ?? []) {
        const values = counts.get(path) ?? new Map<string, number>();
        counts.set(path, values.set(value, (values.get(value) ?? 0) + 1));
      }
    }
  }
  let best: string | undefined;
  let most = 1;
  for (const [path, values] of counts) {
    if (values.size > most) [best, most] = [path, values.size];
  }
  return best;
};

const onlyStrings = (matcher: Matcher, path: string): string[] | undefined => {
  const conditions = matcher.fields.find(field => field.path === path)?.conditions ?? [];
  const strings = conditions.flatMap(condition => condition.only ?? []);
  return strings.length === conditions.length ? [...new Set(strings)] : undefined;
};
