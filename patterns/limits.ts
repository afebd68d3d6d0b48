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

const warningsOf = (pattern: unknown, { branches, orIsName }: Reading): Mistake[] => {
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
  if (orIsName)
    warn("$or", "is not a list of two or more objects of fields, so it is read as the name of a field");
  for (const path of new Set(branches.flatMap(branch => [...branch.keys()]))) {
    if (path !== "." && (path.endsWith(".") || path === ""))
      warn(path || '""', "ends in an empty name, which may match nothing");
  }
  const seen = new Map<string, string>();
  visit(pattern, [], "", (path, place, list) => {
    const earlier = seen.get(path);
    if (earlier !== undefined && !place.includes("$or") && !earlier.includes("$or")) {
      warn(place, `is the same path as ${earlier}, and only the later one counts`);
    }
    seen.set(path, place);
    let wildcards = 0;
    list.forEach((element, index) => {
      if (!isObject(element)) return;
      const at = `${place}[${index}]`;
      const [[operator, operand]] = Object.entries(element) as [string, unknown][];
      if (operator === "numeric")
        for (const mistake of numberMistakes(operand as unknown[])) warn(at, mistake);
      if (operator === "exactly")
        warn(at, "uses exactly, which EventBridge's guide does not list; a plain string is the same");
      const texts = JSON.stringify(operand) ?? "";
      if (JSON.stringify(element).includes('"equals-ignore-case"') && /[\ud800-\udfff]/.test(texts)) {
        warn(
          at,
          "ignores case in a text with a character beyond U+FFFF, such as an emoji, and so never equals it",
        );
      }
      if (JSON.stringify(element).includes('"wildcard"'))
        wildcards += texts.replace(/\\\\\\\\|\\\\\*/g, "").split("*").length - 1;
    });
    if (wildcards > limits.wildcards) {
      warn(
        place,
        `has ${wildcards} wildcard characters, EventBridge refuses what it finds too complex; use prefix or suffix`,
      );
    }
  });
  return warnings;
};

const visit = (
  value: unknown,
  steps: string[],
  place: string,
  onList: (path: string, place: string, list: unknown[]) => void,
): void => {
  for (const [name, content] of Object.entries(value as object) as [string, unknown][]) {
    const at = place === "" ? name : `${place}.${name}`;
    const isOr = name === "$or" && Array.isArray(content) && content.every(isObject);
    if (isOr) content.forEach((alternative, index) => visit(alternative, steps, `${at}[${index}]`, onList));
    else if (Array.isArray(content)) onList([...steps, name].join("."), at, content as unknown[]);
    else visit(content, [...steps, name], at, onList);
  }
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
