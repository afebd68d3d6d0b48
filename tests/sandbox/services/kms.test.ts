import { expect } from "chai";
import {
  CancelKeyDeletionCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  EncryptCommand,
  KMSClient,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { startWorld, type World } from "../support/account";
import { refusal } from "../support/refusal";

describe("KMS in the sandbox", function () {
  this.timeout(600_000);
  let world: World;
  let kms: KMSClient;
  before(async () => {
    world = await startWorld();
    kms = world.gateway.client(KMSClient);
  });
  after(() => world?.close());

  const newKey = async () => (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.KeyId!;

  it("does not encrypt with a key that waits for its deletion or is disabled", async () => {
    const KeyId = await newKey();
    const encrypt = () => kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("x") }));
    await encrypt();

    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    const pending = await refusal(encrypt());
    await kms.send(new CancelKeyDeletionCommand({ KeyId }));
    const disabled = await refusal(encrypt());

    expect([pending.name, disabled.name]).to.deep.equal(["KMSInvalidStateException", "DisabledException"]);
  });

  it("refuses what is no key policy", async () => {
    const command = new PutKeyPolicyCommand({ KeyId: await newKey(), PolicyName: "default", Policy: "{" });

    expect((await refusal(kms.send(command))).name).to.equal("MalformedPolicyDocumentException");
  });

  it("tells AWS's own keys from customers'", async () => {
    const own = await kms.send(new DescribeKeyCommand({ KeyId: "alias/aws/s3" }));
    const customer = await kms.send(new DescribeKeyCommand({ KeyId: await newKey() }));

    expect([own.KeyMetadata!.KeyManager, customer.KeyMetadata!.KeyManager]).to.deep.equal([
      "AWS",
      "CUSTOMER",
    ]);
  });
});
