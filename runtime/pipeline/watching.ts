import { capabilities } from "../modes";
import type { EndedCase, ReadCase } from "./case";
import { isContradicted, isHasty } from "./read";
import { causeOf, type Run } from "./run";

/** Time for the next tick to look once more. */
const again = 40 * 60_000;

/**
 * Has ticks look at what may become a breach unheard, and once more at what an event claimed and two reads did not show:
 * nobody waits for it, but a read that was late must not be the last word.
 */
export async function watchOn(run: Run, cases: readonly (EndedCase & Partial<ReadCase>)[]): Promise<void> {
  const { guardrail, occasion, config, ledger, world, problems } = run;
  if (!capabilities[config.mode].usesLedger || occasion.kind !== "event") return;
  const at = world.now();
  for (const one of cases) {
    const { resource, state, outcome } = one;
    const isWatched = state !== undefined && guardrail.isWatched?.(state, config.settings) === true;
    const isDoubted = isHasty(one) || isContradicted({ ...one, readAt: at, isGone: one.isGone === true });
    const isBelieved = outcome.kind === "compliant" || outcome.kind === "gone";
    const isToReread = isDoubted && isBelieved && !occasion.key.endsWith("#again");
    if (!isWatched && !isToReread) continue;
    const until = isWatched ? undefined : at + again;
    try {
      await ledger.watch(guardrail.id, {
        // The tick that looks once more waits for nothing.
        resource: isToReread ? { ...resource, claim: undefined } : resource,
        cause: causeOf(run, one),
        at,
        until,
      });
    } catch (error) {
      problems.push(error);
    }
  }
}
