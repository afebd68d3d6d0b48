import { minuteOf, plain } from "../runtime/plain";
import { operatorsLedger } from "./ledger";
import { publish } from "./notices";
import type { Operator } from "./operator";
import { refusal } from "./refusals";

/** A guardrail's id, or every guardrail of the stack. */
export type Scope = string;

const named = (scope: Scope): string => (scope === "all" ? "every guardrail" : `guardrail ${scope}`);

/**
 * Stops writing before the next write; findings are told and held meanwhile. It ends by itself. A longer pause of the
 * same scope is replaced.
 */
export async function pause(
  operator: Operator,
  scope: Scope,
  { reason, ms }: { readonly reason: string; readonly ms: number },
): Promise<{ readonly until: number }> {
  const until = operator.now() + ms;
  await operatorsLedger(operator).pause(scope, { ends: until, reason: plain(reason, 300) });
  const { stack } = operator.place;
  await publish(operator, {
    verb: "PAUSED",
    severity: "high",
    guardrail: scope,
    what: `${named(scope)} of stack ${stack} until ${minuteOf(until)}`,
    lines: [
      `${operator.by} has paused ${named(scope)} of stack ${stack} until ${minuteOf(until)}, because: ${plain(reason, 300)}`,
      "",
      "Until then nothing is changed; what is found is told and held.",
      "To go on earlier, and to take up what was held:",
      `  npm run guardrails -- resume ${scope === "all" ? "--all" : scope} --stack ${stack}`,
    ],
  }).catch((error: Error) => {
    throw refusal(
      `Paused until ${minuteOf(until)}, but the topic could not be told (${error.name}: ${plain(error.message, 400)})`,
    );
  });
  return { until };
}
