import { mayLoseDigits, parseJson } from "./json";
import type { Leaf } from "./conditions";
import type { Field, Matcher } from "./match";
import { isObject, matchersOf, matchesBranch, onlyStrings } from "./match";
import type { Steps } from "./paths";
import { anyLeaf, stepsOf } from "./paths";
import { branchesOf } from "./read";
import { textFilter } from "./text-filter";

/** Many patterns, matched at once. Results are in the order in which the rules were given. */
export interface RuleSet<T> {
  /** The rules that match an event of parsed JSON. */
  match(event: unknown): T[];
  /**
   * The rules that match an event's JSON text; numbers are compared by their text. Throws a SyntaxError when the
   * text is no JSON object, except that a mistake inside an event in which no rule finds its values goes unnoticed:
   * such an event is not parsed at all.
   */
  matchText(json: string): T[];
}

/** One branch of one rule. */
export interface Entry {
  rule: number;
  matcher: Matcher;
}

/** Entries that may match: some always, others only if a value at some path is what they ask for. */
interface Node {
  always: Entry[];
  looks: Look[];
}

interface Look {
  steps: Steps;
  byString: Map<unknown, Node>;
  /** By the length of what strings must start with, then by that. */
  byHead: Map<number, Map<string, Entry[]>>;
  byTest: { test: Field["test"]; entry: Entry }[];
}

/**
 * An index over many rules. Branches that ask for plain strings are found by those strings, so the time for an event
 * depends on how many rules come into question, not on how many there are. Throws a PatternError when a pattern is
 * invalid.
 */
export function ruleSet<T>(rules: Iterable<readonly [T, unknown]>): RuleSet<T> {
  const names: T[] = [];
  const entries: Entry[] = [];
  for (const [name, pattern] of rules) {
    const rule = names.push(name) - 1;
    for (const matcher of matchersOf(branchesOf(pattern)))
      entries.push({ rule, matcher: rarestFirst(matcher) });
  }
  const root = buildNode(entries, new Set());
  const mayMatch = textFilter(entries.map(entry => entry.matcher.fields));

  const find = (event: unknown, exactly: () => unknown): T[] => {
    if (!isObject(event)) return [];
    const matched: number[] = [];
    const check = ({ rule, matcher }: Entry): void => {
      const seen = matcher.readsNumbers ? (exactly() as object) : event;
      if (matchesBranch(matcher, seen) && !matched.includes(rule)) matched.push(rule);
    };
    const visit = (node: Node): void => {
      node.always.forEach(check);
      for (const { steps, byString, byHead, byTest } of node.looks) {
        const visitValue = (value: Leaf): boolean => {
          const next = byString.get(value);
          if (next) visit(next);
          for (const [length, byText] of byHead) {
            if (typeof value === "string") byText.get(value.slice(0, length))?.forEach(check);
          }
          for (const { test, entry } of byTest) if (test(value)) check(entry);
          return false;
        };
        anyLeaf(event, steps, visitValue, { passedList: false });
      }
    };
    visit(root);
    return matched.sort((a, b) => a - b).map(rule => names[rule]);
  };

  return {
    match: event => find(event, () => event),
    matchText: json => {
      if (!mayMatch(json)) return [];
      const event: unknown = JSON.parse(json);
      let exact: unknown;
      return find(event, () => (exact ??= mayLoseDigits(json) ? parseJson(json) : event));
    },
  };
}

// What most rules have in common is looked at last: the index has already seen to most of it.
const rarestFirst = (matcher: Matcher): Matcher => {
  const rank = (field: Field): number => (onlyStrings(field) ? 1 : field.mayBeAbsent ? 2 : 0);
  return {
    ...matcher,
    order: [...matcher.fields].sort((a, b) => rank(a) - rank(b) || b.path.length - a.path.length),
  };
};

const fewEntries = 3;

const buildNode = (entries: Entry[], usedPaths: ReadonlySet<string>): Node => {
  const looks = new Map<string, Look>();
  const lookAt = ({ path }: Field): Look => {
    const look = looks.get(path) ?? {
      steps: everyWay(path),
      byString: new Map(),
      byHead: new Map(),
      byTest: [],
    };
    looks.set(path, look);
    return look;
  };
  let left = entries;
  while (left.length > fewEntries) {
    const path = bestPath(left, usedPaths);
    if (path === undefined) break;
    const groups = new Map<string, Entry[]>();
    left = left.filter(entry => {
      const field = entry.matcher.fields.find(candidate => candidate.path === path);
      const strings = field && onlyStrings(field);
      if (!field || !strings) return true;
      lookAt(field);
      for (const string of strings) {
        const group = groups.get(string);
        if (group) group.push(entry);
        else groups.set(string, [entry]);
      }
      return false;
    });
    const used = new Set(usedPaths).add(path);
    for (const [string, group] of groups) looks.get(path)?.byString.set(string, buildNode(group, used));
  }
  const always: Entry[] = [];
  for (const entry of left) {
    const [first] = entry.matcher.order;
    // Numbers may differ from their text, so a look at the parsed event must not rule them out.
    if (first.mayBeAbsent || entry.matcher.readsNumbers) always.push(entry);
    else if (headsOf(first).has("")) lookAt(first).byTest.push({ test: first.test, entry });
    else for (const head of headsOf(first)) addHead(lookAt(first).byHead, head, entry);
  }
  return { always, looks: [...looks.values()] };
};

/** What strings that a field takes start with; an empty one where they may start with anything. */
const headsOf = ({ conditions }: Field): Set<string> =>
  new Set(conditions.map(({ only, head }) => only ?? head ?? ""));

const addHead = (byHead: Look["byHead"], head: string, entry: Entry): void => {
  const byText = byHead.get(head.length) ?? new Map<string, Entry[]>();
  const entries = byText.get(head) ?? [];
  entries.push(entry);
  byHead.set(head.length, byText.set(head, entries));
};

// Patterns may differ in which keys they look into, so the index looks into all.
const everyWay = (path: string): Steps =>
  stepsOf(
    path,
    () => true,
    () => false,
  );

/** The path at which the entries ask for the most different strings. */
const bestPath = (entries: Entry[], usedPaths: ReadonlySet<string>): string | undefined => {
  const strings = new Map<string, Set<string>>();
  for (const { matcher } of entries) {
    for (const field of matcher.fields) {
      if (usedPaths.has(field.path)) continue;
      const known = strings.get(field.path) ?? new Set();
      for (const string of onlyStrings(field) ?? []) strings.set(field.path, known.add(string));
    }
  }
  const [best] = [...strings].sort(([, a], [, b]) => b.size - a.size);
  return best && best[1].size > 1 ? best[0] : undefined;
};
