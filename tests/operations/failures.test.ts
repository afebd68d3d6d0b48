import type { Message } from "@aws-sdk/client-sqs";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { describe as inLines, readFailures, release, understand } from "../../operations/failures";
import type { Operator } from "../../operations/operator";
import { fakeClient, inputsOf } from "../support/fakes/client";

const event = {
  id: "e-1",
  "detail-type": "AWS API Call via CloudTrail",
  time: "2026-11-20T10:00:00Z",
  detail: { eventName: "CreateBucket", userIdentity: { arn: "arn:aws:iam::123456789012:user/ada" } },
};
const message = (Body: string, attributes: Record<string, string> = {}, id = "m-1"): Message => ({
  MessageId: id,
  ReceiptHandle: `receipt of ${id}`,
  Body,
  Attributes: { SentTimestamp: "1763632800000" },
  MessageAttributes: Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
  ),
});

describe("what is in the dead-letter queue", () => {
  it("is an event that EventBridge could not deliver: to whom, why, after how many tries", () => {
    const target = "arn:aws:lambda:us-east-1:123456789012:function:guardrails-dev-x";
    const read = understand(
      message(JSON.stringify(event), {
        RULE_ARN: "arn:aws:events:us-east-1:123456789012:rule/guardrails-dev-x",
        TARGET_ARN: target,
        ERROR_CODE: "NO_PERMISSIONS",
        ERROR_MESSAGE: "may not be invoked",
        RETRY_ATTEMPTS: "3",
        EXHAUSTED_RETRY_CONDITION: "MaximumRetryAttempts",
      }),
    );

    expect(read).to.deep.include({ kind: "rule", target, event });
    expect(inLines(read).join("\n")).to.equal(
      [
        "m-1  2025-11-20T10:00:00Z",
        "  EventBridge could not deliver it to guardrails-dev-x after 3 retries (MaximumRetryAttempts): NO_PERMISSIONS: may not be invoked",
        "  event e-1: CreateBucket of 2026-11-20T10:00:00Z, by arn:aws:iam::123456789012:user/ada",
      ].join("\n"),
    );
  });

  it("is the record of a function that gave up, without the version in its name", () => {
    const record = {
      version: "1.0",
      requestContext: {
        functionArn: "arn:aws:lambda:us-east-1:123456789012:function:guardrails-dev-x:$LATEST",
        condition: "RetriesExhausted",
        approximateInvokeCount: 3,
      },
      requestPayload: event,
      responsePayload: { errorType: "Throttling", errorMessage: "slow down" },
    };
    const read = understand(message(JSON.stringify(record)));

    expect(read).to.deep.include({
      kind: "function",
      target: "arn:aws:lambda:us-east-1:123456789012:function:guardrails-dev-x",
      event,
    });
    expect(read.why).to.equal(
      "guardrails-dev-x gave up after 3 tries (RetriesExhausted): Throttling: slow down",
    );
  });

  for (const [what, body] of [
    ["no JSON", "hello"],
    ["a list", "[1]"],
    ["null", "null"],
    ["an object of nobody's", '{"requestContext":{"functionArn":3}}'],
  ])
    it(`is shown as it is when nobody knows its shape: ${what}`, () => {
      const read = understand(message(body));

      expect(read).to.include({ kind: "unknown", body });
      expect(inLines(read)[2]).to.match(/as it is: /);
    });

  it("cannot write lines of its own, whatever is in it", () => {
    const wild = "x\n\u001b[2J\nnpm run guardrails -- undo\u202e";
    const evil = { ...event, id: wild, detail: { eventName: wild, userIdentity: { arn: wild } } };
    const lines = inLines(
      understand(message(JSON.stringify(evil), { RULE_ARN: wild, TARGET_ARN: wild, ERROR_MESSAGE: wild })),
    );

    expect(lines).to.have.length(3);
    for (const text of lines) expect(text).to.match(/^[\x20-\x7e]+$/);
  });

  it("is read to its end, each message once, and put back into sight at once", async () => {
    const pages: Message[][] = [
      [message("a", {}, "1"), message("b", {}, "2")],
      [],
      [message("b", {}, "2"), message("c", {}, "3")],
      [],
      [],
    ];
    const sqs = fakeClient<SQSClient>({
      GetQueueUrl: ({ QueueName }) => ({ QueueUrl: `https://queues/${QueueName as string}` }),
      GetQueueAttributes: () => ({ Attributes: { ApproximateNumberOfMessages: "7" } }),
      ReceiveMessage: () => ({ Messages: pages.shift() }),
      ChangeMessageVisibilityBatch: () => ({ Successful: [], Failed: [] }),
    });
    const operator = { sqs, place: { stack: "dev" } } as unknown as Operator;

    const { failures, queueUrl, approximately } = await readFailures(operator);
    await release(operator, queueUrl, failures);

    expect(failures.map(({ id }) => id)).to.deep.equal(["1", "2", "3"]);
    expect(approximately).to.equal(7);
    const [{ Entries }] = inputsOf(sqs, "ChangeMessageVisibilityBatch");
    expect(Entries).to.deep.equal(
      ["1", "2", "3"].map((id, at) => ({
        Id: String(at),
        ReceiptHandle: `receipt of ${id}`,
        VisibilityTimeout: 0,
      })),
    );
  });
});
