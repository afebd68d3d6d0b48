import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const project = join(__dirname, "../..");

/** A file of the project, as text. */
export const readPage = (page: string): string => readFileSync(join(project, page), "utf8");

/** Every Markdown file of the project, by its path. */
export const everyPage: readonly string[] = pagesIn("");

function pagesIn(folder: string): string[] {
  return readdirSync(join(project, folder), { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".") || entry.name === "node_modules") return [];
    if (entry.isDirectory()) return pagesIn(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

/** The section under a heading such as "## Metrics", up to the next heading of level 2 or 3; "" when there is none. */
export const sectionOf = (text: string, heading: string): string =>
  text.split(/^(?=#{2,3} )/m).find(part => part.startsWith(`${heading}\n`)) ?? "";

/** The text without its fenced blocks, whose lines are left empty so that the numbers of the others stay. */
export const withoutFences = (text: string): string => {
  let isFenced = false;
  return text
    .split("\n")
    .map(line => {
      const isFence = line.trimStart().startsWith("```");
      if (isFence) isFenced = !isFenced;
      return isFence || isFenced ? "" : line;
    })
    .join("\n");
};

/** What is wrong with a page's tables, a sentence each with the line; a row that is cut off is a table of its own. */
export function mistakesInTables(text: string): string[] {
  const lines = withoutFences(text).split("\n");
  const isRow = (line: string | undefined): boolean => line?.startsWith("|") ?? false;
  return lines.flatMap((line, at) => {
    if (!isRow(line) || isRow(lines[at - 1])) return [];
    const length = lines.slice(at).findIndex(next => !isRow(next));
    const rows = lines.slice(at, length < 0 ? undefined : at + length);
    const [head, separator, ...body] = rows.map(cellsOf);
    if (separator?.some(cell => !/^:?-{3,}:?$/.test(cell)) ?? true)
      return [`line ${at + 1}: a row outside a table, or a table without a separator`];
    if (body.length === 0) return [`line ${at + 1}: a table without rows`];
    return [head, separator, ...body].flatMap((cells, row) =>
      cells.length === head.length
        ? []
        : [`line ${at + row + 1}: ${cells.length} cells under a heading of ${head.length}`],
    );
  });
}

/** The cells of a row; `\|` is a bar within one. A row that ends without a bar has one cell too few. */
const cellsOf = (row: string): string[] =>
  row
    .trimEnd()
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map(cell => cell.trim());
