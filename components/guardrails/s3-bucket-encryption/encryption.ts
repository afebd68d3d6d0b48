import { objectAt, textAt, toList } from "../../../runtime/events";
import type { Json, JsonObject } from "../../../runtime/json";

export const algorithms = ["AES256", "aws:kms", "aws:kms:dsse"] as const;
export type Algorithm = (typeof algorithms)[number];

/** What a bucket's default encryption has to be at least. */
export interface RequiredEncryption {
  readonly algorithm: Algorithm;
  /** A KMS key, as ARN or id. Absent: any key will do. */
  readonly kmsKeyArn?: string | undefined;
  /** Absent: as the bucket has it. Without meaning except for aws:kms. */
  readonly bucketKey?: boolean | undefined;
  /** Whether a bucket that uses another key than the required one is told or put right. */
  readonly otherKey: "notify" | "fix";
  /** Whether uploads with keys that the uploader provides must be blocked. */
  readonly blockSseC: boolean;
}

/**
 * One rule of a bucket's default encryption, as GetBucketEncryption gives it and PutBucketEncryption takes it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionRule.html
 */
export type EncryptionRule = JsonObject;

/** What S3 applies to every bucket by itself. */
export const s3Managed: EncryptionRule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } };

/** A rule that names no algorithm (only a blocked type, say) leaves the bucket on what S3 applies by itself. */
export const algorithmOf = (rule: EncryptionRule): string =>
  textAt(rule, "ApplyServerSideEncryptionByDefault", "SSEAlgorithm") ?? "AES256";

export const keyOf = (rule: EncryptionRule): string | undefined =>
  textAt(rule, "ApplyServerSideEncryptionByDefault", "KMSMasterKeyID");

export const isKnown = (algorithm: string): algorithm is Algorithm =>
  (algorithms as readonly string[]).includes(algorithm);

export const isKms = (algorithm: string): boolean => algorithm.startsWith("aws:kms");

/** Each algorithm protects at least as much as the ones before it. */
const isWeaker = (algorithm: Algorithm, required: Algorithm): boolean =>
  algorithms.indexOf(algorithm) < algorithms.indexOf(required);

/** Whether a bucket may be given a KMS key at all. */
export const mayUseKms = ({ algorithm, kmsKeyArn }: RequiredEncryption): boolean =>
  isKms(algorithm) || kmsKeyArn !== undefined;

/**
 * Whether two spellings, key id and key ARN, name one key; the replicas of a multi-Region key count as one. An alias
 * equals only itself: it can be moved to another key.
 */
export function isSameKey(one: string | undefined, other: string | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined || keyId(one) !== keyId(other)) return false;
  return keyId(one).startsWith("mrk-") || !(one.startsWith("arn:") && other.startsWith("arn:"));
}

const keyId = (key: string): string => key.replace(/^.*:key\//, "");

/** Whether new objects would be encrypted with a KMS key that did not encrypt them before. */
export const isRekeyed = (before: EncryptionRule, after: EncryptionRule): boolean =>
  isKms(algorithmOf(after)) && (!isKms(algorithmOf(before)) || !isSameKey(keyOf(before), keyOf(after)));

/** Whether the rule is encrypted with a KMS key other than the required one. */
const usesOtherKey = (rule: EncryptionRule, required: RequiredEncryption): boolean =>
  required.kmsKeyArn !== undefined && isKms(algorithmOf(rule)) && !isSameKey(keyOf(rule), required.kmsKeyArn);

/**
 * The rule with the smallest change that meets the requirement, and every other member as it was. A rule that
 * already meets it, or is stronger, comes back equal. A key other than required is replaced only with `otherKey: fix`.
 */
export function strengthened(rule: EncryptionRule, required: RequiredEncryption): EncryptionRule {
  const keyed = withKey(rule, required);
  if (!required.blockSseC || isSseCBlocked(rule)) return keyed;
  // NONE says that nothing is blocked.
  const others = blockedIn(rule).filter(type => type !== "NONE");
  return { ...keyed, BlockedEncryptionTypes: { EncryptionType: [...others, "SSE-C"].sort() } };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_BlockedEncryptionTypes.html */
const blockedIn = (rule: EncryptionRule): Json[] =>
  toList(objectAt(rule, "BlockedEncryptionTypes").EncryptionType);

/** Whether uploads with a key of the uploader's own are refused. */
const isSseCBlocked = (rule: EncryptionRule): boolean => blockedIn(rule).includes("SSE-C");

function withKey(rule: EncryptionRule, required: RequiredEncryption): EncryptionRule {
  const current = algorithmOf(rule);
  if (!isKnown(current)) return rule;
  const algorithm = isWeaker(current, required.algorithm) ? required.algorithm : current;
  if (algorithm === "AES256") return rule;
  const keepsKey = isKms(current) && (!usesOtherKey(rule, required) || required.otherKey === "notify");
  const key = keepsKey ? keyOf(rule) : required.kmsKeyArn;
  const byDefault: JsonObject = {
    ...objectAt(rule, "ApplyServerSideEncryptionByDefault"),
    SSEAlgorithm: algorithm,
  };
  if (key !== undefined) byDefault.KMSMasterKeyID = key;
  // Bucket keys do not work with dual-layer encryption, and buckets made in the console carry the flag under AES256:
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingDSSEncryption.html
  const wanted = algorithm === "aws:kms" ? required.bucketKey : current === algorithm ? undefined : false;
  const flag: Json | undefined = wanted ?? rule.BucketKeyEnabled;
  const changed: EncryptionRule = { ...rule, ApplyServerSideEncryptionByDefault: byDefault };
  if (flag !== undefined && !(flag === false && rule.BucketKeyEnabled === undefined))
    changed.BucketKeyEnabled = flag;
  return changed;
}

/** Whether a rule that `strengthened` leaves as it is meets the requirement. */
export const isSufficient = (rule: EncryptionRule, required: RequiredEncryption): boolean =>
  isKnown(algorithmOf(rule)) && !usesOtherKey(rule, required);

/** The rules of GetBucketEncryption as plain JSON, lists sorted. */
export function rulesRead(rules: readonly object[] = []): EncryptionRule[] {
  return rules.map(rule => {
    const copy = JSON.parse(JSON.stringify(rule)) as EncryptionRule;
    const { EncryptionType: blocked } = objectAt(copy, "BlockedEncryptionTypes");
    if (Array.isArray(blocked)) blocked.sort();
    return copy;
  });
}

/** In words for people, e.g. `aws:kms with key 1234abcd, bucket key on`. */
export function encryptionInWords(rules: readonly EncryptionRule[]): string {
  if (rules.length === 0) return "no default encryption";
  return rules
    .map(rule => {
      const algorithm = algorithmOf(rule);
      if (!isKms(algorithm)) return algorithm;
      const key = keyOf(rule);
      const bucketKey = rule.BucketKeyEnabled === true ? ", bucket key on" : "";
      return `${algorithm} with ${key === undefined ? "the AWS-managed key" : `key ${key}`}${bucketKey}`;
    })
    .join("; ");
}

/** The same, and whether uploads with keys of the uploader are blocked. */
export const allInWords = (rules: readonly EncryptionRule[]): string =>
  rules
    .map(rule => `${encryptionInWords([rule])}, SSE-C ${isSseCBlocked(rule) ? "blocked" : "allowed"}`)
    .join("; ");
