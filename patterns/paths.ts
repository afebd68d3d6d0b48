import type { Condition, Leaf } from "./conditions";

/**
 * A way down an event for one path. An event may write `a.b` as `{"a":{"b":…}}` or as `{"a.b":…}`, so at each level
 * there is one step for every number of names that a single key can hold. No `rest` means that the path ends here.
 */
export interface Step {
  key: string;
  /** `toString` and the like: found on every object unless asked for an own key. */
  isInherited: boolean;
  /** Another path goes through the same place, so a list found here ties the two to one element. */
  isShared: boolean;
  rest?: Steps;
}
export type Steps = Step[];

/** A path of a branch, compiled. */
export interface Field {
  path: string;
  steps: Steps;
  conditions: Condition[];
  test(value: Leaf): boolean;
  mayBeAbsent: boolean;
}

/** Compiles a path. `isUsed` tells which event keys the engine looks into, `isShared` which places other paths share. */
export function stepsOf(
  path: string,
  isUsed: (key: string) => boolean,
  isShared: (place: string) => boolean,
): Steps {
  const names = path.split(".");
  let after: (Steps | undefined)[] = [undefined];
  for (let start = names.length - 1; start >= 0; start--) {
    const steps = after.flatMap((rest, index): Step[] => {
      const end = start + 1 + index;
      const key = names.slice(start, end).join(".");
      if (!isUsed(key)) return [];
      return [{ key, isInherited: key in {}, isShared: isShared(names.slice(0, end).join(".")), rest }];
    });
    after = [steps, ...after];
  }
  return after[0] ?? [];
}

/** Whether a path goes through a place, or ends there. */
export const isWithin = (path: string, place: string): boolean =>
  path === place || path.startsWith(`${place}.`);

/**
 * Which keys of events the engine looks into for a pattern: those whose names all occur in one of its paths. Only
 * empty names make a difference, because a trailing empty name is not counted: `detail.` never finds anything.
 *
 * Source: https://github.com/aws/event-ruler (GenericMachine.isFieldStepUsed)
 */
export function usedKeys(paths: Iterable<string>): (key: string) => boolean {
  const used = new Set<string>();
  for (const path of paths) for (const name of namesOf(path)) used.add(name);
  return key => used.has(key) || (key.includes(".") && namesOf(key).every(name => used.has(name)));
}

const namesOf = (path: string): string[] => {
  const names = path.split(".");
  while (names.length > 0 && names[names.length - 1] === "" && path !== "") names.pop();
  return names;
};

/** Whether a list of objects or of lists was passed where other paths pass as well. */
export interface Walk {
  passedList: boolean;
}

/** Whether any value at the end of the path passes the test. */
export function anyLeaf(object: object, steps: Steps, test: (value: Leaf) => boolean, walk: Walk): boolean {
  for (const step of steps) {
    const value = childOf(object, step);
    if (value === undefined) continue;
    if (typeof value === "object" && value !== null) {
      if (anyLeafWithin(value, step, test, walk, 0)) return true;
    } else if (step.rest === undefined && test(value as Leaf)) {
      return true;
    }
  }
  return false;
}

const anyLeafWithin = (
  value: object,
  step: Step,
  test: (value: Leaf) => boolean,
  walk: Walk,
  depth: number,
): boolean => {
  const { rest } = step;
  if (!Array.isArray(value)) return rest !== undefined && anyLeaf(value, rest, test, walk);
  if (depth > deepestList) return false;
  for (const element of value as unknown[]) {
    if (typeof element === "object" && element !== null) {
      if (step.isShared) walk.passedList = true;
      if (anyLeafWithin(element, step, test, walk, depth + 1)) return true;
    } else if (rest === undefined && test(element as Leaf)) {
      return true;
    }
  }
  return false;
};

// The engine's parser refuses events nested deeper than this.
const deepestList = 1000;

const childOf = (object: object, step: Step): unknown =>
  step.isInherited && !Object.hasOwn(object, step.key)
    ? undefined
    : (object as Record<string, unknown>)[step.key];

/** The element of a list that a value was found in. `list` is where the list is, `path` the path that leads there. */
export interface Element {
  list: string;
  path: string;
  index: number;
}

export interface Found {
  value: Leaf;
  elements: Element[];
}

/** Every value at the end of a path, with the list elements that lead to it. */
export function leavesAt(
  object: object,
  steps: Steps,
  place = "",
  path = "",
  elements: Element[] = [],
): Found[] {
  return steps.flatMap(step => {
    const value = childOf(object, step);
    if (value === undefined) return [];
    const inner = path === "" ? step.key : `${path}.${step.key}`;
    return leavesIn(value, step.rest, `${place}/${JSON.stringify(step.key)}`, inner, elements, 0);
  });
}

const leavesIn = (
  value: unknown,
  rest: Steps | undefined,
  place: string,
  path: string,
  elements: Element[],
  depth: number,
): Found[] => {
  if (typeof value !== "object" || value === null)
    return rest === undefined ? [{ value: value as Leaf, elements }] : [];
  if (!Array.isArray(value)) return rest === undefined ? [] : leavesAt(value, rest, place, path, elements);
  if (depth > deepestList) return [];
  return value.flatMap((element: unknown, index) => {
    const isNested = typeof element === "object" && element !== null;
    const within = isNested ? [...elements, { list: place, path, index }] : elements;
    return leavesIn(element, rest, `${place}[${index}]`, path, within, depth + 1);
  });
};
