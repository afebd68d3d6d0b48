/** What a stack file says, judged without Pulumi and without AWS: all that `pulumi up` would say of the config alone, and that it names no region. */
import { catalogue, defaultPack } from "../guardrails";
import { inspectSettings, type Settings } from "../settings";
import { commandOf, placeOf, type Path } from "../settings/fixes";
import { stackFileOf } from "../settings/file/names";
import { readStackConfig, type Unreadable } from "../settings/file/stack-config";
import { openStackFile } from "../settings/file/stack-file";
import { regionUnsaid } from "../settings/region";
import { warningInWords, type Mistake, type Warning } from "../settings/mistakes";
import { stackNameInWords } from "./stack-name";

/** One thing to be said of a stack file. */
export interface Remark {
  /** From 1; undefined where it is about no line. */
  readonly line?: number;
  /** The setting as Pulumi spells it. */
  readonly place?: string;
  /** A sentence; of a mistake without the place. */
  readonly problem: string;
  /** How it is mended in the file, where words can say that. */
  readonly byHand?: string;
  /** The line for the shell that mends it. */
  readonly command?: string;
}

export interface Verdict {
  readonly stack: string;
  readonly file: string;
  readonly mistakes: readonly Remark[];
  readonly warnings: readonly Remark[];
  /** Each enabled guardrail's mode; nothing where there are mistakes. */
  readonly guardrails: Readonly<Record<string, string>>;
}

const project = "aws-event-guardrails";

/**
 * @param text of the stack file
 * @param given values of settings that come from elsewhere, where the file has none
 */
export function judgeStackFile(
  stack: string,
  text: string,
  given: Readonly<Record<string, string>> = {},
): Verdict {
  const verdict = { stack, file: stackFileOf(stack), mistakes: [], warnings: [], guardrails: {} };
  let config: Record<string, string>;
  try {
    config = readStackConfig(text, project);
  } catch (error) {
    return { ...verdict, mistakes: [remarkOn(error as Unreadable, text)] };
  }
  const all = { ...given, ...config };
  const { settings, warnings, mistakes } = inspectSettings(all, catalogue, defaultPack);
  const unsaid = all["aws:region"] === undefined ? [regionUnsaid] : [];
  const remark = remarkIn(stack, text);
  const said = { ...verdict, warnings: [...unsaid, ...warnings].map(remark.warning) };
  if (settings === undefined) return { ...said, mistakes: mistakes.map(remark.mistake) };
  const name = stackNameInWords(stack, settings.guardrails);
  return {
    ...said,
    mistakes: name === undefined ? [] : [{ problem: name }],
    guardrails: modesOf(settings),
  };
}

function remarkOn({ message, offset }: Unreadable, text: string): Remark {
  return offset === undefined
    ? { problem: message }
    : { line: text.slice(0, offset).split("\n").length, problem: message };
}

function remarkIn(stack: string, text: string) {
  const file = openStackFile(text, project);
  return {
    mistake: ({ path, problem, fix }: Mistake): Remark => {
      // A setting that has its old name yet is where the fix finds it.
      const paths: Path[] = [path, ...fix.map(edit => ("at" in edit ? edit.at : edit.remove))];
      const line = file.lineOf(paths.find(file.has) ?? path);
      return {
        line,
        place: placeOf(path),
        problem,
        byHand: file.byHand(fix),
        command: commandOf(fix, stack),
      };
    },
    warning: (warning: Warning): Remark => ({
      line: file.lineOf(warning.path),
      place: placeOf(warning.path),
      problem: warningInWords(warning, stack),
    }),
  };
}

const modesOf = ({ guardrails }: Settings): Record<string, string> =>
  Object.fromEntries(guardrails.map(({ definition, mode }) => [definition.id, mode]));

/** Each mistake on a line that begins with file and line, and what mends it on the next two. */
export function mistakesOf({ file, mistakes }: Verdict): string[] {
  return mistakes.flatMap(({ byHand, command, ...remark }, at) => {
    // Several mistakes of one list are mended at once.
    const isRepeated = command !== undefined && mistakes[at + 1]?.command === command;
    const remedies = [byHand, command].filter(one => one !== undefined && !isRepeated);
    return [remarkLine(file, remark), ...remedies.map((one, other) => `    ${other > 0 ? "or " : ""}${one}`)];
  });
}

export const warningsOf = ({ file, warnings }: Verdict): string[] =>
  warnings.map(({ line, problem }) => remarkLine(file, { line, problem: `warning: ${problem}` }));

function remarkLine(file: string, { line, place, problem }: Remark): string {
  const where = line === undefined ? file : `${file}:${line}`;
  return [where, place, problem].filter(part => part !== undefined).join(": ");
}
