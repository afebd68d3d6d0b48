import type { Call, Place } from "../ground/call";
import { summaryOf, type Metrics } from "./metrics";

/**
 * Which messages are in which queue, by the sandbox clock: what SQS's metrics are made of. The messages themselves are
 * kept by the account's state.
 */
export interface QueueMessages {
  /** A service sent one itself, not through the gateway. */
  sent(queueArn: string, id: string): void;
  /** A call was served: what it says of messages is kept. */
  served(call: Call, output: Readonly<Record<string, unknown>>): void;
  readonly count: number;
  /** Puts each active queue's metrics for the minute that ends now. */
  measure(metrics: Metrics, end: number): void;
  reset(): void;
}

interface Message {
  readonly sentAt: number;
  visibleAt: number;
  isDelayed: boolean;
  receives: number;
}

interface Queue extends Place {
  readonly name: string;
  readonly messages: Map<string, Message>;
  attributes: Readonly<Record<string, string>>;
  usedAt: number;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html */
const activeFor = 6 * 3_600_000;
/** Received so often and not deleted, a message no longer counts for the age of the oldest. */
const poisoned = 3;
const defaults: Readonly<Record<string, number>> = {
  VisibilityTimeout: 30,
  DelaySeconds: 0,
  MessageRetentionPeriod: 345_600,
};

type Input = Readonly<Record<string, unknown>>;
const listOf = (value: unknown): Input[] => (Array.isArray(value) ? (value as Input[]) : []);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

export function createQueueMessages(now: () => number): QueueMessages {
  const queues = new Map<string, Queue>();
  /** Message ids by the handles that they were received with. */
  const handles = new Map<string, string>();

  const queueAt = ({ region, account }: Place, name: string): Queue => {
    const key = `${account} ${region} ${name}`;
    const found = queues.get(key) ?? {
      ...{ region, account, name, attributes: {} },
      messages: new Map<string, Message>(),
      usedAt: now(),
    };
    queues.set(key, found);
    found.usedAt = now();
    return found;
  };
  const queueOf = (call: Call): Queue => {
    const [account = "", name = ""] = textOf(call.input.QueueUrl).split("/").slice(-2);
    return queueAt({ region: call.region, account }, name);
  };
  /** Milliseconds: the call's own, or the queue's. */
  const timeOf = ({ attributes }: Queue, member: string, own?: unknown): number =>
    Number(own ?? attributes[member] ?? defaults[member]) * 1000;

  const add = (queue: Queue, id: string, delay?: unknown) => {
    const visibleAt = now() + timeOf(queue, "DelaySeconds", delay);
    queue.messages.set(id, { sentAt: now(), visibleAt, isDelayed: visibleAt > now(), receives: 0 });
  };
  const received = (queue: Queue, { MessageId, ReceiptHandle }: Input, timeout: unknown) => {
    const message = queue.messages.get(textOf(MessageId));
    if (message === undefined) return;
    handles.set(textOf(ReceiptHandle), textOf(MessageId));
    message.visibleAt = now() + timeOf(queue, "VisibilityTimeout", timeout);
    message.isDelayed = false;
    message.receives += 1;
  };
  const hide = (queue: Queue, { ReceiptHandle, VisibilityTimeout }: Input) => {
    const message = queue.messages.get(handles.get(textOf(ReceiptHandle)) ?? "");
    if (message !== undefined) message.visibleAt = now() + Number(VisibilityTimeout) * 1000;
  };
  const remove = (queue: Queue, { ReceiptHandle }: Input) =>
    void queue.messages.delete(handles.get(textOf(ReceiptHandle)) ?? "");
  /** Entries of a batch that succeeded, by their ids. */
  const succeeded = ({ Successful }: Input, input: Input): Input[] =>
    listOf(Successful).map(one => ({ ...listOf(input.Entries).find(({ Id }) => Id === one.Id), ...one }));

  const operations: Readonly<Record<string, (call: Call, output: Input) => void>> = {
    CreateQueue: call => {
      const { QueueName, Attributes } = call.input;
      queueAt(call, textOf(QueueName)).attributes = (Attributes ?? {}) as Queue["attributes"];
    },
    SetQueueAttributes: call => {
      const queue = queueOf(call);
      queue.attributes = { ...queue.attributes, ...(call.input.Attributes as Queue["attributes"]) };
    },
    DeleteQueue: call => {
      const { region, account, name } = queueOf(call);
      queues.delete(`${account} ${region} ${name}`);
    },
    PurgeQueue: call => queueOf(call).messages.clear(),
    SendMessage: (call, output) => add(queueOf(call), textOf(output.MessageId), call.input.DelaySeconds),
    SendMessageBatch: (call, output) =>
      succeeded(output, call.input).forEach(({ MessageId, DelaySeconds }) =>
        add(queueOf(call), textOf(MessageId), DelaySeconds),
      ),
    ReceiveMessage: (call, output) =>
      listOf(output.Messages).forEach(message =>
        received(queueOf(call), message, call.input.VisibilityTimeout),
      ),
    ChangeMessageVisibility: call => hide(queueOf(call), call.input),
    ChangeMessageVisibilityBatch: (call, output) =>
      succeeded(output, call.input).forEach(entry => hide(queueOf(call), entry)),
    DeleteMessage: call => remove(queueOf(call), call.input),
    DeleteMessageBatch: (call, output) =>
      succeeded(output, call.input).forEach(entry => remove(queueOf(call), entry)),
  };

  const measured = (queue: Queue, end: number): Record<string, number> => {
    const retention = timeOf(queue, "MessageRetentionPeriod");
    for (const [id, { sentAt }] of queue.messages) if (sentAt + retention <= end) queue.messages.delete(id);
    const all = [...queue.messages.values()];
    const hidden = all.filter(({ visibleAt }) => visibleAt > end);
    const delayed = hidden.filter(({ isDelayed }) => isDelayed).length;
    const oldest = all.filter(({ receives }) => receives < poisoned).map(({ sentAt }) => sentAt);
    return {
      ApproximateNumberOfMessagesVisible: all.length - hidden.length,
      ApproximateNumberOfMessagesNotVisible: hidden.length - delayed,
      ApproximateNumberOfMessagesDelayed: delayed,
      ApproximateAgeOfOldestMessage:
        oldest.length === 0 ? 0 : Math.max(0, Math.floor((end - Math.min(...oldest)) / 1000)),
    };
  };

  return {
    sent: (queueArn, id) => {
      const [, , , region = "", account = "", name = ""] = queueArn.split(":");
      add(queueAt({ region, account }, name), id);
    },
    served: (call, output) => {
      if (call.service === "sqs") operations[call.operation]?.(call, output);
    },
    get count() {
      return queues.size;
    },
    measure: (metrics, end) => {
      for (const queue of queues.values()) {
        if (queue.messages.size === 0 && queue.usedAt + activeFor < end) continue;
        for (const [name, value] of Object.entries(measured(queue, end))) {
          const metric = { namespace: "AWS/SQS", name, dimensions: { QueueName: queue.name } };
          const unit = name === "ApproximateAgeOfOldestMessage" ? "Seconds" : "Count";
          metrics.put(queue, metric, summaryOf([value]), end - 1, unit);
        }
      }
    },
    reset: () => {
      queues.clear();
      handles.clear();
    },
  };
}
