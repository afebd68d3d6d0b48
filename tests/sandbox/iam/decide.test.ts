import { expect } from "chai";
import { evaluate, serviceMay, type Principal, type Question } from "../../../sandbox/iam/decide";
import { parsePolicy, type PolicyDocument } from "../../../sandbox/iam/policies";

const account = "123456789012";
const [role, session] = [
  `arn:aws:iam::${account}:role/guardrails/fixer`,
  `arn:aws:sts::${account}:assumed-role/fixer/run`,
];
const sessionOfRole: Principal = { kind: "role", account, arn: session, roleArn: role };
const user: Principal = { kind: "user", account, arn: `arn:aws:iam::${account}:user/ann` };
const [group, other] = ["sg-1", "sg-2"].map(id => `arn:aws:ec2:eu-west-1:${account}:security-group/${id}`);
const object = "arn:aws:s3:::data/2026/report.csv";

type Part = { [element: string]: unknown };
const policy = (...statements: Part[]): PolicyDocument =>
  parsePolicy({ Version: "2012-10-17", Statement: statements });
const allow = (Action: string | string[], Resource: string | string[], more: Part = {}) => ({
  Effect: "Allow",
  Action,
  Resource,
  ...more,
});
const deny = (Action: string | string[], Resource: string | string[], more: Part = {}) => ({
  Effect: "Deny",
  Action,
  Resource,
  ...more,
});
const when = (Condition: Part) => ({ Condition });
const to = (AWS: string | string[]) => ({ Principal: { AWS } });

/** "yes", or why not. */
function verdict(question: Partial<Question> & { identity?: Part[]; on?: Part[]; within?: Part[] }): string {
  const { identity = [], on, within, ...rest } = question;
  const decision = evaluate({
    principal: sessionOfRole,
    action: "ec2:RevokeSecurityGroupIngress",
    resource: group,
    context: {},
    sameAccount: true,
    identityPolicies: identity.length > 0 ? [policy(...identity)] : [],
    boundary: within && policy(...within),
    resourcePolicy: on && policy(...on),
    ...rest,
  });
  return decision.allowed ? "yes" : decision.reason.replace(/ the \S+ action$/, "");
}

const noIdentity = "because no identity-based policy allows";
const noResource = "because no resource-based policy allows";
const noBoundary = "because no permissions boundary allows";
const inIdentity = "with an explicit deny in an identity-based policy";
const read = { action: "s3:GetObject", resource: object };

