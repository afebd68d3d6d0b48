import {
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutPublicAccessBlockCommand,
  S3Client,
  type ServerSideEncryptionConfiguration,
  type ServerSideEncryptionRule,
} from "@aws-sdk/client-s3";
import {
  GetPublicAccessBlockCommand as GetAccountBlockCommand,
  S3ControlClient,
} from "@aws-sdk/client-s3-control";
import { partitionOf } from "../../../runtime/aws/partition";
import type { Account } from "../../state/account";
import { awsError, isAwsError, type Call, type Handler, type Handlers } from "../../ground/call";
import { parsePolicy } from "../../iam/policies";
import { createKept } from "../../state/kept";
import { createBucketList, logDelivery } from "./listing";
import { isPublicPolicy } from "./public-policy";

/** Corrections of the account's state for S3, and what it forgets of a bucket's encryption. */
export function s3Handlers(account: Account): Handlers {
  /** Default encryption as it was put: the account's state drops BlockedEncryptionTypes. */
  const encryption = createKept<ServerSideEncryptionConfiguration>(account);
  const keyOf = (call: Call) => String(call.input.Bucket);
  const buckets = createBucketList(account);

  const createBucket: Handler = async ({ call, forward }) => {
    const { Bucket = "", ObjectOwnership = "BucketOwnerEnforced" } = call.input as Record<
      string,
      string | undefined
    >;
    checkName(Bucket);
    const s3 = account.client(S3Client, call);
    const known = await exists(s3, Bucket);
    const answer = await forward();
    if (known) return answer; // a bucket of one's own, made again in us-east-1, stays as it is
    await s3.send(
      new PutBucketOwnershipControlsCommand({
        Bucket,
        OwnershipControls: { Rules: [{ ObjectOwnership: ObjectOwnership as "ObjectWriter" }] },
      }),
    );
    await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: allBlocked }));
    await putDefault(s3, Bucket);
    encryption().set(keyOf(call), newBucket);
    buckets.made(call);
    return answer;
  };

  return {
    CreateBucket: createBucket,
    ListBuckets: buckets.list,
    PutBucketEncryption: async ({ call, forward }) => {
      const given = call.input.ServerSideEncryptionConfiguration as
        ServerSideEncryptionConfiguration | undefined;
      const answer = await forward({ ...call.input, ServerSideEncryptionConfiguration: checked(given) });
      encryption().set(keyOf(call), checked(given));
      return answer;
    },
    GetBucketEncryption: async ({ call, forward }) => {
      const answer = await forward();
      const kept = encryption().get(keyOf(call));
      return kept ? { output: { ServerSideEncryptionConfiguration: kept } } : answer;
    },
    DeleteBucketEncryption: async ({ call, forward }) => {
      const answer = await forward();
      await putDefault(account.client(S3Client, call), String(call.input.Bucket));
      encryption().set(keyOf(call), afterDelete(encryption().get(keyOf(call))));
      return answer;
    },
    PutBucketPolicy: putPolicy(account),
    GetBucketPolicyStatus: policyStatus(account),
    PutBucketAcl: putAcl(account),
    PutObjectAcl: putAcl(account),
  };
}

/** What every bucket has from its first moment: https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html */
const allBlocked = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};
const s3Managed: ServerSideEncryptionRule = {
  ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" },
  BucketKeyEnabled: false,
};
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html */
const newBucket: ServerSideEncryptionConfiguration = {
  Rules: [{ ...s3Managed, BlockedEncryptionTypes: { EncryptionType: ["SSE-C"] } }],
};

const afterDelete = (
  before: ServerSideEncryptionConfiguration | undefined,
): ServerSideEncryptionConfiguration => {
  const blocked = before?.Rules?.[0]?.BlockedEncryptionTypes;
  return { Rules: [{ ...s3Managed, ...(blocked ? { BlockedEncryptionTypes: blocked } : {}) }] };
};

const putDefault = (s3: S3Client, Bucket: string) =>
  s3.send(
    new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules: [s3Managed] } }),
  );

async function exists(s3: S3Client, Bucket: string): Promise<boolean> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket }));
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === "NotFound") return false;
    throw error;
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function checkName(name: string): void {
  const wellFormed = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes("..");
  const looksLikeAddress = /^\d+\.\d+\.\d+\.\d+$/.test(name);
  if (
    !wellFormed ||
    looksLikeAddress ||
    /^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3)$/.test(name)
  )
    throw awsError("InvalidBucketName", "The specified bucket is not valid.");
}

const malformed = () =>
  awsError(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
  );

