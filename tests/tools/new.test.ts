import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Readable, Writable } from "node:stream";
import { expect } from "chai";
import { create, type NewOptions } from "../../tools/new";

const root = join(__dirname, "../..");
const made: Readonly<Record<string, NewOptions>> = {
  "invented-snapshot-public": {
    service: "ec2",
    call: "ModifySnapshotAttribute",
    kind: "writing",
    title: "Stop sharing EBS snapshots with everyone",
  },
  "invented-rotation-off": {
    service: "kms",
    call: "DisableKeyRotation",
    kind: "reading",
    title: "Tell of keys that no longer rotate",
  },
  "invented-network-changed": {
    service: "ec2",
    call: "CreateInternetGateway",
    kind: "direct",
    title: "Tell of every way into a network",
  },
};

describe("guardrails new", function () {
  this.timeout(240_000);
  let copy: string;
  before(() => {
    copy = mkdtempSync(join(tmpdir(), "new-"));
    const left = ["node_modules", ".git", ".sandbox"];
    cpSync(root, copy, {
      recursive: true,
      filter: path => !left.includes(relative(root, path).split(/[\\/]/)[0]),
    });
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "junction");
  });
  after(() => rmSync(copy, { recursive: true, force: true }));

  async function run(id: string, options: NewOptions) {
    const said = { out: "", err: "" };
    const into = (key: "out" | "err") =>
      new Writable({ write: (chunk: Buffer, _, done) => ((said[key] += chunk.toString()), done()) });
    const streams = { stdin: Readable.from([]), stdout: into("out"), stderr: into("err") };
    return { code: await create(id, options, streams, copy), ...said };
  }

  const { title, ...rest } = made["invented-snapshot-public"];
  const refused: readonly (readonly [id: string, options: NewOptions, says: string])[] = [
    ["Snapshots", { ...rest, title }, "is no id: the resource, then the state, in kebab-case"],
    ["vpc-created", { ...rest, title }, "There is a guardrail vpc-created already"],
    ["invented-snapshot-public", rest, "Give --title: nobody is here to be asked"],
    ["invented-snapshot-public", {}, "Give --service, --call, --kind, --title: nobody is here to be asked"],
    [
      "invented-snapshot-public",
      { ...rest, title, kind: "notice" },
      "--kind is one of writing, reading, direct",
    ],
    ["invented-snapshot-public", { ...rest, title: "stop it." }, "--title begins with a verb and a capital"],
    ["user-created", { ...rest, title, service: "iam", call: "CreateUser" }, "iam is a global service: "],
    ["account-left", { ...rest, title, service: "organizations" }, "organizations is a global service: "],
    ["invented-snapshot-public", { ...rest, title, call: "ShareIt" }, 'ec2 has no call "ShareIt"'],
  ];
  for (const [id, options, says] of refused)
    it(`writes nothing and says why: ${says}`, async () => {
      const { code, err } = await run(id, options);

      expect(err).to.contain(says);
      expect(code).to.equal(2);
      expect(existsSync(join(copy, `tests/guardrails/${id}/guardrail.test.ts`))).to.equal(
        id === "vpc-created",
      );
    });

  it("writes what compiles, and whose tests say what to fill in", async () => {
    for (const [id, options] of Object.entries(made)) {
      const { code, out, err } = await run(id, options);
      expect({ code, err }, id).to.deep.equal({ code: 0, err: "" });
      expect(out).to.contain(`Next: npm run prove -- ${id}`);
    }
    const catalogue = readFileSync(join(copy, "components/guardrails/index.ts"), "utf8");
    for (const name of ["inventedSnapshotPublic", "inventedRotationOff", "inventedNetworkChanged"])
      expect(catalogue).to.match(new RegExp(`import \\{ ${name} \\}[^]*catalogue = \\[[^\\]]*${name},`));

    const bin = (path: string) => join(copy, "node_modules", path);
    execFileSync(process.execPath, [bin("typescript/bin/tsc"), "--noEmit"], { cwd: copy, encoding: "utf8" });

    const report = join(copy, "report.json");
    const tests = Object.keys(made).map(id => `tests/guardrails/${id}/guardrail.test.ts`);
    spawnSync(
      process.execPath,
      [
        ...[bin("mocha/bin/mocha.js"), "--no-config", "--require", "ts-node/register/transpile-only"],
        ...["--timeout", "120000", "--reporter", "json", "--reporter-option", `output=${report}`],
        ...["tests/conformance.test.ts", "tests/complete.test.ts", ...tests],
      ],
      { cwd: copy },
    );
    const { failures } = JSON.parse(readFileSync(report, "utf8")) as {
      failures: { fullTitle: string; err: { message: string } }[];
    };

    for (const id of Object.keys(made)) {
      const own = failures.filter(({ fullTitle }) => fullTitle.includes(id));
      expect(own, id).to.not.be.empty;
      const file = `(components|tests)/guardrails/${id}(\\.ts|/)`;
      for (const { fullTitle, err } of own)
        expect(err.message, fullTitle).to.match(
          new RegExp(`^([Ww]rite .*${file}|${file}.*: |run npm run faults -- ${id})`),
        );
    }
    expect(failures.filter(({ fullTitle }) => !Object.keys(made).some(id => fullTitle.includes(id)))).to.be
      .empty;
  });
});
