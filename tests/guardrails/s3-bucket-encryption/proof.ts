import type { Proof } from "../proof";
import { account } from "./account";
import { breach } from "./breach";
import { mutations } from "./mutations";
import { simulation } from "./simulation";
import { steps } from "./steps";

export const proof: Proof = {
  kind: "writing",
  // AES256 is what S3 itself gives every new bucket: only KMS can be missing.
  settings: { algorithm: "aws:kms" },
  alone: { trusted: { accounts: [] } },
  account,
  absent: { Bucket: "NoSuchBucket" },
  confirms: {
    PutBucketEncryption: (input: { Bucket: string }, { holds, ask }) =>
      holds(input.Bucket) && !JSON.stringify(ask("s3", "GetBucketEncryption", input)).includes("aws:kms"),
  },
  breach,
  simulation,
  writes: {
    "s3:PutEncryptionConfiguration": {
      reason: "sets how new objects are encrypted; opens nothing to anybody",
    },
  },
  steps,
  unused: {},
  mutations,
};
