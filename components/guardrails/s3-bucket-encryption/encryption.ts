import { principalInWords } from "../../../runtime/aws/service-accounts";
import { objectAt, textAt, toList, type GuardrailEvent } from "../../../runtime/events";
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
}

/**
 * One rule of a bucket's default encryption, as GetBucketEncryption gives it and PutBucketEncryption takes it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionRule.html
 */
export type EncryptionRule = JsonObject;

/** A bucket as far as its default encryption goes. */
export type BucketEncryption = {
  region: string;
  rules: EncryptionRule[];
  /** Who beside the account may use the bucket; read only where a new KMS key could lock them out. */
  outsiders: string[];
};

/** What S3 applies to every bucket by itself. */
export const s3Managed: EncryptionRule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } };

/** A rule that names no algorithm (only a blocked type, say) leaves the bucket on what S3 applies by itself. */
export const algorithmOf = (rule: EncryptionRule): string =>
  textAt(rule, "ApplyServerSideEncryptionByDefault", "SSEAlgorithm") ?? "AES256";

export const keyOf = (rule: EncryptionRule): string | undefined =>
  textAt(rule, "ApplyServerSideEncryptionByDefault", "KMSMasterKeyID");

const isKnown = (algorithm: string): algorithm is Algorithm =>
  (algorithms as readonly string[]).includes(algorithm);

const isKms = (algorithm: string): boolean => algorithm.startsWith("aws:kms");

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
const isRekeyed = (before: EncryptionRule, after: EncryptionRule): boolean =>
  isKms(algorithmOf(after)) && (!isKms(algorithmOf(before)) || !isSameKey(keyOf(before), keyOf(after)));

/** Whether the rule is encrypted with a KMS key other than the required one. */
const usesOtherKey = (rule: EncryptionRule, required: RequiredEncryption): boolean =>
  required.kmsKeyArn !== undefined && isKms(algorithmOf(rule)) && !isSameKey(keyOf(rule), required.kmsKeyArn);

/**
 * The rule with the smallest change that meets the requirement, and every other member as it was. A rule that
 * already meets it, or is stronger, comes back equal. A key other than required is replaced only with `otherKey: fix`.
 */
export function strengthened(rule: EncryptionRule, required: RequiredEncryption): EncryptionRule {
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

/** Why a bucket is not given `wanted` although it should have it, in words, or undefined. */
export function reasonToLeave(
  bucket: BucketEncryption,
  wanted: readonly EncryptionRule[],
  required: RequiredEncryption,
): string | undefined {
  const unknown = wanted.map(algorithmOf).find(algorithm => !isKnown(algorithm));
  if (unknown !== undefined) return `how strong ${unknown} is, this guardrail does not know`;
  if (JSON.stringify(wanted) === JSON.stringify(bucket.rules))
    return "it has another KMS key, which only the setting otherKey: fix replaces";
  if (!wanted.some((rule, index) => isRekeyed(bucket.rules[index] ?? s3Managed, rule))) return undefined;
  const region = required.kmsKeyArn?.split(":")[3] ?? bucket.region;
  if (region !== bucket.region)
    return `the required key is in ${region}, and S3 takes only keys of the bucket's own region`;
  if (bucket.outsiders.length === 0) return undefined;
  return `its policy admits ${bucket.outsiders.map(principalInWords).join(", ")}, whom a KMS key locks out unless the key's policy admits them`;
}

/** The rules of GetBucketEncryption as plain JSON, lists sorted. */
export function rulesRead(rules: readonly object[] = []): EncryptionRule[] {
  return rules.map(rule => {
    const copy = JSON.parse(JSON.stringify(rule)) as EncryptionRule;
    const { EncryptionType: blocked } = objectAt(copy, "BlockedEncryptionTypes");
    if (Array.isArray(blocked)) blocked.sort();
    return copy;
  });
}

/** The rules that a PutBucketEncryption leaves behind, as its record tells; none when the record lost its body. */
export const rulesPut = (event: GuardrailEvent): EncryptionRule[] =>
  toList(objectAt(event.detail, "requestParameters", "ServerSideEncryptionConfiguration").Rule).map(rule =>
    objectAt(rule),
  );

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
