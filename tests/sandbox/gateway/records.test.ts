import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import {
  AllocateAddressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateFlowLogsCommand,
  CreateLaunchTemplateCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  CreateSnapshotCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  CreateVpcCommand,
  DeleteTagsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  ModifyNetworkInterfaceAttributeCommand,
  ModifySecurityGroupRulesCommand,
  ModifySnapshotAttributeCommand,
  ReleaseAddressCommand,
  RevokeSecurityGroupIngressCommand,
  RunInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteUserPolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  CreateBucketCommand,
  DeleteBucketEncryptionCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  PutPublicAccessBlockCommand as PutAccountBlockCommand,
  S3ControlClient,
} from "@aws-sdk/client-s3-control";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { isExpected, readEvent, toList } from "../../../runtime/events";
import type { JsonObject } from "../../../runtime/json";
import { startWorld, type World } from "../support/account";
import { refusal } from "../support/refusal";
import { shapeMistakes } from "../support/shape";

const shared = process.env.GUARDRAILS_SHARED ?? join(__dirname, "..", "..", "..", "..", "shared");
const recorded = join(shared, "events");

describe("CloudTrail records of the sandbox", function () {
  this.timeout(600_000);
  let world: World;
  let ec2: EC2Client;
  let s3: S3Client;
  before(async () => {
    world = await startWorld();
    ec2 = world.gateway.client(EC2Client);
    s3 = world.gateway.client(S3Client);
  });
  after(() => world?.close());

  /** The record of the call that this makes last. */
  const recordOf = async (call: () => Promise<unknown>): Promise<JsonObject> => {
    const before = world.events.length;
    await call();
    expect(world.events.length, "a record was written").to.be.greaterThan(before);
    return world.events.at(-1)!.detail as JsonObject;
  };
  const launch = async (input = {}): Promise<string> => {
    const command = new RunInstancesCommand({
      ImageId: "ami-12345678",
      MinCount: 1,
      MaxCount: 1,
      InstanceType: "t3.micro",
      ...input,
    });
    return (await ec2.send(command)).Instances![0]!.InstanceId!;
  };
  let groups = 0;
  const newGroup = async (): Promise<string> =>
    (await ec2.send(new CreateSecurityGroupCommand({ GroupName: `g-${++groups}`, Description: "d" })))
      .GroupId!;

  it("are events that EventBridge would deliver", async () => {
    await recordOf(() => ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" })));

    const event = readEvent(world.events.at(-1));
    const claim = {
      source: ["aws.ec2"],
      "detail-type": ["AWS API Call via CloudTrail"],
      detail: { eventSource: ["ec2.amazonaws.com"], eventName: ["CreateVpc"] },
    };
    expect(isExpected(event, [claim])).to.equal(true);
    expect(event).to.include({ version: "0", account: "123456789012", region: "us-east-1" });
    expect(event.time).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(event.detail).to.include({
      readOnly: false,
      eventType: "AwsApiCall",
      managementEvent: true,
      eventCategory: "Management",
    });
  });

  it("tell of a launch with its tags, every instance and its interfaces", async () => {
    const TagSpecifications = [{ ResourceType: "instance" as const, Tags: [{ Key: "owner", Value: "ann" }] }];

    const record = await recordOf(() => launch({ MaxCount: 3, TagSpecifications }));

    const { requestParameters: asked, responseElements: answer } = record as Record<string, JsonObject>;
    expect(asked!.instancesSet).to.deep.equal({
      items: [{ imageId: "ami-12345678", minCount: 1, maxCount: 3 }],
    });
    expect(asked!.tagSpecificationSet).to.deep.equal({
      items: [{ resourceType: "instance", tags: [{ key: "owner", value: "ann" }] }],
    });
    expect(asked).to.deep.include({
      blockDeviceMapping: {},
      monitoring: { enabled: false },
      disableApiTermination: false,
    });
    const instances = toList(answer!.instancesSet) as JsonObject[];
    expect(instances).to.have.length(3);
    expect(instances[0]!.tagSet).to.deep.equal({ items: [{ key: "owner", value: "ann" }] });
    const [eni] = toList(instances[0]!.networkInterfaceSet) as JsonObject[];
    expect(Object.keys(eni!.privateIpAddressesSet as object)).to.deep.equal(["item"]);
    expect(instances[0]!.launchTime).to.be.a("number");
  });

  it("list what tags, groups and rules a call named, an empty list as {}", async () => {
    const id = await launch();
    const group = await newGroup();
    const IpPermissions = [
      { IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "0.0.0.0/0" }] },
    ];

    const tagged = await recordOf(() =>
      ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: "a", Value: "1" }] })),
    );
    const untagged = await recordOf(() =>
      ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: [{ Key: "a" }] })),
    );
    const moved = await recordOf(() =>
      ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, Groups: [group] })),
    );
    const opened = await recordOf(() =>
      ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group, IpPermissions })),
    );

    expect(tagged.requestParameters).to.deep.equal({
      resourcesSet: { items: [{ resourceId: id }] },
      tagSet: { items: [{ key: "a", value: "1" }] },
    });
    expect(tagged.responseElements).to.deep.include({ _return: true });
    expect(untagged.requestParameters).to.deep.equal({
      resourcesSet: { items: [{ resourceId: id }] },
      tagSet: { items: [{ key: "a" }] },
    });
    expect(moved.requestParameters).to.deep.equal({
      instanceId: id,
      groupSet: { items: [{ groupId: group }] },
    });
    const permission = {
      ipProtocol: "tcp",
      fromPort: 22,
      toPort: 22,
      ipRanges: { items: [{ cidrIp: "0.0.0.0/0" }] },
      ipv6Ranges: {},
      prefixListIds: {},
      groups: {},
    };
    expect(opened.requestParameters).to.deep.equal({
      groupId: group,
      ipPermissions: { items: [permission] },
    });
    const [rule] = toList((opened.responseElements as JsonObject).securityGroupRuleSet) as JsonObject[];
    expect(rule).to.include({
      cidrIpv4: "0.0.0.0/0",
      fromPort: 22,
      toPort: 22,
      ipProtocol: "tcp",
      isEgress: false,
      groupId: group,
    });
  });

  it("do not tell the instances of a launch whose answer was too large for its record", async () => {
    const Tags = Array.from({ length: 40 }, (_, at) => ({ Key: `key-${at}`, Value: "x".repeat(60) }));
    const TagSpecifications = [{ ResourceType: "instance" as const, Tags }];

    const record = await recordOf(() => launch({ MinCount: 30, MaxCount: 30, TagSpecifications }));

    expect(record.requestParameters).to.have.nested.property("instancesSet");
    expect(record.responseElements).to.include({ omitted: true }).and.to.not.have.property("instancesSet");
  });

  it("keep the flat form of a rule as it was asked", async () => {
    const GroupId = await newGroup();
    const flat = { GroupId, IpProtocol: "tcp", FromPort: 22, ToPort: 22, CidrIp: "0.0.0.0/0" };

    const record = await recordOf(() => ec2.send(new AuthorizeSecurityGroupIngressCommand(flat)));

    expect(record.requestParameters).to.deep.equal({
      groupId: GroupId,
      ipProtocol: "tcp",
      fromPort: 22,
      toPort: 22,
      cidrIp: "0.0.0.0/0",
      ipPermissions: {},
    });
  });

  it("wrap newer calls, one item without a list", async () => {
    const GroupId = await newGroup();
    const IpPermissions = [
      { IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "10.0.0.0/8" }] },
    ];
    const { SecurityGroupRules: made } = await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }),
    );
    const change = {
      SecurityGroupRuleId: made![0]!.SecurityGroupRuleId!,
      SecurityGroupRule: { IpProtocol: "tcp", FromPort: 22, ToPort: 22, CidrIpv4: "0.0.0.0/0" },
    };

    const record = await recordOf(() =>
      ec2.send(new ModifySecurityGroupRulesCommand({ GroupId, SecurityGroupRules: [change] })),
    );

    expect(record.requestParameters).to.deep.equal({
      ModifySecurityGroupRulesRequest: { GroupId, SecurityGroupRule: { tag: 1, ...change } },
    });
    expect(
      (record.responseElements as Record<string, JsonObject>).ModifySecurityGroupRulesResponse,
    ).to.include({ return: true });
  });

  it("say no group that a dry run or a refused call did not change", async () => {
    const error = await refusal(
      ec2.send(
        new RevokeSecurityGroupIngressCommand({
          GroupId: await newGroup(),
          SecurityGroupRuleIds: ["sgr-0123456789abcdef0"],
        }),
      ),
    );

    expect(error.name).to.equal("InvalidSecurityGroupRuleId.NotFound");
    expect(world.events.at(-1)!.detail).to.include({
      errorCode: "Client.InvalidSecurityGroupRuleId.NotFound",
      responseElements: null,
    });
  });

  it("name a bucket, its host and the body of the request", async () => {
    const Bucket = "records-1";
    const rule = {
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" as const },
      BucketKeyEnabled: true,
    };

    const created = await recordOf(() => s3.send(new CreateBucketCommand({ Bucket })));
    const put = await recordOf(() =>
      s3.send(
        new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules: [rule] } }),
      ),
    );
    const deleted = await recordOf(() => s3.send(new DeleteBucketEncryptionCommand({ Bucket })));

    expect(created.requestParameters).to.deep.equal({
      bucketName: Bucket,
      Host: `${Bucket}.s3.us-east-1.amazonaws.com`,
    });
    expect([created.responseElements, put.responseElements, created.resources]).to.deep.equal([
      null,
      null,
      undefined,
    ]);
    expect(put.requestParameters).to.deep.equal({
      bucketName: Bucket,
      Host: `${Bucket}.s3.us-east-1.amazonaws.com`,
      encryption: "",
      ServerSideEncryptionConfiguration: { xmlns: "http://s3.amazonaws.com/doc/2006-03-01/", Rule: rule },
    });
    expect(put.resources).to.deep.equal([
      { accountId: "123456789012", type: "AWS::S3::Bucket", ARN: `arn:aws:s3:::${Bucket}` },
    ]);
    expect(deleted.requestParameters).to.include({ bucketName: Bucket, encryption: "" });
  });

  it("rename public access blocks by what they block, and leave objects out", async () => {
    const Bucket = "records-2";
    const block = {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: false,
      RestrictPublicBuckets: true,
    };
    await s3.send(new CreateBucketCommand({ Bucket }));

    const ofBucket = await recordOf(() =>
      s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: block })),
    );
    const control = world.gateway.client(S3ControlClient);
    const ofAccount = await recordOf(() =>
      control.send(
        new PutAccountBlockCommand({ AccountId: "123456789012", PublicAccessBlockConfiguration: block }),
      ),
    );
    const before = world.events.length;
    await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));

    expect(ofBucket.eventName).to.equal("PutBucketPublicAccessBlock");
    expect(ofBucket.requestParameters).to.deep.nested.include({
      "PublicAccessBlockConfiguration.BlockPublicPolicy": false,
    });
    expect([ofAccount.eventName, ofAccount.eventSource]).to.deep.equal([
      "PutAccountPublicAccessBlock",
      "s3.amazonaws.com",
    ]);
    expect((ofAccount.requestParameters as JsonObject).Host).to.equal(
      "123456789012.s3-control.us-east-1.amazonaws.com",
    );
    expect(world.events).to.have.length(before);
  });

  it("name a role's session and the service that called on its behalf", async () => {
    const iam = world.gateway.client(IAMClient);
    const allow = (fields: object) =>
      JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...fields }] });
    const trust = allow({ Principal: { AWS: "arn:aws:iam::123456789012:root" }, Action: "sts:AssumeRole" });
    const { Role } = await iam.send(
      new CreateRoleCommand({ RoleName: "dev", Path: "/people/", AssumeRolePolicyDocument: trust }),
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: "dev",
        PolicyName: "all",
        PolicyDocument: allow({ Action: "*", Resource: "*" }),
      }),
    );
    const assumed = await world.gateway
      .client(STSClient)
      .send(new AssumeRoleCommand({ RoleArn: Role!.Arn, RoleSessionName: "ann" }));
    const keys = { accessKeyId: assumed.Credentials!.AccessKeyId!, secretAccessKey: "x" };
    const service = world.identities.onBehalf(
      world.identities.find(keys.accessKeyId),
      "autoscaling.amazonaws.com",
    );
    const make = (as: typeof keys) =>
      recordOf(() =>
        world.gateway.client(EC2Client, {}, as).send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" })),
      );

    const own = (await make(keys)).userIdentity as JsonObject;
    const scaled = await make(service);

    expect(own).to.deep.include({
      type: "AssumedRole",
      arn: "arn:aws:sts::123456789012:assumed-role/dev/ann",
      accountId: "123456789012",
      accessKeyId: keys.accessKeyId,
    });
    expect(own).to.deep.nested.include({
      "sessionContext.sessionIssuer.arn": "arn:aws:iam::123456789012:role/people/dev",
      "sessionContext.sessionIssuer.userName": "dev",
    });
    expect((scaled.userIdentity as JsonObject).invokedBy).to.equal("autoscaling.amazonaws.com");
    expect(scaled).to.include({
      sourceIPAddress: "autoscaling.amazonaws.com",
      userAgent: "autoscaling.amazonaws.com",
    });
  });

  it("never hold a secret, and put IAM in us-east-1", async () => {
    const iam = world.gateway.client(IAMClient, { region: "us-east-1" });
    await iam.send(new CreateUserCommand({ UserName: "bob" }));

    const record = await recordOf(() => iam.send(new CreateAccessKeyCommand({ UserName: "bob" })));

    expect(record.awsRegion).to.equal("us-east-1");
    expect(Object.keys((record.responseElements as Record<string, JsonObject>).accessKey!)).to.have.members([
      "userName",
      "accessKeyId",
      "status",
      "createDate",
    ]);
    expect(JSON.stringify(record)).to.not.match(/secret/i);
  });

  it("spell IAM's missing entity as CloudTrail does", async () => {
    await refusal(
      world.gateway
        .client(IAMClient)
        .send(new DeleteUserPolicyCommand({ UserName: "nobody", PolicyName: "p" })),
    );

    expect(world.events.at(-1)!.detail).to.include({ errorCode: "NoSuchEntityException" });
  });

  const title = `have no member of another kind than records of AWS have (${recorded})`;
  it(
    existsSync(recorded) ? title.replace(` (${recorded})`, "") : `${title}: skipped, there are none`,
    async function () {
      if (!existsSync(recorded)) return this.skip();
      const id = await launch();
      const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
      const { VolumeId } = await ec2.send(
        new CreateVolumeCommand({ AvailabilityZone: "us-east-1a", Size: 1 }),
      );
      const snapshot = await ec2.send(new CreateSnapshotCommand({ VolumeId }));
      await ec2.send(
        new ModifySnapshotAttributeCommand({
          SnapshotId: snapshot.SnapshotId,
          CreateVolumePermission: { Add: [{ Group: "all" }] },
        }),
      );
      await ec2.send(
        new ModifyInstanceAttributeCommand({ InstanceId: id, DisableApiTermination: { Value: false } }),
      );
      const { NetworkInterface } = await ec2.send(
        new CreateNetworkInterfaceCommand({ SubnetId: Subnets![0]!.SubnetId }),
      );
      await ec2.send(
        new ModifyNetworkInterfaceAttributeCommand({
          NetworkInterfaceId: NetworkInterface!.NetworkInterfaceId,
          Groups: [await newGroup()],
        }),
      );
      await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
      const { AllocationId } = await ec2.send(new AllocateAddressCommand({ Domain: "vpc" }));
      await ec2.send(new ReleaseAddressCommand({ AllocationId }));
      await ec2.send(
        new CreateLaunchTemplateCommand({
          LaunchTemplateName: "t",
          LaunchTemplateData: { InstanceType: "t3.micro" },
        }),
      );
      await s3.send(new CreateBucketCommand({ Bucket: "records-3", ObjectOwnership: "ObjectWriter" }));
      const Statement = [
        { Effect: "Deny", Principal: { AWS: "*" }, Action: "s3:*", Resource: "arn:aws:s3:::records-3/*" },
      ];
      await s3.send(
        new PutBucketPolicyCommand({
          Bucket: "records-3",
          Policy: JSON.stringify({ Version: "2012-10-17", Statement }),
        }),
      );
      await s3.send(
        new PutBucketTaggingCommand({ Bucket: "records-3", Tagging: { TagSet: [{ Key: "a", Value: "b" }] } }),
      );
      await world.gateway.client(KMSClient).send(new CreateKeyCommand({ Description: "d" }));
      await refusal(ec2.send(new CreateFlowLogsCommand({ ResourceIds: ["vpc-0"], ResourceType: "VPC" })));

      const compared = new Set<string>();
      const mistakes: string[] = [];
      for (const { detail } of world.events as { detail: JsonObject }[]) {
        const folder = join(recorded, String(detail.eventName));
        if (detail.errorCode !== undefined || !existsSync(folder)) continue;
        compared.add(String(detail.eventName));
        const theirs = readdirSync(folder).map(
          file => JSON.parse(readFileSync(join(folder, file), "utf8")) as JsonObject,
        );
        mistakes.push(
          ...shapeMistakes(
            detail,
            theirs.map(event => (event.detail ?? event) as JsonObject),
          ),
        );
      }
      const members = (event: JsonObject) => Object.keys((event.detail ?? event) as JsonObject);
      const known = new Set(
        readdirSync(recorded, { recursive: true, encoding: "utf8" })
          .filter(file => file.endsWith(".json"))
          .flatMap(file => members(JSON.parse(readFileSync(join(recorded, file), "utf8")) as JsonObject)),
      );
      expect(world.events.flatMap(members).filter(member => !known.has(member))).to.deep.equal([]);
      expect([...new Set(mistakes)]).to.deep.equal([]);
      expect(compared.size).to.be.greaterThan(15);
    },
  );
});
