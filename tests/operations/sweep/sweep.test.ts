import { expect } from "chai";
import { s3BucketEncryption } from "../../../components/guardrails/s3-bucket-encryption";
import { securityGroupOpenIngress } from "../../../components/guardrails/security-group-open-ingress";
import type { EnabledGuardrail } from "../../../components/settings/guardrails";
import type { Operator } from "../../../operations/operator";
import { sweep, sweepable } from "../../../operations/sweep/sweep";
import { awsError, fakeClient } from "../../support/fakes/client";

const settings = {
  ...s3BucketEncryption.settings.parse({ algorithm: "aws:kms" }),
  trusted: { accounts: [] },
};
const enabled = (more: Partial<EnabledGuardrail> = {}) =>
  ({
    definition: s3BucketEncryption,
    mode: "notify",
    managed: "notify",
    sweep: "notify",
    budget: 50,
    settings,
    exemptions: [],
    ...more,
  }) as EnabledGuardrail;

/** An account of so many buckets, every hundredth of them encrypted with less than a KMS key. */
function operatorOn(buckets: number, answers: object = {}): Operator & { calls: string[] } {
  const calls: string[] = [];
  const s3 = fakeClient({
    ListBuckets: ({ ContinuationToken, MaxBuckets = 1000 }: Record<string, unknown>) => {
      const from = Number(ContinuationToken ?? 0);
      const to = Math.min(buckets, from + Number(MaxBuckets));
      const Buckets = Array.from({ length: to - from }, (_, at) => ({ Name: `bucket-${from + at}` }));
      return { Buckets, ContinuationToken: to < buckets ? String(to) : undefined };
    },
    GetBucketEncryption: ({ Bucket }: Record<string, unknown>) => {
      const SSEAlgorithm = Number(String(Bucket).split("-")[1]) % 100 === 7 ? "AES256" : "aws:kms";
      return {
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm } }],
        },
      };
    },
    GetBucketAcl: () => ({ Owner: { ID: "owner" }, Grants: [] }),
    GetBucketPolicy: () => {
      throw awsError("NoSuchBucketPolicy", "none");
    },
    ...answers,
  });
  return {
    calls,
    place: { stack: "dev", partition: "aws", account: "123456789012", home: "us-east-1" },
    by: "arn:aws:iam::123456789012:user/olga",
    clients: () => ({
      s3: {
        send: (command: object) => {
          calls.push(command.constructor.name.replace(/Command$/, ""));
          return (s3.send as (command: object) => Promise<unknown>)(command);
        },
      },
    }),
    now: () => Date.parse("2026-01-01T00:00:00Z"),
    pause: async () => undefined,
  } as unknown as Operator & { calls: string[] };
}

describe("an operator's sweep", () => {
  it("looks at each bucket with one call, a page of them with one more, and lists what is wrong", async () => {
    const operator = operatorOn(1000);
    const progress: number[] = [];

    const { sweeps } = await sweep(operator, sweepable([enabled()], undefined), (_, __, looked) =>
      progress.push(looked),
    );

    expect(sweeps).to.have.length(1);
    expect(sweeps[0]).to.deep.include({ guardrail: "s3-bucket-encryption", looked: 1000, exempt: 0 });
    expect(sweeps[0].wrong.map(({ resource }) => resource.id)).to.deep.equal(
      Array.from({ length: 10 }, (_, at) => `bucket-${at * 100 + 7}`),
    );
    expect(progress).to.deep.equal([250, 500, 750, 1000]);
    const reads = operator.calls.filter(call => call !== "GetBucketPolicy" && call !== "GetBucketAcl");
    expect(reads.length, "reads of what is wrong aside").to.be.at.most(1010);
  });

  it("leaves out what the stack exempts, and counts it", async () => {
    const exemption = {
      guardrail: "s3-bucket-encryption",
      resource: "arn:aws:s3:::bucket-7",
      reason: "public data",
      owner: "ada@example.com",
      expires: "2026-06-30",
    };

    const { sweeps } = await sweep(
      operatorOn(100),
      sweepable([enabled({ exemptions: [exemption] })], undefined),
    );

    expect(sweeps[0]).to.deep.include({ looked: 100, exempt: 1, wrong: [] });
  });

  it("says where it could not look to the end, and goes on with the others", async () => {
    const broken = operatorOn(100, {
      GetBucketEncryption: () => {
        throw awsError("AccessDenied", "not yours");
      },
    });

    const { sweeps } = await sweep(broken, sweepable([enabled()], undefined));

    expect(sweeps[0].error).to.deep.equal({ code: "AccessDenied", message: "not yours" });
  });

  it("knows only guardrails that the stack has enabled", () => {
    expect(() => sweepable([enabled()], securityGroupOpenIngress.id)).to.throw(
      'Guardrail "security-group-open-ingress" is not enabled in this stack; enabled are s3-bucket-encryption.',
    );
    expect(() => sweepable([], undefined)).to.throw("No guardrail of this stack looks at anything.");
  });
});
