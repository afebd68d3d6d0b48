import type { Resource } from "../guardrail";
import type { Occasion } from "../occasion";
import type { Taken } from "../pipeline/case";
import type { Outcome } from "../pipeline/outcome";
import { runPipeline, type Result } from "../pipeline/pipeline";
import { auditLine } from "../telling/audit";
import { metricsLines } from "../telling/metrics";
import { tell } from "../telling/telling";
import type { Invocation } from "./invocation";

/** So many resources are read, written, proven and told before the next are begun. */
export const batchSize = 25;
/** What the first batch is taken to need, in milliseconds, and what is left free for its telling. */
const firstGuess = 30_000;
const reserve = 10_000;

/** What came of one occasion. */
export interface Settled {
  readonly outcomes: readonly Outcome[];
  /** The resources that were not begun, because there was no time to end them. */
  readonly left: readonly Resource[];
}

/**
 * Takes the resources of one occasion to their outcomes and tells of them, batch by batch. Nothing is begun that the
 * invocation's time would not let end, judged by what the slowest batch so far has taken.
 * @param taken the open findings for which resources are looked at again
 * @throws the first of what the ledger refused after something was written, when all is told, or at once what kept
 * somebody from hearing of it
 */
export async function settle(
  invocation: Invocation,
  occasion: Occasion,
  resources: readonly Resource[],
  taken: readonly Taken[] = [],
): Promise<Settled> {
  const { guardrail, config, world, ledger } = invocation;
  const outcomes: Outcome[] = [];
  const problems: unknown[] = [];
  let slowest = 0;
  let at = 0;
  while (at < resources.length) {
    const start = world.now();
    if (at > 0 && world.remaining() < Math.max(firstGuess, 1.5 * slowest) + reserve) break;
    const part = resources.slice(at, at + batchSize);
    const result = await runPipeline(guardrail, occasion, part, config, world, ledger, taken);
    await report(invocation, occasion, result);
    outcomes.push(...result.outcomes);
    problems.push(...result.problems);
    at += batchSize;
    slowest = Math.max(slowest, world.now() - start);
  }
  if (problems.length > 0) throw problems[0];
  return { outcomes, left: resources.slice(at) };
}

/** An audit line for each outcome that is news, their metrics, and the notices of what somebody must hear of. */
export async function report(invocation: Invocation, occasion: Occasion, all: Result): Promise<void> {
  const { guardrail, environment, config, world, ledger, post, write } = invocation;
  const { id, title, severity } = guardrail;
  const { stack } = environment;
  const result = { ...all, outcomes: all.outcomes.filter(({ again }) => again === undefined) };
  for (const outcome of result.outcomes) write(auditLine(stack, id, config, occasion, outcome));
  const source = { stack, guardrail: id, metrics: config.metrics };
  metricsLines(source, result.outcomes, world.now(), result.problems.length).forEach(write);
  const sender = { id, title, severity, mode: config.mode, stack };
  await tell({ sender, occasion, config, result, ledger, post, now: world.now });
  for (const one of all.closing) await ledger.revise(one, undefined, world.now());
}
