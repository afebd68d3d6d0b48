import { expect } from "chai";
import { lintPolicy } from "../../support/policy-lint";

type Part = { [element: string]: unknown };
const policy = (...statements: Part[]) => ({ Version: "2012-10-17", Statement: statements });
const allow = (Action: string | string[], Resource: string | string[], Condition: Part = {}) => ({
  Effect: "Allow",
  Action,
  Resource,
  Condition,
});
const ec2 = (resource: string) => `arn:aws:ec2:*:123456789012:${resource}`;
const tagged = { StringEquals: { "aws:ResourceTag/team": "core" } };

const rows: [sentence: string, document: object, problems: (string | RegExp)[]][] = [
  ["an action without resource types on everything", policy(allow("ec2:DescribeInstances", "*")), []],
  [
    "an action on a pattern of its resource type",
    policy(allow("s3:GetEncryptionConfiguration", "arn:aws:s3:::*")),
    [],
  ],
  [
    "an action on an ARN with a variable",
    policy(allow("s3:GetObject", "arn:aws:s3:::data/${aws:username}/*")),
    [],
  ],
  ["a star where a condition scopes", policy(allow("ec2:StopInstances", "*", tagged)), []],
  [
    "a condition on what the action tells",
    policy(allow("cloudwatch:PutMetricData", "*", { StringEquals: { "cloudwatch:namespace": "x" } })),
    [],
  ],
  [
    "keys of requested tags",
    policy(
      allow("ec2:CreateTags", [ec2("instance/*"), ec2("volume/*")], {
        "ForAllValues:StringEquals": { "aws:TagKeys": ["owner"] },
      }),
    ),
    [],
  ],
  [
    "required types spread over two statements",
    policy(
      allow("ec2:DetachInternetGateway", ec2("internet-gateway/*")),
      allow("ec2:DetachInternetGateway", ec2("vpc/*")),
    ),
    [],
  ],
  [
    "a global key on any action",
    policy(
      allow("sqs:SendMessage", "arn:aws:sqs:eu-west-1:123456789012:q", {
        Bool: { "aws:SecureTransport": "true" },
      }),
    ),
    [],
  ],
  ["a deny of everything", policy({ Effect: "Deny", Action: "*", Resource: "*" }), []],
  [
    "an action that does not exist",
    policy(allow("s3:PutBucketEncryption", "arn:aws:s3:::*")),
    ["statement 1: s3:PutBucketEncryption does not exist"],
  ],
  [
    "a service that does not exist",
    policy(allow("monitoring:PutMetricData", "*")),
    ["statement 1: monitoring:PutMetricData does not exist"],
  ],
  [
    "an action in other letters than its own",
    policy(allow("s3:getobject", "arn:aws:s3:::a/*")),
    ["statement 1: s3:getobject is spelt s3:GetObject"],
  ],
  [
    "a wildcard action",
    policy(allow("s3:Get*", "arn:aws:s3:::*")),
    ["statement 1: s3:Get* is a wildcard, not one action"],
  ],
  [
    "everything but something",
    policy({ Effect: "Allow", NotAction: "iam:*", Resource: "*" }),
    ["statement 1: allows everything but what it names"],
  ],
  [
    "a star that can be scoped",
    policy(allow("sns:Publish", "*")),
    ['statement 1: sns:Publish on "*" can be scoped to topic'],
  ],
  [
    "an ARN for an action that takes none",
    policy(allow("ec2:DescribeInstances", ec2("instance/*"))),
    [/takes no resource: only "\*"/, /no action here sees/],
  ],
  [
    "a bucket action on an object",
    policy(allow("s3:GetBucketTagging", "arn:aws:s3:::data/x", {})),
    [/never sees/, /no action here sees/, /needs a bucket/],
  ],
  [
    "a resource of another service",
    policy(
      allow("sqs:SendMessage", [
        "arn:aws:sqs:eu-west-1:123456789012:q",
        "arn:aws:sns:eu-west-1:123456789012:t",
      ]),
    ),
    [/no action here sees arn:aws:sns/],
  ],
  [
    "a resource type that the action never sees",
    policy(allow("ec2:StopInstances", ec2("volume/*"))),
    [/StopInstances never sees/, /no action here sees/, "ec2:StopInstances also needs a instance resource"],
  ],
  [
    "an account in a snapshot's ARN",
    policy(allow("ec2:ModifySnapshotAttribute", "arn:aws:ec2:eu-west-1:123456789012:snapshot/*")),
    [/never sees/, /no action here/, /needs a snapshot/],
  ],
  [
    "a required type that is missing",
    policy(allow("ec2:DetachInternetGateway", ec2("vpc/*"))),
    ["ec2:DetachInternetGateway also needs a internet-gateway resource"],
  ],
  [
    "a condition key of another action",
    policy(allow("sns:Publish", "arn:aws:sns:*:*:t", { StringEquals: { "cloudwatch:namespace": "x" } })),
    ["statement 1: sns:Publish has no condition key cloudwatch:namespace"],
  ],
  [
    "a tag condition where the service tells no tags",
    policy(allow("sns:Publish", "arn:aws:sns:*:*:t", { StringEquals: { "aws:RequestTag/a": "x" } })),
    ["statement 1: sns:Publish has no condition key aws:RequestTag/a"],
  ],
  [
    "a condition key that does not exist",
    policy(allow("sqs:SendMessage", "arn:aws:sqs:*:*:q", { StringEquals: { "aws:Sauce": "x" } })),
    [/has no condition key aws:Sauce/, /does not supply the condition key aws:Sauce/],
  ],
];

describe("linting a policy", () => {
  for (const [sentence, document, problems] of rows)
    it(`${problems.length === 0 ? "has nothing against" : "names"} ${sentence}`, async () => {
      const found = await lintPolicy(document);
      expect(found, found.join("\n")).to.have.length(problems.length);
      for (const [index, problem] of problems.entries())
        expect(found[index]).to.satisfy((text: string) =>
          typeof problem === "string" ? text === problem : problem.test(text),
        );
    });

  it("throws for an operator that does not exist", async () => {
    const failure: unknown = await lintPolicy(
      policy(allow("ec2:DescribeVpcs", "*", { StringIs: { a: "b" } })),
    ).catch((thrown: unknown) => thrown);
    expect(failure).to.include({ code: "MalformedPolicyDocument" });
  });

  it("throws for what is no identity policy", async () => {
    const failure: unknown = await lintPolicy(
      policy({ ...allow("ec2:DescribeVpcs", "*"), Principal: "*" }),
    ).catch((thrown: unknown) => thrown);
    expect(failure).to.include({ code: "MalformedPolicyDocument" });
  });
});
