import { isDeepStrictEqual } from "node:util";
import { containsUnknown, isArchive, type Properties } from "../values";
import type { Changes } from "./resource-type";

/** The names of the inputs that do not mean the same as before; what is not known yet may be anything. */
export function changedInputs(changes: Changes, before: Properties, after: Properties): string[] {
  const [old, wanted] = [before, after].map(inputs => ({ ...changes.defaults, ...inputs }));
  return [...new Set([...Object.keys(old), ...Object.keys(wanted)])].filter(
    name => !sameInput(changes, name, old[name], wanted[name]),
  );
}

/** Archives are compared by their content, JSON by what it says, some lists without their order; empty is not given. */
export const sameInput = ({ unordered }: Changes, name: string, one: unknown, other: unknown): boolean =>
  !containsUnknown(one) &&
  !containsUnknown(other) &&
  isDeepStrictEqual(meaning(one, unordered.includes(name)), meaning(other, unordered.includes(name)));

/** What says no more than an input that is not given. */
export const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === "" ||
  (typeof value === "object" && value !== null && Object.keys(value).length === 0);

function meaning(value: unknown, isSet = false): unknown {
  if (isEmpty(value)) return undefined;
  if (isArchive(value) && value.hash !== undefined) return value.hash;
  if (Array.isArray(value)) {
    const items = value.map(item => meaning(item));
    return isSet ? items.map(item => JSON.stringify(item)).sort() : items;
  }
  if (typeof value === "string") return document(value) ?? value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, meaning(item)]),
  );
}

/** What a JSON document says, such as a policy; undefined of any other text. */
function document(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return meaning(JSON.parse(text));
  } catch {
    return undefined;
  }
}
