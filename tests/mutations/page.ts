import type { Mutation } from "./mutation";

const cell = (text: string): string => text.replace(/\|/g, "\\|").replace(/\s+/g, " ");
const row = (...cells: string[]): string => `| ${cells.map(cell).join(" | ")} |`;

/** docs/mutations.md: each defect with the test that noticed it. */
export const page = (caught: readonly (Mutation & { readonly by: string })[]): string =>
  [
    "# Deliberate defects and the tests that notice them",
    "",
    `A test proves something when it fails as soon as the product is wrong. \`node tests/mutations/run.js\` makes each of these ${caught.length} defects in a copy of the checkout, runs the tests named beside it in \`tests/mutations/list.ts\`, and wrote this page: the first test that failed. A defect that nobody notices, or that no longer fits its file, makes the command fail.`,
    "",
    row("defect", "file", "caught by"),
    row("---", "---", "---"),
    ...caught.map(({ defect, file, by }) => row(defect, `\`${file}\``, by)),
    "",
  ].join("\n");

/** What a page tells: each defect with its file and the test that noticed it. */
export const rowsIn = (text: string): { defect: string; file: string; by: string }[] =>
  [...text.matchAll(/^\| (.+?) \| `(.+?)` \| (.+) \|$/gm)].map(([, ...cells]) => {
    const [defect, file, by] = cells.map(one => one.replace(/\\\|/g, "|"));
    return { defect, file, by };
  });
