import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import {
  DeleteFunctionConcurrencyCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
} from "@aws-sdk/client-lambda";
import { PurgeQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { startStack, type DeployedStack } from "../support/stack";

const minute = 60_000;

describe("the alarms of a deployed stack", function () {
  this.timeout(600_000);
  let stack: DeployedStack;
  before(async () => {
    stack = await startStack();
  });
  after(() => stack?.stop());

  const states = async () => {
    const watch = stack.sandbox.gateway.client(CloudWatchClient);
    const { MetricAlarms = [] } = await watch.send(new DescribeAlarmsCommand({}));
    return Object.fromEntries(
      MetricAlarms.map(({ AlarmName = "", StateValue }) => [
        AlarmName.replace("guardrails-dev-", ""),
        StateValue,
      ]),
    );
  };
  const later = async (minutes: number) => {
    await stack.sandbox.clock.advance(minutes * minute);
    await stack.sandbox.idle();
    return states();
  };

  it("are all evaluated, and off while nothing is wrong", async () => {
    const found = Object.entries(await later(20));

    expect(found).to.not.be.empty;
    expect(found.filter(([, state]) => state !== "OK")).to.deep.equal([]);
  });

  it("sound for an event that a halted function could not take, are not silenced by a look at it, are mailed to each recipient, and end with it", async () => {
    const { sandbox, stage } = stack;
    const FunctionName = "guardrails-dev-s3-bucket-encryption";
    const lambda = sandbox.gateway.client(LambdaClient);
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
    const before = sandbox.journal.happenings.length;

    await sandbox.gateway
      .client(S3Client)
      .send(new CreateBucketCommand({ Bucket: "a-bucket-that-nobody-saw" }));
    await sandbox.idle();
    const on = (await later(2))["failed-events"];
    const QueueUrl = `${sandbox.url}/${stage.account}/guardrails-dev-failures`;
    const sqs = sandbox.gateway.client(SQSClient);
    await sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 150 }));
    const looked = (await later(2))["failed-events"];
    await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    await sqs.send(new PurgeQueueCommand({ QueueUrl }));
    const off = (await later(7))["failed-events"];

    expect([on, looked, off]).to.deep.equal(["ALARM", "ALARM", "OK"]);
    const mails = sandbox.journal.happenings
      .slice(before)
      .flatMap(one => (one.kind === "mail" && one.by === "cloudwatch.amazonaws.com" ? [one] : []));
    const subject = 'ALARM: "guardrails-dev-failed-events" in US East (N. Virginia)';
    expect(mails.filter(mail => mail.subject === subject).map(({ to }) => to)).to.have.members([
      ...stage.recipients,
    ]);
  });
});
