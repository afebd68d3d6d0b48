import {
  GetBucketAclCommand,
  type Bucket,
  type Grant,
  type PutBucketAclCommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { Account } from "../../state/account";
import type { Call, Handler } from "../../ground/call";
import { createKept } from "../../state/kept";

/** The account's buckets, in pages, each with the sandbox's time of its making: the state has a clock of its own. */
export interface BucketList {
  /** Notes that a call made a bucket. */
  made(call: Call): void;
  readonly list: Handler;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
export function createBucketList(account: Account): BucketList {
  const created = createKept<number>(account);
  return {
    made: call => void created().set(String(call.input.Bucket), Math.floor(call.time / 1000) * 1000),
    list: async ({ call, forward }) => {
      const { MaxBuckets, ContinuationToken, ...input } = call.input as {
        MaxBuckets?: number;
        ContinuationToken?: string;
      };
      const { output } = await forward(input);
      const all = ((output.Buckets ?? []) as Bucket[])
        .map(bucket => {
          const time = created().get(bucket.Name ?? "");
          return time === undefined ? bucket : { ...bucket, CreationDate: new Date(time) };
        })
        .sort((one, other) => ((one.Name ?? "") < (other.Name ?? "") ? -1 : 1));
      const after =
        ContinuationToken === undefined ? "" : Buffer.from(ContinuationToken, "base64url").toString();
      const rest = all.filter(({ Name = "" }) => Name > after);
      const Buckets = rest.slice(0, MaxBuckets);
      const last = Buckets.at(-1)?.Name ?? "";
      const next =
        Buckets.length < rest.length ? { ContinuationToken: Buffer.from(last).toString("base64url") } : {};
      return { output: { ...output, Buckets, ...next } };
    },
  };
}

/**
 * The canned list log-delivery-write, written out.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html, canned ACL
 */
export async function logDelivery(
  s3: S3Client,
  Bucket: string | undefined,
): Promise<Pick<PutBucketAclCommandInput, "AccessControlPolicy">> {
  const { Owner } = await s3.send(new GetBucketAclCommand({ Bucket }));
  const URI = "http://acs.amazonaws.com/groups/s3/LogDelivery";
  const Grants: Grant[] = [
    { Grantee: { Type: "CanonicalUser", ID: Owner?.ID }, Permission: "FULL_CONTROL" },
    { Grantee: { Type: "Group", URI }, Permission: "WRITE" },
    { Grantee: { Type: "Group", URI }, Permission: "READ_ACP" },
  ];
  return { AccessControlPolicy: { Owner, Grants } };
}
