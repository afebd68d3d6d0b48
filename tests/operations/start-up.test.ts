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

const rooms = ["operations", "operations/status", "operations/sweep", "tools", "tools/status", "tools/sweep"];

describe("whoever operates a stack", () => {
  it("never waits for Pulumi to load: neither a command nor what it calls requires it", () => {
    expect(pulumiLoadedBy(rooms.flatMap(modulesOf))).to.deep.equal([]);
  });

  it("would be told if it did", () => {
    expect(pulumiLoadedBy(["./components/place.ts"])).to.not.be.empty;
  });

  const failures = (env: NodeJS.ProcessEnv) =>
    spawnSync(process.execPath, ["tools/guardrails.js", "failures", "--stack", "dev"], {
      cwd: project,
      encoding: "utf8",
      env: { PATH: process.env.PATH, AWS_EC2_METADATA_DISABLED: "true", ...env },
    });

  for (const [name, env] of [
    ["where there is none", {}],
    ["where its variables are empty", { AWS_REGION: "", AWS_DEFAULT_REGION: "" }],
  ] as const)
    it(`reads one sentence about a missing region, and no warning of the SDK's, ${name}`, () => {
      const { status, stdout, stderr } = failures(env);
      expect([status, stdout]).to.deep.equal([1, ""]);
      expect(stderr).to.match(/^No region is set: [^\n]*\n$/);
    });

  it("is where AWS_REGION says, whatever AWS_DEFAULT_REGION does, as with AWS's own CLI", () => {
    const keys = {
      AWS_ACCESS_KEY_ID: "a",
      AWS_SECRET_ACCESS_KEY: "b",
      AWS_ENDPOINT_URL: "http://127.0.0.1:9",
    };
    const reached = (env: NodeJS.ProcessEnv) => failures({ ...keys, ...env }).stderr;

    expect(reached({ AWS_REGION: "eu west", AWS_DEFAULT_REGION: "us-east-1" })).to.include("eu west");
    expect(reached({ AWS_REGION: "", AWS_DEFAULT_REGION: "eu west" })).to.include("eu west");
  });
});
