import type { Condition } from "./conditions";
import { readCondition } from "./conditions";
import { show } from "./words";

/** What is wrong with a pattern, and where: `detail.eventName[0]`, or `pattern` for the whole of it. */
export interface Mistake {
  path: string;
  /** A sentence of its own; it names the place. */
  message: string;
}

/** One way to match: every path's list of conditions must hold. `$or` makes several of a pattern. */
export type Branch = Map<string, Condition[]>;

export interface Reading {
  branches: Branch[];
  mistakes: Mistake[];
  /** Every list of the pattern: the path it is for, and where it stands. */
  lists: { path: string; place: string; elements: unknown[] }[];
  /** `$or` was not well formed and is read as the name of an ordinary field, as the engine does. */
  orIsName: boolean;
}

/**
 * Reads a pattern into branches. When `$or` is misused, a second reading takes `$or` for an ordinary field name; if
 * that is no pattern either, the mistakes are those of the first reading.
 *
 * Source: https://github.com/aws/event-ruler (GenericMachine.addRule, JsonRuleCompiler, RuleCompiler)
 */
export function readPattern(pattern: unknown): Reading {
  const reading = { ...read(pattern, true), orIsName: false };
  if (reading.mistakes.length === 0) return reading;
  const plain = read(pattern, false);
  return plain.mistakes.length === 0 ? { ...plain, orIsName: true } : reading;
}

const maximumFields = 256;
// Far above the 1,000 that EventBridge takes; each combination is held in memory.
const maximumBranches = 100_000;
const maximumDepth = 1000;

const read = (pattern: unknown, hasOr: boolean): Omit<Reading, "orIsName"> => {
  const mistakes: Mistake[] = [];
  const lists: Reading["lists"] = [];
  const refuse = (path: string, what: string) => void mistakes.push({ path, message: `${path}${what}` });

  const readFields = (
    value: object,
    steps: string[],
    place: string,
    inOr: boolean,
    branches: Branch[],
  ): Branch[] => {
    const names = Object.keys(value);
    if (names.length === 0) refuse(place || "pattern", " is an empty object, wanted at least one field");
    for (const name of names) {
      const content: unknown = (value as Record<string, unknown>)[name];
      const at = place === "" ? name : `${place}.${name}`;
      if (hasOr && name === "$or") {
        branches = readOr(content, steps, at, branches);
      } else if (inOr && reservedInOr.has(name)) {
        refuse(at, ` is a word that EventBridge reserves, it cannot be a field inside $or`);
      } else if (Array.isArray(content)) {
        const path = pathOf(steps, name);
        lists.push({ path, place: at, elements: content as unknown[] });
        const conditions = readList(content, at);
        for (const branch of branches) branch.set(path, conditions);
      } else if (typeof content !== "object" || content === null) {
        refuse(at, ` is ${show(content)}, wanted a list such as [${show(content)}]`);
      } else if (steps.length >= maximumDepth) {
        refuse(at, ` is nested more than ${maximumDepth} levels deep`);
      } else {
        branches = readFields(content, [...steps, name], at, inOr, branches);
      }
    }
    return branches;
  };

  const readOr = (content: unknown, steps: string[], place: string, branches: Branch[]): Branch[] => {
    if (!Array.isArray(content) || content.length < 2) {
      refuse(
        place,
        ` is ${Array.isArray(content) ? `a list of ${content.length}` : show(content)}, wanted a list of two or more objects`,
      );
      return branches;
    }
    const grown: Branch[] = [];
    content.forEach((alternative: unknown, index) => {
      const at = `${place}[${index}]`;
      if (typeof alternative !== "object" || alternative === null || Array.isArray(alternative)) {
        refuse(at, ` is ${show(alternative)}, wanted an object of fields`);
      } else if (branches.length + grown.length > maximumBranches) {
        refuse(at, ` makes more than ${maximumBranches} combinations of $or`);
      } else {
        const copies = branches.map(branch => new Map(branch));
        for (const branch of readFields(alternative, steps, at, true, copies)) grown.push(branch);
      }
    });
    return grown;
  };

  const readList = (list: unknown[], place: string): Condition[] => {
    if (list.length === 0) refuse(place, " is an empty list, wanted at least one value");
    return list.flatMap((element, index) => {
      const condition = readCondition(element, !hasOr);
      if (typeof condition !== "string") return [condition];
      const at = `${place}[${index}]`;
      refuse(at, condition.startsWith(":") ? condition : ` ${condition}`);
      return [];
    });
  };

  if (typeof pattern !== "object" || pattern === null || Array.isArray(pattern)) {
    refuse(
      "pattern",
      ` is ${Array.isArray(pattern) ? "a list" : show(pattern)}, wanted an object such as {"source": ["aws.ec2"]}`,
    );
    return { branches: [], mistakes, lists };
  }
  const branches = readFields(pattern, [], "", false, [new Map()]);
  const fields = branches.reduce((most, branch) => Math.max(most, branch.size), 0);
  if (fields > maximumFields) refuse("pattern", ` has ${fields} fields, wanted at most ${maximumFields}`);
  return { branches, mistakes, lists };
};

// An empty first name vanishes from a pattern's path, though not from an event's.
const pathOf = (steps: string[], name: string): string => {
  const base = steps.join(".");
  return base === "" ? name : `${base}.${name}`;
};

// https://github.com/aws/event-ruler (Constants.RESERVED_FIELD_NAMES_IN_OR_RELATIONSHIP)
const reservedInOr = new Set(
  (
    "exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr = < <= > >= regex " +
    "not-wildcard not-equals-ignore-case date-after date-on-or-after date-before date-on-or-before in-date-range " +
    "ip-address-in-range ip-address-not-in-range"
  ).split(" "),
);

/** An error that lists everything that is wrong with a pattern: `code` "invalid-pattern", and the `mistakes`. */
export function patternError(mistakes: Mistake[]): Error & { code: "invalid-pattern"; mistakes: Mistake[] } {
  const lines = mistakes.map(mistake => mistake.message);
  const message =
    lines.length === 1
      ? `Invalid event pattern: ${lines[0]}.`
      : `Invalid event pattern:\n- ${lines.join("\n- ")}`;
  return Object.assign(new Error(message), {
    name: "PatternError",
    code: "invalid-pattern" as const,
    mistakes,
  });
}

/** The branches of a pattern; throws `patternError` when it is invalid. */
export function branchesOf(pattern: unknown): Branch[] {
  const { branches, mistakes } = readPattern(pattern);
  if (mistakes.length > 0) throw patternError(mistakes);
  return branches;
}