const rows: [sentence: string, question: Parameters<typeof verdict>[0], expected: string][] = [
  ["a role without policies may nothing", {}, noIdentity],
  [
    "an allow of the action on the resource suffices",
    { identity: [allow("ec2:RevokeSecurityGroupIngress", group)] },
    "yes",
  ],
  [
    "another resource is not allowed",
    { identity: [allow("ec2:RevokeSecurityGroupIngress", other)] },
    noIdentity,
  ],
  [
    "another action is not allowed",
    { identity: [allow("ec2:RevokeSecurityGroupEgress", group)] },
    noIdentity,
  ],
  ["actions do not mind case", { identity: [allow("EC2:revokesecuritygroupingress", group)] }, "yes"],
  [
    "resources mind case",
    { identity: [allow("ec2:RevokeSecurityGroupIngress", group.replace("sg-", "SG-"))] },
    noIdentity,
  ],
  ["a star in an action stands for any rest", { identity: [allow("ec2:Revoke*", "*")] }, "yes"],
  [
    "a question mark in an action stands for one letter",
    { identity: [allow("ec2:RevokeSecurityGroup?ngress", "*")] },
    "yes",
  ],
  ["a star spans slashes", { ...read, identity: [allow("s3:GetObject", "arn:aws:s3:::data/*")] }, "yes"],
  [
    "a bucket's ARN does not cover its objects",
    { ...read, identity: [allow("s3:GetObject", "arn:aws:s3:::data")] },
    noIdentity,
  ],
  [
    "a variable is the caller's value",
    {
      ...read,
      resource: "arn:aws:s3:::data/ann/x",
      context: { "aws:username": "ann" },
      identity: [allow("s3:GetObject", "arn:aws:s3:::data/${aws:username}/*")],
    },
    "yes",
  ],
  [
    "a variable without a value matches no resource",
    {
      ...read,
      resource: "arn:aws:s3:::data//x",
      identity: [allow("s3:GetObject", "arn:aws:s3:::data/${aws:username}/*")],
    },
    noIdentity,
  ],
  [
    "NotAction allows everything else",
    { identity: [{ Effect: "Allow", NotAction: "iam:*", Resource: "*" }] },
    "yes",
  ],
  [
    "NotAction does not allow what it names",
    {
      action: "iam:PutRolePolicy",
      resource: role,
      identity: [{ Effect: "Allow", NotAction: "iam:*", Resource: "*" }],
    },
    noIdentity,
  ],
  [
    "NotResource allows everything else",
    { identity: [{ Effect: "Allow", Action: "ec2:*", NotResource: other }] },
    "yes",
  ],
  [
    "NotResource does not allow what it names",
    { resource: other, identity: [{ Effect: "Allow", Action: "ec2:*", NotResource: other }] },
    noIdentity,
  ],
  [
    "a deny with NotAction denies everything else",
    { identity: [allow("*", "*"), { Effect: "Deny", NotAction: "s3:*", Resource: "*" }] },
    inIdentity,
  ],
  [
    "an explicit deny wins over an allow",
    { identity: [allow("*", "*"), deny("ec2:Revoke*", "*")] },
    inIdentity,
  ],
  [
    "a deny whose condition fails does not count",
    {
      context: { "aws:RequestedRegion": "eu-west-1" },
      identity: [
        allow("*", "*"),
        deny("*", "*", when({ StringNotEquals: { "aws:RequestedRegion": "eu-west-1" } })),
      ],
    },
    "yes",
  ],
  [
    "a deny with a negated condition counts when the key is missing",
    {
      identity: [
        allow("*", "*"),
        deny("*", "*", when({ StringNotEquals: { "aws:PrincipalTag/team": "core" } })),
      ],
    },
    inIdentity,
  ],
  [
    "an allow with a condition needs it to hold",
    {
      context: { "aws:ResourceTag/env": "prod" },
      identity: [allow("ec2:*", "*", when({ StringEquals: { "aws:ResourceTag/env": "dev" } }))],
    },
    noIdentity,
  ],
  [
    "an allow with a condition fails for a missing key",
    { identity: [allow("ec2:*", "*", when({ StringEquals: { "aws:ResourceTag/env": "dev" } }))] },
    noIdentity,
  ],
  [
    "a boundary takes away what it does not allow",
    { identity: [allow("*", "*")], within: [allow("s3:*", "*")] },
    noBoundary,
  ],
  ["a boundary gives nothing by itself", { within: [allow("*", "*")] }, noIdentity],
  [
    "what policy and boundary both allow is allowed",
    { identity: [allow("ec2:*", "*")], within: [allow("*", group)] },
    "yes",
  ],
  [
    "a boundary's deny wins",
    { identity: [allow("*", "*")], within: [allow("*", "*"), deny("ec2:*", "*")] },
    "with an explicit deny in a permissions boundary",
  ],
  [
    "a resource policy that names the role suffices",
    { ...read, on: [allow("s3:GetObject", object, to(role))] },
    "yes",
  ],
  [
    "a resource policy that names the role stays inside its boundary",
    { ...read, on: [allow("s3:GetObject", object, to(role))], within: [allow("ec2:*", "*")] },
    noBoundary,
  ],
  [
    "a resource policy that names the session does not",
    { ...read, on: [allow("s3:GetObject", object, to(session))], within: [allow("ec2:*", "*")] },
    "yes",
  ],
  [
    "a resource policy that names the user suffices, whatever the boundary",
    {
      ...read,
      principal: user,
      on: [allow("s3:GetObject", object, to(user.arn))],
      within: [allow("ec2:*", "*")],
    },
    "yes",
  ],
  [
    "a resource policy for everybody suffices",
    { ...read, on: [allow("s3:GetObject", object, { Principal: "*" })] },
    "yes",
  ],
  [
    "a resource policy that names the account leaves it to the identity",
    { ...read, on: [allow("s3:GetObject", object, to(`arn:aws:iam::${account}:root`))] },
    noIdentity,
  ],
  [
    "a resource policy that names another role gives nothing",
    { ...read, on: [allow("s3:GetObject", object, to(`${role}-2`))] },
    noIdentity,
  ],
  [
    "a role's name is no pattern",
    { ...read, on: [allow("s3:GetObject", object, to(`arn:aws:iam::${account}:role/*`))] },
    noIdentity,
  ],
  [
    "a resource policy's deny wins over the identity's allow",
    { ...read, identity: [allow("s3:*", "*")], on: [deny("s3:*", `${object}`, { Principal: "*" })] },
    "with an explicit deny in a resource-based policy",
  ],
  [
    "a deny for the account denies its roles",
    { ...read, identity: [allow("s3:*", "*")], on: [deny("s3:*", "*", to(account))] },
    "with an explicit deny in a resource-based policy",
  ],
  [
    "a deny for somebody else does not",
    { ...read, identity: [allow("s3:*", "*")], on: [deny("s3:*", "*", to("210987654321"))] },
    "yes",
  ],
  [
    "NotPrincipal spares a caller named in full",
    {
      ...read,
      identity: [allow("s3:*", "*")],
      on: [deny("s3:*", "*", { NotPrincipal: { AWS: [account, role, session] } })],
    },
    "yes",
  ],
  [
    "NotPrincipal does not spare a session whose role alone is named",
    { ...read, identity: [allow("s3:*", "*")], on: [deny("s3:*", "*", { NotPrincipal: { AWS: role } })] },
    "with an explicit deny in a resource-based policy",
  ],
  [
    "across accounts the identity's allow is not enough",
    { ...read, sameAccount: false, identity: [allow("s3:*", "*")] },
    noResource,
  ],
  [
    "across accounts the resource's allow is not enough",
    { ...read, sameAccount: false, on: [allow("s3:*", "*", to(role))] },
    noIdentity,
  ],
  [
    "across accounts both together are",
    { ...read, sameAccount: false, identity: [allow("s3:*", "*")], on: [allow("s3:*", "*", to(account))] },
    "yes",
  ],
  [
    "a KMS key that names nobody is closed to its own account",
    {
      action: "kms:Decrypt",
      resourcePolicyDecides: true,
      identity: [allow("kms:*", "*")],
      on: [allow("kms:*", "*", to("210987654321"))],
    },
    noResource,
  ],
  [
    "a KMS key that names the account is open to the account's policies",
    {
      action: "kms:Decrypt",
      resourcePolicyDecides: true,
      identity: [allow("kms:*", "*")],
      on: [allow("kms:*", "*", to(`arn:aws:iam::${account}:root`))],
    },
    "yes",
  ],
  [
    "a KMS key that names the account gives nothing by itself",
    {
      action: "kms:Decrypt",
      resourcePolicyDecides: true,
      on: [allow("kms:*", "*", to(`arn:aws:iam::${account}:root`))],
    },
    noIdentity,
  ],
  [
    "a role that trusts the caller is assumed without further policies",
    {
      action: "sts:AssumeRole",
      resource: role,
      principal: user,
      resourcePolicyDecides: true,
      on: [{ Effect: "Allow", Action: "sts:AssumeRole", ...to(user.arn) }],
    },
    "yes",
  ],
  [
    "a role that trusts nobody is not assumed by an administrator",
    {
      action: "sts:AssumeRole",
      resource: role,
      principal: user,
      resourcePolicyDecides: true,
      identity: [allow("*", "*")],
    },
    noResource,
  ],
];

