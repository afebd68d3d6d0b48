import { expect } from "chai";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketEncryptionCommand,
  DeletePublicAccessBlockCommand,
  GetBucketAclCommand,
  GetBucketEncryptionCommand,
  GetBucketMetricsConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyStatusCommand,
  GetBucketTaggingCommand,
  GetObjectCommand,
  GetObjectRetentionCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketAclCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  S3Client,
  type BucketCannedACL,
} from "@aws-sdk/client-s3";
import {
  GetPublicAccessBlockCommand as GetAccountBlockCommand,
  PutPublicAccessBlockCommand as PutAccountBlockCommand,
  S3ControlClient,
} from "@aws-sdk/client-s3-control";
import { startWorld, type World } from "../support/account";
import { refusal } from "../support/refusal";

const everything = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

describe("S3 in the sandbox", function () {
  this.timeout(600_000);
  let world: World;
  let s3: S3Client;
  before(async () => {
    world = await startWorld();
    s3 = world.gateway.client(S3Client);
  });
  after(() => world?.close());

  let buckets = 0;
  const newBucket = async (): Promise<string> => {
    const Bucket = `bucket-${++buckets}`;
    await s3.send(new CreateBucketCommand({ Bucket }));
    return Bucket;
  };
  const rules = async (Bucket: string) =>
    (await s3.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration!.Rules!;
  const policy = (Bucket: string, statement: object) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${Bucket}/*`, ...statement },
      ],
    });

  it("gives a new bucket what AWS gives it", async () => {
    const Bucket = await newBucket();

    expect(await rules(Bucket)).to.deep.equal([
      {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" },
        BucketKeyEnabled: false,
        BlockedEncryptionTypes: { EncryptionType: ["SSE-C"] },
      },
    ]);
    const block = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
    expect(block.PublicAccessBlockConfiguration).to.deep.equal(everything);
    const controls = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }));
    expect(controls.OwnershipControls!.Rules).to.deep.equal([{ ObjectOwnership: "BucketOwnerEnforced" }]);
  });

  it("keeps a bucket's encryption as it was put, blocked types included", async () => {
    const Bucket = await newBucket();
    const rule = {
      ApplyServerSideEncryptionByDefault: {
        SSEAlgorithm: "aws:kms" as const,
        KMSMasterKeyID: "alias/aws/s3",
      },
      BucketKeyEnabled: true,
      BlockedEncryptionTypes: { EncryptionType: ["NONE" as const] },
    };

    await s3.send(
      new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules: [rule] } }),
    );

    expect(await rules(Bucket)).to.deep.equal([rule]);
  });

  it("falls back to S3's own keys when the encryption is deleted", async () => {
    const Bucket = await newBucket();
    const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" as const } };
    await s3.send(
      new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules: [rule] } }),
    );

    await s3.send(new DeleteBucketEncryptionCommand({ Bucket }));

    expect((await rules(Bucket))[0]!.ApplyServerSideEncryptionByDefault).to.deep.equal({
      SSEAlgorithm: "AES256",
    });
  });

  it("refuses an encryption that S3 does not know, and keeps the old one", async () => {
    const Bucket = await newBucket();
    const put = (byDefault: object) =>
      s3.send(
        new PutBucketEncryptionCommand({
          Bucket,
          ServerSideEncryptionConfiguration: {
            Rules: [{ ApplyServerSideEncryptionByDefault: byDefault as never }],
          },
        }),
      );

    expect((await refusal(put({ SSEAlgorithm: "rot13" }))).name).to.equal("MalformedXML");
    expect((await refusal(put({ SSEAlgorithm: "AES256", KMSMasterKeyID: "x" }))).name).to.equal(
      "InvalidArgument",
    );
    expect((await rules(Bucket))[0]!.ApplyServerSideEncryptionByDefault).to.deep.equal({
      SSEAlgorithm: "AES256",
    });
  });

  it("forgets a bucket with everything it knew of it", async () => {
    const Bucket = await newBucket();
    await s3.send(new DeleteBucketCommand({ Bucket }));

    const error = await refusal(rules(Bucket));
    await s3.send(new CreateBucketCommand({ Bucket }));

    expect(error.name).to.equal("NoSuchBucket");
    expect(await rules(Bucket)).to.have.length(1);
  });

  it("leaves a bucket as it is when its owner makes it again", async () => {
    const Bucket = await newBucket();
    const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" as const } };
    await s3.send(
      new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules: [rule] } }),
    );

    await s3.send(new CreateBucketCommand({ Bucket }));

    expect((await rules(Bucket))[0]!.ApplyServerSideEncryptionByDefault!.SSEAlgorithm).to.equal("aws:kms");
  });

  it("refuses names that S3 refuses", async () => {
    const names = ["B_3", "Upper", "a", "192.168.1.1", "two..dots"];

    for (const Bucket of names)
      expect((await refusal(s3.send(new CreateBucketCommand({ Bucket })))).name, Bucket).to.equal(
        "InvalidBucketName",
      );
  });

  it("blocks public policies until the block is gone, and tells which are public", async () => {
    const Bucket = await newBucket();
    const open = new PutBucketPolicyCommand({ Bucket, Policy: policy(Bucket, { Principal: "*" }) });

    const error = await refusal(s3.send(open));
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    await s3.send(open);

    expect(error.name).to.equal("AccessDenied");
    const { PolicyStatus } = await s3.send(new GetBucketPolicyStatusCommand({ Bucket }));
    expect(PolicyStatus).to.deep.equal({ IsPublic: true });
  });

  it("calls a policy private when a fixed value narrows it", async () => {
    const Bucket = await newBucket();
    const narrow = {
      Principal: { AWS: "*" },
      Condition: { StringEquals: { "aws:PrincipalAccount": "123456789012" } },
    };

    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: policy(Bucket, narrow) }));

    const { PolicyStatus } = await s3.send(new GetBucketPolicyStatusCommand({ Bucket }));
    expect(PolicyStatus).to.deep.equal({ IsPublic: false });
  });

  it("refuses what is no policy, and access control lists where they are disabled", async () => {
    const Bucket = await newBucket();

    const malformed = await refusal(s3.send(new PutBucketPolicyCommand({ Bucket, Policy: "{" })));
    const acl = await refusal(s3.send(new PutBucketAclCommand({ Bucket, ACL: "public-read" })));

    expect([malformed.name, acl.name]).to.deep.equal(["MalformedPolicy", "AccessControlListNotSupported"]);
  });

  it("stores objects and tags unchanged", async () => {
    const Bucket = await newBucket();
    const Body = Buffer.from([0, 255, 10, 13]);

    await s3.send(new PutObjectCommand({ Bucket, Key: "a/b c+d", Body }));
    await s3.send(
      new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: "k", Value: "v & <w>" }] } }),
    );

    const { Body: got } = await s3.send(new GetObjectCommand({ Bucket, Key: "a/b c+d" }));
    expect(Buffer.from(await got!.transformToByteArray())).to.deep.equal(Body);
    expect((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).to.deep.equal([
      { Key: "k", Value: "v & <w>" },
    ]);
  });

  it("answers for a bucket or key that is not there as AWS does, without a body too", async () => {
    const Bucket = await newBucket();

    const head = await refusal(s3.send(new HeadBucketCommand({ Bucket: "not-there" })));
    const get = await refusal(s3.send(new GetObjectCommand({ Bucket, Key: "not-there" })));

    expect([head.name, head.$metadata?.httpStatusCode, get.name]).to.deep.equal([
      "NotFound",
      404,
      "NoSuchKey",
    ]);
  });

  it("names what it cannot do", async () => {
    const Bucket = await newBucket();

    const metrics = await refusal(s3.send(new GetBucketMetricsConfigurationCommand({ Bucket, Id: "x" })));
    const retention = await refusal(s3.send(new GetObjectRetentionCommand({ Bucket, Key: "x" })));

    expect(metrics).to.include({
      name: "NotImplemented",
      message: "The sandbox does not implement s3:GetBucketMetricsConfiguration",
    });
    expect(retention.name).to.equal("NotImplemented");
  });

  it("sends a caller to the bucket's own region", async () => {
    const frankfurt = world.gateway.client(S3Client, { region: "eu-central-1" });
    const Bucket = "in-frankfurt";
    const CreateBucketConfiguration = { LocationConstraint: "eu-central-1" as const };
    await frankfurt.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));

    const error = await refusal(s3.send(new GetBucketEncryptionCommand({ Bucket })));

    expect(error.$metadata?.httpStatusCode).to.equal(301);
    expect(error.name).to.equal("PermanentRedirect");
    expect(
      (await frankfurt.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration,
    ).to.not.equal(undefined);
  });

  it("keeps the account's own block, which counts for every bucket", async () => {
    const control = world.gateway.client(S3ControlClient);
    const AccountId = "123456789012";
    const Bucket = await newBucket();
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));

    await control.send(new PutAccountBlockCommand({ AccountId, PublicAccessBlockConfiguration: everything }));

    const got = await control.send(new GetAccountBlockCommand({ AccountId }));
    expect(got.PublicAccessBlockConfiguration).to.deep.equal(everything);
    const open = new PutBucketPolicyCommand({ Bucket, Policy: policy(Bucket, { Principal: "*" }) });
    expect((await refusal(s3.send(open))).name).to.equal("AccessDenied");
  });

  it("tells by a bucket's access control list that log delivery writes to it", async () => {
    const Bucket = await newBucket();
    await s3.send(
      new PutBucketOwnershipControlsCommand({
        Bucket,
        OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerPreferred" }] },
      }),
    );
    const granted = async () => {
      const { Grants = [] } = await s3.send(new GetBucketAclCommand({ Bucket }));
      return Grants.flatMap(({ Grantee, Permission }) =>
        Grantee?.URI ? [`${Grantee.URI} ${Permission}`] : [],
      );
    };

    const before = await granted();
    // The SDK's list of canned lists lacks it; S3 takes it for buckets.
    const ACL = "log-delivery-write" as BucketCannedACL;
    await s3.send(new PutBucketAclCommand({ Bucket, ACL }));

    const logs = "http://acs.amazonaws.com/groups/s3/LogDelivery";
    expect(before).to.deep.equal([]);
    expect(await granted()).to.have.members([`${logs} READ_ACP`, `${logs} WRITE`]);
    const enforced = await newBucket();
    const put = new PutBucketAclCommand({ Bucket: enforced, ACL });
    expect((await refusal(s3.send(put))).name).to.equal("AccessControlListNotSupported");
  });

  it("lists buckets by their beginning, in pages, with the sandbox's time of their making", async () => {
    await world.clock.advance(48 * 3_600_000);
    const since = Math.floor(world.clock.now() / 1000) * 1000;
    for (const name of ["c", "a", "b"]) await s3.send(new CreateBucketCommand({ Bucket: `listed-${name}` }));
    await s3.send(new CreateBucketCommand({ Bucket: "unlisted-a" }));

    const pages: string[][] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(
        new ListBucketsCommand({ Prefix: "listed-", MaxBuckets: 2, ContinuationToken }),
      );
      pages.push((page.Buckets ?? []).map(({ Name = "" }) => Name));
      for (const { CreationDate } of page.Buckets ?? [])
        expect(CreationDate?.getTime()).to.be.within(since, world.clock.now());
      ({ ContinuationToken } = page);
    } while (ContinuationToken !== undefined);

    expect(pages).to.deep.equal([["listed-a", "listed-b"], ["listed-c"]]);
  });
});
