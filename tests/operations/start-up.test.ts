import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";

const project = join(__dirname, "../..");
const modulesOf = (folder: string): string[] =>
  readdirSync(join(project, folder)).flatMap(file => (file.endsWith(".ts") ? [`./${folder}/${file}`] : []));

/** The files of Pulumi's packages that a fresh process has loaded after requiring these modules. */
function pulumiLoadedBy(modules: readonly string[]): string[] {
  const script = `
    require("ts-node/register/transpile-only");
    for (const name of ${JSON.stringify(modules)}) require(name);
    const loaded = Object.keys(require.cache).filter(file => /[\\\\/]node_modules[\\\\/]@pulumi[\\\\/]/.test(file));
    process.on("exit", () => process.stdout.write("\\nloaded: " + JSON.stringify(loaded)));`;
  const said = execFileSync(process.execPath, ["-e", script, "--", "--help"], {
    cwd: project,
    encoding: "utf8",
  });
  return JSON.parse(said.slice(said.lastIndexOf("loaded: ") + "loaded: ".length)) as string[];
}

describe("whoever operates a stack", () => {
  it("never waits for Pulumi to load: neither a command nor what it calls requires it", () => {
    expect(pulumiLoadedBy([...modulesOf("operations"), ...modulesOf("tools")])).to.deep.equal([]);
  });

  it("would be told if it did", () => {
    expect(pulumiLoadedBy(["./components/place.ts"])).to.not.be.empty;
  });

  it("reads one sentence about a mistake, and no warning of the SDK's", () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["tools/guardrails.js", "undo", "0123456789abcdef0123456789abcdef", "--stack", "dev"],
      { cwd: project, encoding: "utf8", env: { PATH: process.env.PATH } },
    );
    expect([status, stdout]).to.deep.equal([1, ""]);
    expect(stderr).to.match(/^No region is set: [^\n]*\n$/);
  });
});
