import { capabilities, type Mode } from "../runtime/modes";
import type { Severity } from "../runtime/guardrail";
import type { Definition } from "./definition";
import { catalogue } from "./guardrails";
import { capabilitiesOf } from "./kinds";

/** Whether something that is wrong and of this severity is not to wait for a quarter of an hour. */
const isUrgent: Readonly<Record<Severity, boolean>> = {
  low: false,
  medium: false,
  high: true,
  critical: true,
};

/** The minutes between two ticks of a guardrail; undefined where nothing waits, because nothing is remembered. */
export function periodOf(definition: Definition, mode: Mode): number | undefined {
  const { usesLedger, acts } = capabilities[mode];
  if (!capabilitiesOf(definition).hasFunction || !usesLedger) return undefined;
  return acts !== "never" && isUrgent[definition.severity] ? 5 : 15;
}

/**
 * When a guardrail ticks, as an EventBridge expression: at minutes of its own by its place in the catalogue, because a
 * new account runs ten functions at once. A rate would count from the deployment, which is the same for all.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
export function scheduleOf(definition: Definition, mode: Mode): string | undefined {
  const period = periodOf(definition, mode);
  if (period === undefined) return undefined;
  const place = (catalogue as readonly Definition[]).findIndex(({ id }) => id === definition.id);
  return `cron(${Math.max(0, place) % period}/${period} * * * ? *)`;
}
