import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile, parseJson } from "../../patterns";
import type { Contender } from "./contender";
import { pairs } from "./pairs";

export interface Comparison {
  /** How many pairs Event Ruler gave each verdict. */
  tally: Record<string, number>;
  /** The pairs on which the verdicts differ, with both: in the ways that docs/patterns.md tells, and otherwise. */
  known: string[];
  differing: string[];
}

// Numbers beside addresses; wildcards that spoil other conditions in the engine's automaton; a bound at the smallest
// double in JavaScript's spelling.
const isKnown = (pattern: string): boolean =>
  /"(?:numeric|anything-but)":[^}]*5e-324/.test(pattern) ||
  /"cidr"|"[\da-fA-F]*[:.][\da-fA-F:.]*"/.test(pattern) ||
  (pattern.includes('"wildcard"') && /"equals-ignore-case"|"suffix"/.test(pattern));

/** Judges pairs with both engines. */
export async function compare(ruler: Contender, seed: number, count: number): Promise<Comparison> {
  const folder = mkdtempSync(join(tmpdir(), "fuzz-"));
  const source = pairs(seed);
  const tally: Record<string, number> = {};
  const known: string[] = [];
  const differing: string[] = [];
  for (let done = 0; done < count; done += 5000) {
    const batch = Array.from(
      { length: Math.min(5000, count - done) },
      () => source.next().value as { pattern: string; event: string },
    );
    const file = join(folder, "pairs");
    writeFileSync(file, batch.map(({ pattern, event }) => `${pattern}\t${event}\n`).join(""));
    const verdicts = (await ruler.ask(`judge ${file}`)).split(" ");
    batch.forEach(({ pattern, event }, index) => {
      const theirs = verdicts[index];
      const ours = judge(pattern, event);
      tally[theirs] = (tally[theirs] ?? 0) + 1;
      if (ours !== theirs)
        (isKnown(pattern) ? known : differing).push(
          `${theirs} by Event Ruler, ${ours} by ours: ${pattern} ${event}`,
        );
    });
  }
  rmSync(folder, { recursive: true });
  return { tally, known, differing };
}

const judge = (pattern: string, event: string): string => {
  let matches: (event: unknown) => boolean;
  try {
    matches = compile(parseJson(pattern));
  } catch {
    return "invalid";
  }
  return String(matches(parseJson(event)));
};
