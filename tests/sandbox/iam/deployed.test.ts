import {
  DeleteTableCommand,
  DeleteResourcePolicyCommand,
  DescribeTableCommand,
  DynamoDBClient,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateTagsCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
  RevokeSecurityGroupIngressCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  PutBucketEncryptionCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { expect } from "chai";
import { functionArn, roleArn } from "../../../runtime/names";
import type { Credentials } from "../../../sandbox/iam/identity";
import { prepareAccount } from "../../../sandbox/play/prepare";
import { type Sandbox, startSandbox } from "../../../sandbox/sandbox";
import { everything } from "../../support/everything";
import { sharedPython } from "../support/account";
import { failure } from "../support/failure";
import { addUser } from "../support/stack";

const account = "123456789012";
const place = { stack: "dev", partition: "aws", account, home: "us-east-1" };
const TableName = "guardrails-dev-ledger";
const administrator = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };

describe("a stack that names its deployers", function () {
  this.timeout(600_000);
  let sandbox: Sandbox;
  let config: Record<string, string>;
  let dora: Credentials;
  let trudy: Credentials;
  let adminGroupId: string;

  before(async () => {
    sandbox = await startSandbox({ python: await sharedPython() });
    const prepared = await prepareAccount(sandbox);
    adminGroupId = prepared.adminGroupId;
    dora = await addUser(sandbox, "dora", administrator);
    trudy = await addUser(sandbox, "trudy", administrator);
    const knobs = {
      mode: "enforce",
      requiredTags: { Owner: "unassigned", Access: "none" },
      protectedTags: ["Access"],
    };
    config = {
      ...prepared.configure(everything()),
      "aws-event-guardrails:deployers": JSON.stringify([`arn:aws:iam::${account}:user/dora`]),
      "aws-event-guardrails:guardrails": JSON.stringify({
        "ec2-launch-baseline": knobs,
        "s3-bucket-encryption": "enforce",
        "security-group-open-ingress": "enforce",
      }),
    };
  });
  after(() => sandbox.stop());

  const ledgerOf = (who?: Credentials) =>
    sandbox.gateway.client(DynamoDBClient, { region: "us-east-1" }, who);

  it("is not deployed by anybody else, who is told so before anything is made", async () => {
    const error = await failure(sandbox.deploy({ config, stack: "dev", as: trudy }));

    expect(error.message).to.match(
      /user\/trudy is none of this stack's deployers: the ledger's policy would shut it out/,
    );
    expect((await failure(ledgerOf().send(new DescribeTableCommand({ TableName })))).name).to.equal(
      "ResourceNotFoundException",
    );
  });

  it("is deployed by a deployer, and keeps its table from every other administrator", async () => {
    await sandbox.deploy({ config, stack: "dev", as: dora });
    await sandbox.idle();
    const ResourceArn = `arn:aws:dynamodb:us-east-1:${account}:table/${TableName}`;
    const weaken = {
      UpdateTable: new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }),
      DeleteTable: new DeleteTableCommand({ TableName }),
      DeleteResourcePolicy: new DeleteResourcePolicyCommand({ ResourceArn }),
      UpdateContinuousBackups: new UpdateContinuousBackupsCommand({
        TableName,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
      }),
      UpdateTimeToLive: new UpdateTimeToLiveCommand({
        TableName,
        TimeToLiveSpecification: { Enabled: true, AttributeName: "at" },
      }),
    };
    for (const [name, command] of Object.entries(weaken)) {
      const error = await failure(ledgerOf(trudy).send(command as never));
      expect(`${name}: ${error.name}`).to.equal(`${name}: AccessDeniedException`);
    }

    for (const who of [dora, undefined])
      await ledgerOf(who).send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true }));
  });

  describe("and the role of each of its functions", () => {
    const keysOf = (guardrail: string, from?: string): Promise<Credentials> =>
      sandbox.identities.credentialsFor({
        roleArn: roleArn(place, guardrail),
        session: `guardrails-dev-${guardrail}`,
        service: "lambda.amazonaws.com",
        ...(from !== undefined && { functionArn: functionArn(place, from) }),
      });
    const ec2As = (who?: Credentials) => sandbox.gateway.client(EC2Client, { region: "us-east-1" }, who);
    const s3As = (who?: Credentials) => sandbox.gateway.client(S3Client, { region: "us-east-1" }, who);

    /** What comes of a call with a function's own keys: from the function, from elsewhere, and from another function. */
    async function expectOwn(guardrail: string, call: (who: Credentials) => Promise<unknown>): Promise<void> {
      const other = guardrail === "s3-bucket-encryption" ? "ec2-launch-baseline" : "s3-bucket-encryption";
      for (const from of [undefined, other])
        expect((await failure(call(await keysOf(guardrail, from)))).name, from).to.match(denied);
      await call(await keysOf(guardrail, guardrail));
    }
    const denied = /^(AccessDenied|UnauthorizedOperation)$/;
    const expectDenied = async (what: string, call: Promise<unknown>) =>
      expect((await failure(call)).name, what).to.match(denied);

    it("tags only what lacks a required tag, and changes nothing of an interface but its groups", async () => {
      const id = "ec2-launch-baseline";
      const launched = await ec2As().send(
        new RunInstancesCommand({
          ...{ ImageId: "ami-0123456789abcdef0", InstanceType: "t3.micro", MinCount: 1, MaxCount: 1 },
          TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "Team", Value: "shop" }] }],
        }),
      );
      const [{ InstanceId = "" } = {}] = launched.Instances ?? [];
      const { Reservations } = await ec2As().send(
        new DescribeInstancesCommand({ InstanceIds: [InstanceId] }),
      );
      const [face] = Reservations?.[0].Instances?.[0].NetworkInterfaces ?? [];
      const NetworkInterfaceId = face?.NetworkInterfaceId ?? "";
      const tagAs = (who: Credentials, Key: string, Value: string, Resources = [InstanceId]) =>
        ec2As(who).send(new CreateTagsCommand({ Resources, Tags: [{ Key, Value }] }));
      const own = await keysOf(id, id);

      await expectDenied("another key", tagAs(own, "Project", "mallory"));
      await expectDenied("another value of a protected key", tagAs(own, "Access", "admins"));
      await expectDenied("a group", tagAs(own, "Owner", "unassigned", [adminGroupId]));
      await expectDenied(
        "the source and destination check",
        ec2As(own).send(
          new ModifyNetworkInterfaceAttributeCommand({
            NetworkInterfaceId,
            SourceDestCheck: { Value: false },
          }),
        ),
      );
      await expectOwn(id, who => tagAs(who, "Owner", "unassigned"));
      await expectDenied("a tag that is there", tagAs(own, "Owner", "mallory"));
      const Groups = [...(face?.Groups ?? []).flatMap(({ GroupId }) => GroupId ?? []), adminGroupId];
      await expectOwn(id, who =>
        ec2As(who).send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups })),
      );
    });

    it("encrypts buckets, and makes and deletes none", async () => {
      const id = "s3-bucket-encryption";
      const Bucket = "reports-of-a-test";
      await s3As().send(new CreateBucketCommand({ Bucket }));
      const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" as const } }];
      const own = await keysOf(id, id);

      await expectDenied("delete", s3As(own).send(new DeleteBucketCommand({ Bucket })));
      await expectDenied("make", s3As(own).send(new CreateBucketCommand({ Bucket: "another-of-a-test" })));
      await expectOwn(id, who =>
        s3As(who).send(
          new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }),
        ),
      );
    });

    it("takes rules away, and gives none", async () => {
      const id = "security-group-open-ingress";
      const IpPermissions = [
        { IpProtocol: "tcp", FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: "10.0.0.0/8" }] },
      ];
      const authorize = new AuthorizeSecurityGroupIngressCommand({ GroupId: adminGroupId, IpPermissions });
      await ec2As().send(authorize);
      const Filters = [{ Name: "group-id", Values: [adminGroupId] }];
      const { SecurityGroupRules = [] } = await ec2As().send(
        new DescribeSecurityGroupRulesCommand({ Filters }),
      );
      const ids = SecurityGroupRules.filter(({ IsEgress }) => !IsEgress).flatMap(
        ({ SecurityGroupRuleId }) => SecurityGroupRuleId ?? [],
      );

      await expectDenied("give", ec2As(await keysOf(id, id)).send(authorize));
      await expectOwn(id, who =>
        ec2As(who).send(
          new RevokeSecurityGroupIngressCommand({
            GroupId: adminGroupId,
            SecurityGroupRuleIds: ids.slice(0, 1),
          }),
        ),
      );
    });
  });
});
