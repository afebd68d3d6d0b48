import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";

const read = (file: string): string => readFileSync(join(__dirname, "../..", file), "utf8");

interface Locked {
  readonly integrity?: string;
}

describe("npm ci", () => {
  it("runs no script of a package, and takes only what the lockfile has a hash of", () => {
    const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, Locked> };
    const loose = Object.entries(packages).filter(
      ([path, { integrity }]) => path !== "" && !/^sha512-/.test(integrity ?? ""),
    );

    expect(read(".npmrc").split("\n")).to.include("ignore-scripts=true");
    expect(Object.keys(packages).length).to.be.at.least(100);
    expect(loose.map(([path]) => path)).to.deep.equal([]);
  });
});

describe("a clone without packages", () => {
  let clone: string;
  before(() => {
    clone = mkdtempSync(join(tmpdir(), "clone-"));
    const files = ["package.json", "installed.js", "register.js", "tools/guardrails.js", "sandbox/start.js"];
    for (const file of files) {
      mkdirSync(dirname(join(clone, file)), { recursive: true });
      cpSync(join(__dirname, "../..", file), join(clone, file));
    }
  });
  after(() => rmSync(clone, { recursive: true }));

  for (const command of ["start", "run sandbox", "run guardrails", "test"])
    it(`is told by npm ${command} to install them`, () => {
      const { status, stderr } = spawnSync(`npm --silent ${command}`, {
        cwd: clone,
        shell: true,
        encoding: "utf8",
      });
      expect(status).to.equal(1);
      expect(stderr).to.equal("The packages are not installed: run `npm ci` first.\n");
    });

  it("is told first that Node.js is too old, where it is", () => {
    const script = `Object.defineProperty(process.versions, "node", { value: "18.20.4" }); require("./installed");`;
    const { status, stderr } = spawnSync(process.execPath, ["-e", script], {
      cwd: clone,
      encoding: "utf8",
    });
    expect(status).to.equal(1);
    expect(stderr).to.match(/^This needs Node\.js 20\.19 or newer, and this is 18\.20\.4: install [^\n]+\n$/);
  });
});

describe("a client of the SDK that is loaded once it is used", () => {
  it("is whole for whoever takes all of it", () => {
    const script = `
      require("./register");
      require("./lazy-clients");
      const { sns } = require("./sandbox/services/sns");
      sns.sdk.load().then(sdk => console.log(typeof sdk[sns.sdk.client]));`;
    const cwd = join(__dirname, "../..");
    expect(spawnSync(process.execPath, ["-e", script], { cwd, encoding: "utf8" }).stdout).to.equal(
      "function\n",
    );
  });
});
