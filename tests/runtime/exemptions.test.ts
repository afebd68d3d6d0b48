import { expect } from "chai";
import { checkConfig } from "../../runtime/config";
import { checkExemptions, exemptionFor, matchesArn, type Exemption } from "../../runtime/exemptions";
import { config } from "../support/thermostat";

const group = (id: string, account = "123456789012", region = "us-east-1") =>
  `arn:aws:ec2:${region}:${account}:security-group/${id}`;
const bastion: Exemption = {
  guardrail: "security-group-open-ingress",
  resource: group("sg-0abc"),
  reason: "public bastion, SEC-42",
  owner: "infra@example.com",
  expires: "2027-01-31",
};
const about = {
  guardrail: "security-group-open-ingress",
  resource: { arn: group("sg-0abc"), account: "123456789012", region: "us-east-1" },
  principal: { arn: "arn:aws:iam::123456789012:role/deploy/terraform" },
};
const now = Date.parse("2026-11-20T12:00:00Z");
const covers = (exemption: Partial<Exemption>, other: Partial<typeof about> = {}) =>
  exemptionFor([{ ...bastion, ...exemption }], { ...about, ...other }, now).exempt !== undefined;

describe("an exemption", () => {
  it("covers the finding of its guardrail on its resource, and says what was approved", () => {
    const found = exemptionFor([{ ...bastion, guardrail: "s3-bucket-encryption" }, bastion], about, now);

    expect(found).to.deep.equal({ exempt: bastion });
    expect(exemptionFor([], about, now)).to.deep.equal({});
  });

  it("covers no other guardrail's finding on the same resource", () =>
    expect(covers({}, { guardrail: "ec2-launch-baseline" })).to.equal(false));

  const others = {
    "an id that goes on": group("sg-0abcd"),
    "an id that begins earlier": group("asg-0abc"),
    "an id in capitals": group("SG-0ABC"),
    "an id with a look-alike letter": group("sg-0\u0430bc"),
    "an id with a line break": group("sg-0abc\n"),
    "a longer path": group("sg-0abc/x"),
    "another account": group("sg-0abc", "123456789013"),
    "another region": group("sg-0abc", "123456789012", "us-east-2"),
    "another service": "arn:aws:ec3:us-east-1:123456789012:security-group/sg-0abc",
    "the ARN inside another": `arn:aws:ec2:us-east-1:123456789012:tag/${group("sg-0abc")}`,
  };
  for (const [what, arn] of Object.entries(others))
    it(`does not cover ${what}`, () =>
      expect(covers({}, { resource: { ...about.resource, arn } })).to.equal(false));

  it("of one account covers it there only, also where the ARN names none", () => {
    const bucket = { arn: "arn:aws:s3:::site", account: "123456789012", region: "us-east-1" };
    const site = { resource: "arn:aws:s3:::site", account: "123456789012" };

    expect(covers(site, { resource: bucket })).to.equal(true);
    expect(covers(site, { resource: { ...bucket, account: "210987654321" } })).to.equal(false);
  });

  it("of one region covers it there only, also where the ARN names none", () => {
    const bucket = { arn: "arn:aws:s3:::site", account: "123456789012", region: "eu-west-1" };
    const site = { resource: "arn:aws:s3:::site", region: "eu-west-1" };

    expect(covers(site, { resource: bucket })).to.equal(true);
    expect(covers(site, { resource: { ...bucket, region: "eu-west-2" } })).to.equal(false);
  });

  it("of one principal covers what that one does, and what nobody is known to have done not at all", () => {
    const principal = "arn:aws:iam::123456789012:role/deploy/*";

    expect(covers({ principal })).to.equal(true);
    for (const arn of [
      "arn:aws:iam::123456789012:role/deploy",
      "arn:aws:iam::123456789012:role/deploy/sub/terraform",
      "arn:aws:iam::210987654321:role/deploy/terraform",
      "autoscaling.amazonaws.com",
      "unknown",
    ])
      expect(covers({ principal }, { principal: { arn } }), arn).to.equal(false);
  });

  it("holds to the end of its last day in UTC, and not a moment longer", () => {
    const at = (time: string) => exemptionFor([bastion], about, Date.parse(time));

    expect(at("2027-01-31T23:59:59.999Z").exempt).to.equal(bastion);
    expect(at("2027-02-01T00:00:00Z")).to.deep.equal({ expired: bastion });
  });

  it("is announced in its last 14 days", () => {
    const at = (time: string) => exemptionFor([bastion], about, Date.parse(time));

    expect(at("2027-01-17T23:59:59.999Z")).to.deep.equal({ exempt: bastion });
    expect(at("2027-01-18T00:00:00Z")).to.deep.equal({ exempt: bastion, soon: bastion });
  });

  it("that has ended is mentioned when no other covers the finding, the latest of several", () => {
    const ended = (expires: string) => ({ ...bastion, expires });
    const several = [ended("2026-03-01"), ended("2026-10-31"), ended("2025-12-31")];

    expect(exemptionFor(several, about, now)).to.deep.equal({ expired: several[1] });
    expect(exemptionFor([...several, bastion], about, now)).to.deep.equal({ exempt: bastion });
    expect(
      exemptionFor(several, { ...about, guardrail: "s3-bucket-encryption" }, now),
      "one that never covered it",
    ).to.deep.equal({});
  });

  it("gives way to the first that covers the finding and holds", () => {
    const second = { ...bastion, reason: "the same again" };

    expect(exemptionFor([bastion, second], about, now).exempt).to.equal(bastion);
    expect(exemptionFor([{ ...bastion, expires: "2026-11-19" }, second], about, now).exempt).to.equal(second);
  });

  it("never holds when its end or the time cannot be told", () => {
    expect(exemptionFor([bastion], about, NaN).exempt).to.equal(undefined);
    expect(covers({ expires: "2027-02-30" })).to.equal(false);
    expect(covers({ expires: "never" })).to.equal(false);
  });
});

