import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

export const root = join(__dirname, "..", "..");

/** Every file of the project, whether git knows it already or not, but for what .gitignore names. */
export function projectFiles(): string[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  return listed.split("\n").filter(file => file !== "" && existsSync(join(root, file)));
}

export interface Import {
  readonly from: string;
  readonly to: string;
}

/** Every import of one file of the project by another, type-only ones as well. */
export function importsBetween(files: readonly string[]): Import[] {
  const known = new Set(files);
  return files
    .filter(file => file.endsWith(".ts"))
    .flatMap(from =>
      ts.preProcessFile(readFileSync(join(root, from), "utf8")).importedFiles.flatMap(({ fileName }) => {
        if (!fileName.startsWith(".")) return [];
        const path = join(dirname(from), fileName);
        const to = [path, `${path}.ts`, `${path}/index.ts`].find(file => known.has(file));
        return to === undefined ? [] : [{ from, to }];
      }),
    );
}

/** An arrow between two neighbours in one folder, each a file or a whole folder, and one import that draws it. */
interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly because: Import;
}

/** The imports, seen from the folder that both files lie in: between its files and its folders. */
function arrowsOf(imports: readonly Import[]): Arrow[] {
  const arrows = imports.map((because): Arrow => {
    const [from, to] = [because.from.split("/"), because.to.split("/")];
    const parted = from.findIndex((name, at) => name !== to[at]);
    const upTo = (path: string[]) => path.slice(0, parted + 1).join("/");
    return { from: upTo(from), to: upTo(to), because };
  });
  return [...new Map(arrows.map(arrow => [`${arrow.from} ${arrow.to}`, arrow])).values()].filter(
    ({ from, to }) => from !== to,
  );
}

/** Every circle: of each set of neighbours that reach one another, the shortest way round, with the imports it takes. */
export function circlesIn(imports: readonly Import[]): string[] {
  const arrows = arrowsOf(imports);
  const seen = new Set<string>();
  return arrows.flatMap(arrow => {
    if (seen.has(arrow.from)) return [];
    const back = wayBack(arrow, arrows);
    if (back === undefined) return [];
    const circle = [arrow, ...back];
    circle.forEach(({ from }) => seen.add(from));
    const ways = circle.map(({ because }) => `  ${because.from} imports ${because.to}`);
    return [[`${[...circle.map(({ from }) => from), arrow.from].join(" → ")}`, ...ways].join("\n")];
  });
}

function wayBack(first: Arrow, arrows: readonly Arrow[]): Arrow[] | undefined {
  const ways: Arrow[][] = [[]];
  const visited = new Set([first.to]);
  for (const way of ways) {
    const here = way.length === 0 ? first.to : way[way.length - 1].to;
    if (here === first.from) return way;
    for (const arrow of arrows)
      if (arrow.from === here && !visited.has(arrow.to)) {
        visited.add(arrow.to);
        ways.push([...way, arrow]);
      }
  }
  return undefined;
}
