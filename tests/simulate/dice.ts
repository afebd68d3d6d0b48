import type { Dice } from "../guardrails/simulation";

/** Numbers from 0 to below 1, the same for the same seed: mulberry32, in the public domain. */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function diceOf(seed: number): Dice {
  const roll = dice(seed);
  const below = (limit: number): number => Math.floor(roll() * limit);
  return {
    below,
    pick: list => {
      if (list.length === 0) throw new Error("There is nothing to choose from");
      return list[below(list.length)];
    },
    chance: probability => roll() < probability,
  };
}
