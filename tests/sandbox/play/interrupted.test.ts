import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect } from "chai";
import { project } from "../../../sandbox/sandbox";
import { everything } from "../../support/everything";

const root = join(__dirname, "../../..");
const stack = "of-a-test";
let temporary: string;
const file = join(root, `Pulumi.${stack}.yaml`);

/**
 * Runs `npm start -- --stack of-a-test` as its own process group, as a terminal does.
 * @param flags for Node itself
 */
function start(...flags: string[]) {
  const child = spawn(process.execPath, [...flags, join(root, "sandbox/start.js"), "--stack", stack], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TMPDIR: temporary },
  });
  const said = { out: "", err: "" };
  child.stdout.on("data", part => (said.out += String(part)));
  child.stderr.on("data", part => (said.err += String(part)));
  const ended = new Promise<number | null>(resolve => child.once("close", resolve));
  const until = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = () => pattern.test(said.out) && resolve();
      child.stdout.on("data", look);
      void ended.then(() => reject(new Error(`It ended before ${String(pattern)}:\n${said.out}${said.err}`)));
    });
  return { child, said, ended, until };
}

const ofFunctions = (): string[] =>
  readdirSync(temporary).filter(name => name.startsWith("sandbox-function-"));

/** With nothing that is warned of. */
const quiet = { ...everything(), [`${project}:controllers`]: "[]" };

/** What calls under way may come to when they are cut off. */
const failing = `process.once("SIGINT", () => {
  void Promise.reject(new Error("socket hang up"));
  setImmediate(() => { throw new Error("socket hang up"); });
})`;

describe("npm start", function () {
  this.timeout(300_000);
  before(() => {
    temporary = mkdtempSync(join(tmpdir(), "interrupted-"));
    writeFileSync(file, JSON.stringify({ config: quiet }));
  });
  after(() => {
    rmSync(file);
    rmSync(temporary, { recursive: true });
  });

  it("says how far it came when it is interrupted, and nothing else", async () => {
    const { child, said, ended, until } = start();
    await until(/as it should be/);
    const before = said.out;

    process.kill(-child.pid!, "SIGINT");

    expect(await ended).to.equal(130);
    expect(said.err.trim()).to.match(/^Interrupted after [1-9]\d* of \d+ steps\.$/);
    expect(said.out.slice(before.length)).to.not.match(/✘|failed|ECONN/);
  });

  it("says so in the middle of a call too, whatever that comes to, and leaves nothing behind", async () => {
    const { child, said, ended, until } = start("--import", `data:text/javascript,${failing}`);
    await until(/ada +ec2 CreateVpc/);
    const before = said.out;
    const folders = ofFunctions();
    child.kill("SIGSTOP");

    // Whoever else a terminal's Ctrl-C reaches is gone before this process hears of it.
    process.kill(-child.pid!, "SIGINT");
    await setTimeout(500);
    child.kill("SIGCONT");

    expect(await ended).to.equal(130);
    expect(said.err.trim()).to.match(/^Interrupted after \d+ of \d+ steps\.$/);
    expect(said.out.slice(before.length)).to.not.match(/✘|failed|could not|ECONN/);
    expect(folders).to.not.be.empty;
    expect(ofFunctions()).to.deep.equal([]);
  });

  it("takes a second Ctrl-C, as npm hands it on, for the first", async () => {
    const { child, said, ended, until } = start();
    await until(/Stack of-a-test/);

    child.kill("SIGINT");
    await setTimeout(20);
    child.kill("SIGINT");

    expect(await ended).to.equal(130);
    expect(said.err.trim()).to.match(/^Interrupted after 0 of \d+ steps\.$/);
  });

  it("ends quietly when nobody reads on", async () => {
    const { child, said, ended, until } = start();
    await until(/Stack of-a-test/);

    child.stdout.destroy();

    expect(await ended).to.equal(0);
    expect(said.err).to.not.match(/EPIPE|Error/);
  });
});
