import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compare } from "./patterns/fuzz";
import type { Contender } from "./patterns/contender";
import { startOurs, startRuler } from "./patterns/contender";
import { workload } from "./patterns/workload";

const goals: Record<number, number> = { 12: 1.5, 120: 1.5, 1200: 3 };
const goalFlat = 0.85;

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
    `${count} CloudTrail-shaped events of ${Math.round(bytes)} bytes on average, ${rounds} interleaved rounds after 3 to warm up, in processor time`,
  );
  console.log(`${contenders.map(contender => contender.version).join("; ")}`);
  console.log(
    `${cpus()[0].model}, ${pin.length > 0 ? "pinned to one core" : "NOT pinned: taskset is missing"}, load ${loadavg()[0].toFixed(1)}\n`,
  );
  for (const contender of contenders) await contender.ask(`events ${eventFile}`);

  const rates = new Map<number, number[]>();
  let isGood = true;
  for (const size of [12, 120, 1200]) {
    const ruleFile = join(folder, "rules");
    writeFileSync(
      ruleFile,
      rules(size)
        .map(text => `${text}\n`)
        .join(""),
    );
    for (const contender of contenders) await contender.ask(`rules ${ruleFile}`);
    const results = await interleave(contenders, rounds);
    const perSecond = results.map(times => times.map(({ nanoseconds }) => (count / nanoseconds) * 1e9));
    const matches = results.map(times => new Set(times.map(time => time.matches)));
    rates.set(size, perSecond[0]);
    const shown = contenders.map(
      ({ name }, index) =>
        `${name} ${Math.round(median(perSecond[index])).toLocaleString("en")}/s, ${[...matches[index]].join("/")} matches`,
    );
    console.log(`${size} rules: ${shown.join("; ")}`);
    if (new Set(matches.flatMap(set => [...set])).size !== 1)
      throw new Error("The contenders differ in their matches, so the times say nothing.");
    if (contenders.length > 1) {
      const ratios = perSecond[0].map((rate, index) => rate / perSecond[1][index]);
      isGood = report(`  times Event Ruler's rate`, ratios, goals[size]) && isGood;
    }
  }
  const flat = (rates.get(1200) ?? []).map((rate, index) => rate / (rates.get(12)?.[index] ?? NaN));
  isGood = report("our rate at 1200 rules beside that at 12", flat, goalFlat) && isGood;
  contenders.forEach(contender => contender.close());
  rmSync(folder, { recursive: true });
  if (!isGood) process.exitCode = 1;
};

const interleave = async (
  contenders: Contender[],
  rounds: number,
): Promise<{ nanoseconds: number; matches: number }[][]> => {
  const results: { nanoseconds: number; matches: number }[][] = contenders.map(() => []);
  for (let round = -3; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      const [nanoseconds, matches] = (await contender.ask("round")).split(" ").map(Number);
      if (round >= 0) results[index].push({ nanoseconds, matches });
    }
  }
  return results;
};

const report = (what: string, ratios: number[], goal: number): boolean => {
  const middle = median(ratios);
  const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  console.log(
    `${what}: ${middle.toFixed(2)} (${range}), goal ${goal}: ${middle >= goal ? "reached" : "MISSED"}`,
  );
  return middle >= goal;
};

const median = (values: number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
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
