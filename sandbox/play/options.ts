import { Command, CommanderError, InvalidArgumentError, Option } from "commander";

export interface Options {
  readonly json: boolean;
  readonly mail: boolean;
  /** A line a step, and the verdict. */
  readonly quiet: boolean;
  /** Names of the steps to play; none: all. */
  readonly step: readonly string[];
  readonly stay: boolean;
  /** With `stay`: no stack is deployed, the user's own Pulumi CLI does it. */
  readonly empty: boolean;
  readonly port: number;
  readonly stack: string;
  /** Milliseconds from one firing of each timer to its next, where they are shortened. */
  readonly every?: number;
}

/** What the arguments of `npm start` and `npm run sandbox` ask for, or the exit code when that is said: help, or a mistake. */
export function readOptions(
  args: readonly string[],
  write: (text: string) => void = text => void process.stderr.write(text),
): Options | { readonly exitCode: 0 | 2 } {
  const stays = args.includes("--stay");
  const command = new Command(stays ? "npm run sandbox --" : "npm start --")
    .description(
      "Runs the Pulumi program on an AWS account on this machine, and plays what somebody does wrong in it.",
    )
    .option("--json", "one JSON object a line for each happening, and the steps' results last", false)
    .option("--mail", "print whole mails", false)
    .option("--quiet", "a line for each step, and how it all ended", false)
    .option(
      "--step <name>",
      "play this step, and those that it goes on from; may be given several times",
      (name: string, names: readonly string[]) => [...names, name],
      [] as readonly string[],
    )
    .option("--stay", "do not play: stay up for your own AWS CLI, SDK or boto3 (npm run sandbox)", false)
    .addOption(
      new Option("--empty", "with --stay: no stack, and what your own pulumi up needs to deploy one there")
        .default(false)
        .conflicts(["stack", "json"]),
    )
    .option(
      "--every <time>",
      "with --stay: every timer of the stack fires so often, e.g. 20s or 2m, instead of every few minutes",
      duration,
    )
    .option("--port <port>", "the port of the account's endpoint; 0 takes any that is free", port, 0)
    .option("--stack <name>", "the stack whose Pulumi.<name>.yaml is deployed", "dev")
    .allowExcessArguments(false)
    .showHelpAfterError(`See ${stays ? "npm run sandbox" : "npm start"} -- --help.`)
    .configureOutput({ writeErr: write })
    .exitOverride();
  try {
    const options = command.parse(args, { from: "user" }).opts<Options>();
    // The scenario says what each step sets off; timers in between would be no fault of the step.
    if (options.every !== undefined && !options.stay)
      command.error(
        "error: option '--every <time>' is for a sandbox that stays up: npm run sandbox -- --every 20s",
      );
    if (options.empty && !options.stay)
      command.error("error: option '--empty' is for a sandbox that stays up: npm run sandbox -- --empty");
    if (options.step.length > 0 && options.stay)
      command.error("error: option '--step <name>' is for the scenario: npm start -- --step <name>");
    return options;
  } catch (error) {
    return { exitCode: error instanceof CommanderError && error.exitCode === 0 ? 0 : 2 };
  }
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65535)
    throw new InvalidArgumentError("Expected a port, 0 to 65535.");
  return value;
}

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };
/** Below, a machine would not get round to all functions before they are due again. */
const [shortest, longest] = [5000, 24 * 3_600_000];

function duration(text: string): number {
  const [, count, unit = ""] = /^([1-9]\d{0,5})([smh])$/.exec(text) ?? [];
  const ms = Number(count) * (units[unit] ?? NaN);
  if (ms >= shortest && ms <= longest) return ms;
  throw new InvalidArgumentError("Expected a time from 5s to 24h, such as 20s, 2m or 1h.");
}
