import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check, type CheckOptions } from "../../tools/check";

describe("guardrails check", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "check-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const stackFile = (stack: string, ...lines: string[]) =>
    writeFileSync(
      join(folder, `Pulumi.${stack}.yaml`),
      ["config:", ...lines.map(line => `  aws-event-guardrails:${line}`)].join("\n"),
    );
  function checked(options: CheckOptions = {}) {
    let out = "";
    let err = "";
    const streams = {
      stdout: { write: (text: string) => (out += text) },
      stderr: { write: (text: string) => (err += text) },
    } as never;
    return { code: check(options, streams, folder), out: () => out, err: () => err };
  }

  it("says what is enabled where nothing is wrong, with warnings that are no mistakes", () => {
    stackFile(
      "prod",
      "recipients: secops@corp.internal",
      "guardrails: { ec2-launch-baseline: off, security-group-open-ingress: enforce }",
    );
    const { code, out } = checked();

    expect(code).to.equal(0);
    expect(out()).to.match(/^Pulumi\.prod\.yaml: nothing is wrong\.\n/);
    expect(out()).to.match(/\n {2}security-group-open-ingress +enforce\n/);
    expect(out()).to.match(/\n {2}warning: security-group-open-ingress enforces, .+ nothing of controllers/);
    expect(out()).to.match(/\n {2}warning: security-group-open-ingress enforces, .+ no operator/);
  });

  it("lists every mistake of every stack with its command, and fails", () => {
    stackFile("a", "recipients: nobody", "guardrails: [vpc-created]");
    stackFile("b", "recipients: secops@corp.internal", "guardrails: [vpc-create]");
    const { code, out } = checked();

    expect(code).to.equal(1);
    expect(out()).to.contain('Pulumi.a.yaml: one mistake in the stack config:\n  recipients: got "nobody"');
    expect(out()).to.contain("add --stack a.\n\nPulumi.b.yaml: one mistake");
    expect(out()).to.contain("pulumi config set --path 'guardrails[0]' vpc-created");
  });

  it("looks at one stack where one is named, and says which there are where it is not there", () => {
    stackFile("a", "recipients: nobody");
    stackFile("b", "recipients: secops@corp.internal", "guardrails: [vpc-created]");

    expect(checked({ stack: "b" }).code).to.equal(0);
    const { code, err, out } = checked({ stack: "c" });
    expect([code, out()]).to.deep.equal([2, ""]);
    expect(err()).to.equal("There is no Pulumi.c.yaml here; there are files for a, b.\n");
  });

  it("has nothing to say where there is no stack at all", () => {
    const { code, err } = checked();
    expect(code).to.equal(2);
    expect(err()).to.equal("There is no Pulumi.<stack>.yaml here; there are files for none.\n");
  });

  it("names what it cannot read in a sentence", () => {
    writeFileSync(join(folder, "Pulumi.a.yaml"), "config: [");
    const { code, out } = checked();

    expect(code).to.equal(1);
    expect(out()).to.match(/^Pulumi\.a\.yaml: not YAML: /);
  });

  it("says of a stack whose name AWS would not take what to do, though its config is right", () => {
    stackFile("prod.eu", "recipients: secops@corp.internal", "guardrails: [vpc-created]");
    const { code, out } = checked();

    expect(code).to.equal(1);
    expect(out()).to.match(
      /^Pulumi\.prod\.eu\.yaml: stack "prod\.eu": AWS takes .+ pulumi stack init prod-eu$/m,
    );
    expect(JSON.parse(checked({ json: true }).out())[0]).to.include({ isRight: false });
  });

  it("prints one object for each stack where a machine asks, with mistakes and warnings apart", () => {
    stackFile("a", "recipients: nobody", "guardrails: [vpc-created]");
    stackFile(
      "b",
      "recipients: secops@corp.internal",
      "guardrails: {ec2-launch-baseline: off, s3-bucket-encryption: enforce}",
    );
    const [a, b] = JSON.parse(checked({ json: true }).out());

    expect(a).to.deep.include({ stack: "a", isRight: false, warnings: [] });
    expect(a.mistakes[0]).to.have.all.keys("place", "problem", "fix");
    expect(b).to.deep.include({ stack: "b", isRight: true, mistakes: [] });
    expect(b.guardrails).to.include({ "s3-bucket-encryption": "enforce" });
    expect(b.warnings).to.have.length(2);
  });
});
