import {
  CreateTagsCommand,
  DescribeInstancesCommand,
  ModifyNetworkInterfaceAttributeCommand,
  type EC2Client,
} from "@aws-sdk/client-ec2";
import { GetBucketEncryptionCommand, PutBucketEncryptionCommand, type S3Client } from "@aws-sdk/client-s3";
import { assert } from "chai";
import { awsError, fakeClient, inputsOf } from "./client";

describe("fake SDK client", () => {
  const failure = async (made: Promise<unknown>): Promise<Error> =>
    made.then(
      answer => assert.fail(`answered ${JSON.stringify(answer)} instead of throwing`),
      (error: Error) => error,
    );
  const silent = () => ({});

  it("answers with the output of the operation and records the input", async () => {
    const client = fakeClient<EC2Client>({ DescribeInstances: () => ({ Reservations: [{ OwnerId: "1" }] }) });

    const answer = await client.send(new DescribeInstancesCommand({ InstanceIds: ["i-1"] }));

    assert.deepEqual(answer.Reservations, [{ OwnerId: "1" }]);
    assert.deepEqual(client.calls, [{ operation: "DescribeInstances", input: { InstanceIds: ["i-1"] } }]);
    assert.deepEqual(inputsOf(client, "CreateTags"), []);
  });

  it("throws on an operation nobody expects", async () => {
    const error = await failure(fakeClient<EC2Client>({}).send(new DescribeInstancesCommand({})));

    assert.include(error.message, "expects no DescribeInstances");
  });

  const wrong: [string, () => Promise<unknown>, RegExp][] = [
    [
      "an unknown member",
      () => ec2().send(new CreateTagsCommand({ Resources: ["i-1"], Tags: [], Force: true } as never)),
      /CreateTags input has no member "Force"/,
    ],
    [
      "a missing required member",
      () => ec2().send(new CreateTagsCommand({ Resources: ["i-1"] } as never)),
      /CreateTags input lacks "Tags"/,
    ],
    [
      "a missing required member deep inside",
      () =>
        s3().send(
          new PutBucketEncryptionCommand({
            Bucket: "b",
            ServerSideEncryptionConfiguration: {
              Rules: [{ ApplyServerSideEncryptionByDefault: {} as never }],
            },
          }),
        ),
      /Rules\[0\]\.ApplyServerSideEncryptionByDefault lacks "SSEAlgorithm"/,
    ],
    [
      "a text where a list belongs",
      () => ec2().send(new CreateTagsCommand({ Resources: "i-1", Tags: [] } as never)),
      /Resources is no list/,
    ],
    [
      "a number where a text belongs",
      () => ec2().send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: 1 } as never)),
      /NetworkInterfaceId has a value of the wrong type: 1/,
    ],
  ];
  const ec2 = () => fakeClient<EC2Client>({ CreateTags: silent, ModifyNetworkInterfaceAttribute: silent });
  const s3 = () => fakeClient<S3Client>({ PutBucketEncryption: silent });
  for (const [mistake, call, message] of wrong)
    it(`refuses ${mistake} in the input`, async () => {
      assert.match((await failure(call())).message, message);
    });

  it("refuses an answer that AWS could not give", async () => {
    const client = fakeClient<S3Client>({ GetBucketEncryption: () => ({ Rules: [] }) });

    const error = await failure(client.send(new GetBucketEncryptionCommand({ Bucket: "b" })));

    assert.match(error.message, /GetBucketEncryption answer has no member "Rules"/);
  });

  it("throws what the answer throws, with the name that the SDK gives", async () => {
    const client = fakeClient<S3Client>({
      GetBucketEncryption: () => {
        throw awsError("NoSuchBucket");
      },
    });

    const error = await failure(client.send(new GetBucketEncryptionCommand({ Bucket: "b" })));

    assert.equal(error.name, "NoSuchBucket");
  });
});
