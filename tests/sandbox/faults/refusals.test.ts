import { expect } from "chai";
import { breachOf } from "../../guardrails";
import { type DeployedStack, startStack } from "../support/stack";
import { failure, refuse, ways } from "./refusals";
import { attempt, untruths } from "./trial";

const bucket = breachOf("s3-bucket-encryption");
const launch = breachOf("ec2-launch-baseline");
const ingress = breachOf("security-group-open-ingress");

// A sample: `npm run faults` lets every operation of every guardrail fail in every way.
describe("a call that fails for good", function () {
  this.timeout(600_000);
  let stack: DeployedStack;
  before(async () => void (stack = await startStack()));
  after(() => stack?.stop());

  for (const [breach, write, way] of [
    [bucket, "s3:PutBucketEncryption", "throttled"],
    [launch, "ec2:ModifyNetworkInterfaceAttribute", "server error"],
    [ingress, "ec2:RevokeSecurityGroupIngress", "connection lost"],
    [ingress, "ec2:DescribeSecurityGroupRules", "access denied"],
    [bucket, "dynamodb:UpdateItem", "access denied"],
  ] as const)
    it(`is never taken for success, and ends in the dead-letter queue: ${write} (${way})`, async () => {
      const { wrong } = await refuse(stack, breach, write, way);

      expect(wrong).to.deep.equal([]);
    });

  it("holds every write back, and says so, while the ledger cannot be read", async () => {
    const { trial, wrong } = await refuse(stack, ingress, "dynamodb:BatchGetItem", "access denied");

    expect(wrong).to.deep.equal([]);
    expect(trial.written).to.deep.equal([]);
    expect(trial.outcomes).to.deep.equal(["held", "held", "held"]);
    expect(trial.mails[0].body).to.contain("Held because the ledger cannot be read");
  });

  it("leaves nothing written when its intent cannot be recorded", async () => {
    const { trial, wrong } = await refuse(stack, ingress, "dynamodb:TransactWriteItems", "access denied");

    expect(wrong).to.deep.equal([]);
    expect(trial.written).to.deep.equal([]);
    expect(trial.mails[0].subject).to.contain("FAILED");
  });

  it("keeps the fix when the topic refuses the notice, and sends it as soon as the topic takes it", async () => {
    const { trial, wrong } = await refuse(stack, ingress, "sns:Publish", "access denied");

    expect(wrong).to.deep.equal([]);
    expect(trial.written).to.deep.equal(ingress.writes);
    expect(trial.mails).to.deep.equal([]);
  });

  it("is over after a retry when it fails in the first try only", async () => {
    const { sandbox } = stack;
    for (const way of ways) {
      const from = sandbox.journal.happenings.length;
      const isFirst = () => !sandbox.journal.happenings.slice(from).some(({ kind }) => kind === "invocation");
      const trial = await attempt(stack, ingress, (_, when, { service, operation }) =>
        when === "before" && isFirst() && operation === "RevokeSecurityGroupIngress"
          ? failure(way, service)
          : undefined,
      );
      expect(await untruths(stack, ingress, trial), way).to.deep.equal([]);
      expect(trial.outcomes, way).to.deep.equal(["failed", "remediated"]);
    }
  });
});
