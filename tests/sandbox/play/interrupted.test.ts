import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { everything } from "../../support/everything";

const root = join(__dirname, "../../..");
const stack = "of-a-test";
const file = join(root, `Pulumi.${stack}.yaml`);

/** Runs `npm start -- --stack of-a-test` as its own process group, as a terminal does. */
function start() {
  const child = spawn(process.execPath, [join(root, "sandbox/start.js"), "--stack", stack], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
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

describe("npm start", function () {
  this.timeout(300_000);
  before(() => writeFileSync(file, JSON.stringify({ config: everything() })));
  after(() => rmSync(file));

  it("says how far it came when it is interrupted, and nothing else", async () => {
    const { child, said, ended, until } = start();
    await until(/as it should be/);
    const before = said.out;

    process.kill(-child.pid!, "SIGINT");

    expect(await ended).to.equal(130);
    expect(said.err.trim()).to.match(/^Interrupted after [1-9]\d* of \d+ steps\.$/);
    expect(said.out.slice(before.length)).to.not.match(/✘|failed|ECONN/);
  });

  it("ends quietly when nobody reads on", async () => {
    const { child, said, ended, until } = start();
    await until(/Stack of-a-test/);

    child.stdout.destroy();

    expect(await ended).to.equal(0);
    expect(said.err).to.not.match(/EPIPE|Error/);
  });
});
