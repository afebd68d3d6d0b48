import http from "node:http";
import { expect } from "chai";
import {
  CreateVpcCommand,
  DescribeVpcsCommand,
  EC2Client,
  MonitorInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { awsError } from "../../../sandbox/ground/call";
import type { Credentials } from "../../../sandbox/iam/identity";
import { startWorld, type World } from "../support/account";
import { refusal } from "../support/refusal";

const trusting = (Principal: object) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal, Action: "sts:AssumeRole" }],
  });
const allowing = (Action: string) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] });

describe("the gateway", function () {
  this.timeout(600_000);
  let world: World;
  before(async () => (world = await startWorld()));
  after(() => world?.close());

  const newRole = async (RoleName: string, Principal: object, Action?: string): Promise<string> => {
    const iam = world.gateway.client(IAMClient);
    const { Role } = await iam.send(
      new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trusting(Principal) }),
    );
    if (Action !== undefined)
      await iam.send(
        new PutRolePolicyCommand({ RoleName, PolicyName: "inline", PolicyDocument: allowing(Action) }),
      );
    return Role!.Arn!;
  };
  const assume = async (RoleArn: string, sts = world.gateway.client(STSClient)): Promise<Credentials> => {
    const { Credentials: got } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "ann" }));
    return {
      accessKeyId: got!.AccessKeyId!,
      secretAccessKey: got!.SecretAccessKey!,
      sessionToken: got!.SessionToken,
    };
  };
  const lastDetail = () => world.events.at(-1)!.detail as Record<string, unknown>;
  const ownAccount = { AWS: "arn:aws:iam::123456789012:root" };

  it("serves a call and hands its record over before the answer", async () => {
    const ec2 = world.gateway.client(EC2Client);

    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.1.0.0/16" }));
    const delivered = world.events.length;
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [Vpc!.VpcId!] }));

    expect(Vpcs).to.have.length(1);
    expect(lastDetail().eventName).to.equal("CreateVpc");
    expect(world.events).to.have.length(delivered); // a read has no record
    expect(world.journal.happenings.at(-1)).to.include({
      kind: "call",
      service: "ec2",
      operation: "DescribeVpcs",
    });
  });

  it("keeps regions apart", async () => {
    const command = new CreateVpcCommand({ CidrBlock: "10.2.0.0/16" });
    const { Vpc } = await world.gateway.client(EC2Client, { region: "eu-west-1" }).send(command);

    const error = await refusal(
      world.gateway.client(EC2Client).send(new DescribeVpcsCommand({ VpcIds: [Vpc!.VpcId!] })),
    );

    expect(error.name).to.equal("InvalidVpcID.NotFound");
    expect(lastDetail().awsRegion).to.equal("eu-west-1");
  });

  it("refuses a role's call that its policies do not allow, and records the refusal", async () => {
    const keys = await assume(await newRole("reader", ownAccount, "ec2:DescribeVpcs"));
    const ec2 = world.gateway.client(EC2Client, {}, keys);
    await ec2.send(new DescribeVpcsCommand({}));

    const error = await refusal(ec2.send(new CreateVpcCommand({ CidrBlock: "10.3.0.0/16" })));

    expect(error.name).to.equal("UnauthorizedOperation");
    expect(error.$metadata?.httpStatusCode).to.equal(403);
    expect(error.message).to.include(
      "arn:aws:sts::123456789012:assumed-role/reader/ann is not authorized to perform: ec2:CreateVpc",
    );
    expect(lastDetail()).to.include({ errorCode: "Client.UnauthorizedOperation", responseElements: null });
    expect(lastDetail().requestParameters).to.include({ cidrBlock: "10.3.0.0/16" });
    expect(world.gateway.audit.some(row => row.action === "ec2:CreateVpc" && !row.allowed)).to.equal(true);
  });

  it("uses each service's own words for a denied call, and nulls its parameters in the record", async () => {
    const keys = await assume(await newRole("nobody", ownAccount));

    const errors = [];
    for (const send of [
      () => world.gateway.client(KMSClient, {}, keys).send(new CreateKeyCommand({})),
      () => world.gateway.client(IAMClient, {}, keys).send(new CreateUserCommand({ UserName: "x" })),
      () => world.gateway.client(S3Client, {}, keys).send(new CreateBucketCommand({ Bucket: "not-mine" })),
    ]) {
      errors.push([
        (await refusal(send())).name,
        lastDetail().errorCode,
        lastDetail().requestParameters === null,
      ]);
    }

    expect(errors).to.deep.equal([
      ["AccessDeniedException", "AccessDenied", true],
      ["AccessDenied", "AccessDenied", true],
      ["AccessDenied", "AccessDenied", false],
    ]);
  });

  it("lets a role be assumed only by those whom it trusts", async () => {
    const forLambda = await newRole("for-lambda", { Service: "lambda.amazonaws.com" });

    const byRoot = await refusal(assume(forLambda));
    const missing = await refusal(assume("arn:aws:iam::123456789012:role/does-not-exist"));
    const byEvents = await refusal(
      world.gateway.credentialsFor({ roleArn: forLambda, session: "f", service: "events.amazonaws.com" }),
    );
    const keys = await world.gateway.credentialsFor({
      roleArn: forLambda,
      session: "f",
      service: "lambda.amazonaws.com",
    });

    expect([byRoot.name, missing.name, byEvents.name]).to.deep.equal([
      "AccessDenied",
      "AccessDenied",
      "AccessDenied",
    ]);
    const caller = await world.gateway.client(STSClient, {}, keys).send(new GetCallerIdentityCommand({}));
    expect(caller.Arn).to.equal("arn:aws:sts::123456789012:assumed-role/for-lambda/f");
    expect(caller.UserId).to.match(/^AROA\w+:f$/);
  });

  it("knows an IAM user's key for as long as it exists", async () => {
    const iam = world.gateway.client(IAMClient);
    await iam.send(new CreateUserCommand({ UserName: "ann" }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "ann" }));
    const keys = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
    const sts = world.gateway.client(STSClient, {}, keys);

    const caller = await sts.send(new GetCallerIdentityCommand({}));
    const inUse = await refusal(iam.send(new DeleteUserCommand({ UserName: "ann" })));
    await iam.send(new DeleteAccessKeyCommand({ UserName: "ann", AccessKeyId: keys.accessKeyId }));
    const gone = await refusal(sts.send(new GetCallerIdentityCommand({})));

    expect(caller.Arn).to.equal("arn:aws:iam::123456789012:user/ann");
    expect(caller.UserId).to.match(/^AIDA[A-Z0-9]+$/);
    expect(inUse.name).to.match(/^DeleteConflict/);
    expect(gone.name).to.equal("InvalidClientTokenId");
  });

  it("applies AWS's managed policies that are attached", async () => {
    const iam = world.gateway.client(IAMClient);
    await iam.send(new CreateUserCommand({ UserName: "viewer" }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "viewer" }));
    const ec2 = world.gateway.client(
      EC2Client,
      {},
      { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: "x" },
    );
    const before = await refusal(ec2.send(new DescribeVpcsCommand({})));

    const PolicyArn = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess";
    await iam.send(new AttachUserPolicyCommand({ UserName: "viewer", PolicyArn }));

    expect(before.name).to.equal("UnauthorizedOperation");
    expect((await ec2.send(new DescribeVpcsCommand({}))).Vpcs).to.not.equal(undefined);
  });

  it("ends a session's keys when their time is over", async () => {
    const keys = await assume(await newRole("short", ownAccount, "ec2:*"));

    await world.clock.advance(3_600_000);

    const ec2 = await refusal(world.gateway.client(EC2Client, {}, keys).send(new DescribeVpcsCommand({})));
    const kms = await refusal(world.gateway.client(KMSClient, {}, keys).send(new CreateKeyCommand({})));
    expect([ec2.name, kms.name]).to.deep.equal(["RequestExpired", "ExpiredTokenException"]);
  });

  it("refuses keys that it did not issue, in each service's own words", async () => {
    const keys = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "x" };

    const names = [
      (await refusal(world.gateway.client(EC2Client, {}, keys).send(new DescribeVpcsCommand({})))).name,
      (
        await refusal(
          world.gateway
            .client(DynamoDBClient, {}, keys)
            .send(new CreateTableCommand({ TableName: "t" } as never)),
        )
      ).name,
      (
        await refusal(
          world.gateway.client(S3Client, {}, keys).send(new CreateBucketCommand({ Bucket: "b-1" })),
        )
      ).name,
      (await refusal(world.gateway.client(STSClient, {}, keys).send(new GetCallerIdentityCommand({})))).name,
    ];

    expect(names).to.deep.equal([
      "AuthFailure",
      "UnrecognizedClientException",
      "InvalidAccessKeyId",
      "InvalidClientTokenId",
    ]);
  });

  it("names the operation that it cannot do", async () => {
    const own = await refusal(
      world.gateway.client(STSClient).send(new GetFederationTokenCommand({ Name: "x" })),
    );
    const ofTheState = await refusal(
      world.gateway.client(EC2Client).send(new MonitorInstancesCommand({ InstanceIds: ["i-1"] })),
    );

    expect(own).to.include({
      name: "NotImplemented",
      message: "The sandbox does not implement sts:GetFederationToken",
    });
    expect(ofTheState).to.include({
      name: "NotImplemented",
      message: "The sandbox does not implement ec2:MonitorInstances",
    });
  });

  const raw = (
    headers: Record<string, string>,
    body = "",
    path = "/",
  ): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const request = http.request(`${world.gateway.url}${path}`, { method: "POST", headers }, response => {
        let text = "";
        response.on("data", chunk => (text += String(chunk)));
        response.on("end", () => resolve({ status: response.statusCode!, text }));
      });
      request.on("error", reject);
      request.end(body);
    });
  const signed = (service: string, region = "us-east-1") => ({
    authorization: `AWS4-HMAC-SHA256 Credential=${world.gateway.bootstrap.accessKeyId}/20261120/${region}/${service}/aws4_request, SignedHeaders=host, Signature=x`,
    "content-type": "application/x-www-form-urlencoded",
  });

  it("refuses what is unsigned, unknown or unreadable, and forwards none of it", async () => {
    const answers = [
      await raw({}, "Action=DescribeVpcs&Version=2016-11-15"),
      await raw(signed("ec2"), "Action=NoSuchAction&Version=2016-11-15"),
      await raw(signed("ec2"), "Action=DescribeVpcs&Version=2016-11-15&Surprise=1"),
      await raw(signed("glacier"), "Action=ListVaults"),
      await raw(signed("ec2", "atlantis-1"), "Action=DescribeVpcs&Version=2016-11-15"),
      await raw({ ...signed("dynamodb"), "x-amz-target": "DynamoDB_20120810.ListTables" }, "{"),
    ];

    expect(answers.map(({ status }) => status)).to.deep.equal([403, 400, 400, 501, 400, 400]);
    expect(answers[1]!.text).to.include("<Code>InvalidAction</Code>");
    expect(answers[2]!.text).to.include("The parameter Surprise is not recognized");
    expect(answers[3]!.text).to.match(/<Message>.*glacier.*<\/Message>/);
  });

  it("takes a presigned request", async () => {
    const credential = encodeURIComponent(
      `${world.gateway.bootstrap.accessKeyId}/20261120/us-east-1/sts/aws4_request`,
    );
    const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${credential}&X-Amz-Expires=60&X-Amz-Signature=x`;

    const { status, text } = await raw({}, "", `/?Action=GetCallerIdentity&Version=2011-06-15&${query}`);

    expect(status).to.equal(200);
    expect(text).to.include("<Arn>arn:aws:iam::123456789012:root</Arn>");
  });

  it("says in a sentence that its port is taken", async () => {
    const port = Number(new URL(world.gateway.url).port);

    const error = await refusal(startWorld({ port }));

    expect(error.message).to.equal(
      `Port ${port} is taken by another program: end it or choose another port.`,
    );
  });
});

describe("faults that a test puts in the way", function () {
  this.timeout(600_000);

  it("refuse a call before it is served, or lose its answer afterwards", async () => {
    const broken = await startWorld({
      fault: call =>
        call.input.CidrBlock === "10.0.0.0/16"
          ? awsError("RequestLimitExceeded", "slow down", 503)
          : undefined,
      faultAfter: call => (call.input.CidrBlock === "10.1.0.0/16" ? "drop" : undefined),
    });
    const ec2 = broken.gateway.client(EC2Client);
    const count = async () => (await ec2.send(new DescribeVpcsCommand({}))).Vpcs!.length;
    const start = await count();

    const refused = await refusal(ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" })));
    const afterRefusal = await count();
    const dropped = await refusal(ec2.send(new CreateVpcCommand({ CidrBlock: "10.1.0.0/16" })));

    expect(refused.name).to.equal("RequestLimitExceeded");
    expect(afterRefusal).to.equal(start);
    expect(dropped.message).to.match(/socket hang up|ECONNRESET/);
    expect(await count()).to.equal(start + 1);
    await broken.close();
  });
});

describe("the gateway's time", function () {
  this.timeout(600_000);

  it("is the sandbox clock's in every answer, or SDKs would take their own clock for wrong and call again", async () => {
    const world = await startWorld();
    await world.clock.advance(3600_000);

    const date = await new Promise<string>((resolve, reject) =>
      http.get(world.gateway.url, answer => resolve(String(answer.headers.date))).on("error", reject),
    );

    expect(Math.abs(Date.parse(date) - world.clock.now())).to.be.lessThan(5_000);
    await world.close();
  });
});
