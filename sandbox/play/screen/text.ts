/** "0.21 s", from two minutes on "5:00.21". */
export const span = (ms: number): string => {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 120) return `${seconds.toFixed(2)} s`;
  return `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(2).padStart(5, "0")}`;
};
/** "10 s", from two minutes on "15 min". */
export const roughly = (ms: number): string =>
  ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;

/** Whether there is something to be pasted in a line: broken, a command would be several, and a link none. */
const isToPaste = (line: string): boolean =>
  /^[\s\u2502]*(aws|pulumi|export|unset) |\bnpm run |\bhttps?:\/\//.test(line);

/**
 * A line as the lines that a terminal of so many columns shows: broken between words, and within a word only where that
 * is too long for a line of its own. What is to be pasted stays whole: the terminal breaks it where it still can be.
 * @param indent columns that each further line begins with
 */
export function fold(line: string, columns: number, indent: number): string[] {
  const room = columns - indent;
  // Too narrow for two columns: the terminal's own breaks are no worse.
  if (line.length <= columns || room < 20 || isToPaste(line)) return [line];
  const cut = breakBefore(line, columns);
  const rest = line.slice(cut).trimStart();
  const others = rest.length <= room ? [rest] : fold(rest, room, 0);
  return [line.slice(0, cut).trimEnd(), ...others.map(other => " ".repeat(indent) + other)];
}

/** Where a line of so many columns ends best: after its last whole word, unless that leaves most of it empty. */
function breakBefore(line: string, columns: number): number {
  const space = line.lastIndexOf(" ", columns);
  return space > columns / 2 ? space : columns;
}
