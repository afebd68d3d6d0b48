// The engine is written in Java, which spells the smallest double 4.9e-324. JavaScript, and so JSON.parse and
// JSON.stringify, spell it 5e-324, which the engine takes for a number that no double holds.
const smallest = new Map<symbol, number>([
  [Symbol("4.9e-324"), Number.MIN_VALUE],
  [Symbol("-4.9e-324"), -Number.MIN_VALUE],
]);

/** The double that a pattern's number stands for; undefined for one that no double holds, and for all else. */
export const doubleOf = (value: unknown): number | undefined => {
  if (typeof value === "symbol") return smallest.get(value);
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
};

/**
 * The double that the engine takes an event's value for, undefined for what it takes for none.
 *
 * Source: https://github.com/aws/event-ruler (ComparableNumber)
 */
export const heldDouble = (value: unknown): number | undefined =>
  value === Number.MIN_VALUE || value === -Number.MIN_VALUE ? undefined : doubleOf(value);

/** Stands for a number as it is written, where a double would change it; equal by its description. */
export const writtenNumber = (literal: string): symbol => {
  const value = decimal(literal);
  return [...smallest.keys()].find(each => decimal(each.description ?? "") === value) ?? Symbol(literal);
};

/** Whether the shortest decimal of the literal's double has the literal's exact value. */
export const survivesDouble = (literal: string): boolean => {
  const double = Number(literal);
  return Number.isFinite(double) && decimal(literal) === decimal(String(double));
};

const decimal = (literal: string): string => {
  const [, sign, whole, fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  const scale = Number(exponent) - fraction.length + digits.length - significant.length;
  return significant === "" ? "0" : `${sign}${significant}e${scale}`;
};
