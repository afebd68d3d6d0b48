import type { Mutation } from "../../mutations/mutation";

export const mutations: readonly Mutation[] = [
  {
    defect: "overwrites a bucket's BlockedEncryptionTypes",
    file: "components/guardrails/s3-bucket-encryption/encryption.ts",
    find: "{ ...rule, ApplyServerSideEncryptionByDefault: byDefault }",
    replace: "{ ApplyServerSideEncryptionByDefault: byDefault }",
    tests: ["tests/guardrails/s3-bucket-encryption/encryption.test.ts"],
  },
  {
    defect: "weakens a bucket that is encrypted more strongly than required",
    file: "components/guardrails/s3-bucket-encryption/encryption.ts",
    find: "const algorithm = isWeaker(current, required.algorithm) ? required.algorithm : current;",
    replace: "const algorithm = required.algorithm;",
    tests: ["tests/guardrails/s3-bucket-encryption/encryption.test.ts"],
  },
  {
    defect: "locks outsiders out of a bucket with a KMS key",
    file: "components/guardrails/s3-bucket-encryption/reasons.ts",
    find: "  if (bucket.outsiders.length === 0) return undefined;\n",
    replace: "  return undefined;\n",
    tests: ["tests/guardrails/s3-bucket-encryption/encryption.test.ts"],
  },
  {
    defect: "writes to a bucket of that name whoever owns it",
    file: "components/guardrails/s3-bucket-encryption.ts",
    find: "const owned = { Bucket: id, ExpectedBucketOwner: account };",
    replace: "const owned = { Bucket: id, Account: account };",
    tests: ["tests/guardrails/s3-bucket-encryption/guardrail.test.ts"],
  },
  {
    defect: "writes a key that nobody looked at",
    file: "components/guardrails/s3-bucket-encryption.ts",
    find: 'state.keyProblem !== "" &&',
    replace: 'state.keyProblem === "?" &&',
    tests: [
      "tests/guardrails/s3-bucket-encryption/encryption.test.ts",
      "tests/guardrails/s3-bucket-encryption/guardrail.test.ts",
    ],
  },
  {
    defect: "accepts a key of whatever account",
    file: "components/guardrails/s3-bucket-encryption/reasons.ts",
    find: ".includes(owner) ? undefined : owner",
    replace: ".includes(owner) ? undefined : undefined",
    tests: ["tests/guardrails/s3-bucket-encryption/encryption.test.ts"],
  },
  {
    defect: "lets uploads bring their own keys where that is to be blocked",
    file: "components/guardrails/s3-bucket-encryption/encryption.ts",
    find: "if (!required.blockSseC || isSseCBlocked(rule)) return keyed;",
    replace: "if (keyed !== undefined) return keyed;",
    tests: ["tests/guardrails/s3-bucket-encryption/encryption.test.ts"],
  },
  {
    defect: "believes that an old bucket is new",
    file: "components/guardrails/s3-bucket-encryption/reasons.ts",
    find: "if (madeAt === undefined) return undefined;",
    replace: 'if (madeAt !== "") return undefined;',
    tests: ["tests/guardrails/s3-bucket-encryption/guardrail.test.ts"],
  },
];
