import type { Leaf } from "../conditions";
import type { Matcher } from "../match";
import { onlyStrings } from "../match";
import type { PartIndex } from "./parts";
import { eachWithin, isFindable, partIndex } from "./parts";
import type { Field, Steps } from "../paths";
import { anyLeaf, stepsOf } from "../paths";

/** One branch of one rule. */
export interface Entry {
  rule: number;
  matcher: Matcher;
}

/** Entries that may match: some always, others only if a value at some path is what they ask for. */
export interface RuleIndex {
  always: Entry[];
  looks: Look[];
}

interface Look {
  steps: Steps;
  byString: Map<unknown, RuleIndex>;
  /** By what strings must start with, those of one length together. */
  byHead: { length: number; byText: Map<string, Entry[]> }[];
  byTest: { test: Field["test"]; entry: Entry }[];
  /** By what strings must hold somewhere; undefined where they are too few for it. */
  byPart?: PartIndex<Entry>;
}

/** Calls back with every entry that may match an event; with some more than once. */
export function eachCandidate(
  { always, looks }: RuleIndex,
  event: object,
  check: (entry: Entry) => void,
): void {
  for (const entry of always) check(entry);
  for (const { steps, byString, byHead, byTest, byPart } of looks) {
    const visit = (value: Leaf): boolean => {
      const next = byString.get(value);
      if (next) eachCandidate(next, event, check);
      if (typeof value === "string") {
        for (const { length, byText } of byHead) byText.get(value.slice(0, length))?.forEach(check);
        if (byPart) eachWithin(byPart, value, check);
      }
      for (const { test, entry } of byTest) if (test(value)) check(entry);
      return false;
    };
    anyLeaf(event, steps, visit, { passedList: false });
  }
}

const fewEntries = 3;

/** Finds entries by the strings that they ask for, the path with the most different ones first. */
export function ruleIndex(entries: Entry[], usedPaths: ReadonlySet<string> = new Set()): RuleIndex {
  const looks = new Map<string, Look>();
  const lookAt = (path: string): Look => {
    const look = looks.get(path) ?? { steps: everyWay(path), byString: new Map(), byHead: [], byTest: [] };
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
      if (!strings) return true;
      for (const string of strings) addTo(groups, string, entry);
      return false;
    });
    const used = new Set(usedPaths).add(path);
    for (const [string, group] of groups) lookAt(path).byString.set(string, ruleIndex(group, used));
  }
  const always: Entry[] = [];
  const untold = new Map<string, Entry[]>();
  for (const entry of left) {
    const [first] = entry.matcher.order;
    const { path } = first;
    // Numbers may differ from their text, so a look at the parsed event must not rule them out.
    if (first.mayBeAbsent || entry.matcher.readsNumbers) always.push(entry);
    else if (headsOf(first).includes("")) addTo(untold, path, entry);
    else for (const head of headsOf(first)) addHead(lookAt(path).byHead, head, entry);
  }
  for (const [path, together] of untold) addTests(lookAt(path), together);
  return { always, looks: [...looks.values()] };
}

/** What strings that a field takes start with; an empty one where they may start with anything. */
const headsOf = ({ conditions }: Field): string[] => [
  ...new Set(conditions.map(({ only, head }) => only ?? head ?? "")),
];

const addHead = (byHead: Look["byHead"], head: string, entry: Entry): void => {
  const known = byHead.find(({ length }) => length === head.length);
  const { byText } = known ?? { byText: new Map<string, Entry[]>() };
  if (!known) byHead.push({ length: head.length, byText });
  addTo(byText, head, entry);
};

// Looking up all that a string holds takes as long as half as many tests, but longer where strings are very long.
const fewTests = 32;

const addTests = (look: Look, entries: Entry[]): void => {
  const findable = entries.filter(isFindableByParts);
  const areMany = findable.length > fewTests;
  if (areMany) look.byPart = partIndex(findable.map(entry => [entry, partsOf(entry)] as const));
  for (const entry of areMany ? entries.filter(entry => !isFindableByParts(entry)) : entries)
    look.byTest.push({ test: entry.matcher.order[0].test, entry });
};

const isFindableByParts = (entry: Entry): boolean => partsOf(entry).every(isFindable);

const partsOf = ({ matcher }: Entry): string[] =>
  matcher.order[0].conditions.map(({ only, part, head }) => only ?? part ?? head ?? "");

const addTo = (groups: Map<string, Entry[]>, key: string, entry: Entry): void => {
  const group = groups.get(key);
  if (group) group.push(entry);
  else groups.set(key, [entry]);
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
