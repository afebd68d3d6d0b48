import { expect } from "chai";
import { createAuthorizer, type AuthorizeResult, type PolicyStore } from "../../../sandbox/iam/authorize";
import type { Call, Identity } from "../../../sandbox/ground/call";
import { parsePolicy } from "../../../sandbox/iam/policies";
import { requirements } from "../../../sandbox/services";
import { call as callOf, find } from "../support/call";

const account = "123456789012";
const role = `arn:aws:iam::${account}:role/guardrails/fixer`;
const asRole: Identity = {
  kind: "role",
  account,
  arn: `arn:aws:sts::${account}:assumed-role/fixer/run`,
  principalId: "AROA1:run",
  accessKeyId: "ASIA1",
  role: { arn: role, name: "fixer", id: "AROA1", session: "run" },
  issuedAt: Date.parse("2026-11-20T10:00:00Z"),
};
const time = Date.parse("2026-11-20T10:05:00Z");

type Statement = { [element: string]: unknown };
const policy = (...statements: Statement[]) => parsePolicy({ Version: "2012-10-17", Statement: statements });
const allow = (Action: string | string[], Resource: string | string[], Condition: Statement = {}) => ({
  Effect: "Allow",
  Action,
  Resource,
  Condition,
});

interface State {
  identity?: Statement[];
  boundary?: Statement[];
  on?: Record<string, Statement[]>;
  tags?: Record<string, Record<string, string>>;
  ownTags?: Record<string, string>;
  keys?: Record<string, string>;
}

function authorizer({ identity = [], boundary, on = {}, tags = {}, ownTags = {}, keys }: State) {
  const asked: string[] = [];
  const policies: PolicyStore = {
    find,
    principal: async () => ({
      policies: identity.length > 0 ? [policy(...identity)] : [],
      boundary: boundary && policy(...boundary),
      tags: ownTags,
    }),
    resourcePolicy: async arn => (arn in on ? policy(...on[arn]) : undefined),
    resourceFacts: async arn => {
      asked.push(arn);
      return arn in tags ? { tags: tags[arn], keys } : undefined;
    },
  };
  return { ...createAuthorizer({ policies, requirements }), asked };
}

const call = (service: string, operation: string, input: object = {}, who: Identity = asRole): Call => ({
  ...callOf(service, operation, input),
  identity: who,
  time,
});

const why = (result: AuthorizeResult) => (result.allowed ? "allowed" : result.message);
const ec2 = (resource: string) => `arn:aws:ec2:eu-west-1:${account}:${resource}`;

