/** What is wrong in a stack config, in words, and what puts it right. No Pulumi import. */
import { commandOf, placeOf, type Fix, type Path } from "./fixes";

export interface Mistake {
  readonly path: Path;
  /** The value as given and what was expected. */
  readonly problem: string;
  readonly fix: Fix;
}

export type Report = (path: Path, problem: string, fix: Fix) => void;

/** What is no mistake, and yet should be said. */
export interface Warning {
  readonly path: Path;
  /** A sentence; `command` makes a line for the shell of a fix. */
  readonly words: (command: (fix: Fix) => string) => string;
}

/** One message with every mistake: place and problem on a line, the command that fixes it on the next. */
export function mistakesInWords(mistakes: readonly Mistake[], stack?: string): string {
  const one = mistakes.length === 1;
  const commands = mistakes.map(({ fix }) => commandOf(fix, stack));
  const lines = mistakes.map(({ path, problem }, at) => {
    // Several mistakes of one list share the command that rewrites it.
    const isRepeated = commands[at + 1] === commands[at];
    return `  ${placeOf(path)}: ${problem}${isRepeated ? "" : `\n      ${commands[at]}`}`;
  });
  return `${one ? "one mistake" : `${mistakes.length} mistakes`} in the stack config:\n${lines.join("\n")}`;
}

export const warningInWords = ({ words }: Warning, stack?: string): string =>
  words(fix => commandOf(fix, stack));

/** A value as somebody would recognise it in an error: JSON, cut when long. */
export function shown(value: unknown): string {
  if (value === undefined || value === null || value === "") return "nothing";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
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
