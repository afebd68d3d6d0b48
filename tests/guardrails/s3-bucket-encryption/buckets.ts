import { s3BucketEncryption as guardrail } from "../../../components/guardrails/s3-bucket-encryption";

/* What the tests of s3-bucket-encryption and of runtime/encryption talk about. */

export type Settings = Parameters<typeof guardrail.resources>[1];
export type Rule = Record<string, unknown>;

export const account = "123456789012";
export const key = `arn:aws:kms:us-east-1:${account}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
export const set = ({ trusted = { accounts: [] }, ...knobs }: Partial<Settings> = {}): Settings => ({
  ...guardrail.settings.parse(knobs),
  trusted,
});
export const rule = (SSEAlgorithm: string, KMSMasterKeyID?: string, rest: Rule = {}): Rule => ({
  ApplyServerSideEncryptionByDefault: { SSEAlgorithm, ...(KMSMasterKeyID && { KMSMasterKeyID }) },
  ...rest,
});
/** What a read finds of the bucket "reports". */
export const stateOf = (...rules: Rule[]) => ({
  bucket: "reports",
  region: "us-east-1",
  account,
  rules: rules as never[],
  outsiders: [] as string[],
  createdAt: "",
  keyProblem: "",
});
