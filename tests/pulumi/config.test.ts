import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { readStackConfig } from "../../components/settings/file/stack-config";
import { howToRepeat } from "../support/random";
import { corpus } from "./config-corpus";
import { createWorkspace, type Workspace } from "./support/workspace";

const project = "corpus";

/** A program that only writes down which config it got. */
function writeProgram(folder: string): void {
  writeFileSync(join(folder, "Pulumi.yaml"), `name: ${project}\nruntime: nodejs\n`);
  writeFileSync(
    join(folder, "package.json"),
    '{ "name": "corpus", "version": "1.0.0", "main": "index.js" }\n',
  );
  writeFileSync(
    join(folder, "index.js"),
    'require("node:fs").writeFileSync("got.json", JSON.stringify(require("@pulumi/pulumi").runtime.allConfig()));\n',
  );
}

describe("a stack file under Pulumi's CLI", () => {
  let workspace: Workspace;
  before(async () => {
    workspace = createWorkspace(writeProgram);
    await workspace.pulumi("stack", "init", "dev");
  });
  after(() => workspace?.remove());

  const got = async (): Promise<Record<string, string>> => {
    await workspace.pulumi("preview");
    return JSON.parse(readFileSync(join(workspace.folder, "got.json"), "utf8")) as Record<string, string>;
  };

  it("gives the program the same values as our own reader finds in it", async () => {
    const readable = (entry: string): boolean => {
      try {
        readStackConfig(`config:\n  k:${entry}\n`, project);
        return true;
      } catch {
        return false;
      }
    };
    const entries = corpus(400).filter(readable);
    const file = join(workspace.folder, "Pulumi.dev.yaml");
    const text = entries.map((entry, index) => `  ${project}:k${index}:${entry}\n`).join("");
    writeFileSync(file, `${readFileSync(file, "utf8")}config:\n${text}`);

    const [own, theirs] = [readStackConfig(readFileSync(file, "utf8"), project), await got()];

    expect(entries.length).to.be.greaterThan(1500);
    const different = entries.flatMap((entry, index) => {
      const key = `${project}:k${index}`;
      return own[key] === theirs[key]
        ? []
        : [`${entry.trim()}: the CLI has ${theirs[key]}, our reader ${own[key]}`];
    });
    expect(different.join("\n"), howToRepeat).to.equal("");
  });

  it("has what `pulumi config set --path` was given, numbers and booleans as such", async () => {
    const given = { a: "off", b: "012345678901", c: "123456789012", d: "50", e: "true" };
    for (const [name, value] of Object.entries(given))
      await workspace.pulumi("config", "set", "--path", `set.${name}`, value);

    expect((await got())[`${project}:set`]).to.equal(
      '{"a":"off","b":"012345678901","c":123456789012,"d":50,"e":true}',
    );
  });

  it("gives the program a secret decrypted, which our own reader names and refuses", async () => {
    await workspace.pulumi("config", "set", "--secret", "--path", "vault.token", "hush");

    expect((await got())[`${project}:vault`]).to.equal('{"token":"hush"}');
    const text = readFileSync(join(workspace.folder, "Pulumi.dev.yaml"), "utf8");
    expect(() => readStackConfig(text, project)).to.throw(`${project}:vault.token: a secret`);
  });
});
