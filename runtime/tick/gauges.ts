import { gaugeLine } from "../telling/metrics";
import type { Tick } from "./chore";

/** Says how much is open, zero too: an alarm takes silence for a guardrail that no longer ticks. */
export async function gauges({ guardrail, environment, ledger, world, write }: Tick): Promise<void> {
  const open = await ledger.openFindings(guardrail.id);
  write(gaugeLine(environment.stack, { Open: open.length }, world.now()));
}
