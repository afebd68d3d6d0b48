/** A KMS key as far as it matters to whoever wants to encrypt with it, in KMS's own words; absent: KMS did not say. */
export interface Key {
  readonly arn: string | undefined;
  readonly state: string | undefined;
  readonly usage: string | undefined;
  readonly spec: string | undefined;
}

/**
 * Why S3 could not encrypt a bucket of this region with the key, in words, or undefined.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html: symmetric keys of the same region.
 * @param account whose key it is meant to be
 */
export function unfit(key: Key, region: string, account: string): string | undefined {
  const [, , , place, owner] = key.arn?.split(":") ?? [];
  if (place !== region) return `it is in ${place ?? "no region"}, and the bucket in ${region}`;
  if (owner !== account) return `it is of account ${owner}, not ${account}`;
  if (key.state !== "Enabled") return `its state is ${key.state}`;
  if (key.usage !== "ENCRYPT_DECRYPT" || key.spec !== "SYMMETRIC_DEFAULT")
    return `it is a key of ${key.spec} for ${key.usage}`;
  return undefined;
}
