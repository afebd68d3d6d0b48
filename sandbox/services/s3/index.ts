import * as sdk from "@aws-sdk/client-s3";
import { recordShapes } from "../../../records";
import { parseIfAny } from "../../iam/policies";
import type { Asked, FactsReader, Finder, Input, Named } from "../../iam/judged";
import { keysOfMembers, objects, text, textsOf } from "../../iam/requirements/members";
import { absent, tagsOf } from "../../state/stored";
import type { Service } from "../service";
import { extraActions, s3Actions, unnamed } from "./actions";
import { s3Handlers } from "./handlers";
import { createS3Check } from "./requests";

function resources({ input, action }: Asked): Named {
  const { Bucket, Key, Delete, CopySource } = input;
  const keys = Delete
    ? objects((Delete as Input).Objects)
        .filter(({ VersionId }) => Boolean(VersionId) === action.endsWith("Version"))
        .map(object => object.Key)
    : [Key];
  const source = text(CopySource);
  if (source && /:GetObject/.test(action))
    return { object: [decodeURIComponent(source.replace(/\?versionId=.*$/, "")).replace(/^\//, "")] };
  const bucket = text(Bucket);
  return {
    bucket: [bucket],
    object: bucket === undefined ? [] : textsOf(keys).map(key => `${bucket}/${key}`),
  };
}

/** A bucket's owner stands in no ARN and in no answer of the state's: it is the account whose list has it. */
const ownerOfBucket: Finder = async (account, Bucket, place) => {
  const { accounts } = account;
  for (const id of [place.account, ...accounts.filter(other => other !== place.account)]) {
    const client = account.client(sdk.S3Client, { account: id });
    const { Buckets = [] } = await client.send(new sdk.ListBucketsCommand({ Prefix: Bucket }));
    if (Buckets.some(({ Name }) => Name === Bucket)) return id;
  }
  return undefined;
};

const facts: FactsReader = async (account, arn) => {
  if (arn.resource.includes("/")) return { tags: {} };
  const command = new sdk.GetBucketTaggingCommand({ Bucket: arn.resource });
  return { tags: tagsOf((await absent(account.client(sdk.S3Client, arn).send(command)))?.TagSet) };
};

export const s3: Service = {
  name: "s3",
  sdk: { client: "S3Client", load: () => import("@aws-sdk/client-s3"), buckets: true },
  record: recordShapes.s3,
  denial: { code: "AccessDenied", status: 403 },
  check: createS3Check,
  corrections: ({ account }) => s3Handlers(account),
  actions: s3Actions,
  unjudged: {
    CreateSession: unnamed,
    ListDirectoryBuckets: unnamed,
    RenameObject: unnamed,
    WriteGetObjectResponse: unnamed,
  },
  extraActions,
  resources,
  contextKeys: {
    "s3:ResourceAccount": async (call, _action, find) => {
      const bucket = text(call.input.Bucket);
      const owner = bucket === undefined ? undefined : await find("s3:bucket-owner", bucket, call);
      return owner ?? call.account;
    },
    "s3:LocationConstraint": ({ input }) =>
      text((input.CreateBucketConfiguration as Input | undefined)?.LocationConstraint),
    ...keysOfMembers("s3:prefix", "s3:delimiter", "s3:max-keys", "s3:VersionId"),
    "s3:x-amz-acl": ({ input }) => text(input.ACL),
    "s3:x-amz-object-ownership": ({ input }) => text(input.ObjectOwnership),
    "s3:x-amz-server-side-encryption": ({ input }) => text(input.ServerSideEncryption),
    "s3:x-amz-server-side-encryption-aws-kms-key-id": ({ input }) => text(input.SSEKMSKeyId),
    "s3:x-amz-storage-class": ({ input }) => text(input.StorageClass),
  },
  tagging: operation => (operation === "CreateBucket" ? "TagResource" : "PutObjectTagging"),
  passes: {
    PutBucketReplication: {
      to: "s3.amazonaws.com",
      roles: input => textsOf((input.ReplicationConfiguration as Input | undefined)?.Role),
    },
  },
  finders: { "bucket-owner": ownerOfBucket },
  owner: async (resource, find, place) => {
    const bucket = resource.split(":")[5]?.split("/")[0];
    return bucket === undefined || bucket === "" ? undefined : find("s3:bucket-owner", bucket, place);
  },
  facts,
  resourcePolicies: {
    holder: resource => (resource === "*" ? undefined : resource.split("/")[0]),
    read: async (account, arn) => {
      const command = new sdk.GetBucketPolicyCommand({ Bucket: arn.resource.split("/")[0] });
      return parseIfAny((await absent(account.client(sdk.S3Client, arn).send(command)))?.Policy);
    },
  },
  lacks: [
    "tags of objects are not asked by conditions",
    "operations that the account's state does not really have (requests.ts), access points, directory buckets",
    "access control lists decide nothing: policies do",
  ],
};
