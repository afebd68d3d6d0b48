import { expect } from "chai";
import { catalogue } from "../../../components/guardrails";
import { configText } from "../../../components/remediator";
import { readSettings } from "../../../components/settings";
import { placeOf } from "../../../components/settings/fixes";
import { warningInWords } from "../../../components/settings/mistakes";
import { checkConfig } from "../../../runtime/config";
import { readStackConfig } from "../../../components/settings/file/stack-config";

const now = Date.parse("2026-11-20T12:00:00Z");
const bastion = {
  guardrail: "security-group-open-ingress",
  resource: "arn:aws:ec2:us-east-1:123456789012:security-group/sg-0abc",
  reason: "public bastion, SEC-42",
  owner: "infra@example.com",
  expires: "2027-01-31",
};
type Given = Record<string, unknown>;

const read = (exemptions: unknown, guardrails: unknown = ["security-group-open-ingress"]) =>
  readSettings(
    {
      "aws-event-guardrails:recipients": "secops@corp.internal",
      "aws-event-guardrails:guardrails": JSON.stringify(guardrails),
      "aws-event-guardrails:exemptions":
        typeof exemptions === "string" ? exemptions : JSON.stringify(exemptions),
    },
    catalogue,
    [],
    { now },
  );
const one = (given: Given) => read([{ ...bastion, ...given }]).exemptions[0];

/** The lines under the heading, alternately a problem and the command that fixes it. */
function linesOf(exemptions: unknown): string[] {
  try {
    read(exemptions);
  } catch (error) {
    const [, ...lines] = (error as Error).message.split("\n");
    return lines.map(line => line.trim());
  }
  throw new Error(`expected ${JSON.stringify(exemptions)} to be refused`);
}
const mistake = (given: Given) => {
  const [says, fix, ...rest] = linesOf([{ ...bastion, ...given }]);
  expect(rest).to.deep.equal([]);
  return { says, fix };
};
/** Checks the place, what is said and the command of a single mistake in a single value. */
const refuses = (key: keyof typeof bastion | "account" | "region" | "principal", value: unknown) => ({
  saying: (says: string | RegExp, fix: string) => {
    const found = mistake({ [key]: value });
    expect(found.says).to.match(new RegExp(`^exemptions\\[0\\]\\.${key}: `));
    if (typeof says === "string") expect(found.says).to.contain(says);
    else expect(found.says).to.match(says);
    expect(found.fix).to.equal(`pulumi config set --path 'exemptions[0].${key}' ${fix}`);
  },
});