describe("a decision", () => {
  for (const [sentence, question, expected] of rows)
    it(sentence, () => {
      expect(verdict(question)).to.equal(expected);
    });

  it("refuses to judge a resource's policy by the function of the caller's keys, which only an identity's may ask", () => {
    const arn = `arn:aws:lambda:eu-west-1:${account}:function:fixer`;
    const context = { "lambda:SourceFunctionArn": arn };
    const own = when({ ArnEquals: context });
    expect(verdict({ context, identity: [allow("*", "*", own)] })).to.equal("yes");
    expect(() => verdict({ context, on: [allow("*", "*", { ...to(role), ...own })] })).to.throw(
      "lambda:SourceFunctionArn",
    );
  });

  it("tells an explicit deny from a missing allow", () => {
    const asked = {
      principal: user,
      action: "s3:GetObject",
      resource: object,
      context: {},
      sameAccount: true,
    };
    expect(evaluate({ ...asked, identityPolicies: [policy(deny("*", "*"))] })).to.include({ explicit: true });
    expect(evaluate({ ...asked, identityPolicies: [] })).to.include({ explicit: false });
  });

  it("refuses to decide by a condition key that never comes, instead of denying in silence", () => {
    const asked = { identity: [allow("ec2:*", "*", when({ StringEquals: { "ec2:Moon": "full" } }))] };
    expect(() => verdict({ ...asked, supplies: () => false })).to.throw(
      "does not supply the condition key ec2:Moon",
    );
    expect(verdict({ ...asked, action: "s3:GetObject", supplies: () => false })).to.equal(noIdentity);
  });

  it("throws for an unknown operator in a statement that applies", () => {
    expect(() => verdict({ identity: [allow("ec2:*", "*", when({ StringIs: { a: "b" } }))] })).to.throw(
      "StringIs",
    );
  });
});

