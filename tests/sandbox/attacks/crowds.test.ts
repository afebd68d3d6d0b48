import { DescribeInstancesCommand, EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { CreateBucketCommand, PutBucketEncryptionCommand, S3Client } from "@aws-sdk/client-s3";
import { GetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { expect } from "chai";
import type { Happening } from "../../../sandbox/ground/journal";
import { type DeployedStack, passInTicks, startStack } from "../support/stack";

const to = "secops@example.com";
const TopicArn = "arn:aws:sns:us-east-1:123456789012:guardrails-dev-notices";

type Mail = Extract<Happening, { kind: "mail" }>;

/** As many as the suite has time for; `npm run faults` takes as many as one launch, and one bad hour, may have. */
const isLong = process.env.FAULTS !== undefined;
const instances = isLong ? 200 : 60;
const findings = isLong ? 1_000 : 30;

describe("much at once", function () {
  this.timeout(900_000);
  let stack: DeployedStack;
  before(async () => {
    const guardrails = {
      "ec2-launch-baseline": {
        mode: "enforce",
        budget: 1_000,
        when: "always",
        requiredTags: { Project: "unassigned" },
      },
      "s3-bucket-encryption": "enforce",
      "security-group-open-ingress": "off",
      "vpc-created": "off",
    };
    stack = await startStack({ config: { guardrails }, concurrency: 5 });
  });
  after(() => stack?.stop());

  const pass = (minutes: number) => passInTicks(stack, minutes);
  const mailsSince = (from: number, subject: RegExp): Mail[] =>
    stack.sandbox.journal.happenings
      .slice(from)
      .flatMap(one => (one.kind === "mail" && one.to === to && subject.test(one.subject) ? [one] : []));
  const expectApart = (mails: readonly Mail[]) => {
    const times = mails.map(({ at }) => at);
    for (const [n, at] of times.slice(1).entries()) expect(at - times[n]).to.be.at.least(9_000);
  };
  const expectSubscribed = async () => {
    const sns = stack.sandbox.gateway.client(SNSClient);
    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).to.include({ SubscriptionsConfirmed: "2", SubscriptionsPending: "0" });
  };

  it(`${instances} instances of one launch all get what they lack, and are all told, in few mails`, async () => {
    const ec2 = stack.stage.client(EC2Client, "ada");
    const from = stack.sandbox.journal.happenings.length;
    const { Instances = [] } = await ec2.send(
      new RunInstancesCommand({
        ImageId: stack.stage.imageId,
        InstanceType: "t3.micro",
        MinCount: instances,
        MaxCount: instances,
      }),
    );
    // What is not urgent may wait for the end of its hour.
    await pass(isLong ? 65 : 15);

    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
    const all = Reservations.flatMap(({ Instances: some = [] }) => some);
    const mails = mailsSince(from, /baseline|launch|instance/i);
    const told = mails.map(({ body }) => body).join("\n");
    expect(Instances).to.have.length(instances);
    for (const { InstanceId = "" } of Instances) {
      const one = all.find(other => other.InstanceId === InstanceId);
      expect(one?.Tags, InstanceId).to.deep.equal([{ Key: "Project", Value: "unassigned" }]);
      const groups = one?.NetworkInterfaces?.flatMap(({ Groups = [] }) =>
        Groups.map(({ GroupId }) => GroupId),
      );
      expect(groups, InstanceId).to.include(stack.adminGroupId);
      expect(told, InstanceId).to.contain(`instance/${InstanceId}\n`);
    }
    expect(mails.length).to.be.below(12);
    expectApart(mails);
  });

  it(`${findings} critical findings are told in few mails that name each, and suspend nobody's subscription`, async () => {
    const s3 = stack.stage.client(S3Client, "ada");
    const names = [...Array(findings).keys()].map(n => `foreign-key-${n}`);
    for (const Bucket of names) await s3.send(new CreateBucketCommand({ Bucket }));
    await pass(5);
    const from = stack.sandbox.journal.happenings.length;
    const KMSMasterKeyID = "arn:aws:kms:us-east-1:210987654321:key/11111111-2222-3333-4444-555555555555";
    const Rules = [
      { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" as const, KMSMasterKeyID } },
    ];
    await Promise.all(
      names.map(Bucket =>
        s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } })),
      ),
    );
    await pass(10);

    const mails = mailsSince(from, /^\[critical\]/);
    const told = mails.map(({ body }) => body).join("\n");
    expect(names.filter(name => !new RegExp(`:::${name}\\b`).test(told))).to.deep.equal([]);
    expectApart(mails);
    await expectSubscribed();
  });
});
