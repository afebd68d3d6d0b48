import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";

const root = join(__dirname, "../../..");

describe("npm start, before anything is started", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "begin-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** As `sandbox/start.js` does, with the stack files of another folder and without playing. */
  function begun(...args: string[]) {
    const script = `
      require("./register");
      require("./lazy-clients");
      const begin = require("./sandbox/play/begin").begin;
      process.on("exit", () => console.log(JSON.stringify(Object.keys(require.cache))));
      begin(${JSON.stringify(args)}, ${JSON.stringify(folder)}, async () => console.log("started"));`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", script], {
      cwd: root,
      encoding: "utf8",
    });
    const lines = stdout.trimEnd().split("\n");
    const loaded = JSON.parse(lines.pop() ?? "") as string[];
    return { status, said: stderr, hasStarted: lines.includes("started"), loaded };
  }
  const stackFile = (stack: string, text: string) =>
    writeFileSync(join(folder, `Pulumi.${stack}.yaml`), text);
  const recipients = "config:\n  aws-event-guardrails:recipients: [secops@example.com]\n";

  it("tells a mistake in the stack file with its line and what mends it, and starts nothing", () => {
    stackFile("m1", `${recipients}  aws-event-guardrails:guardrails:\n    vpc-created: notfy\n`);
    const { status, said, hasStarted } = begun("--stack", "m1");

    expect([status, hasStarted]).to.deep.equal([1, false]);
    expect(said.split("\n")).to.deep.equal([
      'Pulumi.m1.yaml:4: guardrails.vpc-created: got "notfy", expected notify or off; did you mean "notify"?',
      "    write vpc-created: notify",
      "    or pulumi config set --stack m1 --path guardrails.vpc-created notify",
      "",
    ]);
  });

  it("misses nothing that the sandbox itself gives every stack, nor minds whose an address is", () => {
    stackFile(
      "s1",
      `${recipients}  aws-event-guardrails:guardrails: { ec2-launch-baseline: enforce }\n  aws-event-guardrails:controllers: []\n`,
    );
    const { status, said, hasStarted } = begun("--stack", "s1");

    expect([status, said, hasStarted]).to.deep.equal([0, "", true]);
  });

  it("warns of an exemption that has ended and of a region that AWS has not, and goes on", () => {
    stackFile(
      "s1",
      `${recipients}  aws:region: us-east-99
  aws-event-guardrails:exemptions:
    - guardrail: security-group-open-ingress
      resource: arn:aws:ec2:us-east-1:123456789012:security-group/sg-0123456789abcdef0
      reason: public bastion
      owner: infra@example.com
      expires: "2020-12-31"
`,
    );
    const { status, said, hasStarted } = begun("--stack", "s1");

    expect([status, hasStarted]).to.deep.equal([0, true]);
    expect(said).to.match(/^Pulumi\.s1\.yaml:3: warning: aws:region: "us-east-99" is no region/m);
    expect(said).to.match(/^Pulumi\.s1\.yaml:5: warning: exemptions\[0\] .+ ended after 2020-12-31/m);
  });

  it("says which stacks there are where one is named that is none", () => {
    stackFile("dev", recipients);
    const { status, said, hasStarted } = begun("--stack", "prod");

    expect([status, hasStarted]).to.deep.equal([2, false]);
    expect(said).to.equal('There is no stack "prod", because there is no Pulumi.prod.yaml; there are: dev\n');
  });

  it("loads no SDK, no Pulumi and none of the account until it knows that it will play", () => {
    for (const args of [["--help"], ["--nope"], ["--stack", "prod"]])
      expect(
        begun(...args).loaded.filter(file => /@aws-sdk|@smithy|@pulumi|sandbox.sandbox\.ts/.test(file)),
        args.join(" "),
      ).to.deep.equal([]);
  });
});
