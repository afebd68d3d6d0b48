import {
  GetBucketTaggingCommand,
  ListBucketsCommand,
  PutBucketEncryptionCommand,
  S3Client,
  type ServerSideEncryptionRule,
} from "@aws-sdk/client-s3";
import { KMSClient } from "@aws-sdk/client-kms";
import { z } from "zod";
import { unlessAbsent } from "../../runtime/aws/absent";
import { bucketAt } from "../../runtime/aws/buckets";
import {
  algorithms,
  allInWords,
  encryptionInWords,
  isRekeyed,
  isSufficient,
  keyOf,
  mayUseKms,
  s3Managed,
  strengthened,
  type EncryptionRule,
} from "./s3-bucket-encryption/encryption";
import { identities, members, namedBucket } from "./s3-bucket-encryption/naming";
import { permissions } from "./s3-bucket-encryption/permissions";
import { createdAt, keyProblem, outsidersOf, rulesOf } from "./s3-bucket-encryption/reads";
import {
  foreignAccount,
  ofRules,
  reasonToLeave,
  whyNotBrought,
  type BucketState,
  type Hints,
} from "./s3-bucket-encryption/reasons";
import type { GuardrailEvent } from "../../runtime/events";
import {
  itemsOf,
  type Finding,
  type Known,
  type Naming,
  type OwnershipFacts,
  type Remediation,
  type Resource,
} from "../../runtime/guardrail";
import { inParallel } from "../../runtime/aws/parallel";
import { tagsRead } from "../../runtime/aws/tags";
import { named } from "../../runtime/plain";
import { defineGuardrail, succeeded, type StackSettings } from "../definition";

type Data = { rules: EncryptionRule[] };
type Clients = { s3: S3Client; kms: KMSClient };

const settings = z.strictObject({
  algorithm: z
    .enum(algorithms)
    .default("AES256")
    .describe(
      "The weakest default encryption a bucket may have; a stronger one is always compliant. AES256 is what S3 itself gives every bucket, so asking for it alone finds nothing.",
    ),
  kmsKeyArn: z
    .string()
    .regex(/^(arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/)?(mrk-[0-9a-f]{32}|[0-9a-f-]{36})$/, {
      error: "expected the ARN or the id of a KMS key; an alias can be moved to another key",
    })
    .optional()
    .describe(
      "The KMS key to use: an ARN, for buckets of its region, or an id, for every bucket's region. `pulumi up` fails where it could not be used.",
    )
    .meta({ examples: ["1234abcd-12ab-34cd-56ef-1234567890ab"] }),
  bucketKey: z
    .boolean()
    .optional()
    .describe("Whether aws:kms uses an S3 bucket key. Default: as the bucket has it."),
  otherKey: z
    .enum(["notify", "fix"])
    .default("notify")
    .describe("What to do about a bucket that uses another KMS key than kmsKeyArn."),
  blockSseC: z
    .boolean()
    .default(false)
    .describe(
      "Whether uploads with keys that the uploader provides (SSE-C) must be blocked, as S3 does in new buckets since April 2026.",
    ),
});
type Settings = z.output<typeof settings> & Pick<StackSettings, "trusted">;

export const s3BucketEncryption = defineGuardrail({
  id: "s3-bucket-encryption",
  title: "Keep buckets at the required default encryption",
  why: "New objects are encrypted as the bucket's default says. A bucket that falls back to S3-managed keys loses the access control and the audit trail that a KMS key gives.",
  severity: "medium",
  triggers: [
    {
      scope: "regional",
      pattern: {
        source: ["aws.s3"],
        "detail-type": ["AWS API Call via CloudTrail"],
        detail: {
          eventSource: ["s3.amazonaws.com"],
          eventName: ["CreateBucket", "PutBucketEncryption", "DeleteBucketEncryption"],
          ...succeeded,
        },
      },
    },
  ],
  settings,
  needs: ["trusted"],
  keys: ["kmsKeyArn"],
  permissions,
  members,
  clients: (region: string): Clients => ({
    s3: new S3Client({ region, followRegionRedirects: true }),
    kms: new KMSClient({ region }),
  }),
  resources,
  inspect,
  assess,
  remembered,
  ownership,
  remediate,
  // Right after CreateBucket S3 answers that there is no such bucket, or that another operation on it is under way.
  notYet: ["NoSuchBucket", "OperationAborted"],
  undo,
  inventory,
});

function resources(event: GuardrailEvent, settings: Settings): Naming<Hints> {
  return namedBucket(event, (rules, place) => assess(ofRules("", place, rules), settings, {}) !== undefined);
}

/** S3 answers for one bucket a call: so many calls go at once, so many buckets are one page of an inventory. */
const atOnce = 40;
const pageSize = 250;