describe("the authorizer", () => {
  it("allows a call whose every resource is allowed", async () => {
    const { authorize } = authorizer({
      identity: [
        allow("ec2:ModifyNetworkInterfaceAttribute", [
          ec2("network-interface/*"),
          ec2("security-group/sg-1"),
        ]),
      ],
    });
    const modify = (Groups: string[]) =>
      authorize(call("ec2", "ModifyNetworkInterfaceAttribute", { NetworkInterfaceId: "eni-1", Groups }));

    expect(await modify(["sg-1"])).to.deep.equal({ allowed: true });
    expect(why(await modify(["sg-1", "sg-2"]))).to.equal(
      "You are not authorized to perform this operation. " +
        `User: ${asRole.arn} is not authorized to perform: ec2:ModifyNetworkInterfaceAttribute ` +
        `on resource: ${ec2("security-group/sg-2")} because no identity-based policy allows the ec2:ModifyNetworkInterfaceAttribute action`,
    );
  });

  const denials: [service: string, operation: string, input: object, code: string, status: number][] = [
    ["ec2", "DescribeVpcs", {}, "UnauthorizedOperation", 403],
    ["s3", "GetBucketEncryption", { Bucket: "b" }, "AccessDenied", 403],
    ["s3-control", "GetPublicAccessBlock", { AccountId: account }, "AccessDenied", 403],
    ["sns", "Publish", { TopicArn: `arn:aws:sns:eu-west-1:${account}:t` }, "AuthorizationError", 403],
    ["iam", "GetRole", { RoleName: "r" }, "AccessDenied", 403],
    ["dynamodb", "PutItem", { TableName: "t" }, "AccessDeniedException", 400],
    ["lambda", "GetFunction", { FunctionName: "f" }, "AccessDeniedException", 403],
  ];
  for (const [service, operation, input, code, status] of denials)
    it(`refuses ${service}:${operation} with ${service}'s own error`, async () => {
      const result = await authorizer({}).authorize(call(service, operation, input));
      expect(result).to.include({ allowed: false, explicit: false, code, status });
    });

  it("names an explicit deny before a missing allow", async () => {
    const { authorize } = authorizer({
      identity: [
        allow("ec2:*", ec2("instance/i-2")),
        { Effect: "Deny", Action: "*", Resource: ec2("instance/i-3") },
      ],
    });
    const result = await authorize(call("ec2", "StopInstances", { InstanceIds: ["i-1", "i-2", "i-3"] }));
    expect(result).to.include({ allowed: false, explicit: true });
    expect(why(result)).to.include("instance/i-3 with an explicit deny in an identity-based policy");
  });

  it("leaves out the resource in the words about a call that has none", async () => {
    expect(why(await authorizer({}).authorize(call("ec2", "DescribeVpcs")))).to.match(
      /ec2:DescribeVpcs because no identity/,
    );
  });

  const conditions: [
    sentence: string,
    condition: Statement,
    state: Omit<State, "identity">,
    allowed: boolean,
  ][] = [
    [
      "the tags that the resource has",
      { StringEquals: { "aws:ResourceTag/team": "core" } },
      { tags: { [ec2("instance/i-1")]: { team: "core" } } },
      true,
    ],
    [
      "EC2's own spelling of them",
      { StringEquals: { "ec2:ResourceTag/team": "core" } },
      { tags: { [ec2("instance/i-1")]: { team: "core" } } },
      true,
    ],
    [
      "a tag that the resource lacks",
      { StringEquals: { "aws:ResourceTag/team": "core" } },
      { tags: { [ec2("instance/i-1")]: {} } },
      false,
    ],
    [
      "the service that operates a resource",
      { StringEquals: { "ec2:ManagedResourceOperator": "eks.amazonaws.com" } },
      { tags: { [ec2("instance/i-1")]: {} }, keys: { "ec2:ManagedResourceOperator": "eks.amazonaws.com" } },
      true,
    ],
    [
      "the VPC of what has none, though it is known",
      { ArnEquals: { "ec2:Vpc": ec2("vpc/vpc-1") } },
      { tags: { [ec2("instance/i-1")]: {} }, keys: { "ec2:Vpc": ec2("vpc/vpc-1") } },
      false,
    ],
    ["the tags that are asked for", { StringEquals: { "aws:RequestTag/owner": "ann" } }, {}, true],
    ["the keys that are asked for", { "ForAllValues:StringEquals": { "aws:TagKeys": ["owner"] } }, {}, true],
    [
      "other keys than are asked for",
      { "ForAllValues:StringEquals": { "aws:TagKeys": ["team"] } },
      {},
      false,
    ],
    [
      "the caller's own tags",
      { StringEquals: { "aws:PrincipalTag/unit": "x" } },
      { ownTags: { unit: "x" } },
      true,
    ],
    ["the role, not its session", { ArnEquals: { "aws:PrincipalArn": role } }, {}, true],
    ["the region", { StringEquals: { "aws:RequestedRegion": "eu-west-1" } }, {}, true],
    ["the address", { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } }, {}, true],
    ["the sandbox's time", { DateLessThan: { "aws:CurrentTime": "2026-11-20T10:05:01Z" } }, {}, true],
    ["a time that has passed", { DateLessThan: { "aws:CurrentTime": "2026-11-20T10:05:00Z" } }, {}, false],
    [
      "the age of the session",
      { DateGreaterThan: { "aws:TokenIssueTime": "2026-11-20T09:00:00Z" } },
      {},
      true,
    ],
    ["a user's name, which a role does not have", { Null: { "aws:username": "true" } }, {}, true],
    ["TLS", { Bool: { "aws:SecureTransport": "true" } }, {}, true],
  ];
  for (const [sentence, condition, state, allowed] of conditions)
    it(`${allowed ? "allows" : "refuses"} by ${sentence}`, async () => {
      const { authorize } = authorizer({ ...state, identity: [allow("ec2:CreateTags", "*", condition)] });
      const tag = call("ec2", "CreateTags", { Resources: ["i-1"], Tags: [{ Key: "owner", Value: "ann" }] });
      expect((await authorize(tag)).allowed).to.equal(allowed);
    });

  it("reads a resource's tags only when a policy asks for them", async () => {
    const { authorize, asked } = authorizer({ identity: [allow("ec2:StopInstances", "*")] });
    await authorize(call("ec2", "StopInstances", { InstanceIds: ["i-1"] }));
    expect(asked).to.deep.equal([]);
  });

  it("throws for a condition key that it never supplies", async () => {
    const { authorize } = authorizer({
      identity: [allow("ec2:*", "*", { StringEquals: { "ec2:Tenancy": "default" } })],
    });
    const failure: unknown = await authorize(call("ec2", "DescribeVpcs")).catch((thrown: unknown) => thrown);
    expect(failure).to.include({ code: "NotImplemented" });
    expect((failure as Error).message).to.include("ec2:Tenancy");
    expect((failure as Error).message).to.include("contextKeys of ec2 in sandbox/services/");
  });

  it("throws for a tag of a resource whose tags it cannot read", async () => {
    const { authorize } = authorizer({
      identity: [allow("logs:*", "*", { StringEquals: { "aws:ResourceTag/team": "a" } })],
    });
    const failure: unknown = await authorize(call("logs", "DeleteLogGroup", { logGroupName: "/g" })).catch(
      (thrown: unknown) => thrown,
    );
    expect(failure).to.include({ code: "NotImplemented" });
    expect((failure as Error).message).to.include("its service in sandbox/services/ reads no facts");
  });

  it("needs the right to pass a role, for the service that gets it", async () => {
    const create = call("lambda", "CreateFunction", { FunctionName: "f", Role: role });
    const passTo = (service: string) => [
      allow("lambda:CreateFunction", "*"),
      allow("iam:PassRole", role, { StringEquals: { "iam:PassedToService": service } }),
    ];
    expect((await authorizer({ identity: [allow("lambda:*", "*")] }).authorize(create)).allowed).to.equal(
      false,
    );
    expect((await authorizer({ identity: passTo("ec2.amazonaws.com") }).authorize(create)).allowed).to.equal(
      false,
    );
    expect(
      (await authorizer({ identity: passTo("lambda.amazonaws.com") }).authorize(create)).allowed,
    ).to.equal(true);
  });

  it("stays inside the boundary", async () => {
    const state = { identity: [allow("*", "*")], boundary: [allow("s3:*", "*")] };
    expect(why(await authorizer(state).authorize(call("ec2", "DescribeVpcs")))).to.include(
      "because no permissions boundary allows",
    );
  });

  const holders: [service: string, operation: string, input: object, holder: string][] = [
    ["s3", "GetObject", { Bucket: "b", Key: "a/b" }, "arn:aws:s3:::b"],
    [
      "sns",
      "Publish",
      { TopicArn: `arn:aws:sns:eu-west-1:${account}:t` },
      `arn:aws:sns:eu-west-1:${account}:t`,
    ],
    [
      "sqs",
      "SendMessage",
      { QueueUrl: `http://127.0.0.1/${account}/q` },
      `arn:aws:sqs:eu-west-1:${account}:q`,
    ],
    [
      "lambda",
      "Invoke",
      { FunctionName: "f", Qualifier: "2" },
      `arn:aws:lambda:eu-west-1:${account}:function:f`,
    ],
    [
      "dynamodb",
      "Query",
      { TableName: "t", IndexName: "i" },
      `arn:aws:dynamodb:eu-west-1:${account}:table/t`,
    ],
    ["events", "PutEvents", { Entries: [{}] }, `arn:aws:events:eu-west-1:${account}:event-bus/default`],
    ["kms", "DescribeKey", { KeyId: "alias/data" }, `arn:aws:kms:eu-west-1:${account}:key/k-1`],
    ["sts", "AssumeRole", { RoleArn: role }, role],
  ];
  for (const [service, operation, input, holder] of holders)
    it(`lets the policy on ${holder} admit ${service}:${operation}`, async () => {
      const admit = { Effect: "Allow", Action: "*", Principal: { AWS: role } };
      expect(
        (await authorizer({ on: { [holder]: [admit] } }).authorize(call(service, operation, input))).allowed,
      ).to.equal(true);
    });

  it("takes no role's trust policy for a permission to change the role", async () => {
    const trust = { Effect: "Allow", Action: "*", Principal: { AWS: role } };
    expect(
      (await authorizer({ on: { [role]: [trust] } }).authorize(call("iam", "GetRole", { RoleName: "fixer" })))
        .allowed,
    ).to.equal(false);
  });

  it("keeps a KMS key closed whose policy does not name the account", async () => {
    const key = `arn:aws:kms:eu-west-1:${account}:key/k-1`;
    const admit = { Effect: "Allow", Action: "kms:*", Resource: "*", Principal: { AWS: "210987654321" } };
    const state = { identity: [allow("kms:*", "*")], on: { [key]: [admit] } };
    expect(
      (await authorizer(state).authorize(call("kms", "DescribeKey", { KeyId: "alias/data" }))).allowed,
    ).to.equal(false);
  });

  it("needs both policies of a role of another account", async () => {
    const foreign = { ...asRole, account: "210987654321" };
    const topic = `arn:aws:sns:eu-west-1:${account}:t`;
    const publish = { ...call("sns", "Publish", { TopicArn: topic }, foreign), account: foreign.account };
    const admit = { Effect: "Allow", Action: "sns:Publish", Resource: topic, Principal: { AWS: role } };
    const identity = [allow("sns:Publish", "*")];
    expect((await authorizer({ identity }).authorize(publish)).allowed).to.equal(false);
    expect((await authorizer({ on: { [topic]: [admit] } }).authorize(publish)).allowed).to.equal(false);
    expect((await authorizer({ identity, on: { [topic]: [admit] } }).authorize(publish)).allowed).to.equal(
      true,
    );
  });

  it("lets everybody ask who they are", async () => {
    expect((await authorizer({}).authorize(call("sts", "GetCallerIdentity"))).allowed).to.equal(true);
  });

  it("lets the bootstrap key do what it cannot judge", async () => {
    const root = { ...asRole, kind: "root" as const, role: undefined };
    expect((await authorizer({}).authorize(call("ec2", "InventInstance", {}, root))).allowed).to.equal(true);
  });

  it("lets Lambda assume only a role that trusts it", async () => {
    const trust = (Service: string) => ({
      [role]: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service } }],
    });
    const asked = {
      by: "lambda.amazonaws.com",
      roleArn: role,
      place: { region: "eu-west-1", account },
      time,
    };
    expect((await authorizer({ on: trust("lambda.amazonaws.com") }).mayAssume(asked)).allowed).to.equal(true);
    expect((await authorizer({ on: trust("ec2.amazonaws.com") }).mayAssume(asked)).allowed).to.equal(false);
    expect((await authorizer({}).mayAssume(asked)).allowed).to.equal(false);
  });

  it("answers for what a service does with a role's permissions", async () => {
    const queue = `arn:aws:sqs:eu-west-1:${account}:failed`;
    const { may, audit } = authorizer({ identity: [allow("sqs:SendMessage", queue)] });
    const asked = {
      identity: asRole,
      action: "sqs:SendMessage",
      place: { region: "eu-west-1", account },
      time,
    };
    expect((await may({ ...asked, resource: queue })).allowed).to.equal(true);
    expect((await may({ ...asked, resource: `${queue}-2` })).allowed).to.equal(false);
    expect(audit.map(({ resource, allowed }) => [resource, allowed])).to.deep.equal([
      [queue, true],
      [`${queue}-2`, false],
    ]);
  });

  it("keeps a row of every decision, and forgets them on reset", async () => {
    const { authorize, audit, reset } = authorizer({
      identity: [allow("ec2:StopInstances", ec2("instance/i-1"))],
    });
    await authorize(call("ec2", "StopInstances", { InstanceIds: ["i-1", "i-2"] }));
    const row = { at: time, principal: role, action: "ec2:StopInstances" };
    const reason = "because no identity-based policy allows the ec2:StopInstances action";
    expect(audit).to.deep.equal([
      { ...row, resource: ec2("instance/i-1"), allowed: true },
      { ...row, resource: ec2("instance/i-2"), allowed: false, reason },
    ]);
    reset();
    expect(audit).to.deep.equal([]);
  });
});
