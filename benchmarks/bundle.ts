import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { parseArgs } from "node:util";
import { deployAll, type DeployedFunction } from "./bundle/deployed";
import { nodeVersion } from "../components/function";
import { callbackPackages } from "./bundle/callback-package";
import { judge, kilobytes, megabytes, type Compared, type Verdict } from "./bundle/goals";
import { unpackDefaults, unpackOurs, type Unpacked } from "./bundle/packages";
import { prepare, sampleEmpty, type Sample } from "./bundle/samples";
import { median } from "./figures/median";

/** One function in both packages, and what its samples gave. */
interface Contest {
  readonly id: string;
  readonly usesEc2: boolean;
  readonly ours: Unpacked;
  readonly default: Unpacked;
  readonly sample: (index: string) => Sample;
  readonly refusal: string;
  readonly rounds: { readonly ours: Sample; readonly default: Sample }[];
}

const warmUps = 2;

/**
 * Every deployed function beside the package that Pulumi makes of the same callback by default: size, cold start and
 * memory. `npm run bench -- bundle`, with `--rounds <count>`; `--strict` exits 1 when a goal is missed.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { rounds: { type: "string", default: "15" }, strict: { type: "boolean", default: false } },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds is a number from 1 on, not ${values.rounds}`);
  // Pulumi packs the dependencies of the project that it is called in.
  process.chdir(join(__dirname, ".."));
  const folder = mkdtempSync(join(tmpdir(), "bundle-"));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

  const { functions, sameTwice } = await build();
  const contests = await unpack(folder, functions);
  printSetting(contests, rounds);
  const empty = await race(contests, rounds);
  console.log(`An empty process holds ${megabytes(median(empty))} at most.\n`);
  const verdicts = [...judge(contests.map(contest => compare(contest, empty))), sameTwice];
  console.log("Goals");
  for (const { goal, isReached, worst } of verdicts)
    console.log(`  ${isReached ? "PASS" : "FAIL"}  ${goal}: ${worst}`);
  if (values.strict && verdicts.some(({ isReached }) => !isReached)) process.exitCode = 1;
}

/** Runs the program twice and compares what it would deploy. */
async function build(): Promise<{ functions: DeployedFunction[]; sameTwice: Verdict }> {
  const runs = [await deployAll(), await deployAll()];
  const hashes = runs.map(({ functions }) =>
    functions.map(({ definition, files }) => `${definition.id} ${shortHash(JSON.stringify(files))}`).sort(),
  );
  const isSame = hashes[0].join() === hashes[1].join();
  const builds = runs.map(one => one.builds);
  return {
    functions: runs[0].functions,
    sameTwice: {
      goal: "all functions in one esbuild call, the same bytes on two runs",
      isReached: isSame && builds.every(count => count === 1),
      worst: `${builds.join(" and ")} calls; ${isSame ? hashes[0].join(", ") : hashes.join(" but then ")}`,
    },
  };
}

const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);

async function unpack(folder: string, functions: readonly DeployedFunction[]): Promise<Contest[]> {
  const packages = await callbackPackages(functions.map(({ definition }) => definition));
  const ids = functions.map(({ definition }) => definition.id);
  const defaults = unpackDefaults(folder, Object.fromEntries(ids.map((id, at) => [id, packages[at]])));
  return functions.map((one, at) => {
    const ours = unpackOurs(folder, one);
    return {
      id: ids[at],
      usesEc2: Object.values(packages[at].files).some(text => text.includes('require("@aws-sdk/client-ec2')),
      ours,
      default: defaults[ids[at]],
      sample: prepare(one, dirname(ours.index)),
      refusal: `The event is of account ${one.forged.account}, not ${one.acting.account}`,
      rounds: [],
    };
  });
}

function printSetting(contests: readonly Contest[], rounds: number): void {
  const manifest = (folder: string) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const version = (name: string) => `${name} ${manifest(join("node_modules", name)).version}`;
  const dependencies = Object.keys(manifest(".").dependencies);
  console.log(
    `${contests.length} functions of the program with every guardrail on, beside CallbackFunction packages of the same callbacks; ${rounds} interleaved rounds after ${warmUps} to warm up, each sample a new process; medians, and of the per-round ratios with minimum and maximum`,
  );
  console.log([...dependencies, "esbuild"].map(version).join(", "));
  console.log(
    `Node ${process.versions.node} (Lambda runs these functions on Node ${nodeVersion}), ${cpus()[0].model}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}\n`,
  );
}

/** Fills in the contests' rounds. Returns the memory of an empty process in each round. */
async function race(contests: readonly Contest[], rounds: number): Promise<number[]> {
  const empty: number[] = [];
  for (let round = -warmUps; round < rounds; round++) {
    const memory = sampleEmpty();
    if (round >= 0) empty.push(memory);
    for (const { ours, default: other, sample, rounds: kept } of contests) {
      // Lets a signal through: the samples themselves block.
      await setImmediate();
      const first = sample((round % 2 === 0 ? ours : other).index);
      const second = sample((round % 2 === 0 ? other : ours).index);
      if (round < 0) continue;
      kept.push(round % 2 === 0 ? { ours: first, default: second } : { ours: second, default: first });
    }
  }
  return empty;
}

/** Prints one function's figures. @throws Error when an answer is wrong: its time then says nothing. */
function compare({ id, usesEc2, ours, default: other, refusal, rounds }: Contest, empty: number[]): Compared {
  const answers = rounds.flatMap(round => [round.ours.answer, round.default.answer]);
  const distinct = [...new Set(answers.map(answer => JSON.stringify(answer)))];
  if (distinct.length !== 1 || answers[0].refused !== refusal)
    throw new Error(`${id} answered wrongly, so the figures say nothing:\n${distinct.join("\n")}`);
  const timesSmaller = other.zipBytes / ours.zipBytes;
  const ratio = (name: string, figure: "handler" | "request" | "processor" | "peak", show = milliseconds) => {
    const ratios = rounds.map(round => round.ours[figure] / round.default[figure]);
    const shown = (["ours", "default"] as const).map(who => show(median(rounds.map(r => r[who][figure]))));
    const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
    console.log(`${row(name, shown)}  ${median(ratios).toFixed(2)} (${range})`);
    return median(ratios);
  };
  console.log(
    `${id}: ${answers.length} answers, ${distinct.length} distinct (refuses a forged event; asks ${answers[0].asked})`,
  );
  console.log(row("", ["ours", "default"]));
  const sizes = [ours, other].map(one => kilobytes(one.zipBytes));
  console.log(`${row("zip", sizes)}  1/${timesSmaller.toFixed(1)}`);
  console.log(row("files", [`${ours.fileCount}`, `${other.fileCount}`]));
  ratio("load to handler", "handler");
  const start = ratio("load to first request", "request");
  ratio("  its processor time", "processor");
  const memory = ratio("peak memory", "peak", megabytes);
  const growth = median(rounds.map((round, at) => round.ours.peak - empty[at]));
  console.log(`${row("  over an empty process", [megabytes(growth)])}\n`);
  return { id, usesEc2, zipBytes: ours.zipBytes, timesSmaller, start, memory, growth };
}

const milliseconds = (value: number): string => `${value.toFixed(0)} ms`;
const row = (name: string, cells: string[]): string =>
  `  ${name.padEnd(24)}${cells.map(cell => cell.padStart(12)).join("")}`;
