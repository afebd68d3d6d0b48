import {
  AuthorizeSecurityGroupIngressCommand,
  DeleteSecurityGroupCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  PutBucketEncryptionCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { expect } from "chai";
import { breachOf } from "../../guardrails";
import { type DeployedStack, standing, startStack } from "../support/stack";
import { attempt, deliver, eventsOf, exhaust, followed, untruths } from "./trial";

const bucket = breachOf("s3-bucket-encryption");
const ingress = breachOf("security-group-open-ingress");
const { guardrail } = ingress;
const ssh = { IpProtocol: "tcp", FromPort: 22, ToPort: 22, CidrIp: "0.0.0.0/0" };

describe("somebody else at work on the same resource", function () {
  this.timeout(600_000);
  let stack: DeployedStack;
  let ada: EC2Client;
  /** Straight to the account's state: no event tells of it. */
  let unseenS3: S3Client;
  before(async () => {
    stack = await startStack({ concurrency: 3 });
    ada = stack.stage.client(EC2Client, "ada");
    const place = { region: "us-east-1", account: "123456789012" };
    unseenS3 = stack.sandbox.account.client(S3Client, place);
  });
  after(() => stack?.stop());

  const opens = (GroupId: string, client = ada) =>
    client.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, ...ssh }));
  const encrypts = (client: S3Client, Bucket: string, SSEAlgorithm: "AES256" | "aws:kms") =>
    client.send(
      new PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm } }],
        },
      }),
    );
  /** With the guardrail's own role, whose calls its pattern leaves out. Its keys end after an hour. */
  const own = () => stack.stage.ownRoleClient(S3Client, bucket.guardrail);
  const since = () => stack.sandbox.journal.happenings.length;

  for (const count of [2, 5])
    it(`fixes once, and tells, when an event is delivered ${count} times at once`, async () => {
      const from = since();
      const trial = await attempt(
        stack,
        ingress,
        () => undefined,
        () => {
          const [event] = eventsOf(stack, from, guardrail);
          for (let more = 1; more < count; more += 1) deliver(stack, guardrail, event);
        },
      );

      expect(await untruths(stack, ingress, trial)).to.deep.equal([]);
      expect(new Set(trial.tries.map(({ requestId }) => requestId))).to.have.length(count);
    });

  it("answers an event that comes again after a day with nothing but a duplicate", async () => {
    const from = since();
    const { broken } = await attempt(stack, ingress);
    const [event] = eventsOf(stack, from, guardrail);
    await standing(stack, () => stack.sandbox.clock.advance(24 * 3600_000));

    const again = since();
    deliver(stack, guardrail, event);
    await standing(stack, () => exhaust(stack));

    const { outcomes, mails } = followed(stack, again, guardrail, broken);
    expect(outcomes).to.deep.equal(["duplicate"]);
    expect(mails).to.deep.equal([]);
  });

  it("serialises two different events on one resource, and ends both", async () => {
    const trial = await attempt(
      stack,
      ingress,
      () => undefined,
      ({ id }) =>
        ada.send(
          new AuthorizeSecurityGroupIngressCommand({ GroupId: id, ...ssh, FromPort: 3389, ToPort: 3389 }),
        ),
    );

    expect(await trial.broken.differences()).to.deep.equal([]);
    expect(trial.deadLetters).to.deep.equal([]);
    expect(trial.outcomes).to.include("remediated");
  });

  it("ends with gone when the bucket is deleted between the read and the write", async () => {
    const trial = await attempt(stack, bucket, async ({ call, nth }, when, { input }) => {
      if (when === "before" && call === "s3:PutBucketEncryption" && nth === 1)
        await stack.stage
          .client(S3Client, "ada")
          .send(new DeleteBucketCommand({ Bucket: String(input.Bucket) }));
      return undefined;
    });

    expect(trial.written).to.deep.equal([]);
    expect(trial.deadLetters).to.deep.equal([]);
    expect(trial.outcomes.at(-1)).to.equal("gone");
  });

  it("ends with gone when the group is deleted between the read and the write", async () => {
    const trial = await attempt(stack, ingress, async ({ call, nth }, when, { input }) => {
      if (when === "before" && call === "ec2:RevokeSecurityGroupIngress" && nth === 1)
        await ada.send(new DeleteSecurityGroupCommand({ GroupId: String(input.GroupId) }));
      return undefined;
    });

    expect(trial.written).to.deep.equal([]);
    expect(trial.deadLetters).to.deep.equal([]);
    expect(trial.outcomes.at(-1)).to.equal("gone");
  });

  it("waits for a bucket that the first read does not see yet", async () => {
    const trial = await attempt(stack, bucket, async ({ call, nth }, when, { input }) => {
      if (when !== "before" || call !== "s3:GetBucketEncryption") return undefined;
      const named = { Bucket: String(input.Bucket) };
      if (nth === 1) await unseenS3.send(new DeleteBucketCommand(named));
      if (nth === 2) {
        await unseenS3.send(new CreateBucketCommand(named));
        // What S3 itself gives every new bucket.
        await encrypts(unseenS3, named.Bucket, "AES256");
      }
      return undefined;
    });

    expect(await untruths(stack, bucket, trial)).to.deep.equal([]);
    expect(trial.outcomes).to.deep.equal(["remediated"]);
  });

  it("does not believe a stale read that contradicts what the event says", async () => {
    const { broken } = await attempt(stack, bucket);
    const weakens = (client: S3Client) => encrypts(client, broken.id, "AES256");
    const play = async () => weakens(stack.stage.client(S3Client, "ada")).then(() => broken);
    const trial = await attempt(stack, { ...bucket, play }, async ({ call, nth }, when) => {
      if (call === "s3:GetBucketEncryption" && nth === 1)
        await (when === "before" ? encrypts(await own(), broken.id, "aws:kms") : weakens(await own()));
      return undefined;
    });

    expect(trial.outcomes).to.deep.equal(["remediated"]);
    expect(trial.written).to.deep.equal(bucket.writes);
    expect(await broken.differences()).to.deep.equal([]);
  });

  it("never calls it remediated when the state does not become what was written", async () => {
    const trial = await attempt(stack, bucket, async ({ call }, when, { input }) => {
      if (when === "after" && call === "s3:PutBucketEncryption")
        await encrypts(await own(), String(input.Bucket), "AES256");
      return undefined;
    });

    expect(trial.outcomes).to.deep.equal(["failed", "failed", "failed"]);
    expect(trial.mails[0].subject).to.contain("FAILED");
    expect(trial.mails[0].body).to.contain("NotVerified");
    expect(trial.deadLetters).to.have.length(1);
  });

  it("pauses after three fixes, says who breaks it, and ends it without another event", async () => {
    const from = since();
    const { broken } = await attempt(stack, ingress);
    for (let again = 2; again <= 4; again += 1) {
      await opens(broken.id);
      await stack.sandbox.idle();
    }
    const { outcomes, mails } = followed(stack, from, guardrail, broken);
    const held = mails.filter(({ subject }) => subject.includes("HELD"));
    expect(outcomes).to.deep.equal(["remediated", "remediated", "remediated", "held"]);
    expect(held).to.have.length(stack.stage.recipients.length);
    expect(held[0].body).to.match(/this guardrail has put it right 3 times/);
    expect(held[0].body).to.contain("arn:aws:iam::123456789012:user/ada");

    await stack.sandbox.clock.advance(11 * 60_000);
    await exhaust(stack);

    expect(followed(stack, from, guardrail, broken).outcomes.at(-1)).to.equal("remediated");
    expect(await broken.differences()).to.deep.equal([]);
  });

  it("stays bounded against somebody who opens it again at once, for ever", async () => {
    const trial = await attempt(stack, ingress, async ({ call }, when, { input }) => {
      if (when === "after" && call === "ec2:RevokeSecurityGroupIngress") await opens(String(input.GroupId));
      return undefined;
    });

    expect(trial.outcomes.filter(kind => kind === "held")).to.not.be.empty;
    expect(trial.written.length).to.be.within(3, 9);
    expect(trial.mails.some(({ subject }) => subject.includes("HELD"))).to.equal(true);
  });
});
