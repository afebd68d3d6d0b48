import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import { objectAt, textAt } from "../runtime/events";
import { queueName } from "../runtime/names";
import { plain } from "../runtime/plain";
import type { Operator } from "./operator";

/** A message of the dead-letter queue, understood as far as it can be. Every text may come from outside. */
export interface Failure {
  readonly id: string;
  readonly receipt: string;
  /** When it was sent to the queue, epoch milliseconds. */
  readonly since: number;
  /** rule: EventBridge could not deliver; function: Lambda gave up; unknown: neither. */
  readonly kind: "rule" | "function" | "unknown";
  /** ARN of the function or topic that was to get the event. */
  readonly target?: string;
  /** What went wrong, in words. */
  readonly why: string;
  /** The event, if the message holds one. */
  readonly event?: Record<string, unknown>;
  /** The body as it came. */
  readonly body: string;
}

/** How long a message is out of everybody else's sight while the queue is read, in seconds. */
const visibility = 120;

export interface Read {
  readonly queueUrl: string;
  readonly failures: readonly Failure[];
  /** What the queue says it holds, roughly. */
  readonly approximately: number;
}

/** Reads the whole queue, each message once. They are hidden until `release`, or for two minutes. */
export async function readFailures({ sqs, place }: Operator): Promise<Read> {
  const QueueName = queueName(place.stack);
  const { QueueUrl = "" } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }),
  );
  const found: Record<string, Failure> = {};
  // SQS asks only some of its servers at a time: one empty answer is not the end.
  for (let empty = 0; empty < 2;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: visibility,
        WaitTimeSeconds: 1,
        MessageAttributeNames: ["All"],
        MessageSystemAttributeNames: ["SentTimestamp"],
      }),
    );
    empty = Messages.length === 0 ? empty + 1 : 0;
    for (const message of Messages) found[message.MessageId ?? ""] = understand(message);
  }
  const failures = Object.values(found).sort((one, other) => one.since - other.since);
  return {
    queueUrl: QueueUrl,
    failures,
    approximately: Number(Attributes.ApproximateNumberOfMessages ?? failures.length),
  };
}

/** Puts messages back into sight at once. */
export async function release(
  { sqs }: Operator,
  queueUrl: string,
  failures: readonly Failure[],
): Promise<void> {
  for (let at = 0; at < failures.length; at += 10) {
    const Entries = failures
      .slice(at, at + 10)
      .map(({ receipt }, index) => ({ Id: String(index), ReceiptHandle: receipt, VisibilityTimeout: 0 }));
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}

/** Two shapes are known; whatever else is in the queue is shown as it is. */
export function understand(message: Message): Failure {
  const { MessageId: id = "", ReceiptHandle: receipt = "", Body: body = "" } = message;
  const since = Number(message.Attributes?.SentTimestamp ?? 0);
  const parsed = parse(body);
  const attributes = Object.fromEntries(
    Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, value.StringValue ?? ""]),
  );
  const known = parsed && (ofRule(attributes, parsed) ?? ofFunction(parsed));
  return { id, receipt, since, body, ...(known ?? { kind: "unknown", why: "nobody knows this shape" }) };
}

type Known = Pick<Failure, "kind" | "target" | "why" | "event">;

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
function ofRule(attributes: Record<string, string>, event: Record<string, unknown>): Known | undefined {
  const { RULE_ARN, TARGET_ARN, ERROR_CODE, ERROR_MESSAGE, RETRY_ATTEMPTS, EXHAUSTED_RETRY_CONDITION } =
    attributes;
  if (RULE_ARN === undefined || TARGET_ARN === undefined) return undefined;
  const tries = RETRY_ATTEMPTS === undefined ? "" : ` after ${RETRY_ATTEMPTS} retries`;
  const limit = EXHAUSTED_RETRY_CONDITION === undefined ? "" : ` (${EXHAUSTED_RETRY_CONDITION})`;
  const why = `EventBridge could not deliver it to ${lastOf(TARGET_ARN)}${tries}${limit}: ${ERROR_CODE ?? "no code"}: ${ERROR_MESSAGE ?? ""}`;
  return { kind: "rule", target: TARGET_ARN, why, event };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
function ofFunction(record: Record<string, unknown>): Known | undefined {
  const context = objectAt(record, "requestContext");
  const arn = textAt(context, "functionArn");
  if (arn === undefined || typeof record.requestPayload !== "object") return undefined;
  const target = arn.split(":").slice(0, 7).join(":");
  const answer = objectAt(record, "responsePayload");
  const error = [textAt(answer, "errorType"), textAt(answer, "errorMessage")].filter(Boolean).join(": ");
  const tries = textAt(context, "approximateInvokeCount") ?? "some";
  const why = `${lastOf(target)} gave up after ${tries} tries (${textAt(context, "condition") ?? "no condition"}): ${error || "it never ran"}`;
  return { kind: "function", target, why, event: objectAt(record, "requestPayload") };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const lastOf = (arn: string): string => arn.split(/[:/]/).pop() ?? arn;

/** The lines that a person reads about one message. */
export function describe({ id, since, why, event, body }: Failure): string[] {
  const head =
    `${plain(id, 60)}  ${since > 0 ? new Date(since).toISOString().slice(0, 19) + "Z" : ""}`.trimEnd();
  const about =
    event === undefined
      ? `as it is: ${plain(body, 300)}`
      : `event ${plain(event.id ?? "without id", 60)}: ${plain(textAt(event.detail, "eventName") ?? event["detail-type"] ?? "unknown", 80)} of ${plain(event.time ?? "unknown time", 30)}, by ${plain(textAt(event.detail, "userIdentity", "arn") ?? "unknown", 150)}`;
  return [head, `  ${plain(why, 500)}`, `  ${about}`];
}
