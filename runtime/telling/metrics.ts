import type { MetricDetail } from "../config";
import type { Outcome } from "../pipeline/outcome";

export const namespace = "Guardrails";

/** Every metric of a guardrail and its unit; docs/architecture.md says what each means. */
export const units = {
  Compliant: "Count",
  Gone: "Count",
  Exempt: "Count",
  Observed: "Count",
  Notified: "Count",
  Remediated: "Count",
  Held: "Count",
  Duplicate: "Count",
  Failed: "Count",
  /** Those of them that no further try can mend. */
  FailedForGood: "Count",
  Signal: "Count",
  Noise: "Count",
  BreakerOpened: "Count",
  LedgerErrors: "Count",
  /** What is so now, for the stack alone: sent by ticks, `Open` zero or not. */
  Open: "Count",
  RecipientsMissing: "Count",
  CausesBehind: "Count",
  TickDelay: "Milliseconds",
  /** Put by `guardrails undo`, not by a function. */
  Undone: "Count",
  TimeToDetect: "Milliseconds",
  TimeToRemediate: "Milliseconds",
} as const;
export type MetricName = keyof typeof units;

/** The metric that counts each outcome, and whether it shows that the guardrail is of use, or in the way. */
const countOf: Readonly<Record<Outcome["kind"], { name: MetricName; shows?: "Signal" | "Noise" }>> = {
  compliant: { name: "Compliant" },
  gone: { name: "Gone" },
  exempt: { name: "Exempt", shows: "Noise" },
  observed: { name: "Observed", shows: "Signal" },
  notified: { name: "Notified", shows: "Signal" },
  remediated: { name: "Remediated", shows: "Signal" },
  held: { name: "Held", shows: "Signal" },
  duplicate: { name: "Duplicate", shows: "Noise" },
  failed: { name: "Failed", shows: "Signal" },
};

/** The most values that one metric of a line may have. */
const valuesPerLine = 100;

/** From whom a metric comes, and whether it is sent for the guardrail by itself as well. */
export interface Source {
  readonly stack: string;
  readonly guardrail: string;
  readonly metrics: MetricDetail;
}

/**
 * Lines in CloudWatch's embedded metric format, one per 100 outcomes: only what is not zero. Times in milliseconds, one
 * per resource. What is open is said at once, and again by every tick.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 * @param problems how often the ledger refused what happened after a write
 */
export function metricsLines(
  source: Source,
  outcomes: readonly Outcome[],
  now: number,
  problems = 0,
): string[] {
  const lines: string[] = [];
  for (let at = 0; at === 0 || at < outcomes.length; at += valuesPerLine) {
    const part = outcomes.slice(at, at + valuesPerLine);
    const values = valuesOf(part, at === 0 ? problems : 0);
    if (Object.keys(values).length > 0) lines.push(lineOf(source, values, now));
  }
  return lines;
}

/** What is so now, zero too, for the stack as a whole. */
export const gaugeLine = (
  { stack, guardrail }: Pick<Source, "stack" | "guardrail">,
  values: Values,
  now: number,
): string => lineOf({ stack, guardrail, metrics: "stack" }, values, now);

type Values = Partial<Record<MetricName, number | number[]>>;

function valuesOf(outcomes: readonly Outcome[], problems: number): Values {
  const values: Values = {};
  const count = (name: MetricName, by = 1): void =>
    void (values[name] = ((values[name] as number | undefined) ?? 0) + by);
  const measure = (name: MetricName, ms: number): void =>
    void (values[name] = [...((values[name] as number[] | undefined) ?? []), Math.max(0, ms)]);
  if (problems > 0) count("LedgerErrors", problems);
  for (const outcome of outcomes) {
    const { kind, times } = outcome;
    const opens = kind === "held" && outcome.opens === true;
    const { name, shows } = countOf[kind];
    count(name);
    if (kind === "held" && outcome.retry) count("LedgerErrors");
    if (opens) count("BreakerOpened");
    if (kind === "failed" && outcome.error.final) count("FailedForGood");
    if (outcome.attention !== undefined && kind !== "remediated") count("Open");
    // A fight says that the guardrail does not fit its surroundings, as an exemption does.
    const counted = opens ? "Noise" : shows;
    if (counted !== undefined) count(counted);
    if (shows === "Signal") measure("TimeToDetect", times.received - times.event);
    if (kind === "remediated" && times.verified !== undefined)
      measure("TimeToRemediate", times.verified - times.event);
  }
  return values;
}

function lineOf({ stack, guardrail, metrics }: Source, values: Values, now: number): string {
  const Metrics = (Object.keys(values) as MetricName[]).map(Name => ({ Name, Unit: units[Name] }));
  const dimensions = metrics === "guardrail" ? [["stack"], ["stack", "guardrail"]] : [["stack"]];
  return JSON.stringify({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [{ Namespace: namespace, Dimensions: dimensions, Metrics }],
    },
    stack,
    guardrail,
    ...values,
  });
}
