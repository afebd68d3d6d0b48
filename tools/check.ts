import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { stackNameInWords } from "../components/admission/stack-name";
import { catalogue, defaultPack } from "../components/guardrails";
import { inspectSettings, type Settings } from "../components/settings";
import { readStackConfig } from "../components/settings/file/stack-config";
import { mistakesInWords, placeOf, type Mistake } from "../components/settings/mistakes";

export interface CheckOptions {
  readonly stack?: string;
  readonly json?: boolean;
}

/** What is to be said of one stack's config. */
interface Verdict {
  readonly stack: string;
  readonly file: string;
  readonly isRight: boolean;
  /** Why AWS would not take the stack's name. */
  readonly name?: string | undefined;
  /** Why the file could not be read at all. */
  readonly unreadable?: string;
  readonly mistakes: readonly Mistake[];
  readonly warnings: readonly string[];
  /** Each enabled guardrail's mode. */
  readonly guardrails: Readonly<Record<string, string>>;
}

const project = "aws-event-guardrails";
const fileOf = (stack: string): string => `Pulumi.${stack}.yaml`;

/**
 * Reads stack configs as `pulumi up` would, without Pulumi and without AWS, and says what it would say.
 * @param folder where the stack files are
 * @returns the exit code: 0 nothing is wrong (there may be warnings), 1 there are mistakes, 2 there is no such stack
 */
export function check(
  { stack, json = false }: CheckOptions,
  streams: { readonly stdout: Writable; readonly stderr: Writable } = process,
  folder = join(__dirname, ".."),
): number {
  const write = (text: string): void => void streams.stdout.write(`${text}\n`);
  const known = readdirSync(folder).flatMap(file => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
  const stacks = stack === undefined ? known : [stack];
  if (stacks.length === 0 || !stacks.every(one => existsSync(join(folder, fileOf(one))))) {
    const missing = stack === undefined ? "Pulumi.<stack>.yaml" : fileOf(stack);
    streams.stderr.write(`There is no ${missing} here; there are files for ${known.join(", ") || "none"}.\n`);
    return 2;
  }
  const verdicts = stacks.sort().map(one => verdictOn(one, readFileSync(join(folder, fileOf(one)), "utf8")));
  if (json) write(JSON.stringify(verdicts.map(asJson)));
  else write(verdicts.map(inWords).join("\n\n"));
  return verdicts.every(({ isRight }) => isRight) ? 0 : 1;
}

function verdictOn(stack: string, text: string): Verdict {
  const none = { stack, file: fileOf(stack), isRight: false, mistakes: [], warnings: [], guardrails: {} };
  let config: Record<string, string>;
  try {
    config = readStackConfig(text, project);
  } catch (error) {
    return { ...none, unreadable: (error as Error).message };
  }
  const { settings, mistakes } = inspectSettings(config, catalogue, defaultPack);
  const name = settings && stackNameInWords(stack, settings.guardrails);
  return {
    ...none,
    isRight: settings !== undefined && name === undefined,
    name,
    mistakes,
    warnings: settings?.warnings ?? [],
    guardrails: modesOf(settings),
  };
}

const modesOf = (settings: Settings | undefined): Record<string, string> =>
  Object.fromEntries((settings?.guardrails ?? []).map(({ definition, mode }) => [definition.id, mode]));

const asJson = ({ mistakes, ...verdict }: Verdict): object => ({
  ...verdict,
  mistakes: mistakes.map(({ path, problem, fix }) => ({ place: placeOf(path), problem, fix })),
});

function inWords({ stack, file, name, unreadable, mistakes, warnings, guardrails }: Verdict): string {
  if (unreadable !== undefined) return `${file}: ${unreadable}`;
  if (mistakes.length > 0)
    return `${file}: ${mistakesInWords(mistakes)}\nThe commands are for the selected stack: where that is another, add --stack ${stack}.`;
  if (name !== undefined) return `${file}: ${name}`;
  const modes = Object.entries(guardrails).map(([id, mode]) => `  ${id.padEnd(32)}${mode}`);
  return [`${file}: nothing is wrong.`, ...modes, ...warnings.map(one => `  warning: ${one}`)].join("\n");
}
