import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { awsError } from "../ground/call";
import type { Credentials } from "./environment-process";
import type { Result } from "./environment";
import type { FunctionRecord } from "./store";

/** Why Lambda gave an asynchronous invocation up, or that it did not. */
export type Condition = "Success" | "RetriesExhausted" | "EventAgeExceeded";

export interface AsyncOutcome {
  readonly record: FunctionRecord;
  readonly requestId: string;
  readonly payload: string;
  readonly condition: Condition;
  readonly invokeCount: number;
  /** Absent when it never ran. */
  readonly result?: Result;
  /** Sandbox time, epoch milliseconds. */
  readonly time: number;
}

/**
 * The invocation record that a destination receives.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
export function invocationRecord(outcome: AsyncOutcome): Record<string, unknown> {
  const { record, result } = outcome;
  return {
    version: "1.0",
    timestamp: new Date(outcome.time).toISOString(),
    requestContext: {
      requestId: outcome.requestId,
      functionArn: `${record.arn}:$LATEST`,
      condition: outcome.condition,
      approximateInvokeCount: outcome.invokeCount,
    },
    requestPayload: JSON.parse(outcome.payload),
    ...(result && {
      responseContext: {
        statusCode: 200,
        executedVersion: "$LATEST",
        ...(!result.ok && { functionError: "Unhandled" }),
      },
      responsePayload: JSON.parse(result.body),
    }),
  };
}

interface Sending {
  readonly endpoint: string;
  /** Of the function's role: its permissions decide. */
  readonly credentials: Credentials;
}

/** Sends an invocation record to a destination (queue, topic, function or bus) as the function's role. */
export async function sendToDestination(arn: string, outcome: AsyncOutcome, sending: Sending): Promise<void> {
  const document = JSON.stringify(invocationRecord(outcome));
  const [, , service, region, account, name] = arn.split(":");
  const config = { ...sending, region };
  switch (service) {
    case "sqs":
      await sendMessage(arn, document, {}, sending);
      return;
    case "sns":
      await new SNSClient(config).send(new PublishCommand({ TopicArn: arn, Message: document }));
      return;
    case "lambda":
      await new LambdaClient(config).send(
        new InvokeCommand({ FunctionName: arn, InvocationType: "Event", Payload: Buffer.from(document) }),
      );
      return;
    case "events": {
      const entry = {
        EventBusName: arn,
        Source: "lambda",
        DetailType: `Lambda Function Invocation Result - ${outcome.condition === "Success" ? "Success" : "Failure"}`,
        Detail: document,
        Resources: [arn, `${outcome.record.arn}:$LATEST`],
      };
      const answer = await new EventBridgeClient(config).send(new PutEventsCommand({ Entries: [entry] }));
      const failed = answer.Entries?.find(({ ErrorCode }) => ErrorCode);
      if (failed) throw awsError(failed.ErrorCode ?? "InternalFailure", failed.ErrorMessage ?? "");
      return;
    }
    default:
      throw awsError(
        "NotImplemented",
        `The sandbox does not implement ${service} destinations (${account} ${name})`,
        501,
      );
  }
}

/** Sends a discarded event to the function's dead-letter queue or topic: the event itself, with three attributes. */
export async function sendToDeadLetters(arn: string, outcome: AsyncOutcome, sending: Sending): Promise<void> {
  const error = outcome.result && (JSON.parse(outcome.result.body) as { errorMessage?: string });
  const attributes = {
    RequestID: outcome.requestId,
    ErrorCode: "200",
    ErrorMessage: (error?.errorMessage ?? outcome.condition).slice(0, 1024) || outcome.condition,
  };
  if (arn.split(":")[2] === "sqs") return sendMessage(arn, outcome.payload, attributes, sending);
  const MessageAttributes = stringAttributes(attributes);
  const topic = new SNSClient({ ...sending, region: arn.split(":")[3] });
  await topic.send(new PublishCommand({ TopicArn: arn, Message: outcome.payload, MessageAttributes }));
}

async function sendMessage(
  queueArn: string,
  body: string,
  attributes: Record<string, string>,
  sending: Sending,
): Promise<void> {
  const [, , , region, account, name] = queueArn.split(":");
  const QueueUrl = `${sending.endpoint}/${account}/${name}`;
  const MessageAttributes = stringAttributes(attributes);
  const client = new SQSClient({ ...sending, region });
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: body, MessageAttributes }));
}

/** Message attributes of type String, in the SDK's shape. */
export const stringAttributes = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(values).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
  );
