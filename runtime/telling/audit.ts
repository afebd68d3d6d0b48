import type { GuardrailConfig } from "../config";
import type { Occasion } from "../occasion";
import type { Outcome } from "../pipeline/outcome";

/**
 * The audit line of one outcome: one JSON object on one line, format 1 (docs/architecture.md, "Audit lines").
 * It holds the states before and after, so that a change can be followed and taken back.
 */
export const auditLine = (
  stack: string,
  guardrail: string,
  config: GuardrailConfig,
  occasion: Occasion,
  outcome: Outcome,
): string =>
  JSON.stringify({
    audit: 1,
    stack,
    guardrail,
    code: config.code,
    mode: config.mode,
    outcome: outcome.kind,
    resource: outcome.resource.arn,
    account: outcome.resource.account,
    region: outcome.resource.region,
    event: { id: occasion.id, name: occasion.name, time: occasion.time },
    principal: outcome.principal,
    owner: outcome.owner,
    finding: "finding" in outcome ? outcome.finding : undefined,
    because: "because" in outcome ? outcome.because : undefined,
    remaining: "remaining" in outcome ? outcome.remaining : undefined,
    error: "error" in outcome ? outcome.error : undefined,
    exemption: "exemption" in outcome ? outcome.exemption : undefined,
    action: outcome.actionId,
    recovered: "recovered" in outcome ? outcome.recovered : undefined,
    calls: outcome.calls,
    times: Object.fromEntries(
      Object.entries(outcome.times).map(([name, time]) => [name, new Date(time).toISOString()]),
    ),
    before: "before" in outcome ? outcome.before : undefined,
    after: "after" in outcome ? outcome.after : undefined,
  });
