import type { JsonObject } from "../../../runtime/json";
import { awsError } from "../../support/fakes/client";
import { tagsOf } from "../account";
import { type CallRecord, type Deed, type Simulation, unknown, type Dice } from "../simulation";

type Rule = {
  ApplyServerSideEncryptionByDefault?: { SSEAlgorithm: string; KMSMasterKeyID?: string };
  BucketKeyEnabled?: boolean;
  BlockedEncryptionTypes?: { EncryptionType: string[] };
};
type Bucket = { rule: Rule; tags: Record<string, string>; partner: boolean; made: number };
type Account = { buckets: Record<string, Bucket>; made: number };

const region = "us-east-1";
const key = `arn:aws:kms:${region}:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const algorithmOf = ({ rule }: Bucket): string =>
  rule.ApplyServerSideEncryptionByDefault?.SSEAlgorithm ?? "AES256";
const byDefault = (blocked: string[]): Rule => ({
  ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" },
  BucketKeyEnabled: false,
  ...(blocked.length > 0 && { BlockedEncryptionTypes: { EncryptionType: blocked } }),
});
const bucketOf = (account: Account, dice: Dice): string => dice.pick(Object.keys(account.buckets));

const resource = (name: string): JsonObject => ({
  accountId: "123456789012",
  type: "AWS::S3::Bucket",
  ARN: `arn:aws:s3:::${name}`,
});
const record = (name: string, bucketName: string, request: JsonObject = {}): CallRecord => ({
  service: "s3",
  name,
  request: { bucketName, Host: `${bucketName}.s3.${region}.amazonaws.com`, ...request },
  response: null,
  resources: [resource(bucketName)],
});
const put = (name: string, { BlockedEncryptionTypes: blocked, ...rule }: Rule): CallRecord =>
  record("PutBucketEncryption", name, {
    ServerSideEncryptionConfiguration: {
      xmlns: "http://s3.amazonaws.com/doc/2006-03-01/",
      Rule: {
        ...(rule as JsonObject),
        ...(blocked && { BlockedEncryptionTypes: { EncryptionType: blocked.EncryptionType } }),
      },
    },
    encryption: "",
  });

const deeds: readonly Deed<Account>[] = [
  {
    name: "create",
    weight: 4,
    by: ["engineer", "pipeline", "attacker"],
    play: (account, dice, now) => {
      const name = `bucket-${++account.made}`;
      account.buckets[name] = {
        rule: byDefault(dice.chance(0.5) ? ["SSE-C"] : []),
        tags: { Owner: "team-shop" },
        partner: false,
        made: now,
      };
      return { words: `creates bucket ${name}`, record: record("CreateBucket", name) };
    },
  },
  {
    name: "weaken",
    weight: 4,
    by: ["engineer", "pipeline", "controller", "attacker"],
    play: (account, dice) => {
      const name = bucketOf(account, dice);
      const bucket = account.buckets[name];
      if (algorithmOf(bucket) === "AES256") return undefined;
      if (dice.chance(0.5)) {
        bucket.rule = byDefault([]);
        return {
          words: `deletes the encryption of ${name}`,
          record: record("DeleteBucketEncryption", name, { encryption: "" }),
          about: [name],
        };
      }
      bucket.rule = { ...byDefault([]), BlockedEncryptionTypes: bucket.rule.BlockedEncryptionTypes };
      return { words: `sets ${name} to AES256`, record: put(name, bucket.rule), about: [name] };
    },
  },
  {
    name: "strengthen",
    weight: 2,
    by: ["engineer", "pipeline"],
    play: (account, dice) => {
      const name = bucketOf(account, dice);
      const bucket = account.buckets[name];
      const algorithm = { SSEAlgorithm: "aws:kms", ...(dice.chance(0.5) && { KMSMasterKeyID: key }) };
      bucket.rule = {
        ...bucket.rule,
        ApplyServerSideEncryptionByDefault: algorithm,
        BucketKeyEnabled: dice.chance(0.5),
      };
      return { words: `sets ${name} to aws:kms`, record: put(name, bucket.rule), about: [name] };
    },
  },
  {
    name: "block",
    weight: 1,
    by: ["engineer"],
    play: (account, dice) => {
      const name = bucketOf(account, dice);
      const bucket = account.buckets[name];
      if (algorithmOf(bucket) === "AES256") return undefined;
      bucket.rule = { ...bucket.rule, BlockedEncryptionTypes: { EncryptionType: ["SSE-C"] } };
      return { words: `blocks SSE-C on ${name}`, record: put(name, bucket.rule), about: [name] };
    },
  },
  {
    name: "create-again",
    weight: 1,
    by: ["attacker"],
    play: (account, dice) => {
      const name = bucketOf(account, dice);
      // In us-east-1 the owner of a bucket may create it again, and changes nothing.
      return {
        words: `creates bucket ${name} once more`,
        record: record("CreateBucket", name),
        names: [name],
      };
    },
  },
  {
    name: "put-again",
    weight: 1,
    by: ["engineer", "attacker"],
    play: (account, dice) => {
      const name = bucketOf(account, dice);
      const { rule } = account.buckets[name];
      return { words: `sets ${name} to what it is`, record: put(name, rule), names: [name] };
    },
  },
  {
    name: "mark",
    weight: 1,
    by: ["engineer", "attacker"],
    play: (account, dice) => {
      const name = bucketOf(account, dice);
      account.buckets[name].tags = { ...account.buckets[name].tags, "eks:cluster-name": "shop" };
      return { words: `tags ${name} as an EKS cluster's` };
    },
  },
  {
    name: "admit-partner",
    weight: 1,
    by: ["engineer"],
    play: (account, dice) => {
      const name = bucketOf(account, dice);
      account.buckets[name].partner = true;
      return { words: `lets a partner's account use ${name}` };
    },
  },
];

