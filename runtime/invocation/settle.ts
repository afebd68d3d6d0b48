import type { Resource } from "../guardrail";
import type { Occasion } from "../occasion";
import type { Outcome } from "../pipeline/outcome";
import { runPipeline, type Result } from "../pipeline/pipeline";
import { auditLine } from "../telling/audit";
import { metricsLines } from "../telling/metrics";
import { tell } from "../telling/telling";
import type { Invocation } from "./invocation";

/**
 * Takes the resources of one occasion to their outcomes, and tells of them.
 * @throws the first of what the ledger refused after something was written, or what kept somebody from hearing of it
 */
export async function settle(
  invocation: Invocation,
  occasion: Occasion,
  resources: readonly Resource[],
): Promise<readonly Outcome[]> {
  const { guardrail, config, world, ledger } = invocation;
  const result = await runPipeline(guardrail, occasion, resources, config, world, ledger);
  await report(invocation, occasion, result);
  if (result.problems.length > 0) throw result.problems[0];
  return result.outcomes;
}

/** An audit line for each outcome, their metrics, and the notices of what somebody must hear of. */
export async function report(invocation: Invocation, occasion: Occasion, result: Result): Promise<void> {
  const { guardrail, environment, config, world, ledger, publish, write } = invocation;
  const { id, title, severity } = guardrail;
  const { stack } = environment;
  for (const outcome of result.outcomes) write(auditLine(stack, id, config, occasion, outcome));
  metricsLines(stack, id, result.outcomes, world.now(), result.problems.length).forEach(write);
  const sender = { id, title, severity, mode: config.mode, stack };
  await tell({ sender, occasion, config, result, ledger, publish, now: world.now });
}
