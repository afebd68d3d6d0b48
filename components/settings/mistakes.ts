/** What is wrong in a stack config, in words, and the Pulumi command that puts it right. No Pulumi import. */
import type { StackKey } from "./keys";

/** Keys and list indexes from the name of a setting down, e.g. ["guardrails", "vpc-created", "mode"]. */
export type Path = readonly [StackKey, ...(string | number)[]];

export interface Mistake {
  readonly path: Path;
  /** The value as given and what was expected. */
  readonly problem: string;
  /** A line for the shell. Whatever stands in <angle brackets> is the reader's to fill in. */
  readonly fix: string;
}

export type Report = (path: Path, problem: string, fix: string) => void;

/** One message with every mistake: place and problem on a line, the command that fixes it on the next. */
export function mistakesInWords(mistakes: readonly Mistake[]): string {
  const one = mistakes.length === 1;
  const lines = mistakes.map(({ path, problem }, at) => {
    // Several mistakes of one list share the command that rewrites it.
    const isRepeated = mistakes[at + 1]?.fix === mistakes[at].fix;
    return `  ${placeOf(path)}: ${problem}${isRepeated ? "" : `\n      ${mistakes[at].fix}`}`;
  });
  return `${one ? "one mistake" : `${mistakes.length} mistakes`} in the stack config:\n${lines.join("\n")}`;
}

/** A path as Pulumi spells it: https://www.pulumi.com/docs/iac/concepts/config/#structured-configuration */
export function placeOf(path: Path): string {
  return path.reduce<string>((place, part) => {
    if (typeof part === "number") return `${place}[${part}]`;
    if (!/^[\w-]+$/.test(part)) return `${place}["${part.replace(/[\\"]/g, "\\$&")}"]`;
    return place === "" ? part : `${place}.${part}`;
  }, "");
}

/** A value as somebody would recognise it in an error: JSON, cut when long. */
export function shown(value: unknown): string {
  if (value === undefined || value === null || value === "") return "nothing";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

const plain = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

// Without --path Pulumi takes the key as it is, dots and all.
const argumentsOf = (path: Path) => (path.length > 1 ? `--path ${plain(placeOf(path))}` : plain(path[0]));

/** The command that sets one value. */
export function setValue(path: Path, value: string | number | boolean): string {
  const text = String(value);
  const end = text.startsWith("-") ? "-- " : "";
  return `pulumi config set ${argumentsOf(path)} ${end}${plain(text)}`;
}

/** The command that removes one value. */
export const removeValue = (path: Path): string => `pulumi config rm ${argumentsOf(path)}`;

/** The commands that put `value`, which may be a map or a list, at `to`, instead of what is at `from`. */
export function moveValue(from: Path, to: Path, value: unknown): string {
  // An empty list is a value only at the top of a config.
  if (Array.isArray(value) && value.length === 0 && to.length === 1 && from[0] !== to[0])
    return `${removeValue(from)} && ${setValue(to, "[]")}`;
  const leaves = leavesOf(to, value);
  if (leaves.length === 0) return removeValue(from);
  const [[path, leaf]] = leaves;
  const pairs = leaves.map(([at, text]) => `--plaintext ${plain(`${placeOf(at)}=${text}`)}`);
  const set = leaves.length === 1 ? setValue(path, leaf) : `pulumi config set-all --path ${pairs.join(" ")}`;
  return `${removeValue(from)} && ${set}`;
}

type Leaf = string | number | boolean;

function leavesOf(path: Path, value: unknown): (readonly [Path, Leaf])[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => leavesOf([...path, index], item));
  if (typeof value === "object" && value !== null)
    return Object.entries(value).flatMap(([key, item]) => leavesOf([...path, key], item));
  return value === null || value === undefined ? [] : [[path, value as Leaf]];
}

/**
 * The choice that was probably meant, or undefined: at most a third of its letters differ, whatever their case, or
 * it is the shortest that contains what was given.
 */
export function closest<Choice extends string>(
  given: string,
  choices: readonly Choice[],
): Choice | undefined {
  const ranked = choices.map(choice => ({ choice, edits: editsBetween(given, choice) }));
  const [best] = ranked.sort((a, b) => a.edits - b.edits);
  if (best && best.edits <= Math.max(1, Math.floor(best.choice.length / 3))) return best.choice;
  const longer = choices.filter(choice => given.length > 2 && choice.includes(given.toLowerCase()));
  return longer.sort((a, b) => a.length - b.length)[0];
}

/** Insertions, deletions, substitutions and swaps of neighbours that make one text of the other. */
function editsBetween(a: string, b: string): number {
  const from = a.toLowerCase();
  const to = b.toLowerCase();
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const next = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      next[column] = Math.min(
        next[column - 1] + 1,
        last[column] + 1,
        last[column - 1] + (isSame ? 0 : 1),
        isSwap ? beforeLast[column - 2] + 1 : Infinity,
      );
    }
    [beforeLast, last] = [last, next];
  }
  return last[to.length];
}

/** `; did you mean "x"?`, or nothing. */
export const didYouMean = (choice: string | undefined): string =>
  choice === undefined ? "" : `; did you mean "${choice}"?`;