describe("a service's own request", () => {
  const topic = `arn:aws:sns:eu-west-1:${account}:alerts`;
  const rule = `arn:aws:events:eu-west-1:${account}:rule/guardrails-dev-a`;
  const admits = (Condition: Part, service = "events.amazonaws.com") =>
    policy(allow("sns:Publish", topic, { Principal: { Service: service }, Condition }));
  const may = (document: PolicyDocument | undefined, service = "events.amazonaws.com") =>
    serviceMay({
      service,
      action: "sns:Publish",
      resource: topic,
      policy: document,
      sourceArn: rule,
      sourceAccount: account,
    }).allowed;
  // What SNS itself writes for a new topic.
  const byDefault = policy(
    allow(["SNS:Publish"], topic, {
      ...to("*"),
      Condition: { StringEquals: { "AWS:SourceOwner": account } },
    }),
  );

  const asked: [sentence: string, allowed: boolean, expected: boolean][] = [
    ["is refused where no policy is", may(undefined), false],
    ["is admitted for its rule", may(admits({ ArnEquals: { "aws:SourceArn": rule } })), true],
    [
      "is admitted for a pattern of rules",
      may(admits({ ArnLike: { "aws:SourceArn": rule.replace(/a$/, "*") } })),
      true,
    ],
    [
      "is admitted for one of several rules",
      may(admits({ ArnEquals: { "aws:SourceArn": [`${rule}-b`, rule] } })),
      true,
    ],
    ["is refused for another rule", may(admits({ ArnEquals: { "aws:SourceArn": `${rule}-b` } })), false],
    ["is admitted for its account", may(admits({ StringEquals: { "aws:SourceAccount": account } })), true],
    [
      "is refused for another account",
      may(admits({ StringEquals: { "aws:SourceAccount": "210987654321" } })),
      false,
    ],
    ["is refused where another service is named", may(admits({}, "sns.amazonaws.com")), false],
    [
      "is refused where only an account is named",
      may(policy(allow("sns:Publish", topic, to(account)))),
      false,
    ],
    [
      "is refused for another resource",
      may(policy(allow("sns:Publish", `${topic}-2`, { Principal: { Service: "events.amazonaws.com" } }))),
      false,
    ],
    [
      "is refused by an explicit deny",
      may(policy(allow("sns:Publish", topic, { Principal: "*" }), deny("sns:*", topic, { Principal: "*" }))),
      false,
    ],
    ["of EventBridge is not admitted by a topic's default policy", may(byDefault), false],
    ["of CloudWatch is", may(byDefault, "cloudwatch.amazonaws.com"), true],
  ];
  for (const [sentence, allowed, expected] of asked)
    it(sentence, () => {
      expect(allowed).to.equal(expected);
    });

  it("assumes only a role that trusts it", () => {
    const trust = (service: string) =>
      policy({ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } });
    const assume = (document: PolicyDocument) =>
      serviceMay({
        service: "lambda.amazonaws.com",
        action: "sts:AssumeRole",
        resource: role,
        policy: document,
      }).allowed;
    expect(assume(trust("lambda.amazonaws.com"))).to.equal(true);
    expect(assume(trust("ec2.amazonaws.com"))).to.equal(false);
  });
});
