import { PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import type { Operator } from "./operator";

/** Counts an undone change beside what functions count (runtime/telling/metrics.ts), for the stack and the guardrail. */
export async function countUndone({ cloudwatch, place, now }: Operator, guardrail: string): Promise<void> {
  const ofStack = { Name: "stack", Value: place.stack };
  const ofGuardrail = { Name: "guardrail", Value: guardrail };
  const Timestamp = new Date(now());
  const MetricData = ["Undone", "Noise"].flatMap(MetricName =>
    [[ofStack], [ofStack, ofGuardrail]].map(Dimensions => ({
      MetricName,
      Dimensions,
      Value: 1,
      Unit: "Count" as const,
      Timestamp,
    })),
  );
  const input = { Namespace: "Guardrails", MetricData };
  await cloudwatch.send(new PutMetricDataCommand(input));
}
