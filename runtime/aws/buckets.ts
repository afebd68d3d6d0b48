import { objectAt, textAt, toList, type GuardrailEvent } from "../events";
import type { Resource } from "../guardrail";
import { partitionOf } from "./partition";

/**
 * The bucket that a bucket-level S3 call names, in the region where it is, or undefined: when the record lost its
 * body, for directory buckets (a service of their own) and for a bucket of another account, whose own stack minds it.
 */
export function bucketIn(event: GuardrailEvent): Resource<Record<string, never>> | undefined {
  const named = objectAt(toList(event.detail.resources).find(it => textAt(it, "type") === "AWS::S3::Bucket"));
  const name =
    textAt(event.detail, "requestParameters", "bucketName") ?? textAt(named, "ARN")?.split(":::")[1];
  const owner = textAt(named, "accountId") ?? event.account;
  if (name === undefined || name.endsWith("--x-s3") || owner !== event.account) return undefined;
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