async function inspect({ s3, kms }: Clients, buckets: readonly Resource<Hints>[], settings: Settings) {
  const states: Record<string, BucketState> = {};
  await inParallel(buckets, atOnce, async bucket => {
    const rules = await rulesOf(s3, bucket);
    if (rules === undefined) return;
    const state = ofRules(bucket.id, bucket, rules);
    const finding = assess(state, settings, {});
    // What speaks against a write is asked only where there would be one.
    states[bucket.arn] =
      finding === undefined || finding.notifyOnly !== undefined
        ? state
        : {
            ...state,
            outsiders: mayUseKms(settings) ? await outsidersOf(s3, bucket) : [],
            createdAt: bucket.hints.madeAt === undefined ? "" : await createdAt(s3, bucket),
            keyProblem: await keyProblem(kms, newKey(rules, finding.data.rules), bucket),
          };
  });
  return states;
}

/** The key that a change would put where it was not; none where AWS manages it. */
const newKey = (rules: readonly EncryptionRule[], wanted: readonly EncryptionRule[]): string | undefined =>
  wanted.filter((rule, index) => isRekeyed(rules[index], rule)).map(keyOf)[0];

function assess(
  state: BucketState,
  settings: Settings,
  hints: Hints,
  known?: Known,
): Finding<Data> | undefined {
  const { bucket, account, rules } = state;
  const words = settings.blockSseC ? allInWords : encryptionInWords;
  const now = words(rules);
  const attribute = "rule of aws_s3_bucket_server_side_encryption_configuration";
  const says = `Bucket ${named(bucket)} encrypts new objects with ${now}`;
  const foreign = rules
    .map(rule => foreignAccount(rule, account, settings))
    .find(owner => owner !== undefined);
  if (foreign !== undefined)
    return {
      fingerprint: `${now} of ${foreign}`,
      summary: `${says}, a key of account ${foreign}, which is not trusted: whoever owns the key can take all that is encrypted with it away`,
      data: { rules },
      critical: true,
      attribute,
      notifyOnly: `whether account ${foreign} is to be trusted, and what was encrypted with its key, are people's to judge`,
    };
  if (rules.length === 0)
    return {
      fingerprint: now,
      summary: says,
      data: { rules },
      attribute,
      notifyOnly:
        "S3 gives every bucket a rule, so a read that shows none is not believed, and nothing is written over it",
    };
  const wanted = rules.map(rule => strengthened(rule, settings));
  const isChanged = JSON.stringify(wanted) !== JSON.stringify(rules);
  if (!isChanged && rules.every(rule => isSufficient(rule, settings))) return undefined;
  const required = words(isChanged ? wanted : [strengthened(s3Managed, settings)]);
  const notifyOnly = reasonToLeave(state, wanted, settings) ?? whyNotBrought(state, hints, known);
  return {
    fingerprint: `${now} -> ${required}`,
    summary: `${says}; required is ${required}`,
    data: { rules: wanted },
    attribute,
    ...(notifyOnly !== undefined && { notifyOnly }),
    ...(notifyOnly === undefined && state.keyProblem !== "" && { blocked: state.keyProblem }),
  };
}

function remembered({ bucket, rules }: BucketState): Known {
  const words = allInWords(rules);
  return Object.fromEntries(identities(bucket, words).map(identity => [identity, words]));
}

async function ownership({ s3 }: Clients, { id, account }: Resource<Hints>): Promise<OwnershipFacts> {
  return unlessAbsent({ NoSuchTagSet: { tags: {} }, NoSuchBucket: { tags: {} } }, async () => {
    const query = new GetBucketTaggingCommand({ Bucket: id, ExpectedBucketOwner: account });
    return { tags: tagsRead((await s3.send(query)).TagSet) };
  });
}

type Work = readonly Remediation<Hints, BucketState, Data>[];
async function remediate({ s3 }: Clients, work: Work): Promise<void> {
  for (const { resource, finding } of work) await put(s3, resource, finding.data.rules);
}

async function put(s3: S3Client, { id, account }: Resource<Hints>, rules: EncryptionRule[]): Promise<void> {
  const ServerSideEncryptionConfiguration = { Rules: rules as ServerSideEncryptionRule[] };
  const owned = { Bucket: id, ExpectedBucketOwner: account };
  await s3.send(new PutBucketEncryptionCommand({ ...owned, ServerSideEncryptionConfiguration }));
}

async function undo({ s3 }: Clients, bucket: Resource<Hints>, { rules }: BucketState): Promise<void> {
  await put(s3, bucket, rules);
}

async function* inventory(
  clients: Clients,
  scope: { account: string; region: string },
  settings: Settings,
  from?: string,
) {
  let ContinuationToken = from;
  do {
    const page = await clients.s3.send(
      new ListBucketsCommand({ BucketRegion: scope.region, MaxBuckets: pageSize, ContinuationToken }),
    );
    const here = (page.Buckets ?? []).filter(
      ({ BucketRegion = scope.region }) => BucketRegion === scope.region,
    );
    const buckets = here.map(({ Name = "" }) => bucketAt(Name, scope.region, scope.account));
    const states = await inspect(clients, buckets, settings);
    ContinuationToken = page.ContinuationToken;
    yield { items: itemsOf(buckets, states), next: ContinuationToken };
  } while (ContinuationToken !== undefined);
}
