import type { GuardrailEvent } from "../../../runtime/events";
import { awsError } from "../../support/fakes/client";
import { type FakeAccount, tagsOf } from "../account";

/** Buckets with the encryption that S3 gives by itself, and one tag. */
export function account({ time }: GuardrailEvent): FakeAccount {
  const rules: Record<string, object[]> = {};
  const amazon = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" }, BucketKeyEnabled: false };
  return {
    s3: {
      GetBucketEncryption: ({ Bucket }: { Bucket: string }) => ({
        ServerSideEncryptionConfiguration: { Rules: rules[Bucket] ?? [amazon] },
      }),
      GetBucketPolicy: () => {
        throw awsError("NoSuchBucketPolicy");
      },
      GetBucketAcl: () => ({ Owner: { ID: "own" }, Grants: [{ Grantee: { ID: "own" } }] }),
      ListBuckets: ({ Prefix }: { Prefix: string }) => ({
        Buckets: [{ Name: Prefix, CreationDate: new Date(time) }],
      }),
      GetBucketTagging: () => ({ TagSet: tagsOf({ Owner: "team-shop" }) }),
      PutBucketEncryption: (input: {
        Bucket: string;
        ServerSideEncryptionConfiguration: { Rules: object[] };
      }) => {
        rules[input.Bucket] = input.ServerSideEncryptionConfiguration.Rules;
      },
    },
  };
}
