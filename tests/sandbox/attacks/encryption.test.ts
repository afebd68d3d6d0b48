import {
  CancelKeyDeletionCommand,
  CreateKeyCommand,
  EnableKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import {
  type BucketCannedACL,
  CreateBucketCommand,
  GetBucketEncryptionCommand,
  PutBucketEncryptionCommand,
  S3Client,
  type ServerSideEncryptionRule,
} from "@aws-sdk/client-s3";
import { expect } from "chai";
import { awsError } from "../../../sandbox/ground/call";
import { exhaust, followed, isOf } from "../faults/trial";
import { type DeployedStack, startStack } from "../support/stack";

const guardrail = "s3-bucket-encryption";

describe("a bucket's default encryption under attack", function () {
  this.timeout(600_000);
  let stack: DeployedStack;
  let s3: S3Client;
  let kms: KMSClient;
  let key = "";

  before(async () => {
    stack = await startStack({
      prepare: async sandbox => {
        kms = sandbox.gateway.client(KMSClient);
        const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
        key = KeyMetadata?.Arn ?? "";
        const knobs = { mode: "enforce", algorithm: "aws:kms", kmsKeyArn: key, blockSseC: true };
        const others = ["ec2-launch-baseline", "security-group-open-ingress", "vpc-created"];
        const off = Object.fromEntries(others.map(id => [id, "off"]));
        return { guardrails: { ...off, [guardrail]: knobs } };
      },
    });
    s3 = stack.stage.client(S3Client, "ada");
  });
  after(() => stack?.stop());

  const rulesOf = async (Bucket: string) => {
    const found = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    return found.ServerSideEncryptionConfiguration?.Rules ?? [];
  };
  const sets = (Bucket: string, rule: ServerSideEncryptionRule) =>
    s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules: [rule] } }));
  const keyed = (KMSMasterKeyID: string): ServerSideEncryptionRule => ({
    ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID },
    BlockedEncryptionTypes: { EncryptionType: ["SSE-C"] },
  });
  /** What the guardrail did, wrote and told of the bucket, from before `deed` on. */
  const followingOn = async (bucket: string, deed: () => Promise<unknown>) => {
    const from = stack.sandbox.journal.happenings.length;
    let writes = 0;
    stack.faults.after = call => {
      if (isOf(guardrail, call) && call.operation === "PutBucketEncryption") writes += 1;
      return undefined;
    };
    await deed();
    await exhaust(stack);
    // What is not the first of this guardrail within the hour goes with the next tick.
    await stack.stage.pass(16);
    stack.faults.after = undefined;
    const broken = { id: bucket, arn: `arn:aws:s3:::${bucket}` };
    return { writes, ...followed(stack, from, guardrail, broken) };
  };
  const right = async (Bucket: string) => {
    await s3.send(new CreateBucketCommand({ Bucket }));
    await exhaust(stack);
    expect((await rulesOf(Bucket))[0].ApplyServerSideEncryptionByDefault?.KMSMasterKeyID).to.equal(key);
  };

  it("is left with a key of a foreign account and told every hour: nothing is written over it", async () => {
    await right("ransom");
    const foreign = "arn:aws:kms:us-east-1:666666666666:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const { writes, outcomes, mails } = await followingOn("ransom", async () => {
      await sets("ransom", keyed(foreign));
      await exhaust(stack);
      await stack.sandbox.clock.advance(75 * 60_000);
    });
    const recipients = new Set(mails.map(({ to }) => to)).size;

    expect(writes).to.equal(0);
    expect(outcomes).to.include("notified").and.not.include("remediated");
    expect(recipients).to.equal(2);
    expect(mails.length).to.be.above(recipients);
    expect(mails[0].body).to.contain("a key of account 666666666666, which is not trusted");
    expect(await rulesOf("ransom")).to.have.nested.property(
      "[0].ApplyServerSideEncryptionByDefault.KMSMasterKeyID",
      foreign,
    );
  });

  it("gets uploads with keys of the uploader blocked again, with its own key as it was, and it is told", async () => {
    await right("smuggler");
    const { outcomes, mails } = await followingOn("smuggler", () =>
      sets("smuggler", { ...keyed(key), BlockedEncryptionTypes: { EncryptionType: ["NONE"] } }),
    );

    expect(outcomes).to.include("remediated");
    expect(mails.length).to.be.above(0);
    const [rule] = await rulesOf("smuggler");
    expect(rule.BlockedEncryptionTypes?.EncryptionType).to.deep.equal(["SSE-C"]);
    expect(rule.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID).to.equal(key);
  });

  it("stays as it is where access logs come by its ACL, which KMS would stop, and it is told", async () => {
    const create = new CreateBucketCommand({
      Bucket: "access-logs",
      ACL: "log-delivery-write" as BucketCannedACL,
      ObjectOwnership: "BucketOwnerPreferred",
    });
    const { writes, outcomes, mails } = await followingOn("access-logs", () => s3.send(create));

    expect(writes).to.equal(0);
    expect(outcomes).to.include("notified").and.not.include("remediated");
    expect(mails[0].body).to.contain("LogDelivery (by its access control list)");
    const [rule] = await rulesOf("access-logs");
    expect(rule.ApplyServerSideEncryptionByDefault?.SSEAlgorithm).to.equal("AES256");
  });

  it("is never given a key that is gone, is told, and gets the key once it is there again", async () => {
    const KeyId = key;
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    const pending = await followingOn("orphan", () => s3.send(new CreateBucketCommand({ Bucket: "orphan" })));
    stack.faults.before = call =>
      isOf(guardrail, call) && call.service === "kms"
        ? awsError("NotFoundException", `Key '${key}' does not exist`)
        : undefined;
    const gone = await followingOn("orphan-too", () =>
      s3.send(new CreateBucketCommand({ Bucket: "orphan-too" })),
    );
    stack.faults.before = undefined;

    for (const [{ writes, outcomes, mails }, why] of [
      [pending, "its state is PendingDeletion"],
      [gone, "there is no such key"],
    ] as const) {
      expect(writes).to.equal(0);
      expect(outcomes).to.include("held").and.not.include("remediated");
      expect(mails[0].body).to.contain(why);
    }

    await kms.send(new CancelKeyDeletionCommand({ KeyId }));
    await kms.send(new EnableKeyCommand({ KeyId }));
    await stack.sandbox.clock.advance(20 * 60_000);
    await exhaust(stack);
    for (const bucket of ["orphan", "orphan-too"])
      expect((await rulesOf(bucket))[0].ApplyServerSideEncryptionByDefault?.KMSMasterKeyID).to.equal(key);
  });
});
