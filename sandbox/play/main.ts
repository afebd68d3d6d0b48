import { readFileSync } from "node:fs";
import { join } from "node:path";
import { printUse, useOf } from "../iam/audit";
import { deployedRoles } from "../iam/deployed-roles";
import type { Credentials } from "../iam/identity";
import { ensurePython } from "../state/python";
import { project, projectFolder, startSandbox, type Sandbox } from "../sandbox";
import { readStackConfig } from "../../components/settings/file/stack-config";
import { deployStack, type Standing } from "./deploy";
import { offer } from "./empty";
import type { Options } from "./options";
import { isDue } from "./plan";
import { type Observed, playStep, type Step, type StepResult, steps } from "./scenario";
import { canColour, createTimeline, type Timeline } from "./timeline";

/** What the screen gets: lines for people, or one JSON object a line for scripts. */
interface Screen {
  readonly timeline: Timeline;
  readonly json: (value: object) => void;
  readonly progress: (text: string) => void;
  /** Shows nothing more: what ends in a hurry looks like failures. */
  readonly silence: () => void;
}

/** Plays the scenario, or stays up. Exit codes: 0 all as it should be, 1 not. */
export async function main(options: Options): Promise<void> {
  let sandbox: Sandbox | undefined;
  const screen = createScreen(options);
  const results: StepResult[] = [];
  let ending: Promise<never> | undefined;
  const end = (code: number): Promise<never> =>
    (ending ??= (async () => {
      await sandbox?.stop();
      return process.exit(code);
    })());
  const interrupt = (code: number): void => {
    screen.silence();
    if (!options.stay) console.error(`\nInterrupted after ${results.length} of ${steps.length} steps.`);
    void end(options.stay ? 0 : code);
  };
  process.once("SIGINT", () => interrupt(130));
  process.once("SIGTERM", () => interrupt(143));
  // Whoever reads has seen enough, as `head` does.
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
    screen.silence();
    void end(code === "EPIPE" ? 0 : 1);
  });
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
    await finish(sandbox, standing, results, screen);
    await end(results.every(({ differences }) => differences.length === 0) ? 0 : 1);
  } catch (error) {
    if (ending === undefined) console.error(`\n${sentence(error)}`);
    await end(1);
  }
}

function createScreen({ json, mail, stay: live }: Options): Screen {
  let isSilent = false;
  const write = (line: string): void => void (isSilent || process.stdout.write(`${line}\n`));
  const timeline = createTimeline({
    write: json ? () => undefined : write,
    colour: canColour(process.stdout, process.env),
    mail,
    live,
  });
  return {
    timeline,
    json: json ? value => write(JSON.stringify(value)) : () => undefined,
    silence: () => void (isSilent = true),
    progress: json ? text => process.stderr.write(`${text}\n`) : text => write(`  ${text} ...`),
  };
}

const configOf = (stack: string): Record<string, string> =>
  readStackConfig(readFileSync(join(projectFolder, `Pulumi.${stack}.yaml`), "utf8"), project);

/** Deploys the stack, says what it is, and shows from then on what happens. */
async function deploy(
  sandbox: Sandbox,
  given: Readonly<Record<string, string>>,
  { stack, stay: stays }: Options,
  { progress, timeline, json }: Screen,
): Promise<Standing> {
  const standing = await deployStack(sandbox, given, {
    stack,
    steps: stays ? [] : steps,
    ready: prepared => {
      progress(`Deploying stack ${stack} with Pulumi's own runner, in ${sandbox.region}`);
      timeline.line(`  Beside Pulumi.${stack}.yaml it gets: ${prepared.additions(given).join("; ")}`);
    },
  });
  const { resources, outputs, diagnostics } = standing.deployed;
  timeline.heading(`Stack ${stack}: ${resources.length} resources`);
  for (const { message } of diagnostics.filter(({ severity }) => severity === "info"))
    timeline.line(`  ${message}`);
  for (const [id, guardrail] of Object.entries(outputs.guardrails as Record<string, { mode: string }>))
    timeline.line(`  ${id.padEnd(32)}${guardrail.mode}`);
  sandbox.journal.listen(happening => {
    timeline.happen(happening);
    json(happening);
  });
  return standing;
}

/** @param results gets each step's, as it ends */
async function play(
  sandbox: Sandbox,
  { plan, stage }: Standing,
  { timeline }: Screen,
  results: StepResult[],
): Promise<void> {
  // A tick belongs where time goes by, not into whichever step its minute happens to meet.
  sandbox.timers.running = false;
  for (const planned of plan) {
    if (!isDue(planned)) {
      timeline.skip(planned);
      continue;
    }
    timeline.begin(planned.step);
    const result = await playStep(planned, stage, sandbox.clock.now);
    timeline.end(result);
    results.push(result);
  }
}

async function finish(
  sandbox: Sandbox,
  { plan }: Standing,
  results: readonly StepResult[],
  { timeline, json }: Screen,
): Promise<void> {
  timeline.heading("Permissions: what each function was granted, and what it used");
  timeline.line(printUse(useOf(await deployedRoles(sandbox.account), sandbox.authorizer.audit)));
  const wrong = results.filter(({ differences }) => differences.length > 0);
  const skipped = plan.flatMap(one => (isDue(one) ? [] : [one]));
  const also =
    skipped.length === 0 ? "" : ` ${skipped.length} were skipped: this stack does not promise them.`;
  timeline.heading(
    wrong.length === 0
      ? `All ${results.length} steps ended as they should, read from the account itself.${also}`
      : `${wrong.length} of ${results.length} steps ended wrong: ${wrong.map(({ step }) => step.name).join(", ")}.${also}`,
  );
  json({
    steps: [
      ...results.map(({ step, observed, differences, ms }) => ({
        name: step.name,
        ok: differences.length === 0,
        guardrail: step.guardrail,
        outcomes: ownOutcomes(step, observed).map(({ kind }) => kind),
        calls: callsOf(step, observed),
        ms: Math.round(ms),
        ...(differences.length > 0 && { differences }),
      })),
      ...skipped.map(one => ({ name: one.step.name, guardrail: one.step.guardrail, skipped: one.skipped })),
    ],
  });
}

const ownOutcomes = ({ guardrail }: Step, { outcomes }: Observed) =>
  outcomes.filter(one => one.guardrail === guardrail);

/** Calls that the guardrail made for one resource; a batched call counts for each of its resources, so not their sum. */
const callsOf = (step: Step, observed: Observed): number =>
  Math.max(0, ...ownOutcomes(step, observed).map(({ calls }) => calls.length));

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
