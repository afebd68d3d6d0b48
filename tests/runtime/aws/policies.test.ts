import { assert } from "chai";
import { outsidersIn } from "../../../runtime/aws/policies";

const account = "123456789012";
const policy = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const allow = (Principal: unknown, rest: object = {}) =>
  policy({ Effect: "Allow", Principal, Action: "s3:PutObject", Resource: "arn:aws:s3:::reports/*", ...rest });

describe("outsiders that a resource policy admits", () => {
  const cases: [string, string, string[]][] = [
    [
      "nobody, when it names the account's own principals",
      allow({ AWS: [`arn:aws:iam::${account}:root`, account] }),
      [],
    ],
    [
      "nobody, when it only denies",
      policy({ Effect: "Deny", Principal: "*", Action: "s3:*", Resource: "*" }),
      [],
    ],
    [
      "a log-delivery service",
      allow({ Service: "delivery.logs.amazonaws.com" }),
      ["delivery.logs.amazonaws.com"],
    ],
    [
      "the load balancers' own account",
      allow({ AWS: "arn:aws:iam::127311923021:root" }),
      ["arn:aws:iam::127311923021:root"],
    ],
    ["another account by its bare id", allow({ AWS: "210987654321" }), ["210987654321"]],
    [
      "several, each once and sorted",
      policy(
        { Effect: "Allow", Principal: { Service: ["logging.s3.amazonaws.com"] }, Action: "*", Resource: "*" },
        {
          Effect: "Allow",
          Principal: { AWS: "210987654321", Service: "logging.s3.amazonaws.com" },
          Action: "*",
          Resource: "*",
        },
      ),
      ["210987654321", "logging.s3.amazonaws.com"],
    ],
    ["a canonical user, who may be anybody", allow({ CanonicalUser: "79a59df900b9" }), ["79a59df900b9"]],
    ["everybody", allow("*"), ["*"]],
    ["everybody, spelt as AWS principal", allow({ AWS: "*" }), ["*"]],
    ["everybody but one", allow(undefined, { NotPrincipal: { AWS: `arn:aws:iam::${account}:root` } }), ["*"]],
    [
      "everybody, whatever the condition says",
      allow("*", { Condition: { Bool: { "aws:SecureTransport": "true" } } }),
      ["*"],
    ],
    [
      "a principal of one statement that is no list",
      JSON.stringify({ Statement: JSON.parse(allow("*")).Statement[0] }),
      ["*"],
    ],
    ["everybody, for all we know, when it is no JSON", "{", ["*"]],
    ["everybody, for all we know, when it has no statements", '{"Statement":["?"]}', ["*"]],
  ];
  for (const [who, text, outsiders] of cases)
    it(`are ${who}`, () => {
      assert.deepEqual(outsidersIn(text, account), outsiders);
    });
});
