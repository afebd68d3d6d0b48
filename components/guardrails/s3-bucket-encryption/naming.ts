import { bucketIn, bucketMembers, newBucketMembers } from "../../../runtime/aws/buckets";
import { objectAt, toList, type GuardrailEvent } from "../../../runtime/events";
import type { Naming } from "../../../runtime/guardrail";
import { allInWords, s3Managed, type EncryptionRule } from "./encryption";
import type { Hints } from "./reasons";

/** Event name → the members of its record that name a bucket. */
export const members = {
  CreateBucket: newBucketMembers,
  PutBucketEncryption: bucketMembers,
  DeleteBucketEncryption: bucketMembers,
} as const;

/** The rules that a PutBucketEncryption leaves behind, as its record tells; none when the record lost its body. */
const rulesPut = (event: GuardrailEvent): EncryptionRule[] =>
  toList(objectAt(event.detail, "requestParameters", "ServerSideEncryptionConfiguration").Rule).map(rule =>
    objectAt(rule),
  );

/** The rules that a call leaves, in every way that S3 may complete them; [] where the record does not say. */
function rulesLeft(event: GuardrailEvent): EncryptionRule[][] {
  // Without a configuration of its own a bucket is encrypted with S3-managed keys.
  const rules = event.detail.eventName === "DeleteBucketEncryption" ? [s3Managed] : rulesPut(event);
  if (rules.length === 0) return [];
  const isSaid = rules.some(rule => rule.BlockedEncryptionTypes !== undefined);
  const blocked = { BlockedEncryptionTypes: { EncryptionType: ["SSE-C"] } };
  return isSaid ? [rules] : [rules, rules.map(rule => ({ ...rule, ...blocked }))];
}

/** What is known of a bucket: that it is there, and how it is encrypted. */
export const identities = (bucket: string, words: string): string[] => [bucket, `${bucket}: ${words}`];

/**
 * The bucket that a call made or changed.
 * @param isBreach whether these rules break the guardrail in a bucket of this region and account
 */
export function namedBucket(
  event: GuardrailEvent,
  isBreach: (
    rules: EncryptionRule[],
    place: { readonly region: string; readonly account: string },
  ) => boolean,
): Naming<Hints> {
  const isMade = event.detail.eventName === "CreateBucket";
  const bucket = bucketIn(event, isMade);
  if ("elsewhere" in bucket || "unreadable" in bucket) return bucket;
  // One of the same name is another bucket: nothing tells here when the old one was deleted.
  const made = `${bucket.id} made at ${event.time}`;
  if (isMade) return [{ ...bucket, hints: { madeAt: event.time }, claim: "exists", made }];
  const left = rulesLeft(event);
  // Without its body the call may have changed nothing: then nothing that was known is new.
  if (left.length === 0) return [{ ...bucket, fresh: [bucket.id] }];
  const words = left.map(allInWords);
  const named = { ...bucket, hints: { left: words }, fresh: words.map(one => identities(bucket.id, one)[1]) };
  return [left.every(rules => isBreach(rules, bucket)) ? { ...named, claim: "breach" as const } : named];
}
