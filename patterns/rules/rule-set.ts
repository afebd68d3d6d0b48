import { mayLoseDigits, parseJson } from "../json";
import type { Matcher } from "../match";
import type { Field } from "../paths";
import { isObject, matchersOf, matchesBranch, onlyStrings } from "../match";
import { branchesOf } from "../read";
import type { Entry } from "./rule-index";
import { eachCandidate, ruleIndex } from "./rule-index";
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

/**
 * An index over many rules. Branches that ask for plain strings are found by those strings, so the time for an event
 * depends on how many rules come into question, not on how many there are. Throws a PatternError when a pattern is
 * invalid.
 */
export function ruleSet<T>(rules: Iterable<readonly [T, unknown]>): RuleSet<T> {
  const names: T[] = [];
  const entries: Entry[] = [];
  const share = fieldPool();
  for (const [name, pattern] of rules) {
    const rule = names.push(name) - 1;
    for (const matcher of matchersOf(branchesOf(pattern)))
      entries.push({ rule, matcher: rarestFirst({ ...matcher, fields: matcher.fields.map(share) }) });
  }
  const index = ruleIndex(entries);
  const mayMatch = textFilter(entries.map(entry => entry.matcher.fields));

  const find = (event: unknown, exactly: () => unknown): T[] => {
    if (!isObject(event)) return [];
    const matched: number[] = [];
    const check = ({ rule, matcher }: Entry): void => {
      const seen = matcher.readsNumbers ? (exactly() as object) : event;
      if (matchesBranch(matcher, seen) && !matched.includes(rule)) matched.push(rule);
    };
    eachCandidate(index, event, check);
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

// Rules have much in common. One field for all that ask for the same is sooner at hand than as many copies of it.
const fieldPool = (): ((field: Field) => Field) => {
  const known = new Map<string, Field>();
  return field => {
    const isAbsent = field.conditions.every(condition => condition.isAbsence);
    const strings = isAbsent ? [] : onlyStrings(field);
    // Whether a key with an empty name is looked into depends on the whole pattern.
    if (!strings || field.path.split(".").includes("")) return field;
    let shared = 0;
    for (let [step] = field.steps; step?.isShared; [step] = step.rest ?? []) shared++;
    const key = JSON.stringify([field.path, shared, strings]);
    const same = known.get(key) ?? field;
    known.set(key, same);
    return same;
  };
};
