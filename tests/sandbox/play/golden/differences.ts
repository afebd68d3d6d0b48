import type { Golden } from "./record";

/** Characters shown to the left and to the right of where two lines part. */
const around = 70;

/** What differs, part by part: which lines were wanted and which came, cut to where they part; "" where all is equal. */
export function differencesOf(wanted: Golden, got: Golden): string {
  const [before, now] = [partsOf(wanted), partsOf(got)];
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return names.flatMap(name => inPart(name, before[name] ?? [], now[name] ?? [])).join("\n");
}

const partsOf = ({ steps, ...rest }: Golden): Record<string, readonly string[]> => ({
  ...Object.fromEntries(
    Object.entries(steps).flatMap(([step, said]) =>
      Object.entries(said).map(([what, lines]) => [`step ${step}, ${what}`, lines] as const),
    ),
  ),
  ...rest,
});

function inPart(name: string, wanted: readonly string[], got: readonly string[]): string[] {
  const [missing, added] = [without(wanted, got), without(got, wanted)];
  const count = Math.max(missing.length, added.length);
  if (count === 0) return [];
  const [one, other] = cut(missing[0] ?? "", added[0] ?? "");
  return [
    `${name}: ${count} of ${Math.max(wanted.length, got.length)} lines differ; the first:`,
    `  wanted: ${missing.length > 0 ? one : "no such line"}`,
    `  got:    ${added.length > 0 ? other : "no such line"}`,
  ];
}

/** The lines that the others lack; a line that stands twice is lacking where it stands once. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter(line => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}

/** Both lines from a little before the first character that differs to a little after it. */
function cut(one: string, other: string): [string, string] {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  const from = Math.max(0, at - around);
  const shown = (line: string) =>
    `${from > 0 ? "…" : ""}${line.slice(from, at + around)}${at + around < line.length ? "…" : ""}`;
  return [shown(one), shown(other)];
}
