import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { everyPage, mistakesInTables, project, readPage, withoutFences } from "../support/pages";

/** Pages that a whole run of a command writes: they name the files of that run. */
const written = ["docs/faults.md", "docs/mutations.md"];

const anchorsIn = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );

/** Whether a file or folder is there; `<id>` stands for any name. */
function isThere(name: string): boolean {
  if (!name.includes("<")) return existsSync(join(project, name));
  const folder = name.slice(0, name.lastIndexOf("/", name.indexOf("<")));
  const pattern = new RegExp(
    `^${name.replace(/\/$/, "").replaceAll(".", "\\.").replaceAll(/<\w+>/g, "[^/]+")}$`,
  );
  return (
    existsSync(join(project, folder)) &&
    readdirSync(join(project, folder), { recursive: true, encoding: "utf8" }).some(path =>
      pattern.test(join(folder, path)),
    )
  );
}

describe("the pages", () => {
  it("are those of the project", () => {
    expect(everyPage).to.include.members(["README.md", "docs/safety.md"]);
  });

  for (const page of everyPage) {
    it(`${page} has whole tables only`, () => {
      expect(mistakesInTables(readPage(page)), page).to.deep.equal([]);
    });

    it(`${page} links to pages and headings that are there`, () => {
      const links = [
        ...withoutFences(readPage(page)).matchAll(
          /(?:\]\(|src="|srcset=")(?!https?:)([^)"#]*)(?:#([^)"]*))?[)"]/g,
        ),
      ];

      for (const [, target, anchor] of links) {
        const file = target === "" ? page : join(dirname(page), target);
        expect(existsSync(join(project, file)), `${page} links to ${file}`).to.equal(true);
        if (anchor !== undefined)
          expect(anchorsIn(readPage(file)), `${page} links to ${file}#${anchor}`).to.include(anchor);
      }
    });
  }

  for (const page of everyPage.filter(name => !written.includes(name) && name !== "CHANGELOG.md"))
    it(`${page} names files that are there`, () => {
      const names = [
        ...readPage(page).matchAll(
          /`((?:components|runtime|operations|patterns|records|sandbox|tools|tests|benchmarks|docs)\/[\w./<>-]*)`/g,
        ),
      ].map(([, name]) => name);

      for (const name of names) expect(isThere(name), `${page}: ${name}`).to.equal(true);
    });
});

describe("a table that is not whole", () => {
  const head = "| a | b |\n| --- | --- |\n";

  it("is found by a row that a blank line cuts off", () => {
    expect(mistakesInTables(`${head}| 1 | 2 |\n\n| 3 | 4 |\n`)).to.deep.equal([
      "line 5: a row outside a table, or a table without a separator",
    ]);
  });

  it("is found by a row with more or fewer cells, in which a bar may be quoted", () => {
    expect(mistakesInTables(`${head}| 1 |\n| 1 | 2 | 3 |\n| 1 | 2 \\| 3 |\n| 1 | 2\n`)).to.deep.equal([
      "line 3: 1 cells under a heading of 2",
      "line 4: 3 cells under a heading of 2",
      "line 6: 1 cells under a heading of 2",
    ]);
  });

  it("is found without rows, without a separator, and with one in a wrong place", () => {
    expect(mistakesInTables(head)).to.deep.equal(["line 1: a table without rows"]);
    expect(mistakesInTables("| a | b |\n")).to.have.length(1);
    expect(mistakesInTables("| a | b |\n| 1 | 2 |\n| --- | --- |\n")).to.have.length(1);
  });

  it("is not what a fenced block shows", () => {
    expect(mistakesInTables("```\n| a\n```\n")).to.deep.equal([]);
  });
});
