import { capabilities, type Mode } from "../runtime/modes";
import { periodOf as minutesBetween } from "../runtime/tick/period";
import type { Definition } from "./definition";
import { catalogue } from "./guardrails";
import { capabilitiesOf } from "./kinds";

/** The minutes between two ticks of a guardrail; undefined where nothing waits, because nothing is remembered. */
export function periodOf(definition: Definition, mode: Mode): number | undefined {
  const { usesLedger, acts } = capabilities[mode];
  if (!capabilitiesOf(definition).hasFunction || !usesLedger) return undefined;
  return minutesBetween(definition.severity, acts);
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
