import type { AddressRange } from "./address";
import { addressDigits, blockRange, isInRange } from "./address";
import { doubleOf, heldDouble } from "./doubles";
import type { StringTest } from "./strings";
import { endsWith, endsWithFolded, equalsFolded, startsWith, startsWithFolded, wildcard } from "./strings";
import { oneOf, show } from "./words";

/** A value at the end of a path. A symbol is a number that no double holds, see `parseJson`. */
export type Leaf = string | number | boolean | null | symbol;

/** One element of a pattern's list: what it asks for, and whether a value meets it. */
export interface Condition {
  /** To follow "wanted", e.g. `a value that starts with "aws."`. */
  words: string;
  test(value: Leaf): boolean;
  /** `{"exists": false}`: met where the path has no value at all. */
  isAbsence?: true;
  /** The only string that meets the condition. */
  only?: string;
  /** What every string that meets the condition starts with. */
  head?: string;
  /** What every string that meets the condition holds somewhere. */
  part?: string;
  /** Depends on the exact value of a number. */
  readsNumbers?: true;
}

/**
 * Reads one element of a pattern's list. Returns what is wrong with it, in words that follow the element's place.
 * `isPlain` leaves out what the engine allows only in patterns whose `$or` is well formed.
 *
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function readCondition(element: unknown, isPlain: boolean): Condition | string {
  if (typeof element === "string") return plainString(element);
  if (typeof element === "number") {
    return { words: show(element), test: value => value === element, readsNumbers: true };
  }
  if (typeof element === "symbol") {
    const same = (value: Leaf) => typeof value === "symbol" && value.description === element.description;
    return { words: show(element), test: same, readsNumbers: true };
  }
  if (typeof element === "boolean" || element === null)
    return { words: show(element), test: value => value === element };
  const keys = keysOf(element);
  if (!keys)
    return `is a list, wanted a string, a number, true, false, null or an operator such as {"prefix": "…"}`;
  if (keys.length === 0) return `is an empty object, wanted an operator such as {"prefix": "…"}`;
  const [name] = keys;
  if (!Object.hasOwn(operators, name))
    return `has the unknown operator "${name}", wanted ${oneOf(Object.keys(operators))}`;
  if (keys.length > 1)
    return `has ${keys.length} operators (${keys.join(", ")}), wanted one; list them as separate elements`;
  return operators[name]((element as Record<string, unknown>)[name], isPlain);
}

const operators: Record<string, (operand: unknown, isPlain: boolean) => Condition | string> = {
  prefix: operand => {
    const read = stringOrFolded("prefix", operand, "a value that starts with", startsWith, startsWithFolded);
    // A quotation mark at the end may stand for the end of the string.
    const head = typeof operand === "string" ? operand.replace(/"$/, "") : "";
    return typeof read === "string" ? read : { ...read, head };
  },
  suffix: operand => {
    const read = stringOrFolded("suffix", operand, "a value that ends with", endsWith, endsWithFolded);
    const part = typeof operand === "string" ? operand.replace(/^"/, "") : "";
    return typeof read === "string" ? read : { ...read, part };
  },
  "equals-ignore-case": operand =>
    typeof operand === "string"
      ? onStrings(`${show(operand)} in any case`, equalsFolded(operand))
      : wrongOperand("equals-ignore-case", operand, "a string"),
  wildcard: operand => {
    if (typeof operand !== "string") return wrongOperand("wildcard", operand, "a string");
    const test = wildcard(operand);
    if (typeof test === "string") return `: the wildcard ${test}`;
    const pieces = operand.split(/[*\\]/);
    const part = pieces.reduce((longest, piece) => (piece.length > longest.length ? piece : longest));
    return { ...onStrings(`a value like ${show(operand)}`, test), head: pieces[0], part };
  },
  exactly: operand =>
    typeof operand === "string"
      ? { words: show(operand), test: value => value === operand, only: operand }
      : wrongOperand("exactly", operand, "a string"),
  exists: operand => {
    if (operand === true) return { words: "any value", test: () => true };
    if (operand === false) return { words: "no value", test: () => false, isAbsence: true };
    return wrongOperand("exists", operand, "true or false");
  },
  cidr: operand => {
    if (typeof operand !== "string") return wrongOperand("cidr", operand, 'a string such as "10.0.0.0/8"');
    const range = blockRange(operand);
    return typeof range === "string"
      ? `: the block ${show(operand)} is wrong: ${range}`
      : inBlock(`an address in ${operand}`, range);
  },
  numeric: operand => numeric(operand),
  "anything-but": (operand, isPlain) => anythingBut(operand, isPlain),
};

const plainString = (text: string): Condition => {
  const digits = addressDigits(text);
  if (digits !== undefined) return inBlock(show(text), { first: digits, last: digits });
  return { words: show(text), test: value => value === text, only: text };
};

const inBlock = (words: string, range: AddressRange): Condition =>
  onStrings(words, value => {
    const digits = addressDigits(value);
    return digits !== undefined && isInRange(digits, range);
  });

const onStrings = (words: string, test: StringTest): Condition => ({
  words,
  test: value => typeof value === "string" && test(value),
});

const stringOrFolded = (
  name: string,
  operand: unknown,
  words: string,
  plain: (text: string) => StringTest,
  folded: (text: string) => StringTest,
): Condition | string => {
  if (typeof operand === "string") return onStrings(`${words} ${show(operand)}`, plain(operand));
  const keys = keysOf(operand);
  const text = keys?.length === 1 ? (operand as Record<string, unknown>)["equals-ignore-case"] : undefined;
  if (typeof text === "string") return onStrings(`${words} ${show(text)} in any case`, folded(text));
  return wrongOperand(name, operand, `a string or {"equals-ignore-case": "…"}`);
};

const comparisons: Record<string, (value: number, bound: number) => boolean> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

const numeric = (operand: unknown): Condition | string => {
  const example = `a list such as ["=", 5] or [">", 0, "<=", 10]`;
  if (!Array.isArray(operand)) return wrongOperand("numeric", operand, example);
  const [operator, bound, upper, top] = operand as unknown[];
  if (typeof operator !== "string" || !Object.hasOwn(comparisons, operator)) {
    return `: numeric starts with ${show(operator)}, wanted one of = < <= > >=`;
  }
  const isRange = operand.length > 2 && (operator === ">" || operator === ">=");
  if (isRange && upper !== "<" && upper !== "<=")
    return `: numeric goes on with ${show(upper)} after a lower bound, wanted < or <=`;
  if (operand.length > (isRange ? 4 : 2)) return `: numeric has too many elements, wanted ${example}`;
  for (const number of isRange ? [bound, top] : [bound]) {
    const mistake = unfitNumber(number);
    if (mistake) return `: numeric ${mistake}`;
  }
  const low = doubleOf(bound) as number;
  const holds = comparisons[operator];
  if (!isRange) return onNumbers(`a number ${operator} ${show(low)}`, value => holds(value, low));
  const high = doubleOf(top) as number;
  if (!(low < high))
    return `: numeric asks for more than ${show(low)} and less than ${show(high)}, which no number is`;
  const holdsToo = comparisons[upper as string];
  return onNumbers(
    `a number ${operator} ${low} and ${upper} ${high}`,
    value => holds(value, low) && holdsToo(value, high),
  );
};

const onNumbers = (words: string, test: (value: number) => boolean): Condition => ({
  words,
  test: value => {
    const double = heldDouble(value);
    return double !== undefined && test(double);
  },
  readsNumbers: true,
});

const unfitNumber = (value: unknown): string | undefined => {
  if (doubleOf(value) !== undefined) return undefined;
  return typeof value === "symbol" || typeof value === "number"
    ? `compares with ${show(value)}, which has more digits than a number (a double) can hold`
    : `compares with ${show(value)}, wanted a number`;
};

const excluded: Record<string, { words: string; test: (text: string) => StringTest | string }> = {
  prefix: {
    words: "that starts with",
    test: text => (text === "" ? "is empty, wanted at least one character" : startsWith(text)),
  },
  suffix: {
    words: "that ends with",
    test: text => (text === "" ? "is empty, wanted at least one character" : endsWith(text)),
  },
  "equals-ignore-case": { words: "equal, in any case, to", test: equalsFolded },
  wildcard: { words: "like", test: wildcard },
};

const anythingBut = (operand: unknown, isPlain: boolean): Condition | string => {
  const keys = keysOf(operand);
  if (keys) {
    const [name] = keys;
    const known = isPlain ? ["prefix", "suffix", "equals-ignore-case"] : Object.keys(excluded);
    if (keys.length !== 1 || !known.includes(name)) {
      return `: anything-but has ${keys.length === 0 ? "an empty object" : oneOf(keys, "and")}, wanted one of ${oneOf(known)}`;
    }
    return anythingLike(name, (operand as Record<string, unknown>)[name], isPlain);
  }
  const values = Array.isArray(operand) ? (operand as unknown[]) : [operand];
  const strings = values.filter(value => typeof value === "string");
  if (values.length > 0 && strings.length === values.length) {
    const set = new Set<Leaf>(strings);
    return { words: `any value but ${oneOf(strings.map(show))}`, test: value => !set.has(value) };
  }
  const mistake = strings.length > 0 ? undefined : values.map(unfitNumber).find(Boolean);
  if (values.length === 0 || strings.length > 0)
    return ": anything-but wants strings only or numbers only, at least one";
  if (mistake)
    return `: anything-but ${mistake.replace("wanted a number", "wanted strings only or numbers only")}`;
  const set = new Set<Leaf>(values as Leaf[]);
  return {
    words: `any value but ${oneOf(values.map(show))}`,
    test: value => !set.has(value),
    readsNumbers: true,
  };
};

const anythingLike = (name: string, operand: unknown, isPlain: boolean): Condition | string => {
  const { words, test } = excluded[name];
  const mayList = !isPlain || name === "equals-ignore-case";
  const texts: unknown[] = Array.isArray(operand) && mayList ? operand : [operand];
  // The engine fails on an empty list, or never matches it.
  if (texts.length === 0) return wrongOperand(`anything-but ${name}`, texts, "at least one string");
  const tests: StringTest[] = [];
  for (const text of texts) {
    if (typeof text !== "string") return wrongOperand(`anything-but ${name}`, text, "strings only");
    const one = test(text);
    if (typeof one === "string") return `: the anything-but ${name} ${show(text)} ${one}`;
    tests.push(one);
  }
  return {
    words: `any value but one ${words} ${oneOf(texts.map(show))}`,
    test: value => typeof value !== "string" || !tests.some(holds => holds(value)),
  };
};

const keysOf = (value: unknown): string[] | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : undefined;

const wrongOperand = (name: string, operand: unknown, wanted: string): string =>
  `: ${name} is given ${show(operand)}, wanted ${wanted}`;
