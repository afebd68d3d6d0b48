import { expect } from "chai";
import { parsePolicy, type PolicyKind } from "../../../sandbox/iam/policies";

const statement = { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*" };
const policy = (...statements: object[]) => ({ Version: "2012-10-17", Statement: statements });

describe("reading a policy document", () => {
  it("takes one statement, action and resource or lists of them", () => {
    const one = parsePolicy({ Version: "2012-10-17", Statement: statement });
    expect(one).to.deep.equal(
      parsePolicy(policy({ ...statement, Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::b/*"] })),
    );
    expect(one.statements[0]).to.deep.equal({
      effect: "Allow",
      actions: ["s3:GetObject"],
      resources: ["arn:aws:s3:::b/*"],
      conditions: {},
    });
  });

  it("reads plain JSON and the URL-encoded JSON that IAM answers", () => {
    const text = JSON.stringify(policy({ ...statement, Resource: "arn:aws:s3:::b/100%25" }));
    expect(parsePolicy(text).statements[0].resources).to.deep.equal(["arn:aws:s3:::b/100%25"]);
    expect(parsePolicy(encodeURIComponent(text))).to.deep.equal(parsePolicy(text));
  });

  it("takes a document without a version as one of 2008", () => {
    expect(parsePolicy({ Statement: statement }).version).to.equal("2008-10-17");
  });

  it("reads booleans and numbers in conditions as text", () => {
    const [{ conditions }] = parsePolicy(
      policy({
        ...statement,
        Condition: { Bool: { "aws:SecureTransport": false }, NumericLessThan: { n: [1, 2] } },
      }),
    ).statements;
    expect(conditions).to.deep.equal({
      Bool: { "aws:SecureTransport": ["false"] },
      NumericLessThan: { n: ["1", "2"] },
    });
  });

  const refused: [string, unknown, RegExp, PolicyKind?][] = [
    ["text that is no JSON", "{", /not valid JSON/],
    ["a list", [], /must be a JSON object/],
    ["an unknown version", { Version: "2020-01-01", Statement: statement }, /Policy version "2020-01-01"/],
    ["no statement", policy(), /at least one statement/],
    ["an unknown element", policy({ ...statement, Actions: "x" }), /Unknown element "Actions"/],
    ["an effect in the wrong case", policy({ ...statement, Effect: "allow" }), /Effect "allow"/],
    ["both Action and NotAction", policy({ ...statement, NotAction: "s3:*" }), /either Action or NotAction/],
    ["neither Action nor NotAction", policy({ Effect: "Allow", Resource: "*" }), /needs Action or NotAction/],
    ["an empty list of actions", policy({ ...statement, Action: [] }), /Action must not be an empty list/],
    ["an action without a service", policy({ ...statement, Action: "GetObject" }), /"GetObject" is not/],
    ["a resource that is no text", policy({ ...statement, Resource: [1] }), /Resource must be text/],
    [
      "an unknown kind of principal",
      policy({ ...statement, Principal: { Aws: "*" } }),
      /Unknown element "Aws"/,
    ],
    [
      "NotPrincipal with Allow",
      policy({ ...statement, NotPrincipal: { AWS: "*" } }),
      /NotPrincipal with Effect Allow/,
    ],
    [
      "two statements of one name",
      policy({ ...statement, Sid: "a" }, { ...statement, Sid: "a" }),
      /must be unique: a/,
    ],
    [
      "an identity policy with a principal",
      policy({ ...statement, Principal: "*" }),
      /should not specify a principal/,
      "identity",
    ],
    [
      "an identity policy without a resource",
      policy({ Effect: "Allow", Action: "s3:*" }),
      /must contain resources/,
      "identity",
    ],
    [
      "an identity policy with a bare name",
      policy({ ...statement, Resource: "bucket" }),
      /must be in ARN format/,
      "identity",
    ],
    ["a resource policy without a principal", policy(statement), /required field Principal/, "resource"],
    [
      "a trust policy with a resource",
      policy({ ...statement, Principal: "*" }),
      /prohibited field Resource/,
      "trust",
    ],
  ];
  for (const [sentence, source, error, kind] of refused)
    it(`refuses ${sentence}`, () => {
      expect(() => parsePolicy(source as object, kind))
        .to.throw(error)
        .with.property("code", "MalformedPolicyDocument");
    });
});