describe("an ARN pattern", () => {
  const cases: [pattern: string, arn: string, matches: boolean][] = [
    ["arn:aws:s3:::logs-*", "arn:aws:s3:::logs-2026", true],
    ["arn:aws:s3:::logs-*", "arn:aws:s3:::logs-", true],
    ["arn:aws:s3:::logs-*", "arn:aws:s3:::logs-2026/key", false],
    ["arn:aws:s3:::*-logs-*-eu", "arn:aws:s3:::a-logs-b-logs-c-eu", true],
    ["arn:aws:s3:::*-logs-*-eu", "arn:aws:s3:::a-logs-b-logs-c-us", false],
    ["arn:aws:s3:::logs-??", "arn:aws:s3:::logs-26", true],
    ["arn:aws:s3:::logs-??", "arn:aws:s3:::logs-2", false],
    ["arn:aws:s3:::logs?x", "arn:aws:s3:::logs/x", false],
    ["arn:aws:s3:*:*:site", "arn:aws:s3:::site", true],
    ["arn:aws:ec2:*:*:security-group/sg-1", group("sg-1"), true],
    ["arn:aws:ec2:*:security-group/sg-1", group("sg-1"), false],
    ["arn:aws:ec2:*", group("sg-1"), false],
    ["*", group("sg-1"), false],
    ["arn:aws:s3:::a.b", "arn:aws:s3:::axb", false],
    ["arn:aws:s3:::[ab]", "arn:aws:s3:::a", false],
  ];
  for (const [pattern, arn, matches] of cases)
    it(`${pattern} ${matches ? "matches" : "does not match"} ${arn}`, () =>
      expect(matchesArn(pattern, arn)).to.equal(matches));

  it("answers at once, however many wildcards it has", () => {
    const started = Date.now();

    expect(matchesArn(`arn:aws:s3:::${"*a".repeat(500)}b`, `arn:aws:s3:::${"a".repeat(2000)}`)).to.equal(
      false,
    );
    expect(Date.now() - started).to.be.below(30_000);
  });
});

describe("the exemptions in config.json", () => {
  const full = {
    ...bastion,
    account: "123456789012",
    region: "us-east-1",
    principal: "arn:aws:iam::123456789012:role/x",
  };

  it("are accepted as they were deployed, also when they have ended since", () => {
    const list = [bastion, full, { ...bastion, expires: "2020-01-01" }];

    expect(checkExemptions(JSON.parse(JSON.stringify(list)))).to.deep.equal(list);
    expect(checkConfig({ ...config("enforce"), exemptions: list }).exemptions).to.deep.equal(list);
  });

  it("must be there, even if there are none", () => {
    expect(checkConfig(config("enforce")).exemptions).to.deep.equal([]);
    for (const exemptions of [undefined, null, {}, "[]"])
      expect(() => checkConfig({ ...config("enforce"), exemptions }), String(exemptions)).to.throw(
        "config.json has no list of exemptions",
      );
  });

  for (const key of ["guardrail", "resource", "reason", "owner", "expires"] as const)
    it(`are refused without ${key}`, () => {
      const { [key]: _, ...rest } = full;
      expect(() => checkExemptions([bastion, rest])).to.throw(`config.json has no ${key} in exemptions[1]`);
    });

  const broken: [key: string, value: unknown][] = [
    ["resource", "*"],
    ["resource", "arn:*"],
    ["resource", "arn:aws:*:us-east-1:123456789012:x"],
    ["resource", `${group("sg-0abc")}\n`],
    ["resource", group("sg-0\u0430bc")],
    ["resource", "arn:aws:s3:::**"],
    ["account", 123456789012],
    ["account", "*"],
    ["region", ""],
    ["principal", "*"],
    ["principal", "arn:aws:iam::*:role/x"],
    ["principal", "arn:aws:sts::123456789012:assumed-role/x/y"],
    ["reason", " "],
    ["owner", "a\nb"],
    ["expires", "2027-02-30"],
    ["expires", "2027-01-31 00:00:00 +0000 UTC"],
    ["tag", "a restriction of another version"],
    ["constructor", "x"],
    ["__proto__", "x"],
  ];
  for (const [key, value] of broken)
    it(`are refused with ${key} ${JSON.stringify(value)}`, () => {
      const text = JSON.stringify([full]).replace(
        /\}\]$/,
        `,${JSON.stringify(key)}:${JSON.stringify(value)}}]`,
      );
      expect(() => checkExemptions(JSON.parse(text))).to.throw(`config.json has ${key} `);
    });

  it("are refused when one is no map", () => {
    for (const item of [null, "x", [bastion]])
      expect(() => checkExemptions([item])).to.throw("config.json has no map in exemptions[0]");
  });
});
