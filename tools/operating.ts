import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";
import { connect, type Operator } from "../operations/operator";
import type { Command } from "../operations/permissions";
import { inWords, isRefusal, refusal, type Whereabouts } from "../operations/refusals";
import { stacksIn } from "../components/settings/file/names";

/** What every command takes that works on a deployed stack. */
export interface StackOptions {
  readonly stack?: string;
  readonly region?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly policy?: boolean;
  readonly guardrail?: string;
}

/** Where a command reads and writes, and what time it is there. */
export interface Streams {
  readonly stdin: Readable & { isTTY?: boolean };
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Epoch milliseconds; absent: the machine's. */
  readonly now?: () => number;
  /** Where the stack files are; absent: the project's folder. */
  readonly stackFiles?: string;
}

/** What a command does once it knows the stack; lines for people, or one JSON value. */
export interface Screen {
  readonly line: (text?: string) => void;
  readonly json: (value: object) => void;
  readonly isJson: boolean;
  /**
   * Why something is done, for everybody who reads of it: as given, or as somebody at the terminal says now.
   * @param command the whole command with a placeholder, for whoever could not be asked
   * @throws Refusal when nobody says it
   */
  reason(given: string | undefined, command: string): Promise<string>;
  /** @throws Refusal when nobody is there to be asked, or the answer is no. */
  confirm(question: string): Promise<void>;
}

/**
 * Runs a command on a stack with the credentials of whoever runs it, and returns the exit code. Whatever goes wrong is
 * told in a sentence on `stderr`, without a stack trace.
 */
export async function operate(
  name: Command,
  options: StackOptions,
  work: (operator: Operator, screen: Screen) => Promise<number>,
  streams: Streams = process,
): Promise<number> {
  const region = regionOf(options);
  let where: Whereabouts = { stack: options.stack ?? "?", region };
  try {
    const stack = options.stack ?? process.env.PULUMI_STACK ?? unnamed();
    if (!/^[A-Za-z0-9_.-]{1,48}$/.test(stack)) throw refusal(`"${stack}" is no name of a stack.`, 2);
    where = { stack, region };
    const operator = await connect({ stack, region, now: streams.now });
    where = { ...operator.place, region: operator.place.home };
    if (options.policy === true) {
      const { policyText } = await import("../operations/operator-policy");
      streams.stdout.write(
        policyText([name], operator.place, options.guardrail, streams.stderr, streams.stackFiles),
      );
      return 0;
    }
    return await work(operator, screenOf(options, streams));
  } catch (error) {
    streams.stderr.write(`${inWords(error, where)}\n`);
    return isRefusal(error) ? error.exitCode : 1;
  }
}

/** An empty variable is none, as AWS's own CLI has it; the SDK would take it for a region. */
function regionOf({ region }: StackOptions): string | undefined {
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  if (AWS_REGION === "") delete process.env.AWS_REGION;
  return [region, AWS_REGION, AWS_DEFAULT_REGION].find(one => one !== undefined && one !== "");
}

function unnamed(): never {
  const known = stacksIn(join(__dirname, ".."));
  throw refusal(`Which stack? Give --stack <name>; there are files for ${known.join(", ") || "none"}.`, 2);
}

/** Nothing, or the dots that a printed command has where only a person knows the words. */
const isSaid = (text: string): boolean => !/^[\s.\u2026]*$/.test(text);

export function screenOf({ json = false, yes = false }: StackOptions, streams: Streams): Screen {
  const { stdin, stdout, stderr } = streams;
  const write = (text: string): void => void stdout.write(`${text}\n`);
  /** The answer, empty when the terminal ends; undefined where nobody can be asked. */
  async function ask(question: string): Promise<string | undefined> {
    if (stdin.isTTY !== true) return undefined;
    // The question goes where the person is, not into a file of JSON.
    const terminal = createInterface({ input: stdin, output: json ? stderr : stdout });
    const ended = new Promise<string>(resolve => terminal.once("close", () => resolve("")));
    return Promise.race([terminal.question(`${question} `), ended]).finally(() => terminal.close());
  }
  return {
    isJson: json,
    line: (text = "") => (json ? undefined : write(text)),
    json: value => (json ? write(JSON.stringify(value)) : undefined),
    reason: async (given = "", command) => {
      if (isSaid(given)) return given;
      const said = await ask("Why, for everybody who reads of it?");
      if (said === undefined)
        throw refusal(
          `--reason is missing, and nobody is there to be asked. In place of the dots: ${command}`,
          2,
        );
      if (!isSaid(said)) throw refusal("Nothing was done: no reason was given.");
      return said;
    },
    confirm: async question => {
      if (yes) return;
      const said = await ask(`${question} [y/N]`);
      if (said === undefined)
        throw refusal("Nobody is there to be asked: --yes says that you have looked.", 2);
      if (!/^y(es)?$/i.test(said.trim())) throw refusal("Nothing was done.");
    },
  };
}
