import type { Points } from "./expression";

export type StateValue = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/** What an alarm asks of its values. */
export interface Condition {
  readonly comparison: Comparison;
  readonly threshold: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly missing: "missing" | "ignore" | "breaching" | "notBreaching";
}

export type Comparison = keyof typeof comparisons;

const comparisons = {
  GreaterThanOrEqualToThreshold: (value: number, threshold: number) => value >= threshold,
  GreaterThanThreshold: (value: number, threshold: number) => value > threshold,
  LessThanThreshold: (value: number, threshold: number) => value < threshold,
  LessThanOrEqualToThreshold: (value: number, threshold: number) => value <= threshold,
} as const;

export const isComparison = (text: string): text is Comparison => Object.hasOwn(comparisons, text);

/**
 * How many periods are looked at, the latest ones first: more than the alarm needs, in case some have no value. AWS's
 * page says that it depends, and shows five for an alarm over three.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export const rangeOf = ({ evaluationPeriods }: Condition): number => evaluationPeriods + 2;

export interface Verdict {
  readonly value: StateValue;
  readonly reason: string;
}

/**
 * The state after an evaluation, or undefined where the current one is kept. As AWS's page tells it, with its tables.
 * @param points one value for each period of the range, the latest last
 */
export function judge(condition: Condition, points: Points): Verdict | undefined {
  const { comparison, threshold, evaluationPeriods: needed, datapointsToAlarm: least, missing } = condition;
  const isBreach = (value: number) => comparisons[comparison](value, threshold);
  const real = points.filter(value => value !== undefined);
  const considered = real.slice(-needed);
  const breaches = considered.filter(isBreach).length;
  const filled = needed - considered.length;
  const verdict = (value: StateValue, assumed = 0): Verdict => ({
    value,
    reason: reasonOf(condition, considered, value === "ALARM" ? breaches : considered.length - breaches, {
      value,
      assumed,
    }),
  });

  if (breaches >= least) return verdict("ALARM");
  if (filled === 0) return verdict("OK");
  if (missing === "breaching") return verdict(breaches + filled >= least ? "ALARM" : "OK", filled);
  if (missing === "notBreaching") return verdict("OK", filled);
  if (considered.length === 0)
    return missing === "ignore" ? undefined : { value: "INSUFFICIENT_DATA", reason: unknown(needed) };
  if (breaches < considered.length) return verdict("OK");
  if (missing === "ignore") return undefined;
  // All that there is breaches, and has for long enough: one value more could not tell otherwise.
  const oldest = points.length - points.findIndex(value => value !== undefined);
  return verdict(oldest >= least ? "ALARM" : "OK");
}

const unknown = (count: number): string =>
  `Insufficient Data: ${count} datapoint${count === 1 ? " was" : "s were"} unknown.`;

const words: Readonly<Record<Comparison, string>> = {
  GreaterThanOrEqualToThreshold: "greater than or equal to",
  GreaterThanThreshold: "greater than",
  LessThanThreshold: "less than",
  LessThanOrEqualToThreshold: "less than or equal to",
};

/** CloudWatch's own sentence. */
function reasonOf(
  { comparison, threshold, missing }: Condition,
  considered: readonly number[],
  count: number,
  { value, assumed }: { readonly value: StateValue; readonly assumed: number },
): string {
  if (considered.length === 0) {
    const [plural, verb] = assumed === 1 ? ["", "was"] : ["s", "were"];
    const treated = missing === "breaching" ? "Breaching" : "NonBreaching";
    return `Threshold Crossed: no datapoints were received for ${assumed} period${plural} and ${assumed} missing datapoint${plural} ${verb} treated as [${treated}].`;
  }
  const shown = [...considered].reverse().map(shownNumber).join(", ");
  const relation = `${count === 1 ? "was" : "were"} ${value === "ALARM" ? "" : "not "}${words[comparison]}`;
  return `Threshold Crossed: ${count} out of the last ${considered.length} datapoints [${shown}] ${relation} the threshold (${shownNumber(threshold)}).`;
}

/** 1 is 1.0 in CloudWatch's texts. */
export const shownNumber = (value: number): string =>
  Number.isInteger(value) ? value.toFixed(1) : String(value);
