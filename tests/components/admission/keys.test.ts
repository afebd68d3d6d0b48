import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import { keyProblems, type Look } from "../../../components/admission/keys";
import { account, deploy, fitKey, type KeyMock } from "../../support/program";

const id = "1234abcd-12ab-34cd-56ef-1234567890ab";
const arnIn = (region: string, of = account) => `arn:aws:kms:${region}:${of}:key/${id}`;
const knob = "aws-event-guardrails:guardrails";
const config = (kmsKeyArn?: string, mode = "enforce") => ({
  "aws-event-guardrails:recipients": ["secops@example.com"],
  "aws-event-guardrails:controllers": [],
  [knob]: {
    "vpc-created": "off",
    "ec2-launch-baseline": "off",
    "security-group-open-ingress": "off",
    "s3-bucket-encryption": { mode, algorithm: "aws:kms", ...(kmsKeyArn && { kmsKeyArn }) },
  },
});
const another =
  "pulumi config set --path guardrails.s3-bucket-encryption.kmsKeyArn '<ARN of an enabled symmetric key in us-east-1>'";

/** What `pulumi up` says, or undefined where it goes on. */
const upWith = (key: KeyMock, kmsKeyArn = id, mode?: string) =>
  deploy(config(kmsKeyArn, mode), undefined, "dev", { key }).then(
    () => undefined,
    (error: Error) => {
      expect(pulumi.RunError.isInstance(error), String(error)).to.equal(true);
      return error.message;
    },
  );
const but =
  (change: object): KeyMock =>
  asked => ({ ...fitKey(asked), ...change });
/** As the engine hands on what a provider answers. */
const failing =
  (said: string): KeyMock =>
  () => {
    throw Object.assign(new Error(said), { details: said });
  };

describe("the KMS key that the stack config requires", () => {
  it("is looked at by id in the region that the stack covers, and the stack is made when it can be used", async () => {
    const asked: object[] = [];
    const key: KeyMock = one => {
      asked.push({ ...one });
      return fitKey(one);
    };

    const { resources } = await deploy(config(id), undefined, "dev", { key });

    expect(asked).to.deep.equal([{ keyId: id, region: "us-east-1" }]);
    expect(resources.some(({ type }) => type === "aws:lambda/function:Function")).to.equal(true);
  });

  it("is not looked at where the stack config names none", async () => {
    await deploy(config(), undefined, "dev", { key: failing("asked") });
  });

  const stops: [string, KeyMock, RegExp, string?][] = [
    [
      "is not there, with the command that names another",
      failing(
        `reading KMS Key: operation error KMS: DescribeKey, NotFoundException: Key '${id}' does not exist`,
      ),
      /^s3-bucket-encryption: the required key \S+ cannot be used: there is no such key\. Require another one: /,
    ],
    [
      "is disabled, with the command that enables it",
      but({ keyState: "Disabled" }),
      /: its state is Disabled\. Enable it: aws kms enable-key --key-id 1234abcd-\S+ --region us-east-1\n/,
    ],
    [
      "waits for its deletion, with the commands that keep it",
      but({ keyState: "PendingDeletion" }),
      /Keep it: aws kms cancel-key-deletion --key-id 1234abcd-\S+ --region us-east-1 && aws kms enable-key --key-id/,
    ],
    [
      "has no material yet",
      but({ keyState: "PendingImport" }),
      /: its state is PendingImport\. Require another/,
    ],
    [
      "is another account's, although the config says only an id",
      but({ arn: arnIn("us-east-1", "210987654321") }),
      /: it is of account 210987654321, not 123456789012\./,
    ],
    [
      "signs",
      but({ keyUsage: "SIGN_VERIFY", keySpec: "RSA_2048" }),
      /: it is a key of RSA_2048 for SIGN_VERIFY\./,
    ],
    [
      "encrypts with a pair of keys, which S3 does not take",
      but({ keySpec: "RSA_2048" }),
      /: it is a key of RSA_2048 for ENCRYPT_DECRYPT\./,
    ],
    [
      "is in a region that the stack does not cover",
      failing("asked"),
      /: it is in eu-west-1, and the stack covers us-east-1\./,
      arnIn("eu-west-1"),
    ],
    [
      "may not be looked at by whoever deploys, with the permission that lacks",
      failing("api error AccessDeniedException: User is not authorized to perform: kms:DescribeKey"),
      /: it cannot be looked at \(AccessDeniedException\)\. Whoever deploys needs kms:DescribeKey on it, by IAM and/,
    ],
    [
      "cannot be looked at for any other reason",
      failing("no route to host"),
      /cannot be looked at \(.*no route/,
    ],
  ];
  for (const [what, key, says, named] of stops)
    it(`stops pulumi up when it ${what}`, async () => {
      const said = await upWith(key, named);

      expect(said).to.match(says);
      expect(said).to.contain(another);
    });

  it("stops pulumi up in a mode that only tells, too", async () => {
    expect(await upWith(but({ keyState: "Disabled" }), id, "notify")).to.contain("its state is Disabled");
  });

  it("only warns in a preview, where it cannot be used", async () => {
    const warnings: string[] = [];
    const { warn } = pulumi.log;
    (pulumi.log as { warn: unknown }).warn = async (text: string) => void warnings.push(text);
    try {
      const key = but({ keyState: "Disabled" });
      const { resources } = await deploy(config(id), undefined, "dev", { key, preview: true });

      expect(warnings.filter(text => text.includes("its state is Disabled"))).to.have.length(1);
      expect(resources.some(({ type }) => type === "aws:lambda/function:Function")).to.equal(true);
    } finally {
      (pulumi.log as { warn: unknown }).warn = warn;
    }
  });

  it("is looked at in every region that the stack covers, and only there where it is an ARN", async () => {
    const asked: string[] = [];
    const look: Look = async (key, region) => {
      asked.push(`${key === id ? "id" : "ARN"} in ${region}`);
      return { arn: arnIn(region), state: "Enabled", usage: "ENCRYPT_DECRYPT", spec: "SYMMETRIC_DEFAULT" };
    };
    const place = { account, regions: ["us-east-1", "eu-west-1"] };
    const required = (key: string) => ({
      guardrail: "s3-bucket-encryption",
      path: ["guardrails", "s3-bucket-encryption", "kmsKeyArn"] as const,
      key,
    });

    expect(await keyProblems([required(id), required(arnIn("eu-west-1"))], place, look)).to.deep.equal([]);
    expect(asked).to.deep.equal(["id in us-east-1", "id in eu-west-1", "ARN in eu-west-1"]);
  });
});
