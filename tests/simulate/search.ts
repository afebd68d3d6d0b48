import { performance } from "node:perf_hooks";
import { proofs } from "../guardrails";
import { inspecting } from "../support/inspecting";
import { type Guarded, type History, play } from "./history";
import { operatorsDeeds } from "./operators";
import { forging, type Plan, planOf } from "./plan";
import { shrink } from "./shrink";

/** The guardrails that write, each with its simulation. */
export const guarded: readonly Guarded[] = inspecting.flatMap(definition => {
  const proof = proofs.find(({ guardrail }) => guardrail === definition.id);
  return proof?.kind === "writing" ? [{ definition, simulation: proof.simulation }] : [];
});

/** A promise that does not hold. */
export interface Found {
  readonly guardrail: string;
  readonly promise: string;
  /** The seeds that show it, the first one first. */
  readonly seeds: number[];
}

export interface Searched {
  readonly histories: number;
  /** Of a processor that does nothing else, and of the clock on the wall. */
  readonly perSecond: number;
  readonly found: readonly Found[];
}

/** The guardrail that a seed is about: one after the other. */
export const guardedBy = (seed: number, guardrail?: string): Guarded => {
  const chosen = guarded.filter(({ definition }) => guardrail === undefined || definition.id === guardrail);
  if (chosen.length === 0)
    throw new Error(
      `No guardrail that writes is called ${guardrail}; there are ${guarded.map(({ definition }) => definition.id).join(", ")}`,
    );
  return chosen[seed % chosen.length];
};

export const planFor = (seed: number, { definition, simulation }: Guarded): Plan =>
  planOf(seed, definition.id, [...simulation.deeds, ...operatorsDeeds, forging]);

/** Plays the history of each seed, until one says stop. */
export async function search(
  seeds: Iterable<number>,
  guardrail: string | undefined,
  report: (searched: Searched) => boolean,
): Promise<Searched> {
  const found: Found[] = [];
  const start = performance.now();
  let searched: Searched = { histories: 0, perSecond: 0, found };
  for (const seed of seeds) {
    const one = guardedBy(seed, guardrail);
    const { violations } = await play(planFor(seed, one), one);
    for (const promise of new Set(violations.map(violation => violation.promise))) {
      const { id } = one.definition;
      const known = found.find(other => other.guardrail === id && other.promise === promise);
      if (known === undefined) found.push({ guardrail: id, promise, seeds: [seed] });
      else known.seeds.push(seed);
    }
    const histories = searched.histories + 1;
    searched = { histories, perSecond: (1000 * histories) / (performance.now() - start), found };
    if (!report(searched)) break;
  }
  return searched;
}

/** What was found, as a history that a person can read. */
export async function told(
  { promise, seeds: [seed, ...others] }: Found,
  guardrail?: string,
): Promise<string> {
  const one = guardedBy(seed, guardrail);
  const { plan, history } = await shrink(planFor(seed, one), promise, one);
  const more = others.length > 0 ? `, and ${others.length} more: ${others.slice(0, 10).join(", ")}` : "";
  return [
    `${one.definition.id}: ${promise}`,
    `seed ${seed}${more}; mode ${plan.mode}, budget ${plan.budget}; the shortest history that shows it:`,
    ...inWords(history),
  ].join("\n");
}

export const inWords = ({ sentences }: History): string[] => sentences.map(sentence => `  ${sentence}`);
