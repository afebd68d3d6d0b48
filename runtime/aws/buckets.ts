import { objectAt, textAt, toList, type GuardrailEvent } from "../events";
import type { Resource } from "../guardrail";
import { partitionOf } from "./partition";

/** The members of an S3 record that name a bucket that is there: `type` tells the buckets among the resources. */
export const bucketMembers = ["requestParameters.bucketName", "resources.ARN"] as const;
/** The member that names a bucket that the call makes. */
export const newBucketMembers = [bucketMembers[0]] as const;

/**
 * The bucket that a bucket-level S3 call names, in the region where it is. Elsewhere are directory buckets (a service of
 * their own) and buckets of another account, whose own stack minds them.
 * @param isMade whether the call makes the bucket: then no resource of the record is it
 */
export function bucketIn(
  event: GuardrailEvent,
  isMade: boolean,
): Resource<Record<string, never>> | { readonly elsewhere: string } | { readonly unreadable: string } {
  const listed = isMade ? [] : toList(event.detail.resources);
  const named = objectAt(listed.find(it => textAt(it, "type") === "AWS::S3::Bucket"));
  const name =
    textAt(event.detail, "requestParameters", "bucketName") ?? textAt(named, "ARN")?.split(":::")[1];
  const owner = textAt(named, "accountId") ?? event.account;
  if (name === undefined) return { unreadable: bucketMembers[0] };
  if (name.endsWith("--x-s3")) return { elsewhere: "it is a directory bucket" };
  if (owner !== event.account) return { elsewhere: `the bucket is of account ${owner}` };
  return bucketAt(name, regionOf(event), event.account);
}

export const bucketAt = (name: string, region: string, account: string): Resource<Record<string, never>> => ({
  arn: `arn:${partitionOf(region).id}:s3:::${name}`,
  type: "AWS::S3::Bucket",
  id: name,
  region,
  account,
  hints: {},
});

/** A bucket is created where LocationConstraint says, which need not be the region that was called. */
function regionOf(event: GuardrailEvent): string {
  const place = textAt(event.detail, "requestParameters", "CreateBucketConfiguration", "LocationConstraint");
  // "EU" is the constraint's old name for Ireland:
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html
  if (place === "EU") return "eu-west-1";
  return place !== undefined && /^[a-z]+(-[a-z]+)+-\d+$/.test(place)
    ? place
    : (textAt(event.detail, "awsRegion") ?? event.region);
}
