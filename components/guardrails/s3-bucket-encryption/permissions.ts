import type { Permissions, Scope } from "../../definition";
import { mayUseKms, type RequiredEncryption } from "./encryption";

/** What the guardrail may call, on buckets of its own account only. */
export function permissions({
  partition,
  account,
  regions,
  settings,
}: Scope<RequiredEncryption>): Permissions {
  // Another account's bucket may admit this one by its policy.
  const own = {
    resources: [`arn:${partition}:s3:::*`],
    conditions: { StringEquals: { "s3:ResourceAccount": account } },
  };
  // Only a KMS key can lock somebody out, so only then is it read who else uses the bucket.
  const others = mayUseKms(settings) ? ["s3:GetBucketAcl", "s3:GetBucketPolicy"] : [];
  const { kmsKeyArn } = settings;
  const keys =
    kmsKeyArn === undefined
      ? []
      : kmsKeyArn.startsWith("arn:")
        ? [kmsKeyArn]
        : regions.map(region => `arn:${partition}:kms:${region}:${account}:key/${kmsKeyArn}`);
  return {
    read: [
      { actions: ["s3:GetEncryptionConfiguration", "s3:GetBucketTagging", ...others], ...own },
      { actions: ["s3:ListAllMyBuckets"], resources: ["*"], reason: "an action on the account" },
      ...(keys.length > 0 ? [{ actions: ["kms:DescribeKey"], resources: keys }] : []),
    ],
    write: [
      {
        actions: ["s3:PutEncryptionConfiguration"],
        ...own,
        unheld:
          "It could give any bucket of the account any default encryption, weaker ones and foreign keys too, or take its configuration away: S3 has no condition for algorithm or key.",
      },
    ],
    undo: [{ actions: ["s3:PutEncryptionConfiguration"], ...own }],
    inventory: [],
  };
}
