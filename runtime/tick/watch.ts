import { settle } from "../invocation/settle";
import type { Watched } from "../ledger/watched";
import type { Tick } from "./chore";

/** What no sweep has found worth it for so long is no longer looked at: a sweep comes once a day. */
const forgottenAfter = 3 * 24 * 3600_000;
/** Left free for the chores that follow, in milliseconds. */
const reserve = 30_000;

/**
 * Looks at what may become a breach unheard, such as prefix lists of other accounts, and once more at what an event said
 * and a read did not show.
 */
export async function watch(tick: Tick): Promise<void> {
  const { guardrail, ledger, world, occasion } = tick;
  const all = await ledger.watched(guardrail.id);
  const isOver = ({ until, at }: Watched): boolean => (until ?? at + forgottenAfter) < world.now();
  for (const one of all.filter(isOver)) await ledger.unwatch(guardrail.id, one, world.now());
  const live = all.filter(one => !isOver(one));
  for (const one of live.filter(({ until }) => until !== undefined)) {
    if (world.remaining() < reserve) return;
    await settle(tick, { ...one.cause, key: `${one.cause.key}#again` }, [one.resource]);
    await ledger.unwatch(guardrail.id, one, world.now());
  }
  const always = live.filter(({ until }) => until === undefined).map(({ resource }) => resource);
  if (always.length > 0) await settle(tick, { ...occasion, key: `${occasion.key}#watch` }, always);
}
