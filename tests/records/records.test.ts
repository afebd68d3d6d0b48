import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as ec2 from "@aws-sdk/client-ec2";
import * as iam from "@aws-sdk/client-iam";
import * as s3 from "@aws-sdk/client-s3";
import { NormalizedSchema } from "@smithy/core/schema";
import { expect } from "chai";
import { callers, isRecorded, operationsOf, recordOf, type RecordedCall } from "../../records";
import { dateText } from "../../records/plain";
import type { JsonObject } from "../../runtime/json";

const account = "123456789012";
const packages: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { ec2, iam, s3 };

/** A call that Ann made, unless said otherwise. */
function call(service: string, operation: string, given: Partial<RecordedCall> = {}): JsonObject {
  const found = operationsOf(packages[service] ?? {}, schema => NormalizedSchema.of(schema as never));
  const event = recordOf({
    service,
    operation: found.get(operation)!,
    request: {},
    by: callers.user(account, "ann"),
    region: "eu-central-1",
    account,
    time: Date.UTC(2026, 10, 1, 12),
    userAgent: "aws-cli/2.31.0",
    sourceIp: "203.0.113.7",
    ids: { request: "request", record: "record", delivery: "delivery" },
    ...given,
  });
  return event.detail as JsonObject;
}

describe("CloudTrail records", () => {
  it("are the same for the same call", () => {
    const make = () => call("ec2", "CreateVpc", { request: { CidrBlock: "10.0.0.0/16" }, response: {} });

    expect(make()).to.deep.equal(make());
    expect(make()).to.deep.include({
      eventSource: "ec2.amazonaws.com",
      eventName: "CreateVpc",
      awsRegion: "eu-central-1",
      eventTime: "2026-11-01T12:00:00Z",
      requestParameters: {
        cidrBlock: "10.0.0.0/16",
        instanceTenancy: "default",
        amazonProvidedIpv6CidrBlock: false,
      },
      responseElements: { requestId: "request" },
    });
  });

  it("leave out a body of more than 100 KB, each by itself, and say how large it was", () => {
    const tags = (bytes: number) => [{ ResourceType: "vpc", Tags: [{ Key: "k", Value: "x".repeat(bytes) }] }];
    const large = (bytes: number) =>
      call("ec2", "CreateVpc", {
        request: { CidrBlock: "10.0.0.0/16", TagSpecifications: tags(bytes) },
        response: { Vpc: { VpcId: "vpc-1" } },
      });

    const [within, beyond] = [large(100_000), large(110_000)];

    expect(within.requestParameters).to.include({ cidrBlock: "10.0.0.0/16" });
    expect(beyond.requestParameters).to.include({ omitted: true }).and.to.not.have.property("cidrBlock");
    expect((beyond.requestParameters as JsonObject).originalSize).to.be.within(110_000, 111_000);
    expect(beyond.responseElements).to.have.nested.property("vpc.vpcId", "vpc-1");
  });

  for (const { who, by, identity } of [
    { who: "root", by: callers.root(account), identity: { type: "Root", principalId: account } },
    { who: "a user", by: callers.user(account, "ann"), identity: { type: "IAMUser", userName: "ann" } },
    {
      who: "a role's session",
      by: callers.role(account, "people/dev", "ann"),
      identity: { type: "AssumedRole", arn: `arn:aws:sts::${account}:assumed-role/dev/ann` },
    },
    {
      who: "a service",
      by: callers.service(account, "ec2.amazonaws.com"),
      identity: { type: "AWSService", invokedBy: "ec2.amazonaws.com" },
    },
    {
      who: "a service-linked role",
      by: callers.serviceLinked(account, "autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling"),
      identity: { type: "AssumedRole", invokedBy: "autoscaling.amazonaws.com" },
    },
  ])
    it(`name ${who}`, () => {
      const record = call("ec2", "DeleteVpc", { by });

      expect(record.userIdentity).to.deep.include(identity);
      expect(record.userAgent).to.equal(by.invokedBy ?? "aws-cli/2.31.0");
    });

  it("keep the path of a service-linked role", () => {
    const by = callers.serviceLinked(account, "autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling");

    expect(call("ec2", "DeleteVpc", { by }).userIdentity).to.have.nested.property(
      "sessionContext.sessionIssuer.arn",
      `arn:aws:iam::${account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
    );
  });

  it("tell of a failed call by its error and what was asked, without an answer", () => {
    const error = { code: "InvalidGroup.NotFound", message: "no such group" };

    expect(
      call("ec2", "DeleteSecurityGroup", { request: { GroupId: "sg-0" }, response: {}, error }),
    ).to.deep.include({
      errorCode: "Client.InvalidGroup.NotFound",
      errorMessage: "no such group",
      requestParameters: { groupId: "sg-0" },
      responseElements: null,
    });
  });

  it("keep nothing of what was asked in a denied call, but for EC2 and S3", () => {
    const error = { code: "AccessDenied", message: "no", denied: true };

    expect(call("iam", "DeleteUser", { request: { UserName: "bob" }, error }).requestParameters).to.equal(
      null,
    );
    expect(call("s3", "DeleteBucket", { request: { Bucket: "b" }, error }).requestParameters).to.include({
      bucketName: "b",
    });
  });

  it("read a bucket's setting as its XML does: a list of one is none, words of the query are empty", () => {
    const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }];
    const request = { Bucket: "b", ServerSideEncryptionConfiguration: { Rules } };

    expect(call("s3", "PutBucketEncryption", { request, response: {} }).requestParameters).to.deep.equal({
      bucketName: "b",
      Host: "b.s3.eu-central-1.amazonaws.com",
      encryption: "",
      ServerSideEncryptionConfiguration: {
        xmlns: "http://s3.amazonaws.com/doc/2006-03-01/",
        Rule: Rules[0],
      },
    });
  });

  it("are written of every call that changes something, but of none on data", () => {
    expect(isRecorded("s3", "PutBucketAcl")).to.equal(true);
    expect(isRecorded("s3", "PutObject")).to.equal(false);
    expect(isRecorded("ec2", "DescribeVpcs")).to.equal(false);
    expect(isRecorded("ecr", "CreateRepository"), "a service that nothing is said about").to.equal(true);
  });

  it("write dates as text, of each service's making", () => {
    const date = new Date("2023-07-10T00:24:29Z");

    expect(dateText(date, "iam")).to.equal("Jul 10, 2023 12:24:29 AM");
    expect(dateText(date, "sts")).to.equal("Jul 10, 2023, 12:24:29 AM");
  });

  it("need nothing else of ours, and no package", () => {
    const folder = join(__dirname, "..", "..", "records");
    const imports = readdirSync(folder).flatMap(file =>
      [...readFileSync(join(folder, file), "utf8").matchAll(/^(?:import|export) .*from "([^"]+)"/gm)].map(
        found => `${file}: ${found[1]}`,
      ),
    );

    expect(imports.filter(line => !/: (\.\/[\w-]+|node:\w+)$/.test(line))).to.deep.equal([]);
  });
});
