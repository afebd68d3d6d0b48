import type { Defect } from "./list";

/** How a defect was found. */
export interface FoundDefect extends Defect {
  readonly seed: number;
  readonly promise: string;
}

const title = "## Defects that it finds";
const cell = (text: string): string => text.replace(/\|/g, "\\|").replace(/\s+/g, " ");

/** The page with the table of what was found. */
export function withTable(page: string, found: readonly FoundDefect[]): string {
  const rows = found.map(({ defect, finding, guardrail, seed, promise }) =>
    [defect, finding, `\`${guardrail}\``, String(seed), promise].map(cell),
  );
  const table = [
    ["defect", "puts back", "guardrail", "seed", "promise that breaks"],
    Array(5).fill("---"),
    ...rows,
  ];
  return [
    page.slice(0, page.indexOf(title)) + title,
    "",
    `\`npm run simulate -- --defects\` puts each of these ${found.length} back into a copy of the checkout (\`tests/simulate/defects/list.ts\`), plays up to 2,000 histories of the guardrail, and wrote this table: the first seed that shows it. One that is not found, or no longer fits its file, makes the command fail.`,
    "",
    ...table.map(cells => `| ${cells.join(" | ")} |`),
    "",
  ].join("\n");
}

/** The defects that a page tells of, in its order. */
export const toldIn = (page: string): string[] =>
  [...page.slice(page.indexOf(title)).matchAll(/^\| ([^|]+) \| [^|]+ \| `[^|]+` \| \d+ \|/gm)].map(
    ([, defect]) => defect,
  );
