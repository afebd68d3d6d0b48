import {
  DeleteBucketEncryptionCommand,
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  ListBucketsCommand,
  PutBucketEncryptionCommand,
  S3Client,
  type ServerSideEncryptionRule,
} from "@aws-sdk/client-s3";
import { z } from "zod";
import { unlessAbsent } from "../../runtime/aws/absent";
import { bucketAt, bucketIn } from "../../runtime/aws/buckets";
import {
  algorithms,
  encryptionInWords,
  isSufficient,
  mayUseKms,
  reasonToLeave,
  rulesPut,
  rulesRead,
  s3Managed,
  strengthened,
  type BucketEncryption,
  type EncryptionRule,
} from "./s3-bucket-encryption/encryption";
import type { GuardrailEvent } from "../../runtime/events";
import {
  itemsOf,
  type Finding,
  type Known,
  type OwnershipFacts,
  type Remediation,
  type Resource,
} from "../../runtime/guardrail";
import { inParallel } from "../../runtime/aws/parallel";
import { outsidersIn } from "../../runtime/aws/policies";
import { tagsRead } from "../../runtime/aws/tags";
import { defineGuardrail, succeeded, type Permissions, type Scope } from "../definition";

type Hints = Record<string, never>;
type BucketState = BucketEncryption & { bucket: string };
type Data = { rules: EncryptionRule[] };
type Clients = { s3: S3Client };

const settings = z.strictObject({
  algorithm: z
    .enum(algorithms)
    .default("AES256")
    .describe("The weakest default encryption a bucket may have; a stronger one is always compliant."),
  kmsKeyArn: z
    .string()
    .regex(/^(arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/)?(mrk-[0-9a-f]{32}|[0-9a-f-]{36})$/, {
      error: "expected the ARN or the id of a KMS key; an alias can be moved to another key",
    })
    .optional()
    .describe("The KMS key to use: an ARN, for buckets of its region, or an id, for every bucket's region."),
  bucketKey: z
    .boolean()
    .optional()
    .describe("Whether aws:kms uses an S3 bucket key. Default: as the bucket has it."),
  otherKey: z
    .enum(["notify", "fix"])
    .default("notify")
    .describe("What to do about a bucket that uses another KMS key than kmsKeyArn."),
});
type Settings = z.output<typeof settings>;

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
  needs: [],
  permissions,
  clients: (region: string): Clients => ({ s3: new S3Client({ region, followRegionRedirects: true }) }),
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

function permissions({ partition, settings }: Scope<Settings>): Permissions {
  const buckets = [`arn:${partition}:s3:::*`];
  // Only a KMS key can lock somebody out, so only then is it read who else uses the bucket.
  const policy = mayUseKms(settings) ? ["s3:GetBucketPolicy"] : [];
  return {
    read: [
      { actions: ["s3:GetEncryptionConfiguration", "s3:GetBucketTagging", ...policy], resources: buckets },
    ],
    write: [{ actions: ["s3:PutEncryptionConfiguration"], resources: buckets }],
    undo: [{ actions: ["s3:PutEncryptionConfiguration"], resources: buckets }],
    inventory: [{ actions: ["s3:ListAllMyBuckets"], resources: ["*"], reason: "an action on the account" }],
  };
}

function resources(event: GuardrailEvent, settings: Settings): Resource<Hints>[] {
  const bucket = bucketIn(event);
  if (bucket === undefined) return [];
  if (event.detail.eventName === "CreateBucket") return [{ ...bucket, claim: "exists" }];
  // Without a configuration of its own a bucket is encrypted with S3-managed keys.
  const rules = event.detail.eventName === "DeleteBucketEncryption" ? [{}] : rulesPut(event);
  const left = { bucket: bucket.id, region: bucket.region, rules, outsiders: [] };
  return [rules.length > 0 && assess(left, settings) ? { ...bucket, claim: "breach" } : bucket];
}

/** S3 answers for one bucket a call: so many calls go at once, so many buckets are one page of an inventory. */
const atOnce = 25;
const pageSize = 250;

async function inspect({ s3 }: Clients, buckets: readonly Resource<Hints>[], settings: Settings) {
  const states: Record<string, BucketState> = {};
  await inParallel(buckets, atOnce, async ({ arn, id: bucket, region, account }) => {
    const rules = await rulesOf(s3, bucket, account);
    if (rules === undefined) return;
    const state = { bucket, region, rules, outsiders: [] };
    const finding = mayUseKms(settings) ? assess(state, settings) : undefined;
    const isToWrite = finding !== undefined && finding.notifyOnly === undefined;
    states[arn] = { ...state, outsiders: isToWrite ? await outsidersOf(s3, bucket, account) : [] };
  });
  return states;
}

function rulesOf(s3: S3Client, bucket: string, account: string): Promise<EncryptionRule[] | undefined> {
  const absent = { NoSuchBucket: undefined, ServerSideEncryptionConfigurationNotFoundError: [] };
  return unlessAbsent<EncryptionRule[] | undefined>(absent, async () => {
    const query = new GetBucketEncryptionCommand({ Bucket: bucket, ExpectedBucketOwner: account });
    return rulesRead((await s3.send(query)).ServerSideEncryptionConfiguration?.Rules);
  });
}

function outsidersOf(s3: S3Client, bucket: string, account: string): Promise<string[]> {
  return unlessAbsent<string[]>({ NoSuchBucketPolicy: [], NoSuchBucket: [] }, async () => {
    const query = new GetBucketPolicyCommand({ Bucket: bucket, ExpectedBucketOwner: account });
    return outsidersIn((await s3.send(query)).Policy ?? "", account);
  });
}

function assess(state: BucketState, settings: Settings): Finding<Data> | undefined {
  const rules = (state.rules.length > 0 ? state.rules : [s3Managed]).map(it => strengthened(it, settings));
  const isChanged = JSON.stringify(rules) !== JSON.stringify(state.rules);
  if (!isChanged && rules.every(rule => isSufficient(rule, settings))) return undefined;
  const now = encryptionInWords(state.rules);
  const required = encryptionInWords(isChanged ? rules : [strengthened(s3Managed, settings)]);
  const notifyOnly = reasonToLeave(state, rules, settings);
  return {
    fingerprint: `${now} -> ${required}`,
    summary: `Bucket ${state.bucket} encrypts new objects with ${now}; required is ${required}`,
    data: { rules },
    attribute: "rule of aws_s3_bucket_server_side_encryption_configuration",
    ...(notifyOnly !== undefined && { notifyOnly }),
  };
}

/** The bucket with how it encrypts: the same bucket encrypted otherwise is something else. */
function remembered({ bucket, rules }: BucketState): Known {
  const words = encryptionInWords(rules);
  return { [`${bucket}: ${words}`]: words };
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
  const owned = { Bucket: bucket.id, ExpectedBucketOwner: bucket.account };
  await (rules.length > 0 ? put(s3, bucket, rules) : s3.send(new DeleteBucketEncryptionCommand(owned)));
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
