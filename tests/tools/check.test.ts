import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check, type CheckOptions } from "../../tools/check";

/** An exemption in a stack file that covers nothing any more. */
const ended = `  aws-event-guardrails:exemptions:
    - guardrail: security-group-open-ingress
      resource: arn:aws:ec2:eu-west-1:123456789012:security-group/sg-0123456789abcdef0
      reason: public bastion
      owner: infra@corp.internal
      expires: "2020-12-31"
`;

describe("guardrails check", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "check-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** At the end, so that it moves no line. */
  const region = "  aws:region: eu-west-1\n";
  const stackFile = (stack: string, ...lines: string[]) =>
    writeFileSync(
      join(folder, `Pulumi.${stack}.yaml`),
      ["config:", ...lines.map(line => `  aws-event-guardrails:${line}`), region].join("\n"),
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
    for (const missing of ["nothing of controllers", "no operator"])
      expect(out()).to.match(
        new RegExp(`\nPulumi.prod.yaml:1: warning: security-group-open-ingress enforces, .+ ${missing}`),
      );
  });

  it("says of every mistake its file and line, what to write there, and the command that does it", () => {
    stackFile("a", "recipients: nobody", "guardrails: [vpc-created]");
    stackFile("b", "recipients: secops@corp.internal", "guardrails: [vpc-create]");
    const { code, out } = checked();

    expect(code).to.equal(1);
    expect(out().split("\n")).to.deep.equal([
      'Pulumi.a.yaml:2: recipients: got "nobody", expected an e-mail address',
      "    write aws-event-guardrails:recipients: <address>",
      "    or pulumi config set --stack a recipients '<address>'",
      "",
      'Pulumi.b.yaml:3: guardrails[0]: "vpc-create" is not in the catalogue; did you mean "vpc-created"?',
      "    write aws-event-guardrails:guardrails: [ vpc-created ]",
      "    or pulumi config rm --stack b guardrails && pulumi config set --stack b --path 'guardrails[0]' vpc-created",
      "",
    ]);
  });

  const written = (text: string) => {
    writeFileSync(join(folder, "Pulumi.a.yaml"), text);
    return checked();
  };

  // Line 1 is `config:`, line 2 the recipients, line 3 the guardrails, which begin in line 4.
  const mistakes: [name: string, lines: string[], place: string, byHand: string][] = [
    [
      "a mode that is none",
      ["    vpc-created: notfy"],
      "4: guardrails.vpc-created",
      "write vpc-created: notify",
    ],
    [
      "an id that is none, which is given a map",
      ["    ec2-launch-baseline: off", "    vpc-create:", "      mode: notify"],
      "5: guardrails.vpc-create",
      "remove vpc-create in line 5, add vpc-created: { mode: notify }",
    ],
    [
      "a knob, deep down",
      [
        "    ec2-launch-baseline: off",
        "    security-group-open-ingress:",
        "      ports:",
        "        - 22",
        "        - 99999",
      ],
      "8: guardrails.security-group-open-ingress.ports[1]",
      "write - <number>",
    ],
    [
      "a knob that is none",
      ["    security-group-open-ingress:", "      mode: notify", "      colour: red"],
      "6: guardrails.security-group-open-ingress.colour",
      "remove colour in line 6",
    ],
    [
      "what is missing at the top",
      ["    ec2-launch-baseline: notify"],
      "1: adminSecurityGroupId",
      "add aws-event-guardrails:adminSecurityGroupId: sg-<id>",
    ],
    [
      "what is missing in an entry of a list",
      [
        "    vpc-created: notify",
        "  aws-event-guardrails:exemptions:",
        "    # the bastion",
        "    - guardrail: security-group-open-ingress",
        "      resource: arn:aws:ec2:eu-west-1:123456789012:security-group/sg-0123456789abcdef0",
        "      reason: public bastion",
        '      expires: "2026-12-31"',
      ],
      "7: exemptions[0].owner",
      "add owner: <owner>",
    ],
    [
      "a number that must be quoted",
      ["    vpc-created: notify", "  aws-event-guardrails:trusted: { accounts: 210987654321 }"],
      "5: trusted.accounts",
      'write accounts: [ "210987654321" ]',
    ],
    [
      "what an anchor says elsewhere",
      ["    security-group-open-ingress: &all", "      mode: enforced", "  other:project: *all"],
      "5: guardrails.security-group-open-ingress.mode",
      "write mode: enforce",
    ],
    [
      "what is merged from elsewhere",
      [
        "    s3-bucket-encryption: &all",
        "      mode: enforce",
        "    security-group-open-ingress:",
        "      <<: *all",
        "      sweep: never",
      ],
      "8: guardrails.security-group-open-ingress.sweep",
      "write sweep: notify",
    ],
    [
      "a setting under the bare name that Pulumi takes too",
      ["    vpc-created: notify", "  dashboard: maybe"],
      "5: dashboard",
      'write dashboard: "true"',
    ],
  ];
  for (const [name, lines, place, byHand] of mistakes)
    it(`finds the line of ${name}`, () => {
      const head = [
        "config:",
        "  aws-event-guardrails:recipients: secops@corp.internal",
        "  aws-event-guardrails:guardrails:",
      ];
      const { code, out } = written([...head, ...lines, region].join("\n"));

      const [says, does, ...others] = out().split("\n");
      expect([code, others.length], out()).to.deep.equal([1, 2]);
      expect(says).to.contain(`Pulumi.a.yaml:${place}: `);
      expect(does).to.equal(`    ${byHand}`);
      expect(others[0]).to.match(/^ {4}or pulumi config (set|rm) --stack a /);
    });

  it("has only the command where a setting is JSON in a text, which has no lines of its own", () => {
    const { out } = written(`config:
  aws-event-guardrails:recipients: secops@corp.internal
  aws-event-guardrails:guardrails: '{"vpc-created": "notfy"}'
${region}`);
    expect(out().split("\n").slice(1)).to.deep.equal([
      "    pulumi config set --stack a --path guardrails.vpc-created notify",
      "",
    ]);
    expect(out()).to.match(/^Pulumi\.a\.yaml:3: guardrails\.vpc-created: /);
  });

  it("says what is missing of a file that has nothing in it", () => {
    expect(written("").out()).to.match(
      /^Pulumi\.a\.yaml:1: recipients: got nothing.+\n {4}add aws-event-guardrails:recipients: <address>\n/,
    );
  });

  it("names the line of a warning, too", () => {
    const { code, out } = written(`config:
  aws-event-guardrails:recipients: secops@corp.internal
  aws-event-guardrails:guardrails: [security-group-open-ingress]
${ended}`);
    expect(code).to.equal(0);
    expect(out()).to.match(
      /\nPulumi\.a\.yaml:5: warning: exemptions\[0\] .+ ended after 2020-12-31 .+pulumi config rm --stack a --path 'exemptions\[0\]'/,
    );
  });

  it("warns, beside mistakes too, of an exemption that has ended and that no region is set", () => {
    const { code, out } = written(`config:
  aws-event-guardrails:recipients: nobody
${ended}`);
    expect(code).to.equal(1);
    expect(out()).to.match(/^Pulumi\.a\.yaml:2: recipients: got "nobody"/);
    expect(out()).to.match(/^Pulumi\.a\.yaml:1: warning: aws:region: nothing is set, .+AWS_REGION.+$/m);
    expect(out()).to.match(/^Pulumi\.a\.yaml:4: warning: exemptions\[0\] .+ ended after 2020-12-31/m);
  });

  it("takes a setting under a misspelt namespace for the one that was meant, and says so at its line", () => {
    const { code, out } = written(`config:
${region}  aws-event-guardrail:recipients: secops@corp.internal
  guardrails:dashboard: "true"
  aws-event-guardrails:guardrails: [vpc-created]
  other:recipients: no business of ours
`);
    expect(code).to.equal(1);
    expect(out().split("\n")).to.deep.equal([
      'Pulumi.a.yaml:3: aws-event-guardrail:recipients: not a setting; did you mean "aws-event-guardrails:recipients"?',
      "    remove aws-event-guardrail:recipients in line 3, add aws-event-guardrails:recipients: secops@corp.internal",
      "    or pulumi config rm --stack a aws-event-guardrail:recipients && pulumi config set --stack a recipients secops@corp.internal",
      'Pulumi.a.yaml:4: guardrails:dashboard: not a setting; did you mean "aws-event-guardrails:dashboard"?',
      '    remove guardrails:dashboard in line 4, add aws-event-guardrails:dashboard: "true"',
      "    or pulumi config rm --stack a guardrails:dashboard && pulumi config set --stack a dashboard true",
      "",
    ]);
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

  for (const [what, line, text] of [
    ["not YAML", 3, "config:\n  a: 1\n  b: [}\n"],
    ["Map keys must be unique", 3, "config:\n  a: 1\n  a: 2\n"],
    ["Pulumi ESC", 2, "config: {}\nenvironment: [dev]\n"],
    ["could not parse a:b:c", 3, "config:\n  k: 1\n  a:b:c: x\n"],
    ["b.c: a secret", 3, "config:\n  a: 1\n  b:\n    c: { secure: x }\n"],
    ["YAML tag tag:yaml.org,2002:binary", 3, "config:\n  a: 1\n  b: !!binary aGk=\n"],
  ] as const)
    it(`names the line of what cannot be read: ${what}`, () => {
      const { code, out } = written(text);

      expect(code).to.equal(1);
      expect(out()).to.match(new RegExp(`^Pulumi\\.a\\.yaml:${line}: [^]*${what.replace(/\W/g, "\\$&")}`));
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
    expect(a.mistakes[0]).to.have.all.keys("line", "place", "problem", "byHand", "command");
    expect(a.mistakes[0].line).to.equal(2);
    expect(b).to.deep.include({ stack: "b", isRight: true, mistakes: [] });
    expect(b.guardrails).to.include({ "s3-bucket-encryption": "enforce" });
    expect(b.warnings).to.have.length(2);
    expect(b.warnings[0]).to.have.all.keys("line", "place", "problem");
  });

  it("loads neither Pulumi nor a client of the SDK, whatever the guardrails will use in Lambda", () => {
    const tell = join(folder, "tell.js");
    const list = "Object.keys(require.cache).filter(file => /node_modules/.test(file))";
    writeFileSync(tell, `process.on("exit", () => process.stderr.write(JSON.stringify(${list})))`);
    const { stderr } = spawnSync(process.execPath, ["-r", tell, "tools/guardrails.js", "check"], {
      cwd: join(__dirname, "../.."),
      encoding: "utf8",
    });
    const loaded = JSON.parse(stderr) as string[];

    expect(loaded.filter(file => /node_modules.(@pulumi|@aws-sdk|@smithy)/.test(file))).to.deep.equal([]);
    expect(
      loaded.some(file => /node_modules.yaml/.test(file)),
      "it has read a stack file",
    ).to.equal(true);
  });
});
