import { GetBucketLocationCommand, S3Client } from "@aws-sdk/client-s3";
import type { Account } from "../../state/account";
import { awsError, type Call } from "../../ground/call";

/** What the account's state really does; it answers most other requests with a list of objects. */
const supported: ReadonlySet<string> = new Set(
  `ListBuckets CreateBucket DeleteBucket HeadBucket ListObjects ListObjectsV2 ListObjectVersions ListMultipartUploads
  GetBucketLocation GetBucketAcl PutBucketAcl GetBucketPolicy PutBucketPolicy DeleteBucketPolicy GetBucketPolicyStatus
  GetBucketEncryption PutBucketEncryption DeleteBucketEncryption GetBucketVersioning PutBucketVersioning
  GetBucketLifecycleConfiguration PutBucketLifecycleConfiguration DeleteBucketLifecycle
  GetBucketTagging PutBucketTagging DeleteBucketTagging GetBucketWebsite PutBucketWebsite DeleteBucketWebsite
  GetBucketCors PutBucketCors DeleteBucketCors GetBucketLogging PutBucketLogging
  GetBucketNotificationConfiguration PutBucketNotificationConfiguration
  GetBucketAccelerateConfiguration PutBucketAccelerateConfiguration
  GetPublicAccessBlock PutPublicAccessBlock DeletePublicAccessBlock
  GetBucketOwnershipControls PutBucketOwnershipControls DeleteBucketOwnershipControls
  GetBucketReplication PutBucketReplication DeleteBucketReplication
  GetObjectLockConfiguration PutObjectLockConfiguration
  GetBucketInventoryConfiguration PutBucketInventoryConfiguration ListBucketInventoryConfigurations
  GetObject HeadObject PutObject DeleteObject DeleteObjects CopyObject GetObjectAttributes
  GetObjectAcl PutObjectAcl GetObjectTagging PutObjectTagging DeleteObjectTagging
  GetObjectLegalHold PutObjectLegalHold PutObjectRetention
  CreateMultipartUpload UploadPart UploadPartCopy CompleteMultipartUpload AbortMultipartUpload ListParts`.split(
    /\s+/,
  ),
);

const anywhere: ReadonlySet<string> = new Set(["CreateBucket", "ListBuckets", "GetBucketLocation"]);

/**
 * Refuses what the account's state would answer wrongly, and requests for a bucket of another region.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, PermanentRedirect
 */
export function createS3Check(account: Account): (call: Call) => Promise<void> {
  const regions = new Map<string, string>();
  return async call => {
    if (!supported.has(call.operation))
      throw awsError("NotImplemented", `The sandbox does not implement s3:${call.operation}`, 501);
    const { Bucket } = call.input as { Bucket?: string };
    if (Bucket === undefined || anywhere.has(call.operation)) return;
    const key = `${account.resets} ${call.account} ${Bucket}`;
    const region = regions.get(key) ?? (await readRegion(account, call, Bucket));
    if (region === undefined) return;
    if (call.operation === "DeleteBucket") regions.delete(key);
    else regions.set(key, region);
    if (region !== call.region) throw redirect(region);
  };
}

async function readRegion(account: Account, call: Call, Bucket: string): Promise<string | undefined> {
  try {
    const command = new GetBucketLocationCommand({ Bucket });
    const { LocationConstraint } = await account.client(S3Client, call).send(command);
    return LocationConstraint ? String(LocationConstraint) : "us-east-1";
  } catch (error) {
    if (error instanceof Error && error.name === "NoSuchBucket") return undefined;
    throw error;
  }
}

const redirect = (region: string) =>
  Object.assign(
    awsError(
      "PermanentRedirect",
      "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
      301,
    ),
    { headers: { "x-amz-bucket-region": region } },
  );
