import {
  CreateBucketCommand,
  GetBucketEncryptionCommand,
  PutBucketEncryptionCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { always, broken, compare, type Difference, is, isNot, type Stage, type Step } from "../step";

const guardrail = "s3-bucket-encryption";
/** AES256 is what S3 itself gives every new bucket. */
const stricter = isNot("algorithm", "AES256");
const bucketOf = (stage: Stage): string => `guardrails-demo-${stage.nonce}`;

async function encryptionOf(stage: Stage): Promise<Record<string, unknown>> {
  const { ServerSideEncryptionConfiguration } = await stage
    .client(S3Client, "ada")
    .send(new GetBucketEncryptionCommand({ Bucket: bucketOf(stage) }));
  const { ApplyServerSideEncryptionByDefault, ...rest } = ServerSideEncryptionConfiguration?.Rules?.[0] ?? {};
  return { algorithm: ApplyServerSideEncryptionByDefault?.SSEAlgorithm, ...rest };
}

export const steps: readonly Step[] = [
  {
    name: "bucket-created",
    title: "Ada creates a bucket without the required encryption",
    chapter: "breach",
    expected: broken(),
    needs: [stricter],
    play: async stage => {
      await stage.client(S3Client, "ada").send(new CreateBucketCommand({ Bucket: bucketOf(stage) }));
      return async (): Promise<Difference[]> =>
        compare(
          "the bucket's default encryption",
          stage.mode === "enforce" ? stage.settings.algorithm : "AES256",
          (await encryptionOf(stage)).algorithm,
        );
    },
  },
  {
    name: "bucket-weakened",
    title: "Ada weakens the bucket's encryption, and blocks customer-provided keys with the same call",
    chapter: "breach",
    expected: { enforce: { outcomes: ["remediated"], notices: 1 } },
    needs: [is("algorithm", "aws:kms"), isNot("bucketKey", false)],
    after: "bucket-created",
    play: async stage => {
      const rule = {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" as const },
        BucketKeyEnabled: true,
        BlockedEncryptionTypes: { EncryptionType: ["SSE-C" as const] },
      };
      await stage.client(S3Client, "ada").send(
        new PutBucketEncryptionCommand({
          Bucket: bucketOf(stage),
          ServerSideEncryptionConfiguration: { Rules: [rule] },
        }),
      );
      return async () =>
        compare(
          "the bucket's encryption: only the algorithm is put right, the rest is Ada's",
          {
            algorithm: "aws:kms",
            BucketKeyEnabled: true,
            BlockedEncryptionTypes: { EncryptionType: ["SSE-C"] },
          },
          await encryptionOf(stage),
        );
    },
  },
  // The same change, made by the guardrail's own role: excluded in the pattern, or it would answer itself for ever.
  {
    name: "own-role-change",
    title: "The guardrail's own role changes the bucket's encryption",
    chapter: "own change",
    expected: { enforce: { outcomes: [], notices: 0 } },
    after: "bucket-created",
    play: async stage => {
      const own = await stage.ownRoleClient(S3Client, guardrail);
      const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" as const } }];
      await own.send(
        new PutBucketEncryptionCommand({
          Bucket: bucketOf(stage),
          ServerSideEncryptionConfiguration: { Rules },
        }),
      );
      return async () =>
        compare("the bucket's encryption, untouched", "AES256", (await encryptionOf(stage)).algorithm);
    },
  },
  {
    name: "exemption-for-a-bucket",
    title: "Ada creates a bucket that the stack config exempts",
    chapter: "exemption",
    expected: always({ outcomes: ["exempt"], notices: 0 }),
    needs: [stricter],
    play: async stage => {
      const s3 = stage.client(S3Client, "ada");
      const Bucket = `${stage.exemptBuckets}${stage.nonce}`;
      await s3.send(new CreateBucketCommand({ Bucket }));
      return async () => {
        const found = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
        const [rule] = found.ServerSideEncryptionConfiguration?.Rules ?? [];
        return compare(
          "the bucket's encryption, untouched",
          "AES256",
          rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm,
        );
      };
    },
  },
];
