import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { ListFunctionsCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { project, startSandbox, type Sandbox } from "../../../sandbox/sandbox";
import { sharedPython } from "../support/account";
import { failure } from "../support/failure";

describe("the KMS key that the stack requires", function () {
  this.timeout(600_000);
  let sandbox: Sandbox;
  before(async () => (sandbox = await startSandbox({ python: await sharedPython() })));
  after(() => sandbox?.stop());

  it("stops the deployment while it is disabled, before anything is made", async () => {
    const kms = sandbox.gateway.client(KMSClient);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const { KeyId = "", Arn = "" } = KeyMetadata ?? {};
    const config = {
      "aws:region": "us-east-1",
      [`${project}:recipients`]: "secops@example.com",
      [`${project}:guardrails`]: JSON.stringify({
        "ec2-launch-baseline": "off",
        "security-group-open-ingress": "off",
        "vpc-created": "off",
        "s3-bucket-encryption": { mode: "enforce", algorithm: "aws:kms", kmsKeyArn: Arn },
      }),
    };
    const functions = async () => {
      const { Functions = [] } = await sandbox.gateway
        .client(LambdaClient)
        .send(new ListFunctionsCommand({}));
      return Functions.map(({ FunctionName }) => FunctionName);
    };

    await kms.send(new DisableKeyCommand({ KeyId }));
    const { message } = await failure(sandbox.deploy({ config, stack: "dev" }));
    const before = await functions();
    await kms.send(new EnableKeyCommand({ KeyId }));
    await sandbox.deploy({ config, stack: "dev" });

    expect(message).to.contain(`the required key ${Arn} cannot be used: its state is Disabled`);
    expect(message).to.contain(`aws kms enable-key --key-id ${Arn} --region us-east-1`);
    expect(before).to.deep.equal([]);
    expect(await functions()).to.deep.equal(["guardrails-dev-s3-bucket-encryption"]);
  });
});
