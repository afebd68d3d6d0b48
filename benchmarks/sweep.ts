import { fork, type ChildProcess } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { s3BucketEncryption } from "../components/guardrails/s3-bucket-encryption";
import { connect } from "../operations/operator";
import { sweep, sweepable } from "../operations/sweep/sweep";
import { median } from "./figures/median";
import { ensureCustodian, runCustodian } from "./sweep/custodian";
import { isOpen } from "./sweep/ec2";
import type { GroupSweep } from "./sweep/groups";

/** What every call takes at least, in milliseconds. */
const delay = 25;
const callsGoal = 1.01;
const fasterGoal = 20;
/** How many security groups are swept, the larger after the smaller; and how much more memory the larger may take. */
const groupCounts = [1_000, 10_000] as const;
const memoryGoal = 2;

/**
 * An operator's sweep of many buckets, beside Cloud Custodian on the same account: `npm run bench -- sweep`, with
 * `--buckets <count>`, `--rounds <count>`; `--strict` exits 1 when a goal is missed.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      buckets: { type: "string", default: "2000" },
      rounds: { type: "string", default: "3" },
      strict: { type: "boolean", default: false },
    },
  });
  const [buckets, rounds] = [Number(values.buckets), Number(values.rounds)];
  if (![buckets, rounds].every(number => Number.isInteger(number) && number >= 1))
    throw new Error(
      `--buckets and --rounds are numbers from 1 on, not ${values.buckets} and ${values.rounds}`,
    );
  const custodian = await ensureCustodian(text => console.error(text));
  const account = await startAccount(buckets);
  try {
    console.log(
      `A sweep of ${buckets} buckets, one in a hundred in breach, ${delay} ms added to every call; ${rounds} rounds in turns, medians with minimum and maximum; start-up left out of both`,
    );
    console.log(
      `Node ${process.versions.node}, ${cpus()[0].model}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}\n`,
    );
    const ours: Measured[] = [];
    const theirs: Measured[] = [];
    for (let round = 0; round < rounds; round += 1) {
      ours.push(await measured(account.url, () => ownSweep(account.env)));
      if (typeof custodian !== "string")
        theirs.push(await measured(account.url, () => runCustodian(custodian.command, account.env)));
    }
    const areReached = [report(ours, theirs, custodian, buckets), await sweepGroups()];
    if (values.strict && areReached.includes(false)) process.exitCode = 1;
  } finally {
    account.process.kill();
  }
}

/** Sweeps of security groups, each in a process of its own. Prints their memory; whether it is bounded. */
async function sweepGroups(): Promise<boolean> {
  console.log("\nSweeps of security groups, one in a hundred open, three rules and one interface each");
  const growths: number[] = [];
  for (const groups of groupCounts) {
    const account = await startAccount(0, groups);
    try {
      const one = await inProcess<GroupSweep>(join(__dirname, "sweep", "groups.ts"), [], account.env);
      const open = Array.from({ length: groups }, (_, at) => at).filter(isOpen).length;
      if (one.looked !== groups || one.wrong !== open)
        throw new Error(
          `Looked at ${one.looked} of ${groups} groups, and found ${one.wrong} of ${open} wrong`,
        );
      growths.push(one.peak - one.before);
      console.log(
        `${groups} groups: ${one.ms.toFixed(0)} ms, ${one.wrong} wrong, ${one.calls} calls; ${megabytes(one.peak - one.before)} MB live at most, besides ${megabytes(one.before)} before`,
      );
    } finally {
      account.process.kill();
    }
  }
  const [few, many] = growths;
  const ratio = many / few;
  const isReached = ratio <= memoryGoal;
  console.log(
    `  ${isReached ? "PASS" : "FAIL"}  ten times the groups take at most ${memoryGoal} times the memory: ${ratio.toFixed(2)}`,
  );
  return isReached;
}

const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

interface Measured {
  readonly ms: number;
  /** The buckets in breach, by name. */
  readonly found: readonly string[];
  readonly calls: Readonly<Record<string, number>>;
}

async function measured(url: string, work: () => Promise<Omit<Measured, "calls">>): Promise<Measured> {
  const counts = async () => (await (await fetch(`${url}/counts`)).json()) as Record<string, number>;
  await counts();
  return { ...(await work()), calls: await counts() };
}

