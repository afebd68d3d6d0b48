import { readFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { expect } from "chai";
import { circlesIn, importsBetween, projectFiles, root } from "./imports";

/** Folders whose number of files is the number of things they list: they grow, and every file is found by its name. */
const catalogues =
  /^(components\/guardrails|sandbox\/services|tests\/guardrails|.*\/(events|fixtures)(\/.*)?)$/;
const mostLines = 260;
const mostSiblings = 14;

describe("the house", () => {
  const files = projectFiles();
  const sources = files.filter(file => /\.(ts|js|mjs|py)$/.test(file) && !file.startsWith("tests/"));

  it("has no source file that is too long to read at once", () => {
    const tooLong = sources
      .map(file => ({ file, lines: readFileSync(join(root, file), "utf8").trimEnd().split("\n").length }))
      .filter(({ lines }) => lines > mostLines)
      .map(
        ({ file, lines }) => `${file}: ${lines} lines, at most ${mostLines}: give a part a file of its own`,
      );
    expect(tooLong.join("\n")).to.equal("");
  });

  it("has no folder in which nothing is found any more", () => {
    const counts: Record<string, number> = {};
    for (const file of files) {
      const kind = `${dirname(file)} ${extname(file)}`;
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    const crowded = Object.entries(counts)
      .map(([kind, count]) => ({ folder: kind.split(" ")[0], ending: kind.split(" ")[1], count }))
      .filter(({ folder, count }) => folder !== "." && !catalogues.test(folder) && count > mostSiblings)
      .map(
        ({ folder, ending, count }) =>
          `${folder}/: ${count} files *${ending}, at most ${mostSiblings}: give those that belong together a folder`,
      );
    expect(crowded.join("\n")).to.equal("");
  });

  it("has no circle: neither between files nor between folders, at any level, types included", () => {
    const circles = circlesIn(importsBetween(sources)).map(
      circle => `${circle}\n  turn one of them round, or move what both need below both`,
    );
    expect(circles.join("\n\n")).to.equal("");
  });
});
