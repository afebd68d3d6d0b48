import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Credentials } from "../iam/identity";
import { ensurePython } from "../state/python";
import { project, projectFolder, startSandbox, type Sandbox } from "../sandbox";
import { regions } from "../../components/settings/region";
import { plain } from "../../runtime/plain";
import { readStackConfig } from "../../components/settings/file/stack-config";
import { deployStack, type Standing } from "./deploy";
import { offer } from "./empty";
import type { Options } from "./options";
import { chosen, isDue } from "./plan";
import { finish } from "./report";
import { createScreen, type Screen } from "./screen";
import { playStep, type StepResult, steps } from "./scenario";
import { stackFileOf } from "../../components/settings/file/names";

/** Plays the scenario, or stays up. Exit codes: 0 all as it should be, 1 not, 2 there is no such step. */
export async function main(options: Options): Promise<void> {
  const stranger = options.step.find(name => !steps.some(step => step.name === name));
  if (stranger !== undefined) return refuseStep(stranger);
  let sandbox: Sandbox | undefined;
  const screen = createScreen(options);
  const results: StepResult[] = [];
  let ending: Promise<never> | undefined;
  const end = (code: number): Promise<never> =>
    (ending ??= (async () => {
      try {
        await sandbox?.stop();
      } finally {
        process.exit(code);
      }
    })());
  const leave = (code: number): void => {
    screen.silence();
    // Whatever was under way fails, because the account goes: nobody waits for it any more.
    process.on("uncaughtException", () => undefined);
    process.on("unhandledRejection", () => undefined);
    void end(code);
  };
  let isInterrupted = false;
  const interrupt = (code: number): void => {
    // npm hands on what the terminal has sent already.
    if (isInterrupted) return;
    isInterrupted = true;
    if (!options.stay)
      console.error(`\nInterrupted after ${results.length} of ${chosen(steps, options.step).length} steps.`);
    leave(options.stay ? 0 : code);
  };
  process.on("SIGINT", () => interrupt(130));
  process.on("SIGTERM", () => interrupt(143));
  // Whoever reads has seen enough, as `head` does.
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => leave(code === "EPIPE" ? 0 : 1));
  try {
    const config = options.empty ? undefined : configOf(options.stack);
    const python = await ensurePython({ folder: join(projectFolder, ".sandbox"), progress: screen.progress });
    screen.progress("Starting an AWS account on this machine");
    const { port, every } = options;
    sandbox = await startSandbox({ python, region: config?.["aws:region"], port, every });
    if (config === undefined) return await offer(sandbox, screen.timeline);
    const standing = await deploy(sandbox, config, options, screen);
    if (options.stay) return stay(sandbox, standing.prepared.people.otto, options, screen);
    await play(sandbox, standing, screen, results);
    await finish(sandbox, standing.plan, results, screen);
    await end(results.every(({ differences }) => differences.length === 0) ? 0 : 1);
  } catch (error) {
    if (ending === undefined) console.error(`\n${sentence(error)}`);
    await end(1);
  }
}

function refuseStep(name: string): void {
  console.error(`There is no step "${name}"; there are:\n  ${steps.map(step => step.name).join("\n  ")}`);
  process.exitCode = 2;
}

/** @throws Error, a sentence, for a region that the account's state does not have */
function configOf(stack: string): Record<string, string> {
  const config = readStackConfig(readFileSync(join(projectFolder, stackFileOf(stack)), "utf8"), project);
  const region = config["aws:region"];
  if (region !== undefined && !regions.includes(region))
    throw new Error(`The sandbox has no region ${plain(region, 30)}: take another in ${stackFileOf(stack)}`);
  return config;
}

/** Deploys the stack, says what it is, and shows from then on what happens. */
async function deploy(
  sandbox: Sandbox,
  given: Readonly<Record<string, string>>,
  { stack, step, stay: stays }: Options,
  { progress, timeline, happen }: Screen,
): Promise<Standing> {
  const standing = await deployStack(sandbox, given, {
    stack,
    steps: stays ? [] : chosen(steps, step),
    ready: additions => {
      progress(`Deploying stack ${stack} with Pulumi's own runner, in ${sandbox.region}`);
      timeline.line(`  Beside ${stackFileOf(stack)} it gets: ${additions.join("; ")}`);
    },
  });
  const { resources, outputs, diagnostics } = standing.deployed;
  timeline.heading(`Stack ${stack}: ${resources.length} resources`);
  for (const { message } of diagnostics.filter(({ severity }) => severity === "info"))
    timeline.line(`  ${message}`);
  for (const [id, guardrail] of Object.entries(outputs.guardrails as Record<string, { mode: string }>))
    timeline.line(`  ${id.padEnd(32)}${guardrail.mode}`);
  let { offset } = sandbox.clock;
  sandbox.clock.onAdvance(now => {
    timeline.advanced(now - offset);
    offset = now;
  });
  sandbox.journal.listen(happen);
  return standing;
}

/** @param results gets each step's, as it ends */
async function play(
  sandbox: Sandbox,
  { plan, stage }: Standing,
  { begin, end, timeline }: Screen,
  results: StepResult[],
): Promise<void> {
  // A tick belongs where time goes by, not into whichever step its minute happens to meet.
  sandbox.timers.running = false;
  for (const planned of plan) {
    if (!isDue(planned)) {
      timeline.skip(planned);
      continue;
    }
    begin(planned.step);
    const result = await playStep(planned, stage, sandbox.clock);
    end(result);
    results.push(result);
  }
}

/** Stays up until Ctrl-C; what happens is shown as it happens. */
function stay(
  { url, region, gateway }: Sandbox,
  operator: Credentials,
  { stack, mail }: Options,
  { timeline: { heading, line } }: Screen,
): void {
  heading(
    "The account is up. Paste these two lines, then use your own AWS CLI, SDK or boto3; Ctrl-C ends it.",
  );
  line(`export AWS_ENDPOINT_URL=${url} AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`);
  line(`${keysOf(gateway.bootstrap)} AWS_PAGER=`);
  line("");
  line("Then, for example: aws ec2 create-vpc --cidr-block 10.9.0.0/16");
  heading("What a guardrail did is taken back with the keys of an operator, Otto, in another shell:");
  line(`export AWS_ENDPOINT_URL=${url} AWS_REGION=${region}`);
  line(keysOf(operator));
  line("");
  line("The action that is named below, or the newest of a resource:");
  line(`npm run guardrails -- undo <action> --stack ${stack} --reason "..."`);
  line(`npm run guardrails -- undo --last <ARN> --stack ${stack} --reason "..."`);
  if (!mail) line("\nThe mail of each has its command whole: npm run sandbox -- --mail prints mails.");
}

const keysOf = ({ accessKeyId, secretAccessKey }: Credentials): string =>
  `export AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`;

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));