/** One rule, a known algorithm, and a key only where one can be used. */
function checked(given: ServerSideEncryptionConfiguration | undefined): ServerSideEncryptionConfiguration {
  const [rule, ...more] = given?.Rules ?? [];
  const byDefault = rule?.ApplyServerSideEncryptionByDefault;
  if (!rule || more.length > 0) throw malformed();
  if (byDefault) {
    if (!["AES256", "aws:kms", "aws:kms:dsse"].includes(byDefault.SSEAlgorithm ?? "")) throw malformed();
    if (byDefault.SSEAlgorithm === "AES256" && byDefault.KMSMasterKeyID !== undefined)
      throw awsError(
        "InvalidArgument",
        "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
      );
  } else if (!rule.BlockedEncryptionTypes) throw malformed();
  const applied = byDefault ?? s3Managed.ApplyServerSideEncryptionByDefault;
  return {
    Rules: [
      {
        ...rule,
        ApplyServerSideEncryptionByDefault: applied,
        BucketKeyEnabled: rule.BucketKeyEnabled ?? false,
      },
    ],
  };
}

/** The bucket's block and the account's, laid over each other; false where there is none. */
async function blocks(account: Account, call: Call): Promise<typeof allBlocked> {
  const bucket = account
    .client(S3Client, call)
    .send(new GetPublicAccessBlockCommand({ Bucket: String(call.input.Bucket) }));
  const whole = account
    .client(S3ControlClient, call)
    .send(new GetAccountBlockCommand({ AccountId: call.account }));
  const found = await Promise.all(
    [bucket, whole].map(one =>
      one.then(
        answer => answer.PublicAccessBlockConfiguration,
        (error: Error) => {
          if (error.name === "NoSuchPublicAccessBlockConfiguration" || error.name === "NoSuchBucket")
            return undefined;
          throw error;
        },
      ),
    ),
  );
  const any = (flag: keyof typeof allBlocked) => found.some(one => one?.[flag] === true);
  return {
    BlockPublicAcls: any("BlockPublicAcls"),
    IgnorePublicAcls: any("IgnorePublicAcls"),
    BlockPublicPolicy: any("BlockPublicPolicy"),
    RestrictPublicBuckets: any("RestrictPublicBuckets"),
  };
}

const putPolicy =
  (account: Account): Handler =>
  async ({ call, forward }) => {
    const text = String(call.input.Policy ?? "");
    checkPolicy(text);
    const { BlockPublicPolicy } = await blocks(account, call);
    if (BlockPublicPolicy && isPublicPolicy(text))
      throw awsError(
        "AccessDenied",
        `User: ${call.identity.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "arn:${partitionOf(call.region).id}:s3:::${String(call.input.Bucket)}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`,
        403,
      );
    return forward();
  };

function checkPolicy(text: string): void {
  try {
    parsePolicy(text, "resource");
  } catch (error) {
    if (isAwsError(error)) throw awsError("MalformedPolicy", error.message);
    throw error;
  }
}

const policyStatus =
  (account: Account): Handler =>
  async ({ call, forward }) => {
    await forward(); // NoSuchBucketPolicy and NoSuchBucket are the state's to say
    const command = new GetBucketPolicyCommand({ Bucket: String(call.input.Bucket) });
    const { Policy = "" } = await account.client(S3Client, call).send(command);
    return { output: { PolicyStatus: { IsPublic: isPublicPolicy(Policy) } } };
  };

const putAcl =
  (account: Account): Handler =>
  async ({ call, forward }) => {
    const { Bucket, ACL } = call.input as { Bucket?: string; ACL?: string };
    const s3 = account.client(S3Client, call);
    const { OwnershipControls } = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }));
    const enforced = OwnershipControls?.Rules?.[0]?.ObjectOwnership === "BucketOwnerEnforced";
    if (enforced && ACL !== "private" && ACL !== "bucket-owner-full-control")
      throw awsError("AccessControlListNotSupported", "The bucket does not allow ACLs");
    const { BlockPublicAcls } = await blocks(account, call);
    if (BlockPublicAcls && opensToEveryone(call)) throw awsError("AccessDenied", "Access Denied", 403);
    // Of a grant of two permissions the account's state answers one.
    return ACL === "log-delivery-write" ? forward({ Bucket, ...(await logDelivery(s3, Bucket)) }) : forward();
  };

function opensToEveryone({ input }: Call): boolean {
  const canned = typeof input.ACL === "string" && /^(public-|authenticated-read)/.test(input.ACL);
  const groups = /acs\.amazonaws\.com\/groups\/global\/(AllUsers|AuthenticatedUsers)/;
  return canned || groups.test(JSON.stringify(input));
}
