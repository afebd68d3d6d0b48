import { PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import type { Operator } from "./operator";

/** Counts an undone change beside the guardrail's own metrics (runtime/telling/metrics.ts). */
export async function countUndone({ cloudwatch, place, now }: Operator, guardrail: string): Promise<void> {
  const Dimensions = [
    { Name: "stack", Value: place.stack },
    { Name: "guardrail", Value: guardrail },
  ];
  const Timestamp = new Date(now());
  const count = (MetricName: string) => ({
    MetricName,
    Dimensions,
    Value: 1,
    Unit: "Count" as const,
    Timestamp,
  });
  const input = { Namespace: "Guardrails", MetricData: [count("Undone"), count("Noise")] };
  await cloudwatch.send(new PutMetricDataCommand(input));
}
