import { capabilities } from "../modes";
import type { Tick } from "./chore";
import { periodOf } from "./period";
import { minuteOf } from "../plain";

/** A timer that rings late, or not at all, misses one too; two in a row say that something was out of order. */
const periodsMissed = 2.5;

/** Why there has been an outage, in words: a container may remember it; if none does, the ticks that are missing tell. */
function outageBefore(
  { guardrail, config, world, memory }: Tick,
  last: number | undefined,
): string | undefined {
  if (memory.cutOff !== undefined) return `the ledger did not answer at ${minuteOf(memory.cutOff)}`;
  const { acts } = capabilities[config.mode];
  const period = periodOf(guardrail.severity, acts) * 60_000;
  return last !== undefined && world.now() - last > periodsMissed * period
    ? `no tick has reached the ledger since ${minuteOf(last)}`
    : undefined;
}

/**
 * Begins a sweep after an outage, with the first tick in which the ledger answers again: what this guardrail could not
 * read or remember meanwhile, no event tells of again.
 */
export async function outage(tick: Tick): Promise<void> {
  const { guardrail, environment, config, ledger, world, memory } = tick;
  const now = world.now();
  const why = outageBefore(tick, await ledger.lastTick(guardrail.id));
  if (why !== undefined && guardrail.inventory !== undefined && config.sweep !== "off")
    await ledger.sweeps.request(guardrail.id, environment.region, now, { why });
  await ledger.ticked(guardrail.id, now);
  delete memory.cutOff;
}