const existing = (account: Account, name: string): Bucket => {
  const bucket = account.buckets[name] as Bucket | undefined;
  if (bucket === undefined) throw awsError("NoSuchBucket");
  return bucket;
};
const text = (value: unknown): string => JSON.stringify(value ?? null);

export const simulation: Simulation<Account> = {
  found(dice, now) {
    const account: Account = { buckets: {}, made: 0 };
    for (let at = 0; at < 3; at++) {
      const name = `bucket-${++account.made}`;
      const isOld = dice.chance(0.3);
      account.buckets[name] = {
        rule: isOld
          ? byDefault([])
          : { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" }, BucketKeyEnabled: true },
        tags: {},
        partner: false,
        made: now - 40 * 24 * 3600_000,
      };
    }
    return account;
  },
  reads: {
    "s3 ListBuckets": (account, { Prefix = "", MaxBuckets }: { Prefix?: string; MaxBuckets: number }) => ({
      Buckets: Object.entries(account.buckets)
        .filter(([name]) => name.startsWith(Prefix))
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .slice(0, MaxBuckets)
        .map(([Name, { made }]) => ({ Name, BucketRegion: region, CreationDate: new Date(made) })),
    }),
    "s3 GetBucketAcl": (account, { Bucket }: { Bucket: string }) => {
      const Owner = { ID: "0123456789abcdef" };
      existing(account, Bucket);
      return {
        Owner,
        Grants: [{ Grantee: { ...Owner, Type: "CanonicalUser" }, Permission: "FULL_CONTROL" }],
      };
    },
    "s3 GetBucketEncryption": (account, { Bucket }: { Bucket: string }) => ({
      ServerSideEncryptionConfiguration: { Rules: [existing(account, Bucket).rule] },
    }),
    "s3 GetBucketPolicy": (account, { Bucket }: { Bucket: string }) => {
      if (!existing(account, Bucket).partner) throw awsError("NoSuchBucketPolicy");
      const Statement = {
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::210987654321:root" },
        Action: "s3:GetObject",
        Resource: `arn:aws:s3:::${Bucket}/*`,
      };
      return { Policy: JSON.stringify({ Version: "2012-10-17", Statement: [Statement] }) };
    },
    "s3 GetBucketTagging": (account, { Bucket }: { Bucket: string }) => ({
      TagSet: tagsOf(existing(account, Bucket).tags),
    }),
  },
  writes: {
    "s3 PutBucketEncryption": (
      account,
      input: {
        Bucket: string;
        ExpectedBucketOwner?: string;
        ServerSideEncryptionConfiguration: { Rules: Rule[] };
      },
    ) => {
      if (input.ExpectedBucketOwner !== "123456789012") unknown("a bucket whose owner is not said");
      const [rule] = input.ServerSideEncryptionConfiguration.Rules;
      existing(account, input.Bucket).rule = structuredClone(rule);
    },
    "s3 DeleteBucketEncryption": (account, { Bucket }: { Bucket: string }) => {
      existing(account, Bucket).rule = byDefault([]);
    },
  },
  deeds,
  things: ({ buckets }) =>
    Object.fromEntries(
      Object.entries(buckets).map(([name, { rule, tags, partner, made }]) => [
        name,
        {
          algorithm: algorithmOf({ rule, tags, partner, made }),
          key: text(rule.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID),
          bucketKey: text(rule.BucketKeyEnabled),
          blocked: text(rule.BlockedEncryptionTypes?.EncryptionType),
          tags: text(tags),
          partner: text(partner),
        },
      ]),
    ),
  wrongs: ({ buckets }) =>
    Object.entries(buckets)
      .filter(([, bucket]) => algorithmOf(bucket) === "AES256")
      .map(([name]) => ({
        thing: name,
        arns: [`arn:aws:s3:::${name}`],
        id: name,
        words: `${name} is encrypted with AES256`,
      })),
  readOf: () => "s3 GetBucketEncryption",
  mayChange: (account, { thing, member, from, to }) =>
    member === "algorithm" &&
    from === "AES256" &&
    to === "aws:kms" &&
    (account.buckets[thing] as Bucket | undefined)?.partner === false,
  isTrue(before, account, [{ thing }]) {
    const { bucket, rules } = before as { bucket?: string; rules?: Rule[] };
    return bucket === thing && text(rules) === text([(account.buckets[thing] as Bucket | undefined)?.rule]);
  },
};
