import type { Condition, Leaf } from "./conditions";
import type { Element, Steps } from "./paths";
import { anyLeaf, leavesAt, stepsOf, usedKeys } from "./paths";
import type { Branch } from "./read";
import { branchesOf } from "./read";

/** A path of a branch, compiled. */
export interface Field {
  path: string;
  steps: Steps;
  conditions: Condition[];
  test(value: Leaf): boolean;
  mayBeAbsent: boolean;
}

/** A branch, compiled: its fields in the order in which the engine looks at them. */
export interface Matcher {
  fields: Field[];
  readsNumbers: boolean;
}

/** Compiles the branches of one pattern. */
export function matchersOf(branches: Branch[]): Matcher[] {
  const isUsed = usedKeys(branches.flatMap(branch => [...branch.keys()]));
  const compiled = new Map<Condition[], Field>();
  const fieldOf = (path: string, conditions: Condition[]): Field => {
    const known = compiled.get(conditions);
    if (known) return known;
    const field = {
      path,
      steps: stepsOf(path, isUsed),
      conditions,
      test: anyOf(conditions),
      mayBeAbsent: conditions.some(condition => condition.isAbsence),
    };
    compiled.set(conditions, field);
    return field;
  };
  return branches.map(branch => ({
    fields: [...branch.keys()].sort().map(path => fieldOf(path, branch.get(path) ?? [])),
    readsNumbers: [...branch.values()].flat().some(condition => condition.readsNumbers),
  }));
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

const anyValue = (): boolean => true;

/** Whether an event matches one branch. */
export function matchesBranch(matcher: Matcher, event: object): boolean {
  const walk = { passedList: false };
  for (const field of matcher.fields) {
    if (anyLeaf(event, field.steps, field.test, walk)) continue;
    if (!field.mayBeAbsent) return false;
    if (!anyLeaf(event, field.steps, anyValue, walk)) continue;
    if (!walk.passedList) return false;
  }
  return !walk.passedList || firstConflict(matcher.fields, event) === matcher.fields.length;
}

/**
 * Array consistency: conditions on fields of the objects in one list must hold in the same element. Fields are
 * taken in the order of their paths and every set of elements that is still possible is carried along;
 * `{"exists": false}` is judged against the elements fixed so far, as in the engine. Returns the position of the
 * first field that leaves none, or the number of fields.
 *
 * Source: https://github.com/aws/event-ruler (ACFinder, ArrayMembership)
 */
export function firstConflict(fields: Field[], event: object): number {
  let possible: Element[][] = [[]];
  for (const [position, field] of fields.entries()) {
    const later = fields.slice(position + 1);
    const matters = ({ path }: Element) =>
      later.some(other => other.path === path || other.path.startsWith(`${path}.`));
    const found = leavesAt(event, field.steps);
    const next = new Map<string, Element[]>();
    for (const fixed of possible) {
      const keep = (elements: Element[]) => {
        const added = elements.filter(element => !fixed.some(other => other.list === element.list));
        const kept = [...fixed, ...added].filter(matters);
        next.set(
          kept
            .map(element => `${element.list}[${element.index}]`)
            .sort()
            .join(),
          kept,
        );
      };
      const consistent = found.filter(leaf => leaf.elements.every(element => agrees(element, fixed)));
      if (field.mayBeAbsent && consistent.length === 0) keep([]);
      for (const leaf of consistent) if (field.test(leaf.value)) keep(leaf.elements);
    }
    if (next.size === 0) return position;
    possible = [...next.values()];
  }
  return fields.length;
}

const agrees = (element: Element, fixed: Element[]): boolean =>
  fixed.every(other => other.list !== element.list || other.index === element.index);

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
