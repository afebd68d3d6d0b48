import { expect } from "chai";
import { printUse, useOf, type AuditRow } from "../../../sandbox/iam/audit";
import { parsePolicy } from "../../../sandbox/iam/policies";

const role = "arn:aws:iam::123456789012:role/guardrails/guardrails-dev-buckets";
const [bucket, object] = ["arn:aws:s3:::data", "arn:aws:s3:::data/x"];
const row = (action: string, resource: string, allowed = true, principal = role): AuditRow => ({
  at: 0,
  principal,
  action,
  resource,
  allowed,
});
const roles = (...statements: object[]) => [
  { arn: role, policies: [parsePolicy({ Version: "2012-10-17", Statement: statements })] },
];
const allow = (Action: string | string[], Resource: string | string[]) => ({
  Effect: "Allow",
  Action,
  Resource,
});

describe("granted and used", () => {
  it("counts each allowed check under the grant that covers it", () => {
    const [use] = useOf(
      roles(
        allow(["s3:GetEncryptionConfiguration", "s3:PutEncryptionConfiguration"], "arn:aws:s3:::*"),
        allow("s3:GetObject", object),
      ),
      [
        row("s3:GetEncryptionConfiguration", bucket),
        row("s3:GetEncryptionConfiguration", bucket),
        row("s3:GetObject", `${object}2`),
      ],
    );
    expect(use.granted).to.deep.equal([
      { action: "s3:GetEncryptionConfiguration", resources: ["arn:aws:s3:::*"], checks: 2 },
      { action: "s3:PutEncryptionConfiguration", resources: ["arn:aws:s3:::*"], checks: 0 },
      { action: "s3:GetObject", resources: [object], checks: 0 },
    ]);
  });

  it("counts a refused check as refused, never as use", () => {
    const [use] = useOf(roles(allow("s3:GetObject", object)), [
      row("s3:GetObject", object, false),
      row("s3:GetObject", object, false),
    ]);
    expect(use.granted[0].checks).to.equal(0);
    expect(use.denied).to.deep.equal([{ action: "s3:GetObject", resource: object, checks: 2 }]);
  });

  it("leaves out what other roles did", () => {
    const [use] = useOf(roles(allow("s3:GetObject", object)), [
      row("s3:GetObject", object, true, `${role}-2`),
    ]);
    expect(use.granted[0].checks).to.equal(0);
  });

  it("does not call a denied action granted", () => {
    const [use] = useOf(roles({ Effect: "Deny", Action: "s3:*", Resource: "*" }), []);
    expect(use.granted).to.deep.equal([]);
  });

  it("reads a grant of everything but some", () => {
    const [use] = useOf(roles({ Effect: "Allow", NotAction: "iam:*", NotResource: bucket }), [
      row("s3:GetObject", object),
    ]);
    expect(use.granted).to.deep.equal([
      { action: "all but iam:*", resources: [`all but ${bucket}`], checks: 1 },
    ]);
  });

  it("takes the same grant in two statements for one", () => {
    const [use] = useOf(
      roles(allow("s3:GetObject", [bucket, object]), allow("S3:getobject", [object, bucket])),
      [row("s3:GetObject", object)],
    );
    expect(use.granted).to.have.length(1);
  });

  it("prints columns that line up, one line for each further resource", () => {
    const use = useOf(
      roles(
        allow("s3:GetEncryptionConfiguration", [bucket, object]),
        allow("s3:PutEncryptionConfiguration", bucket),
      ),
      [row("s3:GetEncryptionConfiguration", bucket), row("ec2:DescribeVpcs", "*", false)],
    );
    expect(printUse(use).split("\n")).to.deep.equal([
      "guardrails-dev-buckets",
      "  used        1×  s3:GetEncryptionConfiguration  s3:data",
      "                                                 s3:data/x",
      "  never used      s3:PutEncryptionConfiguration  s3:data",
      "  REFUSED     1×  ec2:DescribeVpcs               *",
    ]);
  });

  it("says so of a role that was granted nothing and asked nothing", () => {
    expect(printUse([{ role, granted: [], denied: [] }])).to.equal(
      "guardrails-dev-buckets\n  nothing granted, nothing asked",
    );
  });
});
