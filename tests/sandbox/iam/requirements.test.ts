import { expect } from "chai";
import { requirements } from "../../../sandbox/services";
import { call, find } from "../support/call";

/** "action resource" lines, with the account's common prefixes shortened. */
async function needs(service: string, operation: string, input: object = {}): Promise<string[]> {
  const short = (arn: string) =>
    arn.replace("arn:aws:ec2:eu-west-1:123456789012:", "").replace(":eu-west-1:123456789012:", "::");
  const found = await requirements.of(call(service, operation, input), find);
  return found.flatMap(({ action, resources }) => resources.map(resource => `${action} ${short(resource)}`));
}

const context = async (service: string, operation: string, input: object, action?: string) => {
  const found = await requirements.of(call(service, operation, input), find);
  return (found.find(row => row.action === action) ?? found[0]).context;
};

const [group, instance, eni] = ["sg-1", "i-1", "eni-1"];
const ec2Tags = { ResourceType: "instance", Tags: [{ Key: "team", Value: "a" }] };

describe("what a call needs", () => {
  const rows: [service: string, operation: string, input: object, needed: string[]][] = [
    ["ec2", "DescribeInstances", {}, ["ec2:DescribeInstances *"]],
    ["ec2", "DescribeSecurityGroupRules", {}, ["ec2:DescribeSecurityGroupRules *"]],
    [
      "ec2",
      "RevokeSecurityGroupIngress",
      { GroupId: group, SecurityGroupRuleIds: ["sgr-1"] },
      ["ec2:RevokeSecurityGroupIngress security-group/sg-1"],
    ],
    [
      "ec2",
      "AuthorizeSecurityGroupIngress",
      { GroupName: "web" },
      ["ec2:AuthorizeSecurityGroupIngress security-group/sg-web"],
    ],
    [
      "ec2",
      "ModifySecurityGroupRules",
      { GroupId: group, SecurityGroupRules: [{ SecurityGroupRuleId: "sgr-1" }] },
      [
        "ec2:ModifySecurityGroupRules security-group/sg-1",
        "ec2:ModifySecurityGroupRules security-group-rule/sgr-1",
      ],
    ],
    [
      "ec2",
      "ModifyNetworkInterfaceAttribute",
      { NetworkInterfaceId: eni, Groups: [group, "sg-2"] },
      [
        "ec2:ModifyNetworkInterfaceAttribute network-interface/eni-1",
        "ec2:ModifyNetworkInterfaceAttribute security-group/sg-1",
        "ec2:ModifyNetworkInterfaceAttribute security-group/sg-2",
      ],
    ],
    [
      "ec2",
      "ModifyInstanceAttribute",
      { InstanceId: instance, Groups: [group] },
      ["ec2:ModifyInstanceAttribute instance/i-1", "ec2:ModifyInstanceAttribute security-group/sg-1"],
    ],
    [
      "ec2",
      "TerminateInstances",
      { InstanceIds: ["i-1", "i-2"] },
      ["ec2:TerminateInstances instance/i-1", "ec2:TerminateInstances instance/i-2"],
    ],
    [
      "ec2",
      "CreateTags",
      { Resources: ["i-1", "snap-1", "ami-1"], Tags: [] },
      [
        "ec2:CreateTags arn:aws:ec2:eu-west-1::image/ami-1",
        "ec2:CreateTags instance/i-1",
        "ec2:CreateTags arn:aws:ec2:eu-west-1::snapshot/snap-1",
      ],
    ],
    ["ec2", "CreateVpc", { CidrBlock: "10.0.0.0/16" }, ["ec2:CreateVpc vpc/*"]],
    [
      "ec2",
      "CreateSecurityGroup",
      {
        GroupName: "web",
        VpcId: "vpc-1",
        TagSpecifications: [{ ...ec2Tags, ResourceType: "security-group" }],
      },
      [
        "ec2:CreateSecurityGroup security-group/*",
        "ec2:CreateSecurityGroup vpc/vpc-1",
        "ec2:CreateTags security-group/*",
      ],
    ],
    [
      "ec2",
      "DetachInternetGateway",
      { InternetGatewayId: "igw-1", VpcId: "vpc-1" },
      ["ec2:DetachInternetGateway internet-gateway/igw-1", "ec2:DetachInternetGateway vpc/vpc-1"],
    ],
    [
      "ec2",
      "ModifySnapshotAttribute",
      { SnapshotId: "snap-1" },
      ["ec2:ModifySnapshotAttribute arn:aws:ec2:eu-west-1::snapshot/snap-1"],
    ],
    [
      "ec2",
      "ModifyImageAttribute",
      { ImageId: "ami-1" },
      ["ec2:ModifyImageAttribute arn:aws:ec2:eu-west-1::image/ami-1"],
    ],
    [
      "ec2",
      "CreateNetworkInterface",
      { SubnetId: "subnet-1", Groups: [group] },
      [
        "ec2:CreateNetworkInterface network-interface/*",
        "ec2:CreateNetworkInterface security-group/sg-1",
        "ec2:CreateNetworkInterface subnet/subnet-1",
      ],
    ],
    ["s3", "GetBucketEncryption", { Bucket: "b" }, ["s3:GetEncryptionConfiguration arn:aws:s3:::b"]],
    ["s3", "DeleteBucketEncryption", { Bucket: "b" }, ["s3:PutEncryptionConfiguration arn:aws:s3:::b"]],
    ["s3", "DeletePublicAccessBlock", { Bucket: "b" }, ["s3:PutBucketPublicAccessBlock arn:aws:s3:::b"]],
    [
      "s3-control",
      "PutPublicAccessBlock",
      { AccountId: "123456789012" },
      ["s3:PutAccountPublicAccessBlock *"],
    ],
    ["s3", "DeleteBucketLifecycle", { Bucket: "b" }, ["s3:PutLifecycleConfiguration arn:aws:s3:::b"]],
    ["s3", "ListBuckets", {}, ["s3:ListAllMyBuckets *"]],
    ["s3", "HeadBucket", { Bucket: "b" }, ["s3:ListBucket arn:aws:s3:::b"]],
    ["s3", "GetObject", { Bucket: "b", Key: "a/c.txt" }, ["s3:GetObject arn:aws:s3:::b/a/c.txt"]],
    [
      "s3",
      "DeleteObject",
      { Bucket: "b", Key: "k", VersionId: "v" },
      ["s3:DeleteObjectVersion arn:aws:s3:::b/k"],
    ],
    [
      "s3",
      "DeleteObjects",
      { Bucket: "b", Delete: { Objects: [{ Key: "x" }, { Key: "y", VersionId: "1" }] } },
      ["s3:DeleteObject arn:aws:s3:::b/x", "s3:DeleteObjectVersion arn:aws:s3:::b/y"],
    ],
    [
      "s3",
      "CopyObject",
      { Bucket: "b", Key: "k", CopySource: "/from/a%20b?versionId=3" },
      ["s3:PutObject arn:aws:s3:::b/k", "s3:GetObject arn:aws:s3:::from/a b"],
    ],
    [
      "s3",
      "CreateBucket",
      { Bucket: "b", ObjectOwnership: "ObjectWriter" },
      ["s3:CreateBucket arn:aws:s3:::b", "s3:PutBucketOwnershipControls arn:aws:s3:::b"],
    ],
    ["sns", "Publish", { TopicArn: "arn:aws:sns:eu-west-1:123456789012:t" }, ["sns:Publish arn:aws:sns::t"]],
    [
      "sns",
      "PublishBatch",
      { TopicArn: "arn:aws:sns:eu-west-1:123456789012:t" },
      ["sns:Publish arn:aws:sns::t"],
    ],
    ["sns", "Publish", { PhoneNumber: "+1" }, ["sns:Publish *"]],
    [
      "sns",
      "CreateTopic",
      { Name: "t", Tags: [{ Key: "a", Value: "b" }] },
      ["sns:CreateTopic arn:aws:sns::t", "sns:TagResource arn:aws:sns::t"],
    ],
    [
      "sns",
      "Unsubscribe",
      { SubscriptionArn: "arn:aws:sns:eu-west-1:123456789012:t:id" },
      ["sns:Unsubscribe arn:aws:sns::t"],
    ],
    [
      "sqs",
      "SendMessageBatch",
      { QueueUrl: "http://127.0.0.1:5000/123456789012/q" },
      ["sqs:SendMessage arn:aws:sqs::q"],
    ],
    [
      "sqs",
      "CreateQueue",
      { QueueName: "q", tags: { a: "b" } },
      ["sqs:CreateQueue arn:aws:sqs::q", "sqs:TagQueue arn:aws:sqs::q"],
    ],
    [
      "lambda",
      "Invoke",
      { FunctionName: "f", Qualifier: "live" },
      ["lambda:InvokeFunction arn:aws:lambda::function:f:live"],
    ],
    [
      "lambda",
      "Invoke",
      { FunctionName: "123456789012:function:f" },
      ["lambda:InvokeFunction arn:aws:lambda::function:f"],
    ],
    [
      "lambda",
      "CreateFunction",
      { FunctionName: "f", Role: "arn:aws:iam::123456789012:role/r" },
      ["lambda:CreateFunction arn:aws:lambda::function:f", "iam:PassRole arn:aws:iam::123456789012:role/r"],
    ],
    [
      "lambda",
      "UpdateFunctionConfiguration",
      { FunctionName: "f" },
      ["lambda:UpdateFunctionConfiguration arn:aws:lambda::function:f"],
    ],
    [
      "logs",
      "PutRetentionPolicy",
      { logGroupName: "/g" },
      ["logs:PutRetentionPolicy arn:aws:logs::log-group:/g:log-stream:"],
    ],
    [
      "logs",
      "PutLogEvents",
      { logGroupName: "/g", logStreamName: "s" },
      ["logs:PutLogEvents arn:aws:logs::log-group:/g:log-stream:s"],
    ],
    [
      "logs",
      "TagResource",
      { resourceArn: "arn:aws:logs:eu-west-1:123456789012:log-group:/g", tags: { a: "b" } },
      ["logs:TagResource arn:aws:logs::log-group:/g"],
    ],
    ["monitoring", "PutMetricData", { Namespace: "n" }, ["cloudwatch:PutMetricData *"]],
    [
      "monitoring",
      "PutMetricAlarm",
      { AlarmName: "a" },
      ["cloudwatch:PutMetricAlarm arn:aws:cloudwatch::alarm:a"],
    ],
    ["monitoring", "DescribeAlarms", {}, ["cloudwatch:DescribeAlarms arn:aws:cloudwatch::alarm:*"]],
    [
      "monitoring",
      "PutDashboard",
      { DashboardName: "d" },
      ["cloudwatch:PutDashboard arn:aws:cloudwatch::123456789012:dashboard/d"],
    ],
    ["events", "PutRule", { Name: "r" }, ["events:PutRule arn:aws:events::rule/r"]],
    [
      "events",
      "PutTargets",
      { Rule: "r", EventBusName: "guardrails", Targets: [{ RoleArn: "arn:aws:iam::123456789012:role/x" }] },
      [
        "events:PutTargets arn:aws:events::rule/guardrails/r",
        "iam:PassRole arn:aws:iam::123456789012:role/x",
      ],
    ],
    [
      "events",
      "PutEvents",
      { Entries: [{}, { EventBusName: "guardrails" }] },
      [
        "events:PutEvents arn:aws:events::event-bus/default",
        "events:PutEvents arn:aws:events::event-bus/guardrails",
      ],
    ],
    ["dynamodb", "PutItem", { TableName: "t" }, ["dynamodb:PutItem arn:aws:dynamodb::table/t"]],
    [
      "dynamodb",
      "Query",
      { TableName: "t", IndexName: "i" },
      ["dynamodb:Query arn:aws:dynamodb::table/t/index/i"],
    ],
    [
      "dynamodb",
      "TransactWriteItems",
      { TransactItems: [{ Put: { TableName: "t" } }, { ConditionCheck: { TableName: "u" } }] },
      ["dynamodb:PutItem arn:aws:dynamodb::table/t", "dynamodb:ConditionCheckItem arn:aws:dynamodb::table/u"],
    ],
    ["kms", "DescribeKey", { KeyId: "alias/data" }, ["kms:DescribeKey arn:aws:kms::key/k-1"]],
    [
      "iam",
      "PutRolePolicy",
      { RoleName: "pathed" },
      ["iam:PutRolePolicy arn:aws:iam::123456789012:role/team/pathed"],
    ],
    [
      "iam",
      "CreateRole",
      { RoleName: "r", Path: "/p/", Tags: [{ Key: "a", Value: "b" }] },
      ["iam:CreateRole arn:aws:iam::123456789012:role/p/r", "iam:TagRole arn:aws:iam::123456789012:role/p/r"],
    ],
    ["iam", "CreateAccessKey", {}, ["iam:CreateAccessKey arn:aws:iam::123456789012:user/ann"]],
    [
      "sts",
      "AssumeRole",
      { RoleArn: "arn:aws:iam::123456789012:role/r" },
      ["sts:AssumeRole arn:aws:iam::123456789012:role/r"],
    ],
  ];
  for (const [service, operation, input, needed] of rows)
    it(`${service}:${operation} ${JSON.stringify(input)}`, async () => {
      expect(await needs(service, operation, input)).to.deep.equal(needed);
    });

  it("asks for every kind of resource that a launch touches, and for the tags and the role it gives", async () => {
    const input = {
      ImageId: "ami-1",
      MinCount: 1,
      MaxCount: 1,
      KeyName: "k",
      SecurityGroups: ["web"],
      IamInstanceProfile: { Name: "p" },
      NetworkInterfaces: [{ SubnetId: "subnet-1", Groups: [group] }],
      TagSpecifications: [ec2Tags],
    };
    expect(await needs("ec2", "RunInstances", input)).to.have.members([
      "ec2:RunInstances arn:aws:ec2:eu-west-1::image/ami-1",
      "ec2:RunInstances instance/*",
      "ec2:RunInstances key-pair/k",
      "ec2:RunInstances network-interface/*",
      "ec2:RunInstances security-group/sg-1",
      "ec2:RunInstances security-group/sg-web",
      "ec2:RunInstances subnet/subnet-1",
      "ec2:RunInstances volume/*",
      "ec2:CreateTags instance/*",
      "iam:PassRole arn:aws:iam::123456789012:role/app",
    ]);
  });

  it("tells requested tags only for the resources that get them", async () => {
    const found = await requirements.of(
      call("ec2", "RunInstances", { ImageId: "ami-1", TagSpecifications: [ec2Tags] }),
      find,
    );
    const tagged = found
      .filter(({ context }) => "aws:RequestTag/team" in context)
      .map(({ action, resources }) => [action, ...resources]);
    expect(tagged).to.deep.equal([
      ["ec2:RunInstances", "arn:aws:ec2:eu-west-1:123456789012:instance/*"],
      ["ec2:CreateTags", "arn:aws:ec2:eu-west-1:123456789012:instance/*"],
    ]);
  });

  const contexts: [sentence: string, found: () => Promise<object>, expected: object][] = [
    [
      "the tags of CreateTags",
      () => context("ec2", "CreateTags", { Resources: ["i-1"], Tags: [{ Key: "a", Value: "1" }] }),
      { "aws:RequestTag/a": "1", "aws:TagKeys": ["a"] },
    ],
    [
      "the keys alone of DeleteTags",
      () => context("ec2", "DeleteTags", { Resources: ["i-1"], Tags: [{ Key: "a", Value: "1" }] }),
      { "aws:TagKeys": ["a"] },
    ],
    [
      "the keys that UntagResource takes away",
      () =>
        context("lambda", "UntagResource", {
          Resource: "arn:aws:lambda:eu-west-1:123456789012:function:f",
          TagKeys: ["a"],
        }),
      { "aws:TagKeys": ["a"] },
    ],
    [
      "the call that creates what is tagged",
      () =>
        context(
          "ec2",
          "CreateVpc",
          { TagSpecifications: [{ ...ec2Tags, ResourceType: "vpc" }] },
          "ec2:CreateTags",
        ),
      { "ec2:CreateAction": "CreateVpc", "aws:TagKeys": ["team"] },
    ],
    [
      "with whom a snapshot is shared, and no longer",
      () =>
        context("ec2", "ModifySnapshotAttribute", {
          SnapshotId: "snap-1",
          CreateVolumePermission: { Add: [{ UserId: "210987654321" }], Remove: [{ Group: "all" }] },
        }),
      { "ec2:Add/userId": ["210987654321"], "ec2:Remove/group": ["all"] },
    ],
    [
      "the same in the call's older form",
      () =>
        context("ec2", "ModifySnapshotAttribute", {
          SnapshotId: "snap-1",
          OperationType: "add",
          GroupNames: ["all"],
        }),
      { "ec2:Add/group": ["all"] },
    ],
    [
      "the namespace of metrics",
      () => context("monitoring", "PutMetricData", { Namespace: "n" }),
      { "cloudwatch:namespace": "n" },
    ],
    [
      "the service that a role is passed to",
      () =>
        context(
          "lambda",
          "CreateFunction",
          { FunctionName: "f", Role: "arn:aws:iam::123456789012:role/r" },
          "iam:PassRole",
        ),
      { "iam:PassedToService": "lambda.amazonaws.com" },
    ],
    [
      "a bucket's tags at creation",
      () =>
        context("s3", "CreateBucket", {
          Bucket: "b",
          CreateBucketConfiguration: { LocationConstraint: "eu-west-1", Tags: [{ Key: "a", Value: "1" }] },
        }),
      { "aws:RequestTag/a": "1", "s3:LocationConstraint": "eu-west-1" },
    ],
    [
      "the policy that is attached",
      () => context("iam", "AttachRolePolicy", { RoleName: "r", PolicyArn: "arn:aws:iam::aws:policy/X" }),
      { "iam:PolicyARN": "arn:aws:iam::aws:policy/X" },
    ],
  ];
  for (const [sentence, found, expected] of contexts)
    it(`tells ${sentence}`, async () => {
      expect(await found()).to.include.deep.keys(...Object.keys(expected));
      expect(await found()).to.deep.include(expected);
    });

  const refusals: [service: string, operation: string, input: object, error: RegExp][] = [
    ["ec2", "InventInstance", {}, /cannot authorize ec2:InventInstance: no IAM row/],
    ["ec2", "TerminateInstances", {}, /ec2:TerminateInstances: its instance is not known/],
    [
      "ec2",
      "DetachNetworkInterface",
      { AttachmentId: "eni-attach-1" },
      /ec2:DetachNetworkInterface: its (network-interface|instance)/,
    ],
    ["ec2", "CreateTags", { Resources: ["zz-1"], Tags: [] }, /the kind of zz-1 is not known/],
    ["kms", "Decrypt", { CiphertextBlob: Buffer.from("x") }, /kms:Decrypt: its resources are not known/],
    ["dynamodb", "ExecuteStatement", { Statement: "SELECT" }, /dynamodb:ExecuteStatement: PartiQL/],
    [
      "s3-control",
      "CreateAccessPoint",
      { AccountId: "123456789012", Name: "a", Bucket: "b" },
      /s3-control:CreateAccessPoint: no IAM row/,
    ],
    ["kinesis", "PutRecord", { StreamName: "s" }, /cannot authorize kinesis:PutRecord: no IAM row/],
    ["constructor", "toString", {}, /constructor:toString: no IAM row/],
  ];
  for (const [service, operation, input, error] of refusals)
    it(`refuses ${service}:${operation} ${JSON.stringify(input)}, which it cannot judge`, async () => {
      const failure: unknown = await requirements
        .of(call(service, operation, input), find)
        .catch((thrown: unknown) => thrown);
      expect(failure).to.include({ code: "NotImplemented", status: 501 });
      expect((failure as Error).message).to.match(error);
    });
});
