import { expect } from "chai";
import { conditionsHold } from "../../../sandbox/iam/conditions";
import { parsePolicy } from "../../../sandbox/iam/policies";
import { lookupIn, type Context } from "../../../sandbox/iam/wildcards";

type Condition = Record<string, Record<string, string | boolean | number | (string | boolean | number)[]>>;

function holds(condition: Condition, context: Context, version = "2012-10-17"): boolean {
  const policy = parsePolicy({
    Version: version,
    Statement: { Effect: "Allow", Action: "*", Resource: "*", Condition: condition },
  });
  return conditionsHold(policy.statements[0].conditions, policy.version, lookupIn(context));
}

type Row = [sentence: string, condition: Condition, context: Context, expected: boolean];
const arn = "arn:aws:events:eu-west-1:123456789012:rule/guardrails-dev-a";

const rows: Row[] = [
  [
    "StringEquals wants the same case",
    { StringEquals: { "aws:userid": "Ann" } },
    { "aws:userid": "ann" },
    false,
  ],
  [
    "StringEquals takes a star as a star",
    { StringEquals: { "aws:userid": "a*" } },
    { "aws:userid": "ab" },
    false,
  ],
  [
    "StringEqualsIgnoreCase does not mind case",
    { StringEqualsIgnoreCase: { "aws:userid": "Ann" } },
    { "aws:userid": "aNN" },
    true,
  ],
  [
    "any of several values suffices",
    { StringEquals: { "aws:userid": ["x", "y"] } },
    { "aws:userid": "y" },
    true,
  ],
  [
    "a negated operator needs none of the values to match",
    { StringNotEquals: { "aws:userid": ["x", "y"] } },
    { "aws:userid": "y" },
    false,
  ],
  [
    "StringLike spans slashes and colons",
    { StringLike: { "aws:userid": "a*z" } },
    { "aws:userid": "a/b:c/z" },
    true,
  ],
  [
    "a question mark is exactly one character",
    { StringLike: { "aws:userid": "a?c" } },
    { "aws:userid": "ac" },
    false,
  ],
  [
    "keys are found whatever their case",
    { StringEquals: { "AWS:UserID": "x" } },
    { "aws:userid": "x" },
    true,
  ],
  [
    "operators are read whatever their case",
    { stringequals: { "aws:userid": "x" } },
    { "aws:userid": "x" },
    true,
  ],
  [
    "all operators must hold",
    { StringEquals: { a: "1" }, StringLike: { b: "2*" } },
    { a: "1", b: "3" },
    false,
  ],
  ["all keys of one operator must hold", { StringEquals: { a: "1", b: "2" } }, { a: "1", b: "3" }, false],
  ["a missing key fails a positive operator", { StringEquals: { a: "1" } }, {}, false],
  ["a missing key satisfies a negated operator", { StringNotEquals: { a: "1" } }, {}, true],
  ["a missing key satisfies a negated range", { NotIpAddress: { "aws:SourceIp": "10.0.0.0/8" } }, {}, true],
  ["a missing key satisfies IfExists", { StringEqualsIfExists: { a: "1" } }, {}, true],
  ["IfExists still compares a key that exists", { StringEqualsIfExists: { a: "1" } }, { a: "2" }, false],
  ["Null true wants the key absent", { Null: { a: true } }, { a: "1" }, false],
  ["Null true holds for an absent key", { Null: { a: "true" } }, {}, true],
  ["Null false wants the key present", { Null: { a: "false" } }, {}, false],
  [
    "an empty list of values is an absent key",
    { Null: { "aws:TagKeys": "true" } },
    { "aws:TagKeys": [] },
    true,
  ],
  [
    "Bool reads text whatever its case",
    { Bool: { "aws:SecureTransport": "True" } },
    { "aws:SecureTransport": "true" },
    true,
  ],
  [
    "Bool reads a JSON boolean",
    { Bool: { "aws:SecureTransport": false } },
    { "aws:SecureTransport": "true" },
    false,
  ],
  [
    "BoolIfExists holds without the key",
    { BoolIfExists: { "aws:MultiFactorAuthPresent": "true" } },
    {},
    true,
  ],
  [
    "numbers compare as numbers, not as text",
    { NumericLessThan: { "s3:max-keys": 10 } },
    { "s3:max-keys": "9" },
    true,
  ],
  [
    "NumericGreaterThanEquals includes the bound",
    { NumericGreaterThanEquals: { n: "10" } },
    { n: "10" },
    true,
  ],
  [
    "a value that is no number fails every comparison",
    { NumericLessThan: { n: "10" } },
    { n: "many" },
    false,
  ],
  [
    "dates compare as instants",
    { DateLessThan: { "aws:CurrentTime": "2026-01-01T00:00:00Z" } },
    { "aws:CurrentTime": "2025-12-31T23:59:59Z" },
    true,
  ],
  [
    "dates may be epoch seconds",
    { DateGreaterThan: { "aws:CurrentTime": "1767225600" } },
    { "aws:CurrentTime": "2026-01-01T00:00:01Z" },
    true,
  ],
  [
    "an address lies in its range",
    { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } },
    { "aws:SourceIp": "203.0.113.255" },
    true,
  ],
  [
    "an address outside the range does not",
    { IpAddress: { "aws:SourceIp": "203.0.113.0/25" } },
    { "aws:SourceIp": "203.0.113.128" },
    false,
  ],
  [
    "a bare address is a range of one",
    { IpAddress: { "aws:SourceIp": "203.0.113.7" } },
    { "aws:SourceIp": "203.0.113.8" },
    false,
  ],
  [
    "an IPv6 range holds IPv6 addresses",
    { IpAddress: { "aws:SourceIp": "2001:db8::/32" } },
    { "aws:SourceIp": "2001:db8:1::1" },
    true,
  ],
  [
    "an IPv4 range holds no IPv6 address",
    { IpAddress: { "aws:SourceIp": "0.0.0.0/0" } },
    { "aws:SourceIp": "2001:db8::1" },
    false,
  ],
  [
    "ArnLike matches part by part",
    { ArnLike: { "aws:SourceArn": "arn:aws:events:*:123456789012:rule/guardrails-dev-*" } },
    { "aws:SourceArn": arn },
    true,
  ],
  [
    "a star in ArnLike stays within its part",
    { ArnLike: { "aws:SourceArn": "arn:aws:events:*rule/guardrails-dev-a" } },
    { "aws:SourceArn": arn },
    false,
  ],
  [
    "ArnEquals takes wildcards too",
    { ArnEquals: { "aws:SourceArn": "arn:aws:events:*:*:rule/*" } },
    { "aws:SourceArn": arn },
    true,
  ],
  [
    "ArnNotLike refuses what matches",
    { ArnNotLike: { "aws:SourceArn": "arn:aws:events:*:*:rule/*" } },
    { "aws:SourceArn": arn },
    false,
  ],
  [
    "ForAllValues wants every value listed",
    { "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] } },
    { "aws:TagKeys": ["a", "c"] },
    false,
  ],
  [
    "ForAllValues takes a subset",
    { "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] } },
    { "aws:TagKeys": ["b"] },
    true,
  ],
  ["ForAllValues holds for a missing key", { "ForAllValues:StringEquals": { "aws:TagKeys": "a" } }, {}, true],
  [
    "ForAnyValue wants one value listed",
    { "ForAnyValue:StringEquals": { "aws:TagKeys": "a" } },
    { "aws:TagKeys": ["c", "a"] },
    true,
  ],
  ["ForAnyValue fails for a missing key", { "ForAnyValue:StringEquals": { "aws:TagKeys": "a" } }, {}, false],
  [
    "ForAnyValue with a negated operator fails for a missing key",
    { "ForAnyValue:StringNotEquals": { "aws:TagKeys": "a" } },
    {},
    false,
  ],
  [
    "ForAnyValue with a negated operator wants one value outside the list",
    { "ForAnyValue:StringNotEquals": { "aws:TagKeys": "a" } },
    { "aws:TagKeys": ["a"] },
    false,
  ],
  [
    "ForAllValues with a negated operator wants every value outside the list",
    { "ForAllValues:StringNotEquals": { "aws:TagKeys": "a" } },
    { "aws:TagKeys": ["b", "a"] },
    false,
  ],
  [
    "ForAnyValue with IfExists holds for a missing key",
    { "ForAnyValue:StringEqualsIfExists": { "aws:TagKeys": "a" } },
    {},
    true,
  ],
  [
    "ForAnyValue reads a single region",
    { "ForAnyValue:StringEquals": { "aws:RequestedRegion": ["eu-west-1"] } },
    { "aws:RequestedRegion": "eu-west-1" },
    true,
  ],
  [
    "a policy variable is the caller's value",
    { StringEquals: { "aws:ResourceTag/owner": "${aws:username}" } },
    { "aws:ResourceTag/owner": "ann", "aws:username": "ann" },
    true,
  ],
  [
    "a star in a variable's value is only a star",
    { StringLike: { p: "home/${aws:username}/*" } },
    { p: "home/bob/x", "aws:username": "*" },
    false,
  ],
  [
    "a variable without a value matches nothing",
    { StringLike: { p: "home/${aws:username}*" } },
    { p: "home/" },
    false,
  ],
  [
    "a variable's default stands in for its value",
    { StringEquals: { p: "${aws:username, 'nobody'}" } },
    { p: "nobody" },
    true,
  ],
  ["an escaped star is a star", { StringLike: { p: "a${*}" } }, { p: "ab" }, false],
  [
    "an escaped dollar lets a name look like a variable",
    { StringEquals: { p: "${$}{x}" } },
    { p: "${x}" },
    true,
  ],
];

describe("IAM conditions", () => {
  for (const [sentence, condition, context, expected] of rows)
    it(sentence, () => {
      expect(holds(condition, context)).to.equal(expected);
    });

  it("leaves variables alone in a policy of 2008", () => {
    expect(
      holds({ StringEquals: { p: "${aws:username}" } }, { p: "${aws:username}" }, "2008-10-17"),
    ).to.equal(true);
  });

  for (const [sentence, condition, context, error] of [
    ["an unknown operator", { StringIsh: { a: "1" } }, { a: "1" }, /Unknown condition operator StringIsh/],
    [
      "an unknown operator behind one that fails",
      { StringEquals: { a: "2" }, StringIsh: { a: "1" } },
      { a: "1" },
      /StringIsh/,
    ],
    ["Null with IfExists", { NullIfExists: { a: "true" } }, {}, /NullIfExists/],
    ["a number that is none", { NumericEquals: { a: "ten" } }, { a: "10" }, /ten is not a number/],
    ["a date that is none", { DateEquals: { a: "soon" } }, { a: "2026-01-01" }, /soon is not a date/],
    [
      "a range that is none",
      { IpAddress: { a: "10.0.0.0/33" } },
      { a: "10.0.0.1" },
      /10.0.0.0\/33 is not an IP/,
    ],
    ["a boolean that is none", { Bool: { a: "yes" } }, { a: "true" }, /yes is not true or false/],
    [
      "many values without a set operator",
      { StringEquals: { "aws:TagKeys": "a" } },
      { "aws:TagKeys": ["a", "b"] },
      /needs ForAllValues or ForAnyValue/,
    ],
    ["a malformed variable", { StringEquals: { a: "${'x'}" } }, { a: "x" }, /Unknown policy variable/],
    [
      "an unclosed variable",
      { StringEquals: { a: "${aws:username" } },
      { a: "x" },
      /Unclosed policy variable/,
    ],
  ] as [string, Condition, Context, RegExp][])
    it(`refuses ${sentence}`, () => {
      expect(() => holds(condition, context)).to.throw(error);
    });

  it("takes no time over a pattern with many stars", () => {
    const started = Date.now();
    expect(holds({ StringLike: { p: "*a".repeat(40) + "b" } }, { p: "a".repeat(5_000) })).to.equal(false);
    expect(Date.now() - started).to.be.below(30_000);
  });
});
