import {
  GetBucketAclCommand,
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  ListBucketsCommand,
  type Grant,
  type S3Client,
} from "@aws-sdk/client-s3";
import { DescribeKeyCommand, type KMSClient, type KeyMetadata } from "@aws-sdk/client-kms";
import { unlessAbsent } from "../../../runtime/aws/absent";
import { unfit, type Key } from "../../../runtime/aws/keys";
import { outsidersIn } from "../../../runtime/aws/policies";
import { rulesRead, type EncryptionRule } from "./encryption";

interface Bucket {
  readonly id: string;
  readonly region: string;
  readonly account: string;
}
const owned = ({ id, account }: Bucket) => ({ Bucket: id, ExpectedBucketOwner: account });

/** The rules of a bucket's default encryption, or undefined when the bucket is gone. */
export function rulesOf(s3: S3Client, bucket: Bucket): Promise<EncryptionRule[] | undefined> {
  const absent = { NoSuchBucket: undefined, ServerSideEncryptionConfigurationNotFoundError: [] };
  return unlessAbsent<EncryptionRule[] | undefined>(absent, async () => {
    const query = new GetBucketEncryptionCommand(owned(bucket));
    return rulesRead((await s3.send(query)).ServerSideEncryptionConfiguration?.Rules);
  });
}

/** Who beside the account may use the bucket, by its policy and by its access control list; sorted. */
export async function outsidersOf(s3: S3Client, bucket: Bucket): Promise<string[]> {
  const byPolicy = await unlessAbsent<string[]>({ NoSuchBucketPolicy: [], NoSuchBucket: [] }, async () =>
    outsidersIn((await s3.send(new GetBucketPolicyCommand(owned(bucket)))).Policy ?? "", bucket.account),
  );
  const byAcl = await unlessAbsent<string[]>({ NoSuchBucket: [] }, async () => {
    const { Grants = [], Owner } = await s3.send(new GetBucketAclCommand(owned(bucket)));
    return Grants.filter(({ Grantee }) => Grantee?.ID === undefined || Grantee.ID !== Owner?.ID).map(grantee);
  });
  return [...new Set([...byPolicy, ...byAcl])].sort();
}

/**
 * Whom a grant admits, in words. Access logs of S3 and of CloudFront come to buckets that admit them so.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
 */
const grantee = ({ Grantee }: Grant): string =>
  `${Grantee?.URI?.split("/").pop() ?? Grantee?.EmailAddress ?? `user ${Grantee?.ID}`} (by its access control list)`;

/** When the bucket was made, ISO 8601; "" when S3 does not list it. */
export async function createdAt(s3: S3Client, { id, region }: Bucket): Promise<string> {
  // The list is in alphabetical order: the name itself comes before those that only begin with it.
  const query = new ListBucketsCommand({ Prefix: id, BucketRegion: region, MaxBuckets: 1 });
  const { Buckets = [] } = await s3.send(query);
  return Buckets.find(({ Name }) => Name === id)?.CreationDate?.toISOString() ?? "";
}

/** Why S3 could not encrypt the bucket with this key, in words, or "". */
export async function keyProblem(
  kms: KMSClient,
  key: string | undefined,
  { region, account }: Bucket,
): Promise<string> {
  if (key === undefined) return "";
  const refused = (error: string) => ({ problem: `it cannot be looked at (${error})` });
  const absent = {
    NotFoundException: { problem: "there is no such key" },
    InvalidArnException: { problem: "there is no such key" },
    AccessDeniedException: refused("AccessDeniedException"),
  };
  const answer = await unlessAbsent<{ problem: string } | { found: KeyMetadata | undefined }>(
    absent,
    async () => ({
      found: (await kms.send(new DescribeKeyCommand({ KeyId: key }))).KeyMetadata,
    }),
  );
  const problem =
    "problem" in answer
      ? answer.problem
      : unfit(described(answer.found), region, key.split(":")[4] ?? account);
  return problem === undefined ? "" : `the required key ${key} cannot be used: ${problem}`;
}

const described = (found: KeyMetadata | undefined): Key => ({
  arn: found?.Arn,
  state: found?.KeyState,
  usage: found?.KeyUsage,
  spec: found?.KeySpec,
});
