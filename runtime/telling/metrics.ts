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
  Waiting: "Count",
  Duplicate: "Count",
  Failed: "Count",
  Signal: "Count",
  Noise: "Count",
  BreakerOpened: "Count",
  LedgerErrors: "Count",
  /** A gauge, sent by every tick for the stack alone. */
  Open: "Count",
  /** Put by `guardrails undo`, not by a function. */
  Undone: "Count",
  /** How many causes of writes wait for a CloudTrail that is behind. */
  CausesBehind: "Count",
  TimeToDetect: "Milliseconds",
  TimeToRemediate: "Milliseconds",
} as const;
export type MetricName = keyof typeof units;

/** Sent once more for the stack as a whole, so that one alarm can watch it whatever guardrails there are. */
export const stackMetrics: readonly MetricName[] = ["Waiting", "Failed", "LedgerErrors"];

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

/**
 * Lines in CloudWatch's embedded metric format, one per 100 outcomes: only what is not zero, with the dimensions stack
 * and guardrail, and `stackMetrics` with the dimension stack alone as well. Times in milliseconds, one per resource.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 * @param problems how often the ledger refused what happened after a write
 */
export function metricsLines(
  stack: string,
  guardrail: string,
  outcomes: readonly Outcome[],
  now: number,
  problems = 0,
): string[] {
  const lines: string[] = [];
  for (let at = 0; at === 0 || at < outcomes.length; at += valuesPerLine) {
    const part = outcomes.slice(at, at + valuesPerLine);
    const values = valuesOf(part, at === 0 ? problems : 0);
    if (Object.keys(values).length > 0) lines.push(lineOf(stack, guardrail, values, now));
  }
  return lines;
}

/** What is so now, zero too, with the dimension stack alone. */
export const gaugeLine = (stack: string, values: Partial<Record<MetricName, number>>, now: number): string =>
  JSON.stringify({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [["stack"]],
          Metrics: Object.keys(values).map(Name => ({ Name, Unit: units[Name as MetricName] })),
        },
      ],
    },
    stack,
    ...values,
  });

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
    // An operator's own hold sounds no alarm, and neither does a fight that was told already.
    if (kind === "held" && outcome.tell) count("Waiting");
    // A fight says that the guardrail does not fit its surroundings, as an exemption does.
    const counted = opens ? "Noise" : shows;
    if (counted !== undefined) count(counted);
    if (shows === "Signal") measure("TimeToDetect", times.received - times.event);
    if (kind === "remediated" && times.verified !== undefined)
      measure("TimeToRemediate", times.verified - times.event);
  }
  return values;
}

function lineOf(stack: string, guardrail: string, values: Values, now: number): string {
  const names = Object.keys(values) as MetricName[];
  const directive = (dimensions: string[], sent: readonly MetricName[]) => ({
    Namespace: namespace,
    Dimensions: [dimensions],
    Metrics: sent.map(Name => ({ Name, Unit: units[Name] })),
  });
  const ofStack = stackMetrics.filter(name => names.includes(name));
  return JSON.stringify({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        directive(["stack", "guardrail"], names),
        ...(ofStack.length > 0 ? [directive(["stack"], ofStack)] : []),
      ],
    },
    stack,
    guardrail,
    ...values,
  });
}
