import { firstConflict } from "./elements";
import type { Matcher } from "./match";
import type { Field } from "./paths";
import { isObject, matchersOf, matchesBranch } from "./match";
import { leavesAt } from "./paths";
import { branchesOf } from "./read";
import { oneOf, show } from "./words";

/** A verdict with its reasons: for a match every field that was asked for, otherwise every field that failed. */
export interface Explanation {
  matches: boolean;
  reasons: string[];
}

/**
 * Why an event matches a pattern or not, e.g. `detail.eventName is "DeleteBucket", wanted "CreateBucket" or
 * "PutBucketAcl"`. With `$or` the reasons are those of the alternative that comes closest. Always agrees with
 * `compile`; throws a PatternError when the pattern is invalid.
 */
export function explain(pattern: unknown, event: unknown): Explanation {
  const matchers = matchersOf(branchesOf(pattern));
  if (!isObject(event))
    return { matches: false, reasons: [`The event is ${show(event)}, wanted a JSON object`] };
  const matching = matchers.find(matcher => matchesBranch(matcher, event));
  if (matching)
    return { matches: true, reasons: matching.fields.map(field => `${field.path} ${found(field, event)}`) };
  const failures = matchers.map(matcher => failuresOf(matcher, event));
  const closest = failures.reduce((best, next) => (next.length < best.length ? next : best));
  const note =
    matchers.length > 1
      ? [`No alternative of $or matches; the closest of ${matchers.length} fails because`]
      : [];
  return { matches: false, reasons: [...note, ...closest] };
}

const failuresOf = ({ fields }: Matcher, event: object): string[] => {
  const failed = fields.filter(field => !holdsSomewhere(field, event));
  if (failed.length > 0)
    return failed.map(field => `${field.path} ${found(field, event)}, wanted ${wanted(field, event)}`);
  const field = fields[firstConflict(fields, event)];
  const lists = new Set(
    leavesAt(event, field.steps).flatMap(leaf => leaf.elements.map(element => element.path)),
  );
  const others = fields.filter(
    other => other !== field && [...lists].some(list => other.path.startsWith(`${list}.`)),
  );
  const paths = [...others.map(other => other.path), field.path];
  return [`${oneOf(paths, "and")} do not hold in the same element of ${oneOf([...lists])}`];
};

const holdsSomewhere = (field: Field, event: object): boolean => {
  const leaves = leavesAt(event, field.steps);
  // With lists on the way, whether a value is absent depends on the element.
  const isAbsent = leaves.length === 0 || leaves.some(leaf => leaf.elements.length > 0);
  return (field.mayBeAbsent && isAbsent) || leaves.some(leaf => field.test(leaf.value));
};

const found = (field: Field, event: object): string => {
  const values = [...new Set(leavesAt(event, field.steps).map(leaf => show(leaf.value)))];
  return values.length === 0 ? "has no value" : `is ${oneOf(values, "and")}`;
};

const wanted = (field: Field, event: object): string => {
  const words = oneOf(field.conditions.map(condition => condition.words));
  const folded = new Set(field.conditions.map(condition => condition.only?.toLowerCase()));
  const isOtherCase = leavesAt(event, field.steps).some(
    ({ value }) => typeof value === "string" && folded.has(value.toLowerCase()),
  );
  return isOtherCase ? `${words} (upper and lower case differ)` : words;
};
