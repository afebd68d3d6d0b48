import { expect } from "chai";
import {
  occasionOf,
  isExpected,
  isFailedCall,
  isOwnCall,
  objectAt,
  principalOf,
  readEvent,
  textAt,
  toList,
} from "../../runtime/events";
import { heated } from "../support/thermostat";

const withDetail = (detail: object) => heated([], detail as never);

describe("reading an event", () => {
  for (const [what, payload] of [
    ["nothing", undefined],
    ["a text", "event"],
    ["a list", []],
    ["an event without detail", { ...heated([]), detail: undefined }],
    ["an event whose detail is a list", { ...heated([]), detail: [] }],
    ["an event without an id", { ...heated([]), id: undefined }],
    ["an event whose account is a number", { ...heated([]), account: 123456789012 }],
    ["an event with an empty source", { ...heated([]), source: "" }],
  ] as const)
    it(`refuses ${what}, saying what is missing`, () => {
      expect(() => readEvent(payload)).to.throw(/The payload is not an EventBridge event: /);
    });

  it("accepts an event without resources", () => {
    const { resources: _, ...event } = heated(["kitchen"]);
    expect(readEvent(event).resources).to.deep.equal([]);
  });

  for (const [what, value, list] of [
    ["an array", [1, 2], [1, 2]],
    ["items", { items: [{ a: 1 }] }, [{ a: 1 }]],
    ["one item that is no array", { item: { a: 1 } }, [{ a: 1 }]],
    ["EC2's empty list", {}, []],
    ["an empty text", "", []],
    ["null", null, []],
    ["nothing", undefined, []],
    ["one tagged object", { tag: 1, content: "x" }, [{ tag: 1, content: "x" }]],
    ["one text", "x", ["x"]],
    ["null items", { items: null }, []],
  ] as const)
    it(`reads ${what} as a list`, () => {
      expect(toList(value)).to.deep.equal(list);
    });

  it("reads through whatever is missing on the way", () => {
    expect(objectAt({ a: null }, "a", "b")).to.deep.equal({});
    expect(textAt({ a: { b: 7 } }, "a", "b")).to.equal("7");
    expect(textAt({ a: "x" }, "a", "b")).to.equal(undefined);
    expect(textAt({ a: "" }, "a")).to.equal(undefined);
  });
});

describe("what an event says of the call", () => {
  it("is failure by errorCode alone, not by a null body", () => {
    expect(isFailedCall(withDetail({ errorCode: "Client.DryRunOperation" }))).to.equal(true);
    expect(isFailedCall(withDetail({ responseElements: null }))).to.equal(false);
  });

  it("is our own only for exactly our role", () => {
    const issued = (arn: string) =>
      withDetail({ userIdentity: { sessionContext: { sessionIssuer: { arn } } } });
    const own = "arn:aws:iam::123456789012:role/guardrails/guardrails-dev-use1-thermostat";
    expect(isOwnCall(issued(own), own)).to.equal(true);
    expect(isOwnCall(issued(`${own}-2`), own)).to.equal(false);
    expect(isOwnCall(withDetail({ userIdentity: { sessionContext: { sessionIssuer: {} } } }), own)).to.equal(
      false,
    );
  });

  it("has the same key for both copies of a cross-account call", () => {
    const copies = ["a", "b"].map(eventID => occasionOf(withDetail({ sharedEventID: "s", eventID })).key);
    expect(copies).to.deep.equal(["s", "s"]);
    expect(occasionOf(withDetail({ eventID: "a" })).key).to.equal("a");
    expect(occasionOf(withDetail({})).key).to.equal(heated([]).id);
  });

  it("is expected only when one of our own patterns names it whole", () => {
    const patterns = [
      {
        source: ["aws.house"],
        "detail-type": ["AWS API Call via CloudTrail"],
        detail: { eventName: ["HeatRooms"] },
      },
    ];
    expect(isExpected(heated([]), patterns)).to.equal(true);
    expect(isExpected({ ...heated([]), source: "aws.barn" }, patterns)).to.equal(false);
    expect(isExpected(withDetail({ eventName: "CoolRooms" }), patterns)).to.equal(false);
    expect(isExpected(heated([]), [])).to.equal(false);
  });
});

describe("the principal", () => {
  const session = {
    type: "AssumedRole",
    arn: "arn:aws:sts::123456789012:assumed-role/admin/ada",
    sessionContext: { sessionIssuer: { arn: "arn:aws:iam::123456789012:role/admin" } },
  };
  for (const [who, userIdentity, arn, name] of [
    ["a role session", session, "arn:aws:iam::123456789012:role/admin", "ada"],
    [
      "an IAM user",
      { type: "IAMUser", arn: "arn:aws:iam::123456789012:user/ada", userName: "ada" },
      "arn:aws:iam::123456789012:user/ada",
      "ada",
    ],
    [
      "root",
      { type: "Root", arn: "arn:aws:iam::123456789012:root" },
      "arn:aws:iam::123456789012:root",
      "arn:aws:iam::123456789012:root",
    ],
    [
      "a service",
      { type: "AWSService", invokedBy: "autoscaling.amazonaws.com" },
      "autoscaling.amazonaws.com",
      undefined,
    ],
    [
      "a role of another account",
      { type: "AWSAccount", principalId: "AROAEXAMPLE:night-shift", accountId: "210987654321" },
      "principal AROAEXAMPLE of account 210987654321",
      "night-shift",
    ],
    [
      "a person of Identity Center",
      {
        type: "IdentityCenterUser",
        accountId: "123456789012",
        onBehalfOf: { userId: "94d00cd8-e9e6-4810-b177-b08e84775435" },
      },
      "Identity Center user 94d00cd8-e9e6-4810-b177-b08e84775435 of account 123456789012",
      undefined,
    ],
    ["a record without identity", undefined, "unknown", undefined],
    ["an exported record whose identity is a text", "null", "unknown", undefined],
  ] as const)
    it(`of ${who} is read`, () => {
      const found = principalOf(withDetail({ userIdentity }));
      expect([found.arn, found.name]).to.deep.equal([arn, name]);
    });

  for (const [tool, agent] of [
    [
      "terraform",
      "APN/1.0 HashiCorp/1.0 Terraform/1.9.5 (+https://www.terraform.io) terraform-provider-aws/5.60.0",
    ],
    ["terraform", "aws-sdk-go/1.44 APN/1.0 HashiCorp/1.0 Terraform/1.1"],
    ["terraform", "[APN/1.0 HashiCorp/1.0 Terraform/0.12]"],
    ["pulumi", "APN/1.0 Pulumi/1.0 PulumiAWS/7.48.0 aws-sdk-go-v2/1.30"],
    ["cloudformation", "cloudformation.amazonaws.com"],
    ["cloudformation", "cloudformation.amazonaws.com.cn"],
    ["aws-service", "autoscaling.amazonaws.com"],
    ["console", "console.amazonaws.com"],
    ["console", "console.ec2.amazonaws.com"],
    ["console", "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12]"],
    ["console", "Mozilla/5.0 (X11; Linux x86_64)"],
    ["cli", "aws-cli/2.31.0 md/awscrt#0.27"],
    ["sdk", "Boto3/1.44.5 md/Botocore#1.44.5"],
    ["sdk", "aws-sdk-js/3.1169.0"],
    ["unknown", "curl/8.5"],
  ] as const)
    it(`uses ${tool} when its agent is ${agent}`, () => {
      expect(principalOf(withDetail({ userAgent: agent })).tool).to.equal(tool);
    });
});
