import { isObject } from "./match";
import type { Mistake, Reading } from "./read";
import { readPattern } from "./read";

/** What EventBridge itself limits, beyond the engine. Checked by `validate` only. */
export const limits = {
  /** Of the pattern as compact JSON; an account can have it raised. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
  characters: 2048,
  /** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-complex-example-or */
  combinations: 1000,
  /** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#filtering-numeric-matching */
  number: 5e9,
  digits: 15,
  decimals: 6,
  /** Unpublished: rules with 6 on one field were taken, with 8 refused (https://github.com/vals-ai/Valkyrie/pull/278). */
  wildcards: 6,
};

export interface Validation {
  /** Whether the engine takes the pattern; warnings do not count. */
  valid: boolean;
  errors: Mistake[];
  warnings: Mistake[];
}

/**
 * Every mistake of a pattern, with its place and what was expected, and as warnings what EventBridge would refuse
 * when the rule is created, or what never does what it looks like. The pattern is parsed JSON; from `parseJson` also
 * numbers that no double holds are checked.
 *
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function validate(pattern: unknown): Validation {
  const reading = readPattern(pattern);
  const valid = reading.mistakes.length === 0;
  return { valid, errors: reading.mistakes, warnings: valid ? warningsOf(pattern, reading) : [] };
}

const warningsOf = (pattern: unknown, { branches, lists, orIsName }: Reading): Mistake[] => {
  const warnings: Mistake[] = [];
  const warn = (path: string, what: string) => void warnings.push({ path, message: `${path} ${what}` });
  const { length } = JSON.stringify(pattern, (_key, value: unknown) =>
    typeof value === "symbol" ? 0 : value,
  );
  if (length > limits.characters)
    warn("pattern", `is ${length} characters long, EventBridge takes ${limits.characters}`);
  if (branches.length > limits.combinations) {
    warn("pattern", `makes ${branches.length} combinations of $or, EventBridge takes ${limits.combinations}`);
  }
  const places = new Map<string, string>();
  for (const { path, place, elements } of lists) {
    if (orIsName && place.includes("$or"))
      warn(place, "reads $or as the name of a field: it is no list of two or more objects");
    if (path === "" || path.endsWith(".")) warn(place, "has an empty name, which may match nothing");
    const earlier = places.get(path);
    if (earlier !== undefined && !`${place}${earlier}`.includes("$or[")) {
      warn(place, `is given twice (as ${earlier} and ${place}), and only the later one counts`);
    }
    places.set(path, place);
    elements.forEach((element, index) => {
      for (const what of elementWarnings(element)) warn(`${place}[${index}]`, what);
    });
    const wildcards = elements.reduce<number>((sum, element) => sum + wildcardsIn(element), 0);
    if (wildcards > limits.wildcards) {
      warn(
        place,
        `has ${wildcards} wildcard characters, EventBridge refuses what it finds too complex; use prefix or suffix`,
      );
    }
  }
  return warnings;
};

const elementWarnings = (element: unknown): string[] => {
  if (!isObject(element)) return [];
  const [[operator, operand]] = Object.entries(element) as [string, unknown][];
  if (operator === "numeric") return numberMistakes(operand as unknown[]);
  if (operator === "exactly")
    return ["uses exactly, which EventBridge's guide does not list; use a plain string"];
  const text = JSON.stringify(element);
  return text.includes('"equals-ignore-case":') && /[\ud800-\udfff]/.test(text)
    ? ["ignores case in a text with a character beyond U+FFFF, such as an emoji, and so never equals it"]
    : [];
};

const wildcardsIn = (element: unknown): number => {
  const { wildcard, "anything-but": excluded } = (isObject(element) ? element : {}) as Record<
    string,
    unknown
  >;
  const texts = [
    wildcard ?? (isObject(excluded) ? (excluded as Record<string, unknown>).wildcard : []),
  ].flat();
  return texts.join("").replace(/\\./g, "").split("*").length - 1;
};

const numberMistakes = (operands: unknown[]): string[] =>
  operands.flatMap(operand => {
    if (typeof operand !== "number") return [];
    if (Math.abs(operand) > limits.number) return [`compares with ${operand}, EventBridge takes -5e9 to 5e9`];
    const [, digits, decimals] = /^-?([\d.]+?)(?:e([+-]\d+))?$/.exec(String(operand)) ?? [];
    const fraction = (digits.split(".")[1]?.length ?? 0) - Number(decimals ?? 0);
    const isLong = digits.replace(/\D/g, "").length > limits.digits || fraction > limits.decimals;
    return isLong
      ? [
          `compares with ${operand}, EventBridge takes ${limits.digits} digits, ${limits.decimals} of them after the point`,
        ]
      : [];
  });
