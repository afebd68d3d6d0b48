import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { judgeStackFile, mistakesOf, warningsOf, type Verdict } from "../components/admission/stack-file";
import { stackFileOf, stacksIn } from "../components/settings/file/names";

export interface CheckOptions {
  readonly stack?: string;
  readonly json?: boolean;
}

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
  const known = stacksIn(folder);
  const stacks = stack === undefined ? known : [stack];
  if (stacks.length === 0 || !stacks.every(one => existsSync(join(folder, stackFileOf(one))))) {
    const missing = stack === undefined ? "Pulumi.<stack>.yaml" : stackFileOf(stack);
    streams.stderr.write(`There is no ${missing} here; there are files for ${known.join(", ") || "none"}.\n`);
    return 2;
  }
  const verdicts = stacks
    .sort()
    .map(one => judgeStackFile(one, readFileSync(join(folder, stackFileOf(one)), "utf8")));
  if (json) write(JSON.stringify(verdicts.map(one => ({ ...one, isRight: isRight(one) }))));
  else write(verdicts.map(inWords).join("\n\n"));
  return verdicts.every(isRight) ? 0 : 1;
}

const isRight = ({ mistakes }: Verdict): boolean => mistakes.length === 0;

function inWords(verdict: Verdict): string {
  if (!isRight(verdict)) return [...mistakesOf(verdict), ...warningsOf(verdict)].join("\n");
  const modes = Object.entries(verdict.guardrails).map(([id, mode]) => `  ${id.padEnd(32)}${mode}`);
  return [`${verdict.file}: nothing is wrong.`, ...modes, ...warningsOf(verdict)].join("\n");
}