/** Starts a program of this folder; its first message, and the process. */
async function start<T>(file: string, args: readonly string[], env?: NodeJS.ProcessEnv) {
  const child: ChildProcess = fork(file, [...args], {
    execArgv: ["--expose-gc", "-r", join(__dirname, "..", "register.js")],
    ...(env && { env }),
  });
  const message = await new Promise<unknown>((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", code => reject(new Error(`${file} ended with ${code}`)));
  });
  return { message: message as T, process: child };
}

async function inProcess<T>(...of: Parameters<typeof start>): Promise<T> {
  const { message, process: child } = await start<T>(...of);
  child.kill();
  return message;
}

async function startAccount(buckets: number, groups = 0) {
  const program = join(__dirname, "sweep", "account.ts");
  const { message: port, process: child } = await start<number>(
    program,
    [buckets, delay, groups].map(String),
  );
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_REGION: "us-east-1",
    AWS_DEFAULT_REGION: "us-east-1",
  };
  return { process: child, url, env };
}

async function ownSweep(env: NodeJS.ProcessEnv): Promise<Omit<Measured, "calls">> {
  Object.assign(process.env, env);
  const operator = await connect({ stack: "bench", region: "us-east-1" });
  const settings = {
    ...s3BucketEncryption.settings.parse({ algorithm: "aws:kms" }),
    trusted: { accounts: [] },
  };
  const enabled = sweepable(
    [
      {
        definition: s3BucketEncryption,
        mode: "notify",
        managed: "notify",
        sweep: "notify",
        budget: 50,
        settings,
        exemptions: [],
      },
    ],
    undefined,
  );
  const start = performance.now();
  const { sweeps } = await sweep(operator, enabled);
  const ms = performance.now() - start;
  const failed = sweeps.find(({ error }) => error !== undefined);
  if (failed !== undefined) throw new Error(`The sweep failed: ${failed.error?.message}`);
  return { ms, found: sweeps.flatMap(({ wrong }) => wrong.map(({ resource }) => resource.id)).sort() };
}

/** Prints the figures; whether the goals are reached. */
function report(
  ours: readonly Measured[],
  theirs: readonly Measured[],
  custodian: { command: string } | string,
  buckets: number,
): boolean {
  const expected = Math.ceil((buckets - 7) / 100);
  for (const { found } of [...ours, ...theirs])
    if (found.length !== expected || found.join() !== ours[0].found.join())
      throw new Error(`Expected ${expected} buckets in breach, found ${found.length}`);
  const perBucket = ({ calls }: Measured): number => sum(calls) / buckets;
  // What is read of a bucket in breach besides: who else uses it.
  const ofBreaches = (one: Measured): number =>
    (one.calls["GetBucket:policy"] ?? 0) + (one.calls["GetBucket:acl"] ?? 0);
  const calls = (sum(ours[0].calls) - ofBreaches(ours[0]) - (ours[0].calls.GetCallerIdentity ?? 0)) / buckets;
  line("this project", ours, perBucket);
  const goals: [string, boolean][] = [
    [
      `at most ${callsGoal} calls for each bucket (${calls.toFixed(3)}), reads of those in breach aside`,
      calls <= callsGoal,
    ],
  ];
  if (typeof custodian === "string") console.log(custodian);
  else {
    line("Cloud Custodian", theirs, perBucket);
    const ratios = ours.map(({ ms }, at) => theirs[at].ms / ms);
    const faster = median(ratios);
    goals.push([
      `at least ${fasterGoal} times faster than Cloud Custodian: ${faster.toFixed(1)} (${Math.min(...ratios).toFixed(1)} to ${Math.max(...ratios).toFixed(1)})`,
      faster >= fasterGoal,
    ]);
  }
  for (const [goal, isReached] of goals) console.log(`  ${isReached ? "PASS" : "FAIL"}  ${goal}`);
  return goals.every(([, isReached]) => isReached);
}

const sum = (calls: Readonly<Record<string, number>>): number =>
  Object.values(calls).reduce((all, one) => all + one, 0);

function line(name: string, runs: readonly Measured[], perBucket: (one: Measured) => number): void {
  const times = runs.map(({ ms }) => ms);
  console.log(
    `${name}: ${median(times).toFixed(0)} ms (${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)}), ${runs[0].found.length} buckets in breach, ${perBucket(runs[0]).toFixed(2)} calls for each bucket`,
  );
}
