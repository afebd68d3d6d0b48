import type { Invocation } from "../invocation/invocation";
import type { Occasion } from "../occasion";

/** One tick of a guardrail's timer. */
export interface Tick extends Invocation {
  readonly occasion: Occasion;
}

/** One kind of work that a tick does. It leaves to the next tick what does not fit into its time. */
export type Chore = (tick: Tick) => Promise<void>;
