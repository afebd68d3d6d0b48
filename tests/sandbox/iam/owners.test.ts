import {
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  KMSClient,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import {
  CreateBucketCommand,
  GetBucketEncryptionCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  S3Client,
  type ServerSideEncryptionConfiguration,
} from "@aws-sdk/client-s3";
import { expect } from "chai";
import { startWorld, type World } from "../support/account";
import { allow, person } from "../support/person";

const other = "210987654321";
const aes: ServerSideEncryptionConfiguration = {
  Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
};

/** The name of the error, or "done". */
const outcome = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => "done",
    (error: Error) => error.name,
  );

describe("buckets of another account", function () {
  this.timeout(600_000);
  let world: World;
  let theirs: S3Client;
  before(async () => {
    world = await startWorld();
    theirs = world.account.client(S3Client, { account: other });
    await theirs.send(new CreateBucketCommand({ Bucket: "theirs" }));
    await world.gateway.client(S3Client).send(new CreateBucketCommand({ Bucket: "ours" }));
  });
  after(() => world?.close());

  const encrypt = async (Bucket: string, ...statements: object[]) => {
    const s3 = world.gateway.client(S3Client, {}, await person(world, ...statements));
    return outcome(
      s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: aes })),
    );
  };
  const admit = (Bucket: string) => {
    const Statement = { ...allow("s3:*", `arn:aws:s3:::${Bucket}`), Principal: { AWS: "123456789012" } };
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [Statement] });
    return theirs.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  };

  it("are closed to whoever their policy does not admit", async () => {
    expect(await encrypt("theirs", allow("s3:*"))).to.equal("AccessDenied");
  });

  for (const key of ["s3:ResourceAccount", "aws:ResourceAccount"])
    it(`are closed by ${key}, where their policy would admit`, async () => {
      const own = { StringEquals: { [key]: "123456789012" } };
      await admit("theirs");

      expect(await encrypt("theirs", allow("s3:*"))).to.equal("done");
      expect(await encrypt("theirs", allow("s3:*", "*", own))).to.equal("AccessDenied");
      expect(await encrypt("ours", allow("s3:*", "*", own))).to.equal("done");
    });

  it("answer with their own encryption", async () => {
    await admit("theirs");
    const s3 = world.gateway.client(S3Client, {}, await person(world, allow("s3:*")));
    await s3.send(
      new PutBucketEncryptionCommand({ Bucket: "theirs", ServerSideEncryptionConfiguration: aes }),
    );
    const answer = await s3.send(new GetBucketEncryptionCommand({ Bucket: "theirs" }));
    expect(answer.ServerSideEncryptionConfiguration?.Rules).to.have.length(1);
  });
});

describe("a KMS key that somebody looks at", function () {
  this.timeout(600_000);
  let world: World;
  let root: KMSClient;
  before(async () => {
    world = await startWorld();
    root = world.gateway.client(KMSClient);
  });
  after(() => world?.close());

  const looker = async (...statements: object[]) =>
    world.gateway.client(KMSClient, {}, await person(world, ...statements));
  const newKey = async (kms: KMSClient, input: object = {}) => {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand(input));
    return KeyMetadata?.Arn ?? "";
  };
  const policy = (AWS: string) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { AWS }, Action: "kms:*", Resource: "*" }],
    });
  const look = async (kms: KMSClient, KeyId: string) =>
    (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;

  it("answers by its default policy to whoever IAM lets ask", async () => {
    const KeyId = await newKey(root);
    const [able, unable] = [await looker(allow("kms:DescribeKey")), await looker(allow("kms:Encrypt"))];

    expect(await look(able, KeyId)).to.include({
      KeyState: "Enabled",
      Enabled: true,
      KeyUsage: "ENCRYPT_DECRYPT",
      KeyManager: "CUSTOMER",
      AWSAccountId: "123456789012",
    });
    expect(await outcome(look(unable, KeyId))).to.equal("AccessDeniedException");
  });

  it("is closed where its policy names nobody of the account", async () => {
    const KeyId = await newKey(root);
    await root.send(
      new PutKeyPolicyCommand({ KeyId, PolicyName: "default", Policy: policy(`arn:aws:iam::${other}:root`) }),
    );
    expect(await outcome(look(await looker(allow("kms:*")), KeyId))).to.equal("AccessDeniedException");
  });

  it("of another account needs both policies, and says whose it is", async () => {
    const theirs = world.account.client(KMSClient, { account: other });
    const KeyId = await newKey(theirs, { Policy: policy(`arn:aws:iam::${other}:root`) });
    const able = await looker(allow("kms:DescribeKey"));
    const closed = await outcome(look(able, KeyId));
    await theirs.send(
      new PutKeyPolicyCommand({
        KeyId,
        PolicyName: "default",
        Policy: policy("arn:aws:iam::123456789012:root"),
      }),
    );

    expect(closed).to.equal("AccessDeniedException");
    expect((await look(able, KeyId))?.AWSAccountId).to.equal(other);
    expect(await outcome(look(await looker(allow("kms:Encrypt")), KeyId))).to.equal("AccessDeniedException");
  });

  it("tells that it is disabled, waits for deletion, or signs", async () => {
    const able = await looker(allow("kms:DescribeKey"));
    const [off, dying, signing] = [
      await newKey(root),
      await newKey(root),
      await newKey(root, { KeyUsage: "SIGN_VERIFY", KeySpec: "RSA_2048" }),
    ];
    await root.send(new DisableKeyCommand({ KeyId: off }));
    await root.send(new ScheduleKeyDeletionCommand({ KeyId: dying, PendingWindowInDays: 7 }));

    expect(await look(able, off)).to.include({ KeyState: "Disabled", Enabled: false });
    expect(await look(able, dying)).to.include({ KeyState: "PendingDeletion", Enabled: false });
    expect(await look(able, signing)).to.include({ KeyState: "Enabled", KeyUsage: "SIGN_VERIFY" });
  });

  it("is not found where there is none, by id, alias or another region's ARN", async () => {
    const able = await looker(allow("kms:DescribeKey"));
    const far = await newKey(world.account.client(KMSClient, { region: "eu-west-1" }));
    const missing = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";

    for (const KeyId of [missing, missing.split("/")[1] ?? "", "alias/nothing", far])
      expect(await outcome(look(able, KeyId)), KeyId).to.equal("NotFoundException");
  });
});
