import {
  CreateTopicCommand,
  ListSubscriptionsCommand,
  SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { DescribeRuleCommand, EventBridgeClient, PutRuleCommand } from "@aws-sdk/client-eventbridge";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { expect } from "chai";
import { type Sandbox, startSandbox } from "../../../sandbox/sandbox";
import { sharedPython } from "../support/account";
import { allow, person } from "../support/person";
import { refusal } from "../support/refusal";

describe("an account in China", function () {
  this.timeout(600_000);
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await startSandbox({ python: await sharedPython(), region: "cn-north-1" });
  });
  after(() => sandbox?.stop());

  it("names whoever calls, and the roles they take on, in its partition", async () => {
    const sts = sandbox.gateway.client(STSClient);
    const trust = { Effect: "Allow", Principal: { AWS: "arn:aws-cn:iam::123456789012:root" } };
    const { Role } = await sandbox.gateway.client(IAMClient).send(
      new CreateRoleCommand({
        RoleName: "deployer",
        AssumeRolePolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ ...trust, Action: "sts:AssumeRole" }],
        }),
      }),
    );
    const root = await sts.send(new GetCallerIdentityCommand({}));
    const { AssumedRoleUser } = await sts.send(
      new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: "ann" }),
    );

    expect(root.Arn).to.equal("arn:aws-cn:iam::123456789012:root");
    expect(AssumedRoleUser?.Arn).to.equal("arn:aws-cn:sts::123456789012:assumed-role/deployer/ann");
  });

  it("names rules and subscriptions in its partition, and finds them again", async () => {
    const events = sandbox.gateway.client(EventBridgeClient);
    const EventPattern = JSON.stringify({ source: ["aws.ec2"] });
    const { RuleArn } = await events.send(new PutRuleCommand({ Name: "all", EventPattern }));
    const sns = sandbox.gateway.client(SNSClient);
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "notices" }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "email", Endpoint: "ann@example.com" }));
    const { Subscriptions } = await sns.send(new ListSubscriptionsCommand({}));

    expect(RuleArn).to.equal("arn:aws-cn:events:cn-north-1:123456789012:rule/all");
    expect((await events.send(new DescribeRuleCommand({ Name: "all" }))).Arn).to.equal(RuleArn);
    expect(Subscriptions?.map(one => one.TopicArn)).to.deep.equal([
      "arn:aws-cn:sns:cn-north-1:123456789012:notices",
    ]);
  });

  it("judges what somebody may do by the ARNs of its partition", async () => {
    const ann = await person(sandbox, allow("s3:CreateBucket", ["arn:aws-cn:s3:::anns-*", "arn:aws:s3:::*"]));
    const s3 = sandbox.gateway.client(S3Client, {}, ann);
    const create = (Bucket: string) => s3.send(new CreateBucketCommand({ Bucket }));

    await create("anns-bucket");
    expect((await refusal(create("bobs-bucket"))).name).to.equal("AccessDenied");
  });

  it("has no region of another partition, and says so", async () => {
    const ec2 = sandbox.gateway.client(EC2Client, { region: "us-east-1" });

    expect((await refusal(ec2.send(new DescribeVpcsCommand({})))).message).to.equal(
      'The sandbox has no region "us-east-1": its account is in the partition aws-cn',
    );
  });
});
