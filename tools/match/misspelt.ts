import { closest } from "../../components/settings/mistakes";
import { isObject } from "./match-lines";

/** What an event may have at its top: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
const envelope = "version id detail-type source account time region resources detail replay-name".split(" ");

/** A sentence for each field of the pattern that the event has not, though it has one that is spelled alike. */
export const misspelt = (pattern: unknown, event: unknown): string[] =>
  within(pattern, [event, Object.fromEntries(envelope.map(name => [name, undefined]))], []);

/** @param values what the event has there: several where it has a list */
function within(pattern: unknown, values: readonly unknown[], path: readonly string[]): string[] {
  if (!isObject(pattern)) return [];
  const holders = values.flat().filter(isObject);
  const known = [...new Set(holders.flatMap(Object.keys))];
  return Object.entries(pattern).flatMap(([key, wanted]) => {
    if (key === "$or" && Array.isArray(wanted)) return wanted.flatMap(one => within(one, values, path));
    if (known.includes(key))
      return within(
        wanted,
        holders.map(one => one[key]),
        [...path, key],
      );
    const meant = closest(
      key,
      known.filter(name => !Object.hasOwn(pattern, name)),
    );
    const place = [...path, key].join(".");
    return meant === undefined
      ? []
      : [`the event has no ${place}; did you mean "${[...path, meant].join(".")}"?`];
  });
}
