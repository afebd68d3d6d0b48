import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compare } from "./patterns/comparison";
import type { Contender } from "./patterns/contender";
import { startOurs, startRuler } from "./patterns/contender";
import { median } from "./figures/median";
import { workload } from "./patterns/workload";

const sizes = [12, 120, 1200];
const goals: Record<number, number> = { 12: 2, 120: 3, 1200: 5 };
const goalFlat = 0.88;

/**
 * From event text to matching rules, on one core, beside AWS's Event Ruler: `npm run bench -- patterns`. With
 * `--fuzz <pairs>` it compares verdicts instead of times.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      events: { type: "string", default: "50000" },
      rounds: { type: "string", default: "7" },
      fuzz: { type: "string" },
      seed: { type: "string", default: "1" },
    },
  });
  if (values.fuzz !== undefined) await fuzz(Number(values.seed), Number(values.fuzz));
  else await race(Number(values.events), Number(values.rounds));
}

const race = async (count: number, rounds: number): Promise<void> => {
  const pin = pinToOneCore();
  const ours = startOurs(pin);
  const ruler = startRuler(pin);
  if (typeof ruler === "string") console.log(`Event Ruler does not take part: ${ruler}.`);
  const contenders = typeof ruler === "string" ? [ours] : [ours, ruler];
  const folder = mkdtempSync(join(tmpdir(), "patterns-"));
  const { rules, events } = workload();
  const texts = events(count);
  const eventFile = join(folder, "events");
  writeFileSync(eventFile, texts.map(text => `${text}\n`).join(""));
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / count;
  console.log(
    `${count} CloudTrail-shaped events of ${Math.round(bytes)} bytes on average, ${rounds} interleaved rounds after ${warmUp} to warm up, in processor time`,
  );
  console.log(`${contenders.map(contender => contender.version).join("; ")}`);
  console.log(
    `${cpus()[0].model}, ${pin.length > 0 ? "pinned to one core" : "NOT pinned: taskset is missing"}, load ${loadavg()[0].toFixed(1)}\n`,
  );
  for (const contender of contenders) await contender.ask(`events ${eventFile}`);

  const ruleFiles = sizes.map(size => {
    const file = join(folder, `rules-${size}`);
    writeFileSync(
      file,
      rules(size)
        .map(text => `${text}\n`)
        .join(""),
    );
    return file;
  });
  const results = await interleave(contenders, ruleFiles, rounds);
  let isGood = true;
  for (const [index, size] of sizes.entries()) {
    const [our, their] = results[index];
    const shown = contenders.map(({ name }, at) => `${name} ${perSecond(count, results[index][at])}`);
    console.log(`${size} rules: ${shown.join("; ")}`);
    const matches = new Set(results[index].flat().map(time => time.matches));
    if (matches.size !== 1) throw new Error("The matches differ, so the times say nothing.");
    if (their) isGood = report("  times Event Ruler's rate", ratios(their, our), goals[size]) && isGood;
  }
  isGood =
    report("our rate at 1200 rules beside that at 12", ratios(results[0][0], results[2][0]), goalFlat) &&
    isGood;
  contenders.forEach(contender => contender.close());
  rmSync(folder, { recursive: true });
  if (!isGood) process.exitCode = 1;
};

interface Time {
  nanoseconds: number;
  matches: number;
}

const warmUp = 3;

/** Every contender with every file of rules in each round; times by file, then by contender, then by round. */
const interleave = async (
  contenders: Contender[],
  ruleFiles: string[],
  rounds: number,
): Promise<Time[][][]> => {
  const results: Time[][][] = ruleFiles.map(() => contenders.map(() => []));
  for (let round = -warmUp; round < rounds; round++) {
    for (const [size, file] of ruleFiles.entries()) {
      for (const [index, contender] of contenders.entries()) {
        await contender.ask(`rules ${file}`);
        const [nanoseconds, matches] = (await contender.ask("round")).split(" ").map(Number);
        if (round >= 0) results[size][index].push({ nanoseconds, matches });
      }
    }
  }
  return results;
};

/** How much faster the second was, round by round. */
const ratios = (first: Time[], second: Time[]): number[] =>
  first.map(({ nanoseconds }, round) => nanoseconds / second[round].nanoseconds);

const perSecond = (count: number, times: Time[]): string => {
  const rate = Math.round((count / median(times.map(time => time.nanoseconds))) * 1e9);
  return `${rate.toLocaleString("en")}/s, ${[...new Set(times.map(time => time.matches))].join(" or ")} matches`;
};

const report = (what: string, values: number[], goal: number): boolean => {
  const middle = median(values);
  const range = `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`;
  console.log(
    `${what}: ${middle.toFixed(2)} (${range}), goal ${goal}: ${middle >= goal ? "reached" : "MISSED"}`,
  );
  return middle >= goal;
};

const pinToOneCore = (): string[] => {
  const core = String(cpus().length - 1);
  try {
    execFileSync("taskset", ["-c", core, "true"]);
    return ["taskset", "-c", core];
  } catch {
    return [];
  }
};

const fuzz = async (seed: number, count: number): Promise<void> => {
  const ruler = startRuler();
  if (typeof ruler === "string") throw new Error(`Comparing needs Event Ruler: ${ruler}.`);
  const { tally, known, differing } = await compare(ruler, seed, count);
  ruler.close();
  console.log(`${count} pairs from seed ${seed}, as ${ruler.version} judges them:`, tally);
  console.log(`${known.length} differ as docs/patterns.md tells, ${differing.length} otherwise`);
  for (const line of differing) console.log(line);
  if (differing.length > 0) process.exitCode = 1;
};
