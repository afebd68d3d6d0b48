import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { everyPage, project, readPage } from "../support/pages";

interface Golden {
  readonly steps: Readonly<Record<string, { readonly mails: readonly string[] }>>;
}

/** A line with `*` for all that differs from one run to the next: the golden file's marks, or the values themselves. */
const general = (line: string): string =>
  line
    .trim()
    .replace(/<[a-z]+(?: \d+)?>/g, "*")
    .replace(/\d{4}-\d{2}-\d{2}T[\d:]+Z/g, "*")
    .replace(/\b\d+ s after/g, "* s after")
    .replace(/\b(?:sgr?-)?[0-9a-f]{17,20}\b/g, "*");

describe("what the pages quote", () => {
  it("README's mail is one that the scenario sends", () => {
    const [, quoted] = /```\n(\[high\][^]*?)```/.exec(readPage("README.md")) ?? [];
    const golden = JSON.parse(
      readFileSync(join(project, "tests/sandbox/play/golden/scenario.json"), "utf8"),
    ) as Golden;
    const { subject, body } = JSON.parse(golden.steps["ssh-opened-permissions"].mails[0]) as {
      subject: string;
      body: string;
    };
    const sent = general(`${subject}\n${body}`);

    const lines = quoted.split("\n").filter(line => line !== "");
    expect(lines.length).to.be.within(8, 12);
    for (const line of lines) for (const part of line.split("[...]")) expect(sent).to.include(general(part));
  });

  it("names only commands that there are", () => {
    const named = everyPage.flatMap(page =>
      [...readPage(page).matchAll(/(?:guardrails -- |`guardrails )([a-z]+)/g)].map(([, name]) => name),
    );
    const sources = readdirSync(join(project, "tools")).filter(name => name.endsWith(".ts"));
    const text = sources.map(name => readPage(join("tools", name))).join("");
    const commands = [...text.matchAll(/\.(?:command|alias)\("([a-z]+)/g)].map(([, name]) => name);

    expect(commands).to.include.members(["match", "undo"]);
    expect(commands).to.include.members([...new Set(named)]);
  });

  it("names only scripts that there are", () => {
    const named = everyPage.flatMap(page =>
      [...readPage(page).matchAll(/npm (?:run )(?:--silent )?([a-z:]+)/g)].map(([, name]) => name),
    );
    const { scripts } = JSON.parse(readPage("package.json")) as { scripts: object };

    expect(Object.keys(scripts)).to.include.members([...new Set(named)]);
  });
});
