import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketEncryptionCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { partitionOf } from "../../../runtime/aws/partition";
import { type Breach, compare, fresh, says } from "../step";

export const breach: Breach = {
  service: "s3",
  writes: ["PutBucketEncryption"],
  play: async stage => {
    const s3 = stage.client(S3Client, "ada");
    const Bucket = `guardrails-breach-${fresh()}`;
    await s3.send(new CreateBucketCommand({ Bucket }));
    return {
      id: Bucket,
      arn: `arn:${partitionOf(stage.region).id}:s3:::${Bucket}`,
      isFound: state => says(state, Bucket) && !says(state, "aws:kms"),
      remove: () => s3.send(new DeleteBucketCommand({ Bucket })),
      differences: async () => {
        const { ServerSideEncryptionConfiguration } = await s3.send(
          new GetBucketEncryptionCommand({ Bucket }),
        );
        const [rule] = ServerSideEncryptionConfiguration?.Rules ?? [];
        return compare(
          "the bucket's default encryption",
          "aws:kms",
          rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm,
        );
      },
    };
  },
};
