import { capabilities } from "../modes";
import type { Tick } from "./chore";
import { periodOf } from "./period";

/** Ticks are missed one at a time too; two in a row say that something was out of order. */
const periodsMissed = 2.5;

/**
 * Begins a sweep after an outage: what this guardrail could not read or remember meanwhile, no event tells of again. The
 * first tick in which the ledger answers notices it by the last one in which it did.
 */
export async function outage(tick: Tick): Promise<void> {
  const { guardrail, environment, config, ledger, world } = tick;
  const now = world.now();
  const last = await ledger.lastTick(guardrail.id);
  const { acts } = capabilities[config.mode];
  const period = periodOf(guardrail.severity, acts) * 60_000;
  const isAfterOutage = last !== undefined && now - last > periodsMissed * period;
  if (isAfterOutage && guardrail.inventory !== undefined && config.sweep !== "off") {
    const since = new Date(last).toISOString().slice(0, 16);
    const why = `no tick has reached the ledger since ${since}Z`;
    await ledger.sweeps.request(guardrail.id, environment.region, now, { why });
  }
  await ledger.ticked(guardrail.id, now);
}
