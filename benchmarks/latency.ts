import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { nodeVersion } from "../components/function";
import { breaches } from "../tests/guardrails";
import { everything } from "../tests/support/everything";
import type { About, Breach } from "../tests/guardrails/step";
import { ensurePython } from "../sandbox/state/python";
import { projectFolder, startSandbox } from "../sandbox/sandbox";
import { prepareAccount } from "../sandbox/play/prepare";
import { createStage } from "../sandbox/play/stage";
import { median } from "./figures/median";
import { type Fixed, fix } from "./latency/fix";

/** What every AWS call takes at least, in milliseconds. */
const delay = 25;
const coldGoal = 1_500;
/** The most calls to the guarded service; undefined: only stated. */
const callGoals: Readonly<Record<string, number>> = {
  "s3-bucket-encryption": 4,
  "security-group-open-ingress": 4,
};

/**
 * From an event put on the bus to a fix that is proven, for each guardrail that writes, in the deployed stack on the
 * sandbox account: `npm run bench -- latency`, with `--rounds <count>`; `--strict` exits 1 when a goal is missed.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { rounds: { type: "string", default: "7" }, strict: { type: "boolean", default: false } },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds is a number from 1 on, not ${values.rounds}`);
  const progress = (text: string): void => console.error(text);
  const python = await ensurePython({ folder: join(projectFolder, ".sandbox"), progress });
  const sandbox = await startSandbox({ python, delayPerCall: delay });
  try {
    const prepared = await prepareAccount(sandbox);
    await sandbox.deploy({ config: prepared.configure(everything()), stack: "dev" });
    await sandbox.idle();
    const stage = createStage(sandbox, "dev", prepared, []);
    console.log(
      `From the event on the bus to the fix proven: ${breaches.length} guardrails in turns, ${rounds} rounds after one to warm up, ${delay} ms added to every AWS call; medians, with minimum and maximum`,
    );
    console.log(
      `Node ${process.versions.node} (Lambda runs these functions on Node ${nodeVersion}), ${cpus()[0].model}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}\n`,
    );
    const fixes = new Map<About<Breach>, { cold: Fixed[]; warm: Fixed[] }>(
      breaches.map(breach => [breach, { cold: [], warm: [] }]),
    );
    for (let round = -1; round < rounds; round += 1)
      for (const [breach, kept] of fixes) {
        const cold = await fix(sandbox, stage, breach, true);
        const warm = await fix(sandbox, stage, breach, false);
        if (round < 0) continue;
        kept.cold.push(cold);
        kept.warm.push(warm);
      }
    const isReached = [...fixes].map(([breach, kept]) => report(breach, kept)).every(Boolean);
    if (values.strict && !isReached) process.exitCode = 1;
  } finally {
    await sandbox.stop();
  }
}

/** Prints one guardrail's figures; whether its goals are reached. */
function report(
  { guardrail, service }: About<Breach>,
  { cold, warm }: { cold: Fixed[]; warm: Fixed[] },
): boolean {
  const all = [...cold, ...warm];
  const shapes = new Set(all.map(({ calls }) => [...calls].sort().join(", ")));
  const { calls } = all[0];
  const toService = calls.filter(call => call.startsWith(`${service}:`));
  const others = calls.filter(call => !call.startsWith(`${service}:`));
  const invocations = Math.max(...all.map(one => one.invocations));
  console.log(
    `${guardrail}: ${all.length} fixes, each proven in the account, ${shapes.size} distinct lists of calls`,
  );
  console.log(`  cold    ${spread(cold.map(({ ms }) => ms))}`);
  console.log(`  warm    ${spread(warm.map(({ ms }) => ms))}`);
  console.log(`  ${toService.length} calls to ${service}: ${counted(toService)}`);
  console.log(`  ${others.length} other calls: ${counted(others)}`);
  const goals: [string, boolean][] = [
    ["one function invocation", invocations === 1],
    [`cold in at most ${coldGoal} ms`, median(cold.map(({ ms }) => ms)) <= coldGoal],
  ];
  const most = callGoals[guardrail];
  if (most !== undefined)
    goals.push([`at most ${most} calls to the guarded service`, toService.length <= most]);
  for (const [goal, isReached] of goals) console.log(`  ${isReached ? "PASS" : "FAIL"}  ${goal}`);
  console.log("");
  return goals.every(([, isReached]) => isReached);
}

const spread = (values: readonly number[]): string =>
  `${median(values).toFixed(0)} ms (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`;

/** "DescribeInstances 2, CreateTags" */
const counted = (calls: readonly string[]): string =>
  [...new Set(calls)]
    .map(call => {
      const count = calls.filter(other => other === call).length;
      return `${call.split(":")[1]}${count > 1 ? ` ${count}×` : ""}`;
    })
    .join(", ");
