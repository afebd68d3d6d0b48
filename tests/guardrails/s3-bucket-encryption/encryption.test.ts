import { assert } from "chai";
import { s3BucketEncryption as guardrail } from "../../../components/guardrails/s3-bucket-encryption";
import { account, key, rule, set, stateOf, type Rule, type Settings } from "./buckets";

const otherKey = key.replace("1234abcd", "99999999");

describe("default encryption of a bucket: what breaks the rule", () => {
  const kms = (knobs: Partial<Settings> = {}) => set({ algorithm: "aws:kms", ...knobs });
  const compliant: [string, Settings, Rule][] = [
    ["S3-managed keys where they suffice", set(), rule("AES256")],
    ["KMS where S3-managed keys suffice", set(), rule("aws:kms", key)],
    ["dual-layer KMS where S3-managed keys suffice", set(), rule("aws:kms:dsse", key)],
    ["dual-layer KMS where KMS is required", kms(), rule("aws:kms:dsse")],
    ["KMS with the AWS-managed key where any key will do", kms(), rule("aws:kms")],
    ["the required key", kms({ kmsKeyArn: key }), rule("aws:kms", key)],
    ["the required key, given by its id", kms({ kmsKeyArn: key }), rule("aws:kms", key.split("/")[1])],
    ["a bucket key where none is asked for", kms(), rule("aws:kms", key, { BucketKeyEnabled: true })],
    [
      "a blocked type beside S3-managed keys",
      set(),
      { BlockedEncryptionTypes: { EncryptionType: ["SSE-C"] } },
    ],
    [
      "no bucket key under dual-layer KMS, which has none",
      kms({ bucketKey: true }),
      rule("aws:kms:dsse", key, { BucketKeyEnabled: false }),
    ],
  ];
  for (const [what, settings, now] of compliant)
    it(`accepts ${what}`, () => {
      assert.isUndefined(guardrail.assess(stateOf(now), settings, {}));
    });

  const blocked = { BlockedEncryptionTypes: { EncryptionType: ["SSE-C"] } };
  const dsse = set({ algorithm: "aws:kms:dsse" });
  const fixable: [string, Settings, Rule[], Rule[]][] = [
    ["raises S3-managed keys to KMS", kms(), [rule("AES256")], [rule("aws:kms")]],
    [
      "uses the required key",
      kms({ kmsKeyArn: key, bucketKey: true }),
      [rule("AES256")],
      [rule("aws:kms", key, { BucketKeyEnabled: true })],
    ],
    [
      "keeps the blocked types and the bucket key flag",
      kms(),
      [rule("AES256", undefined, { BucketKeyEnabled: true, ...blocked })],
      [rule("aws:kms", undefined, { BucketKeyEnabled: true, ...blocked })],
    ],
    [
      "keeps the key when it adds the second layer",
      dsse,
      [rule("aws:kms", key)],
      [rule("aws:kms:dsse", key)],
    ],
    [
      "turns the bucket key off where dual-layer KMS has none",
      dsse,
      [rule("AES256", undefined, { BucketKeyEnabled: true })],
      [rule("aws:kms:dsse", undefined, { BucketKeyEnabled: false })],
    ],
    [
      "blocks keys of the uploader where that is asked for, and keeps what else is blocked",
      set({ blockSseC: true }),
      [rule("AES256", undefined, { BlockedEncryptionTypes: { EncryptionType: ["NONE", "SSE-X"] } })],
      [rule("AES256", undefined, { BlockedEncryptionTypes: { EncryptionType: ["SSE-C", "SSE-X"] } })],
    ],
    [
      "turns the bucket key on",
      kms({ bucketKey: true }),
      [rule("aws:kms", key)],
      [rule("aws:kms", key, { BucketKeyEnabled: true })],
    ],
    [
      "turns the bucket key off",
      kms({ bucketKey: false }),
      [rule("aws:kms", key, { BucketKeyEnabled: true })],
      [rule("aws:kms", key, { BucketKeyEnabled: false })],
    ],
    [
      "replaces another key when the settings say so",
      kms({ kmsKeyArn: key, otherKey: "fix" }),
      [rule("aws:kms", otherKey)],
      [rule("aws:kms", key)],
    ],
    [
      "never weakens the algorithm when it replaces the key",
      kms({ kmsKeyArn: key, otherKey: "fix" }),
      [rule("aws:kms:dsse", otherKey)],
      [rule("aws:kms:dsse", key)],
    ],
    [
      "raises the algorithm and leaves another key to people",
      set({ algorithm: "aws:kms:dsse", kmsKeyArn: key }),
      [rule("aws:kms", otherKey)],
      [rule("aws:kms:dsse", otherKey)],
    ],
  ];
  for (const [what, settings, now, wanted] of fixable)
    it(what, () => {
      const finding = guardrail.assess(stateOf(...now), settings, {});

      assert.deepEqual(finding?.data as unknown, { rules: wanted });
      assert.isUndefined(finding?.notifyOnly);
    });

  it("has nothing to say once its own change is in place", () => {
    for (const [what, settings, now] of fixable) {
      const written = guardrail.assess(stateOf(...now), settings, {})?.data.rules ?? [];

      const left = guardrail.assess({ ...stateOf(), rules: written }, settings, {});

      assert.isTrue(left === undefined || left.notifyOnly !== undefined, what);
    }
  });

  const told: [string, Settings, Rule | undefined, Partial<ReturnType<typeof stateOf>>, RegExp][] = [
    ["another key than required", kms({ kmsKeyArn: key }), rule("aws:kms", otherKey), {}, /otherKey: fix/],
    [
      "the AWS-managed key where a key is required",
      kms({ kmsKeyArn: key }),
      rule("aws:kms"),
      {},
      /otherKey: fix/,
    ],
    [
      "a bucket that load balancers write their logs to",
      kms(),
      rule("AES256"),
      { outsiders: ["logdelivery.elasticloadbalancing.amazonaws.com"] },
      /admits logdelivery\.elasticloadbalancing\.amazonaws\.com, whom a KMS key locks out/,
    ],
    [
      "a shared bucket whose key would change",
      kms({ kmsKeyArn: key, otherKey: "fix" }),
      rule("aws:kms", otherKey),
      { outsiders: ["arn:aws:iam::127311923021:root", "arn:aws:iam::210987654321:root"] },
      /210987654321/,
    ],
    [
      "a bucket in another region than the key",
      kms({ kmsKeyArn: key }),
      rule("AES256"),
      { region: "eu-west-1" },
      /us-east-1/,
    ],
    ["a bucket of which no rule was read", kms(), undefined, {}, /a read that shows none is not believed/],
    ["an algorithm nobody has heard of", kms(), rule("aws:quantum"), {}, /aws:quantum/],
  ];
  for (const [what, settings, now, rest, reason] of told)
    it(`only tells about ${what}`, () => {
      const finding = guardrail.assess({ ...stateOf(...(now ? [now] : [])), ...rest }, settings, {});

      assert.match(finding?.notifyOnly ?? "no reason", reason);
    });

  it("a shared bucket that already has the key may get its bucket key", () => {
    const state = { ...stateOf(rule("aws:kms", key)), outsiders: ["logging.s3.amazonaws.com"] };

    const finding = guardrail.assess(state, kms({ bucketKey: true }), {});

    assert.isUndefined(finding?.notifyOnly);
    assert.isDefined(finding);
  });

  describe("a key of another account", () => {
    const foreign = key.replace(account, "666666666666");
    const found = (settings: Settings, now = rule("aws:kms", foreign)) =>
      guardrail.assess(stateOf(now), settings, {});

    it("is critical, whatever is required, and never replaced", () => {
      for (const settings of [set(), kms(), kms({ kmsKeyArn: key, otherKey: "fix" })]) {
        const finding = found(settings);

        assert.isTrue(finding?.critical);
        assert.isDefined(finding?.notifyOnly);
        assert.include(finding?.summary, "a key of account 666666666666, which is not trusted");
      }
    });

    it("is like any other key where the account is trusted, or the key is the required one", () => {
      assert.isUndefined(found(kms({ trusted: { accounts: ["666666666666"] } })));
      assert.isUndefined(found(kms({ kmsKeyArn: foreign })));
    });

    it("is critical under the required key's id too, in any spelling that S3 takes", () => {
      const [, id] = key.split(":key/");
      const multi = "mrk-0123456789abcdef0123456789abcdef";
      const there = (name: string) => `arn:aws:kms:us-east-1:666666666666:key/${name}`;
      for (const [kmsKeyArn, used] of [
        [id, there(id)],
        [key.replace(id, multi), there(multi)],
        [multi, there(multi)],
      ])
        assert.isTrue(found(kms({ kmsKeyArn }), rule("aws:kms", used))?.critical, `${kmsKeyArn}: ${used}`);
    });

    it("cannot be meant by a key that is named without an account", () => {
      assert.isUndefined(found(kms(), rule("aws:kms", "alias/data")));
    });
  });

  it("asks nothing about keys of the uploader where the settings do not", () => {
    const allowed = rule("AES256", undefined, { BlockedEncryptionTypes: { EncryptionType: ["NONE"] } });

    assert.isUndefined(guardrail.assess(stateOf(allowed), set(), {}));
  });

  it("holds a change whose key cannot be used, until a later read finds it usable", () => {
    const state = stateOf(rule("AES256"));
    const finding = guardrail.assess({ ...state, keyProblem: "it is disabled" }, kms({ kmsKeyArn: key }), {});

    assert.equal(finding?.blocked, "it is disabled");
    assert.isUndefined(guardrail.assess(state, kms({ kmsKeyArn: key }), {})?.blocked);
  });

  it("says in one sentence what is wrong and what is required", () => {
    const finding = guardrail.assess(stateOf(rule("AES256")), kms({ kmsKeyArn: key }), {});

    assert.equal(
      finding?.summary,
      `Bucket reports encrypts new objects with AES256; required is aws:kms with key ${key}`,
    );
    assert.equal(finding?.fingerprint, `AES256 -> aws:kms with key ${key}`);
  });

  it("a replica of a multi-Region key is the required key", () => {
    const replicated = (region: string) =>
      `arn:aws:kms:${region}:${account}:key/mrk-1234abcd12ab34cd56ef1234567890ab`;

    const settings = kms({ kmsKeyArn: replicated("us-east-1") });

    assert.isUndefined(guardrail.assess(stateOf(rule("aws:kms", replicated("eu-west-1"))), settings, {}));
  });

  it("refuses an alias, because it may come to mean another key", () => {
    const alias = guardrail.settings.safeParse({ kmsKeyArn: `arn:aws:kms:us-east-1:${account}:alias/data` });

    assert.isFalse(alias.success);
  });
});
