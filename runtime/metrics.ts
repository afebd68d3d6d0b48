import type { Outcome } from "./outcome";

const unit = (name: string): string => (name.startsWith("TimeTo") ? "Milliseconds" : "Count");
const signal = ["observed", "notified", "remediated", "failed", "held"];
const noise = ["exempt", "duplicate", "undone"];

/**
 * One line in CloudWatch's embedded metric format: namespace Guardrails, dimensions stack and guardrail, only what is
 * not zero. Counts: one metric per outcome kind (Compliant, Remediated …), Signal (acted on) and Noise (exempt,
 * duplicate). Milliseconds: TimeToDetect (call → received), TimeToRemediate (call → verified), one value per resource.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 * @returns undefined when there is nothing to report.
 */
export function metricsLine(
  stack: string,
  guardrail: string,
  outcomes: readonly Outcome[],
  now: number,
): string | undefined {
  const values: Record<string, number | number[]> = {};
  const count = (name: string): void => void (values[name] = ((values[name] as number | undefined) ?? 0) + 1);
  const measure = (name: string, ms: number): void =>
    void (values[name] = [...((values[name] as number[] | undefined) ?? []), Math.max(0, ms)]);
  for (const { kind, times } of outcomes) {
    count(
      kind
        .split("-")
        .map(word => word[0].toUpperCase() + word.slice(1))
        .join(""),
    );
    if (signal.includes(kind)) count("Signal");
    if (noise.includes(kind)) count("Noise");
    if (signal.includes(kind)) measure("TimeToDetect", times.received - times.event);
    if (kind === "remediated" && times.verified !== undefined)
      measure("TimeToRemediate", times.verified - times.event);
  }
  const names = Object.keys(values);
  if (names.length === 0) return undefined;
  const directive = {
    Namespace: "Guardrails",
    Dimensions: [["stack", "guardrail"]],
    Metrics: names.map(Name => ({ Name, Unit: unit(Name) })),
  };
  return JSON.stringify({
    _aws: { Timestamp: now, CloudWatchMetrics: [directive] },
    stack,
    guardrail,
    ...values,
  });
}
