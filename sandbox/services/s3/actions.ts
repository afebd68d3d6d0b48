import type { Input, Judged } from "../../iam/judged";

const versioned = (plain: string, withVersion: string) => (input: Input) =>
  input.VersionId ? withVersion : plain;

const get = ["Get"];
const getPut = ["Get", "Put"];
const getPutDelete = ["Get", "Put", "Delete"];
/** Rows of a bucket's sub-resource: Delete is a Put to IAM. */
const bucket = (operations: string, verbs: readonly string[], action: string) =>
  Object.fromEntries(
    verbs.map(verb => [`${verb}Bucket${operations}`, `${verb === "Get" ? "Get" : "Put"}${action}`]),
  );
const numbered = (name: string) => ({
  ...bucket(`${name}Configuration`, getPutDelete, `${name}Configuration`),
  [`ListBucket${name}Configurations`]: `Get${name}Configuration`,
});

export const unnamed = "IAM has no action of its own for it here";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ and the Service Authorization Reference */
export const s3Actions: NonNullable<Judged["actions"]> = {
  ...bucket("Encryption", getPutDelete, "EncryptionConfiguration"),
  ...bucket("Cors", getPutDelete, "BucketCORS"),
  ...bucket("Replication", getPutDelete, "ReplicationConfiguration"),
  ...bucket("LifecycleConfiguration", getPut, "LifecycleConfiguration"),
  ...bucket("Lifecycle", ["Delete"], "LifecycleConfiguration"),
  ...bucket("AccelerateConfiguration", getPut, "AccelerateConfiguration"),
  ...bucket("NotificationConfiguration", getPut, "BucketNotification"),
  ...bucket("MetadataConfiguration", get, "BucketMetadataTableConfiguration"),
  ...numbered("Analytics"),
  ...numbered("IntelligentTiering"),
  ...numbered("Inventory"),
  ...numbered("Metrics"),
  CreateBucketMetadataConfiguration: "CreateBucketMetadataTableConfiguration",
  DeleteBucketMetadataConfiguration: "DeleteBucketMetadataTableConfiguration",
  DeleteBucketOwnershipControls: "PutBucketOwnershipControls",
  DeleteBucketTagging: "PutBucketTagging",
  GetPublicAccessBlock: "GetBucketPublicAccessBlock",
  PutPublicAccessBlock: "PutBucketPublicAccessBlock",
  DeletePublicAccessBlock: "PutBucketPublicAccessBlock",
  GetObjectLockConfiguration: "GetBucketObjectLockConfiguration",
  PutObjectLockConfiguration: "PutBucketObjectLockConfiguration",
  ListBuckets: "ListAllMyBuckets",
  HeadBucket: "ListBucket",
  ListObjects: "ListBucket",
  ListObjectsV2: "ListBucket",
  ListObjectVersions: "ListBucketVersions",
  ListMultipartUploads: "ListBucketMultipartUploads",
  ListParts: "ListMultipartUploadParts",
  HeadObject: versioned("GetObject", "GetObjectVersion"),
  GetObject: versioned("GetObject", "GetObjectVersion"),
  GetObjectAcl: versioned("GetObjectAcl", "GetObjectVersionAcl"),
  PutObjectAcl: versioned("PutObjectAcl", "PutObjectVersionAcl"),
  GetObjectTagging: versioned("GetObjectTagging", "GetObjectVersionTagging"),
  PutObjectTagging: versioned("PutObjectTagging", "PutObjectVersionTagging"),
  DeleteObjectTagging: versioned("DeleteObjectTagging", "DeleteObjectVersionTagging"),
  GetObjectAttributes: versioned("GetObjectAttributes", "GetObjectVersionAttributes"),
  DeleteObject: versioned("DeleteObject", "DeleteObjectVersion"),
  DeleteObjects: input => {
    const objects = ((input.Delete as Input | undefined)?.Objects ?? []) as readonly Input[];
    const actions = new Set(
      objects.map(({ VersionId }) => (VersionId ? "DeleteObjectVersion" : "DeleteObject")),
    );
    return actions.size === 0 ? "DeleteObject" : [...actions];
  },
  SelectObjectContent: "GetObject",
  CreateMultipartUpload: "PutObject",
  UploadPart: "PutObject",
  CompleteMultipartUpload: "PutObject",
  CopyObject: "PutObject",
  UploadPartCopy: "PutObject",
};

/** Members of a call that need an action of their own on the same resources. */
export function extraActions(operation: string, input: Input): string[] {
  const needs = (member: string, ...actions: string[]) => (input[member] ? actions : []);
  if (operation === "CreateBucket")
    return [
      ...needs("ACL", "s3:PutBucketAcl"),
      ...needs("ObjectOwnership", "s3:PutBucketOwnershipControls"),
      ...needs("ObjectLockEnabledForBucket", "s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning"),
    ];
  if (operation === "PutObject")
    return [
      ...needs("ACL", "s3:PutObjectAcl"),
      ...needs("ObjectLockMode", "s3:PutObjectRetention"),
      ...needs("ObjectLockLegalHoldStatus", "s3:PutObjectLegalHold"),
    ];
  if (operation === "CopyObject") return ["s3:GetObject", ...needs("ACL", "s3:PutObjectAcl")];
  if (operation === "UploadPartCopy") return ["s3:GetObject"];
  return [];
}
