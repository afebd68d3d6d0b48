import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";

const project = join(__dirname, "../..");
const read = (file: string): string => readFileSync(join(project, file), "utf8");

/** The titles of the tests in a source text; `…` for what a template fills in. A skipped test is none. */
const titlesIn = (source: string): string[] =>
  [...source.matchAll(/\bit\(\s*(?:"((?:\\.|[^"\\])*)"|`((?:\\.|[^`\\])*)`)/g)].map(([, text, template]) =>
    (text ?? template.replace(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, "…")).replace(/\\(.)/g, "$1"),
  );

interface Promised {
  readonly sentence: string;
  readonly tests: { readonly file: string; readonly title: string }[];
  readonly isAnswered?: true;
}

/** The list items of a section, each with the tests beneath it, and whether it says what is not held. */
function promisesIn(page: string, title: string): Promised[] {
  const [, section = ""] = new RegExp(`^## ${title}$([^]*?)^## `, "m").exec(page) ?? [];
  const promises: Promised[] = [];
  for (const line of section.split("\n")) {
    const [, file, title] = /^ {2}- `(tests\/[^`]+)`: (.+)$/.exec(line) ?? [];
    if (line.startsWith("- ")) promises.push({ sentence: line.slice(2), tests: [] });
    else if (file !== undefined) promises.at(-1)?.tests.push({ file, title });
    else if (line.startsWith("  - Not held"))
      promises.push({ ...(promises.pop() as Promised), isAnswered: true });
    else if (promises.length > 0)
      expect(line, "a line that is neither a promise, a test nor a heading").to.match(/^(#.*)?$/);
  }
  return promises;
}

describe("docs/safety.md", () => {
  const page = read("docs/safety.md");
  const promised = promisesIn(page, "Promises");
  const found = promisesIn(page, "What attacks have shown");
  const promises = [...promised, ...found];

  it("promises nothing without a test that holds it", () => {
    expect(promised.length).to.be.at.least(20);
    for (const { sentence, tests } of promised) expect(tests, sentence).to.not.be.empty;
  });

  it("answers what attacks have shown with a test, or says that it is not held", () => {
    expect(found.length).to.be.at.least(22);
    for (const { sentence, tests, isAnswered } of found)
      expect(tests.length > 0 || isAnswered === true, sentence).to.equal(true);
  });

  it("names only tests that are there, and that run", () => {
    const missing = promises
      .flatMap(({ tests }) => tests)
      .filter(({ file, title }) => !existsSync(join(project, file)) || !titlesIn(read(file)).includes(title))
      .map(({ file, title }) => `${file}: ${title}`);

    expect(missing, "docs/safety.md names tests that are not there").to.deep.equal([]);
  });

  it("names no test whose file `npm test` leaves out", () => {
    const { spec } = JSON.parse(read(".mocharc.json")) as { spec: string[] };
    const matching = (pattern: string): RegExp =>
      new RegExp(
        `^${pattern.replace(/\*\*\/|\*|!\(([\w|]+)\)|\./g, (found, not?: string) =>
          found === "." ? "\\." : found === "*" ? "[^/]*" : not ? `(?!(${not})/)[^/]*` : "(.*/)?",
        )}$`,
      );
    const isRun = (file: string): boolean => spec.some(pattern => matching(pattern).test(file));

    for (const { file } of promises.flatMap(({ tests }) => tests)) {
      expect(file).to.match(/\.test\.ts$/);
      expect(isRun(file), file).to.equal(true);
    }
  });
});

describe("the titles of tests in a source text", () => {
  it("are found in both kinds of quotes, with what is filled in left open", () => {
    const source = 'it("says \\"no\\"", () => {});\n it(`holds ${n > 1 ? `x` : "y"} times`);'.replaceAll(
      "`x`",
      '"x"',
    );

    expect(titlesIn(source)).to.deep.equal(['says "no"', "holds … times"]);
  });

  it("are not those of tests that are skipped", () => {
    expect(titlesIn('it.skip("sleeps", () => {});\nwait("is no test");\nxit("sleeps too");')).to.deep.equal(
      [],
    );
  });
});
