import { awsError, type Call } from "../../ground/call";

type Input = Call["input"];
type Name = string | readonly string[] | ((input: Input) => string | readonly string[]);

const versioned = (plain: string, withVersion: string) => (input: Input) =>
  input.VersionId ? withVersion : plain;

const get = ["Get"];
const getPut = ["Get", "Put"];
const getPutDelete = ["Get", "Put", "Delete"];
/** Rows of a bucket's sub-resource: Delete is a Put to IAM. */
const bucket = (operations: string, verbs: readonly string[], action: string) =>
  Object.fromEntries(
    verbs.map(verb => [`s3:${verb}Bucket${operations}`, `${verb === "Get" ? "Get" : "Put"}${action}`]),
  );
const numbered = (name: string) => ({
  ...bucket(`${name}Configuration`, getPutDelete, `${name}Configuration`),
  [`s3:ListBucket${name}Configurations`]: `Get${name}Configuration`,
});

const partiql = "PartiQL needs the table's schema to be decided";
const unnamed = "IAM has no action of its own for it here";

/**
 * Operations that the sandbox cannot judge, and why: only the bootstrap key may call them.
 * Anything else that is neither an IAM action nor renamed below is refused as well.
 */
export const unjudged: Readonly<Record<string, string>> = {
  "dynamodb:BatchExecuteStatement": partiql,
  "dynamodb:ExecuteStatement": partiql,
  "dynamodb:ExecuteTransaction": partiql,
  "s3:CreateSession": unnamed,
  "s3:ListDirectoryBuckets": unnamed,
  "s3:RenameObject": unnamed,
  "s3:WriteGetObjectResponse": unnamed,
};

/**
 * "<signing name>:<Operation>" → the IAM actions without their prefix, where they differ from the operation.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ and the Service Authorization Reference
 */
export const names: Readonly<Record<string, Name>> = {
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
  "s3:CreateBucketMetadataConfiguration": "CreateBucketMetadataTableConfiguration",
  "s3:DeleteBucketMetadataConfiguration": "DeleteBucketMetadataTableConfiguration",
  "s3:DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
  "s3:DeleteBucketTagging": "PutBucketTagging",
  "s3:GetPublicAccessBlock": "GetBucketPublicAccessBlock",
  "s3:PutPublicAccessBlock": "PutBucketPublicAccessBlock",
  "s3:DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
  "s3:GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
  "s3:PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
  "s3:ListBuckets": "ListAllMyBuckets",
  "s3:HeadBucket": "ListBucket",
  "s3:ListObjects": "ListBucket",
  "s3:ListObjectsV2": "ListBucket",
  "s3:ListObjectVersions": "ListBucketVersions",
  "s3:ListMultipartUploads": "ListBucketMultipartUploads",
  "s3:ListParts": "ListMultipartUploadParts",
  "s3:HeadObject": versioned("GetObject", "GetObjectVersion"),
  "s3:GetObject": versioned("GetObject", "GetObjectVersion"),
  "s3:GetObjectAcl": versioned("GetObjectAcl", "GetObjectVersionAcl"),
  "s3:PutObjectAcl": versioned("PutObjectAcl", "PutObjectVersionAcl"),
  "s3:GetObjectTagging": versioned("GetObjectTagging", "GetObjectVersionTagging"),
  "s3:PutObjectTagging": versioned("PutObjectTagging", "PutObjectVersionTagging"),
  "s3:DeleteObjectTagging": versioned("DeleteObjectTagging", "DeleteObjectVersionTagging"),
  "s3:GetObjectAttributes": versioned("GetObjectAttributes", "GetObjectVersionAttributes"),
  "s3:DeleteObject": versioned("DeleteObject", "DeleteObjectVersion"),
  "s3:DeleteObjects": input => {
    const objects = ((input.Delete as Input | undefined)?.Objects ?? []) as readonly Input[];
    const actions = new Set(
      objects.map(({ VersionId }) => (VersionId ? "DeleteObjectVersion" : "DeleteObject")),
    );
    return actions.size === 0 ? "DeleteObject" : [...actions];
  },
  "s3:SelectObjectContent": "GetObject",
  "s3:CreateMultipartUpload": "PutObject",
  "s3:UploadPart": "PutObject",
  "s3:CompleteMultipartUpload": "PutObject",
  "s3:CopyObject": "PutObject",
  "s3:UploadPartCopy": "PutObject",
  "sns:PublishBatch": "Publish",
  "sqs:SendMessageBatch": "SendMessage",
  "sqs:DeleteMessageBatch": "DeleteMessage",
  "sqs:ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
  "lambda:Invoke": "InvokeFunction",
  "lambda:InvokeWithResponseStream": "InvokeFunction",
  "lambda:GetLayerVersionByArn": "GetLayerVersion",
  "dynamodb:TransactGetItems": "GetItem",
  "dynamodb:TransactWriteItems": input => {
    const items = (input.TransactItems ?? []) as readonly Record<string, unknown>[];
    const kinds: Record<string, string> = {
      Put: "PutItem",
      Update: "UpdateItem",
      Delete: "DeleteItem",
      ConditionCheck: "ConditionCheckItem",
    };
    return [...new Set(items.flatMap(item => Object.keys(item).map(kind => kinds[kind])))];
  },
  "kms:ReEncrypt": ["ReEncryptFrom", "ReEncryptTo"],
};

/** S3 Control signs as s3: its account-wide public access block is all that the sandbox judges of it. */
const accountWide: Readonly<Record<string, string>> = {
  GetPublicAccessBlock: "GetAccountPublicAccessBlock",
  PutPublicAccessBlock: "PutAccountPublicAccessBlock",
  DeletePublicAccessBlock: "PutAccountPublicAccessBlock",
};

/** The IAM prefix of a signing name. */
export const prefixOf = (service: string): string =>
  service === "monitoring" ? "cloudwatch" : service === "s3-control" ? "s3" : service;

export const isAccountWide = ({ service, input }: Pick<Call, "service" | "input">): boolean =>
  service === "s3-control" || (service === "s3" && Boolean(input.AccountId) && !input.Bucket);

/** The IAM actions that an operation needs on its own resources, e.g. ["s3:PutEncryptionConfiguration"]. */
export function actionNames(call: Pick<Call, "service" | "operation" | "input">): string[] {
  const { service, operation, input } = call;
  const row = `${service}:${operation}`;
  if (Object.hasOwn(unjudged, row))
    throw awsError("NotImplemented", `The sandbox cannot authorize ${row}: ${unjudged[row]}.`, 501);
  if (isAccountWide(call)) {
    if (!Object.hasOwn(accountWide, operation)) throw noRow(service, operation);
    return [`s3:${accountWide[operation]}`];
  }
  const name = Object.hasOwn(names, row) ? names[row] : operation;
  const found = typeof name === "function" ? name(input) : name;
  return [found].flat().map(action => `${prefixOf(service)}:${action}`);
}

export const noRow = (service: string, operation: string, why = "no IAM row for it") =>
  awsError("NotImplemented", `The sandbox cannot authorize ${service}:${operation}: ${why}.`, 501);
