import { isDeepStrictEqual } from "node:util";
import type { Json } from "../runtime/json";
import { plain } from "../runtime/plain";

/**
 * What differs between two states, a line each: `- ` what only the first has, `+ ` what only the second has. The items
 * of lists are compared as a whole, whatever their order.
 */
export function changesBetween(one: Json, other: Json, path = ""): string[] {
  if (isDeepStrictEqual(one, other)) return [];
  if (Array.isArray(one) && Array.isArray(other)) {
    const [gone, added] = [without(one, other), without(other, one)];
    const pairs = gone.map(item => [item, added.find(candidate => isSameThing(item, candidate))] as const);
    const changed = pairs.filter((pair): pair is readonly [Json, Json] => pair[1] !== undefined);
    return [
      ...changed.flatMap(([item, later]) => changesBetween(item, later, `${path}[${idOf(item)}]`)),
      ...gone.filter(item => !changed.some(([known]) => known === item)).map(item => line("-", path, item)),
      ...added
        .filter(item => !changed.some(([, known]) => known === item))
        .map(item => line("+", path, item)),
    ];
  }
  if (isObject(one) && isObject(other))
    return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap(key => {
      const at = path === "" ? key : `${path}.${key}`;
      if (one[key] === undefined) return [line("+", at, other[key])];
      if (other[key] === undefined) return [line("-", at, one[key])];
      return changesBetween(one[key], other[key], at);
    });
  return [line("-", path, one), line("+", path, other)];
}

const isObject = (value: Json): value is { [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const without = (items: readonly Json[], others: readonly Json[]): Json[] =>
  items.filter(item => !others.some(other => isDeepStrictEqual(item, other)));

/** Instances and their parts have an `id`. */
const idOf = (item: Json): string | undefined =>
  isObject(item) && typeof item.id === "string" ? item.id : undefined;
const isSameThing = (one: Json, other: Json): boolean => idOf(one) !== undefined && idOf(one) === idOf(other);

/** Values hold names and tags of others: in plain text, without quotation marks. */
const line = (sign: "+" | "-", path: string, value: Json): string =>
  `${sign} ${plain(path, 200)}: ${plain(JSON.stringify(value), 400)}`;