describe("exemptions in the stack config", () => {
  it("reach their own guardrail, and its config.json", () => {
    const site = { ...bastion, guardrail: "s3-bucket-encryption", resource: "arn:aws:s3:::site" };
    const settings = read(
      [bastion, site],
      ["s3-bucket-encryption", "security-group-open-ingress", "vpc-created"],
    );

    const byGuardrail = settings.guardrails.map(({ definition, exemptions }) => [definition.id, exemptions]);
    expect(Object.fromEntries(byGuardrail)).to.deep.equal({
      "s3-bucket-encryption": [site],
      "security-group-open-ingress": [bastion],
      "vpc-created": [],
    });
    expect(settings.exemptions).to.deep.equal([bastion, site]);
    const who = { trusted: settings.trusted, controllers: [], expected: [] };
    const text = configText(
      settings.guardrails[0],
      { who, recipients: 1, metrics: "stack", ticking: [] },
      "abc123",
    );
    expect(checkConfig(JSON.parse(text)).exemptions).to.deep.equal([site]);
  });

  it("may name a guardrail that is off at the moment", () =>
    expect(read([bastion], { "vpc-created": "notify" }).exemptions).to.deep.equal([bastion]));

  it("are none unless there are some", () => {
    expect(read([])).to.deep.include({ exemptions: [], warnings: [] });
    expect(
      readSettings({ "aws-event-guardrails:recipients": "a@example.com" }, catalogue, []).exemptions,
    ).to.deep.equal([]);
  });

  it("mean the same in a stack file, where YAML makes a time of the date and a number of the account", () => {
    const yaml = `
config:
  exemptions:
    - guardrail: security-group-open-ingress
      resource: arn:aws:ec2:us-east-1:*:security-group/sg-0abc
      account: 098765432109
      reason: >
        public bastion
      owner: 4711
      expires: 2027-01-31
`;
    const config = readStackConfig(yaml, "aws-event-guardrails");

    expect(read(config["aws-event-guardrails:exemptions"]).exemptions).to.deep.equal([
      {
        guardrail: "security-group-open-ingress",
        resource: "arn:aws:ec2:us-east-1:*:security-group/sg-0abc",
        account: "098765432109",
        reason: "public bastion",
        owner: "4711",
        expires: "2027-01-31",
      },
    ]);
  });

  it("must say why, who answers for it and until when, all missing ones at once", () =>
    expect(linesOf([{ guardrail: bastion.guardrail, resource: bastion.resource }])).to.deep.equal([
      "exemptions[0].reason: got nothing, expected why the finding is left alone, on one line of at most 200 characters",
      "pulumi config set --path 'exemptions[0].reason' '<reason>'",
      "exemptions[0].owner: got nothing, expected who answers for it, on one line of at most 200 characters",
      "pulumi config set --path 'exemptions[0].owner' '<owner>'",
      "exemptions[0].expires: got nothing, expected the last day on which it holds (UTC), as YYYY-MM-DD",
      "pulumi config set --path 'exemptions[0].expires' '<YYYY-MM-DD>'",
    ]));

  it("are a list of maps", () => {
    expect(linesOf("off")).to.deep.equal([
      'exemptions: got "off", expected a list of maps',
      "pulumi config rm exemptions",
    ]);
    expect(linesOf(bastion)[1]).to.match(
      /^pulumi config rm exemptions && pulumi config set-all --path --plaintext 'exemptions\[0\]\.guardrail=security-/,
    );
    expect(linesOf(["sg-0abc"])).to.deep.equal([
      'exemptions[0]: got "sg-0abc", expected a map with guardrail, resource, reason, owner, expires',
      "pulumi config rm exemptions",
    ]);
  });

  it("know no other keys, because one that is passed over might have been a restriction", () => {
    expect(mistake({ regoin: "us-east-1" })).to.deep.equal({
      says: 'exemptions[0].regoin: not a setting; did you mean "region"?',
      fix: "pulumi config rm --path 'exemptions[0].regoin' && pulumi config set --path 'exemptions[0].region' us-east-1",
    });
    expect(mistake({ tag: "x" })).to.deep.equal({
      says: "exemptions[0].tag: not a setting; there are guardrail, resource, reason, owner, expires, account, region, principal",
      fix: "pulumi config rm --path 'exemptions[0].tag'",
    });
    const { expires, ...rest } = bastion;
    expect(linesOf([{ ...rest, expire: expires }])).to.have.length(2);
  });

  describe("guardrail", () => {
    it("is of the catalogue", () =>
      refuses("guardrail", "security-group-open-ingres").saying(
        'is not in the catalogue; did you mean "security-group-open-ingress"?',
        "security-group-open-ingress",
      ));

    it("has findings", () =>
      refuses("guardrail", "vpc-created").saying(
        '"vpc-created" only passes its event on: it has no findings to leave alone',
        "'<guardrail>'",
      ));
  });

  describe("resource", () => {
    const placeholder = "'arn:aws:<service>:<region>:<account>:<resource>'";

    for (const resource of [
      "*",
      "arn:*",
      "sg-0abc",
      "arn:aws:*:us-east-1:123456789012:security-group/sg-0abc",
      "arn:aws:ec2:us-east-1:123456789012",
      "arn:aws:s3:::site\nx",
      "arn:aws:s3:::s\u0456te",
      "arn:aws:s3:::site/**",
      "",
      5,
      null,
    ])
      it(`cannot be ${JSON.stringify(resource)}`, () =>
        refuses("resource", resource).saying(/expected an ARN of six parts/, placeholder));

    for (const resource of [
      "arn:aws:s3:::*",
      "arn:aws:ec2:*:123456789012:security-group/*",
      "arn:aws:s3:::*?",
    ])
      it(`cannot be everything, as in ${resource}`, () => {
        refuses("resource", resource).saying("which covers everything of its kind", placeholder);
        expect(mistake({ resource, account: "123456789012" }).says).to.contain("covers everything");
        expect(mistake({ resource, principal: "arn:aws:iam::123456789012:role/*" }).says).to.contain(
          "covers everything",
        );
      });

    it("may be all of a kind in one region, by one principal or with part of a name", () => {
      const resource = "arn:aws:s3:::*";
      const principal = "arn:aws:iam::123456789012:role/deploy-*";

      expect(one({ resource, region: "eu-west-1" })).to.deep.include({ region: "eu-west-1" });
      expect(one({ resource, principal })).to.deep.include({ principal });
      expect(one({ resource: "arn:aws:s3:::logs-*" })).to.deep.include({ resource: "arn:aws:s3:::logs-*" });
      expect(one({ resource: "arn:aws:ec2:eu-west-1:*:security-group/*" })).not.to.equal(undefined);
    });
  });

  describe("account", () => {
    const site = { resource: "arn:aws:s3:::site" };

    it("is 12 digits, also as a number that lost its leading zero", () => {
      expect(one({ ...site, account: "012345678901" }).account).to.equal("012345678901");
      expect(one({ ...site, account: 123456789012 }).account).to.equal("123456789012");
      expect(one({ ...site, account: 12345678901 }).account).to.equal("012345678901");
    });

    it("as a number that YAML may have read as octal must be quoted", () => {
      const yaml = `config: { exemptions: [{ account: 012345670123 }] }`;
      const config = readStackConfig(yaml, "aws-event-guardrails");
      const [{ account }] = JSON.parse(config["aws-event-guardrails:exemptions"]);

      refuses("account", account).saying(
        "expected 12 digits in quotes: without them, YAML makes this number of 012345670123 too",
        "'<account>'",
      );
    });

    for (const account of ["12345678901", "*", "1234-5678-9012", true, -5, 1234567890123])
      it(`cannot be ${JSON.stringify(account)}`, () =>
        refuses("account", account).saying(/expected 12 digits in quotes/, "'<account>'"));

    it("cannot contradict the ARN", () => {
      expect(mistake({ account: "210987654321" })).to.deep.equal({
        says: `exemptions[0].account: got "210987654321", but the resource's ARN is of account 123456789012: it would never apply`,
        fix: "pulumi config rm --path 'exemptions[0].account'",
      });
      expect(one({ account: "123456789012" }).account).to.equal("123456789012");
    });
  });

  describe("region", () => {
    it("is one that AWS could have, and does not contradict the ARN", () => {
      refuses("region", "us-east1").saying("expected a region such as eu-west-1", "'<region>'");
      refuses("region", "*").saying("expected a region such as eu-west-1", "'<region>'");
      expect(mistake({ region: "us-east-2" }).says).to.contain("the resource's ARN is of region us-east-1");
      expect(one({ region: "us-east-1" }).region).to.equal("us-east-1");
    });

    it("is of the ARN's partition", () =>
      expect(mistake({ resource: "arn:aws:s3:::site", region: "us-gov-west-1" })).to.deep.equal({
        says: "exemptions[0].resource: got partition aws, but us-gov-west-1 is of partition aws-us-gov: it would never apply",
        fix: "pulumi config set --path 'exemptions[0].resource' arn:aws-us-gov:s3:::site",
      }));
  });

  describe("principal", () => {
    it("is a role or user of an account that is spelled out, or its root", () => {
      for (const name of ["role/deploy/*", "user/ada", "root"]) {
        const principal = `arn:aws:iam::123456789012:${name}`;
        expect(one({ principal }).principal).to.equal(principal);
      }
    });

    for (const principal of [
      "*",
      "deploy",
      "arn:aws:iam::*:role/deploy",
      "arn:aws:iam::123456789012:group/x",
      "",
    ])
      it(`cannot be ${JSON.stringify(principal)}`, () =>
        refuses("principal", principal).saying(
          /expected the ARN of an IAM role or user with its account spelled out/,
          "'arn:aws:iam::<account>:role/<name>'",
        ));

    it("is the role and not its session", () =>
      refuses("principal", "arn:aws:sts::123456789012:assumed-role/deploy/ada").saying(
        'did you mean "arn:aws:iam::123456789012:role/deploy"?',
        "arn:aws:iam::123456789012:role/deploy",
      ));
  });

  describe("reason and owner", () => {
    it("stay on one line", () => {
      refuses("reason", "public\nbastion").saying(
        'expected why the finding is left alone, on one line of at most 200 characters; did you mean "public bastion"?',
        "'public bastion'",
      );
      refuses("owner", "a\u202eb").saying("expected who answers for it", "'<owner>'");
    });

    for (const nothing of ["", "  ", null, true, [], "x".repeat(201)])
      it(`cannot be ${JSON.stringify(nothing).slice(0, 10)}`, () =>
        refuses("owner", nothing).saying("expected who answers for it", "'<owner>'"));
  });

  describe("expires", () => {
    it("is a day, at most a year ahead", () => {
      expect(one({ expires: "2027-11-21" }).expires).to.equal("2027-11-21");
      refuses("expires", "2027-11-22").saying(
        "expected a day within a year, 2027-11-21 at the latest: then somebody looks at it again",
        "2027-11-21",
      );
      refuses("expires", "9999-12-31").saying("2027-11-21 at the latest", "2027-11-21");
    });

    const meant: [given: unknown, date: string][] = [
      ["2027-1-5", "2027-01-05"],
      ["2027/01/05", "2027-01-05"],
      [20270105, "2027-01-05"],
      ["2027-01-05 12:00:00 +0000 UTC", "2027-01-05"],
      ["2027-02-30", "'<YYYY-MM-DD>'"],
      ["31.01.2027", "'<YYYY-MM-DD>'"],
      ["never", "'<YYYY-MM-DD>'"],
      [true, "'<YYYY-MM-DD>'"],
    ];
    for (const [given, date] of meant)
      it(`cannot be ${JSON.stringify(given)}`, () =>
        refuses("expires", given).saying(
          /expected the last day on which it holds \(UTC\), as YYYY-MM-DD/,
          date,
        ));

    it("in the past is a warning, and travels on so that notices can mention it", () => {
      const expired = { ...bastion, expires: "2026-11-19" };
      const { warnings: found, guardrails } = read([expired]);
      const warnings = found.map(one => warningInWords(one));

      expect(guardrails[0].exemptions).to.deep.equal([expired]);
      expect(warnings).to.deep.equal([
        "exemptions[0] (security-group-open-ingress, arn:aws:ec2:us-east-1:123456789012:security-group/sg-0abc, " +
          "owner infra@example.com) ended after 2026-11-19 and covers nothing any more: remove it with " +
          "pulumi config rm --path 'exemptions[0]', or renew it with pulumi config set --path 'exemptions[0].expires' '<YYYY-MM-DD>'",
      ]);
    });

    it("within 14 days is a warning, today included", () => {
      const warningsAt = (expires: string) =>
        read([{ ...bastion, expires }]).warnings.map(one => warningInWords(one));

      expect(warningsAt("2026-12-04")).to.deep.equal([]);
      for (const expires of ["2026-12-03", "2026-11-20"]) {
        expect(warningsAt(expires)).to.have.length(1);
        expect(warningsAt(expires)[0]).to.match(
          new RegExp(
            `ends after ${expires}, within 14 days: renew it with .+, or what it covers is a finding again$`,
          ),
        );
      }
    });

    it("warns of the last entry first, because removing one moves those after it", () => {
      const { warnings } = read(
        ["2026-01-01", "2027-01-01", "2026-02-01"].map(expires => ({ ...bastion, expires })),
      );

      expect(warnings.map(({ path }) => placeOf(path))).to.deep.equal(["exemptions[2]", "exemptions[0]"]);
    });
  });
});
