import { principalInWords } from "../../../runtime/aws/service-accounts";
import type { StackSettings } from "../../definition";
import type { Known } from "../../../runtime/guardrail";
import {
  algorithmOf,
  allInWords,
  isKms,
  isKnown,
  isRekeyed,
  isSameKey,
  keyOf,
  s3Managed,
  type EncryptionRule,
  type RequiredEncryption,
} from "./encryption";

/** A bucket as far as its default encryption goes. */
export type BucketState = {
  bucket: string;
  region: string;
  account: string;
  rules: EncryptionRule[];
  /** Who beside the account may use the bucket; read only where a new KMS key could lock them out. */
  outsiders: string[];
  /** When the bucket was made, ISO 8601, as S3 says; read only where a call says that it made it. "" else. */
  createdAt: string;
  /** Why the required key cannot be used, in words; looked at only before it is written. "" for nothing. */
  keyProblem: string;
};

/** A state of which only the rules were read. */
export const ofRules = (
  bucket: string,
  { region, account }: { readonly region: string; readonly account: string },
  rules: EncryptionRule[],
): BucketState => ({ bucket, region, account, rules, outsiders: [], createdAt: "", keyProblem: "" });

/** What only the event says. */
export type Hints = {
  /** When the bucket was made by it, ISO 8601. */
  madeAt?: string;
  /** The encryption that it may have left, in words: S3 need not say what it does with members that a call left out. */
  left?: string[];
};

/** The account of a rule's key that is neither the bucket's own, nor trusted, nor that of the required key. */
export function foreignAccount(
  rule: EncryptionRule,
  account: string,
  { kmsKeyArn, trusted }: RequiredEncryption & Pick<StackSettings, "trusted">,
): string | undefined {
  const key = keyOf(rule);
  if (key === undefined || !isKms(algorithmOf(rule))) return undefined;
  // A key that is named without its account is one of the account that uses it.
  const ownerOf = (name: string): string => (name.startsWith("arn:") ? name.split(":")[4] : account);
  const owner = ownerOf(key);
  // Whoever writes a rule may give another account's key the id of the required one: S3 checks no keys.
  const isRequired = kmsKeyArn !== undefined && isSameKey(key, kmsKeyArn) && owner === ownerOf(kmsKeyArn);
  return isRequired || [account, ...trusted.accounts].includes(owner) ? undefined : owner;
}

/** Why a bucket is not given `wanted` although it should have it, in words, or undefined. */
export function reasonToLeave(
  bucket: BucketState,
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
  return `it also admits ${bucket.outsiders.map(principalInWords).join(", ")}, whom a KMS key locks out unless the key's policy admits them`;
}

/** How far the time of the call and the bucket's creation date may be apart, ms. */
const tolerance = 5 * 60_000;

/**
 * Why an event did not bring what is read, in words, or undefined. In us-east-1 a bucket of one's own can be made again
 * with success, and a record can be forged.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
 */
export function whyNotBrought(
  { bucket, createdAt, rules }: BucketState,
  { madeAt, left }: Hints,
  known: Known | undefined,
): string | undefined {
  const now = allInWords(rules);
  if (left !== undefined && !left.includes(now))
    return `unconfirmed: the call left ${left[0]}, and the bucket has ${now}`;
  if (madeAt === undefined) return undefined;
  const age = Date.parse(madeAt) - Date.parse(createdAt);
  const isKnown = known !== undefined && Object.hasOwn(known, bucket);
  if (age > tolerance)
    return `unconfirmed: S3 says that the bucket was made at ${createdAt}, and the call at ${madeAt}`;
  // The date of an old bucket can be renewed by a change of its policy, so it has to be that of the call.
  if (isKnown && !(Math.abs(age) <= tolerance))
    return `unconfirmed: the bucket was known before the call at ${madeAt}, and S3 does not say that it was made then`;
  return undefined;
}
