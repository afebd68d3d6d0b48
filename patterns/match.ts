import type { Condition, Leaf } from "./conditions";
import { firstConflict } from "./elements";
import type { Field } from "./paths";
import { anyLeaf, isWithin, stepsOf, usedKeys } from "./paths";
import type { Branch } from "./read";
import { branchesOf } from "./read";

/** A branch, compiled: its fields in the order in which the engine looks at them. */
export interface Matcher {
  fields: Field[];
  /** The same fields in the order in which they are tried first. */
  order: Field[];
  readsNumbers: boolean;
}

/** Compiles the branches of one pattern. */
export function matchersOf(branches: Branch[]): Matcher[] {
  const isUsed = usedKeys(branches.flatMap(branch => [...branch.keys()]));
  const tests = new Map<Condition[], Field["test"]>();
  const testOf = (conditions: Condition[]): Field["test"] => {
    const test = tests.get(conditions) ?? anyOf(conditions);
    tests.set(conditions, test);
    return test;
  };
  return branches.map(branch => {
    const paths = [...branch.keys()].sort();
    const fields = paths.map((path): Field => {
      const isShared = (place: string) => paths.some(other => other !== path && isWithin(other, place));
      const conditions = branch.get(path) ?? [];
      const mayBeAbsent = conditions.some(condition => condition.isAbsence);
      return {
        path,
        steps: stepsOf(path, isUsed, isShared),
        conditions,
        test: testOf(conditions),
        mayBeAbsent,
      };
    });
    const readsNumbers = [...branch.values()].flat().some(condition => condition.readsNumbers);
    return { fields, order: fields, readsNumbers };
  });
}

const anyOf = (conditions: Condition[]): ((value: Leaf) => boolean) => {
  const valued = conditions.filter(condition => !condition.isAbsence);
  const [first] = valued;
  if (valued.length === 1) return value => first.test(value);
  if (valued.length > 0 && valued.every(condition => condition.only !== undefined)) {
    const strings = new Set<Leaf>(valued.map(condition => condition.only as string));
    return value => strings.has(value);
  }
  return value => valued.some(condition => condition.test(value));
};

/** The strings that a field must have one of; undefined when it may have anything else. */
export const onlyStrings = ({ conditions }: Field): string[] | undefined => {
  const strings = new Set(conditions.flatMap(condition => condition.only ?? []));
  return conditions.every(condition => condition.only !== undefined) ? [...strings] : undefined;
};

const anyValue = (): boolean => true;

/** Whether an event matches one branch. */
export function matchesBranch(matcher: Matcher, event: object): boolean {
  const walk = { passedList: false };
  let tied: Field[] | undefined;
  for (const field of matcher.order) {
    walk.passedList = false;
    if (!anyLeaf(event, field.steps, field.test, walk)) {
      if (!field.mayBeAbsent) return false;
      if (anyLeaf(event, field.steps, anyValue, walk) && !walk.passedList) return false;
    }
    if (walk.passedList) (tied ??= []).push(field);
  }
  if (tied === undefined) return true;
  const inLists = tied;
  const fields = matcher.fields.filter(field => inLists.includes(field));
  return firstConflict(fields, event) === fields.length;
}

/**
 * Compiles a pattern into a function that tells whether an event matches. Throws a PatternError (`code`
 * "invalid-pattern", `mistakes`) when the pattern is invalid. The event is parsed JSON; whatever is not an object
 * matches nothing.
 *
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export function compile(pattern: unknown): (event: unknown) => boolean {
  const matchers = matchersOf(branchesOf(pattern));
  return event => isObject(event) && matchers.some(matcher => matchesBranch(matcher, event));
}

/** Whether a value is a JSON object, as every event is. */
export const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
