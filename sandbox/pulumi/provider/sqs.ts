import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListQueueTagsCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
  UntagQueueCommand,
} from "@aws-sdk/client-sqs";
import { z } from "zod";
import { attributeUpdates, orUnset, ownPolicy, type Existing } from "./existing";
import { attributes, json, nameOf, present, tags, wholeNumber } from "./inputs";
import { resourceType } from "./resource-type";

/** What SetQueueAttributes sets, by input. */
const attributeNames = {
  delaySeconds: "DelaySeconds",
  maxMessageSize: "MaximumMessageSize",
  messageRetentionSeconds: "MessageRetentionPeriod",
  receiveWaitTimeSeconds: "ReceiveMessageWaitTimeSeconds",
  visibilityTimeoutSeconds: "VisibilityTimeout",
  policy: "Policy",
  redrivePolicy: "RedrivePolicy",
  redriveAllowPolicy: "RedriveAllowPolicy",
  sqsManagedSseEnabled: "SqsManagedSseEnabled",
  kmsMasterKeyId: "KmsMasterKeyId",
  kmsDataKeyReusePeriodSeconds: "KmsDataKeyReusePeriodSeconds",
  contentBasedDeduplication: "ContentBasedDeduplication",
  deduplicationScope: "DeduplicationScope",
  fifoThroughputLimit: "FifoThroughputLimit",
} as const;
type AttributeInput = keyof typeof attributeNames;

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
const defaults = {
  delaySeconds: 0,
  maxMessageSize: 262_144,
  messageRetentionSeconds: 345_600,
  receiveWaitTimeSeconds: 0,
  visibilityTimeoutSeconds: 30,
  kmsDataKeyReusePeriodSeconds: 300,
};

/** Limits: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html */
const queue = resourceType({
  type: "aws:sqs/queue:Queue",
  inputs: {
    name: nameOf(/^[\w-]+(\.fifo)?$/, 80).optional(),
    delaySeconds: wholeNumber(0, 900).optional(),
    maxMessageSize: wholeNumber(1024, 1_048_576).optional(),
    messageRetentionSeconds: wholeNumber(60, 1_209_600).optional(),
    receiveWaitTimeSeconds: wholeNumber(0, 20).optional(),
    visibilityTimeoutSeconds: wholeNumber(0, 43_200).optional(),
    policy: json.optional(),
    redrivePolicy: json.optional(),
    redriveAllowPolicy: json.optional(),
    sqsManagedSseEnabled: z.boolean().optional(),
    kmsMasterKeyId: z.string().optional(),
    kmsDataKeyReusePeriodSeconds: wholeNumber(60, 86_400).optional(),
    fifoQueue: z.boolean().optional(),
    contentBasedDeduplication: z.boolean().optional(),
    deduplicationScope: z.enum(["messageGroup", "queue"]).optional(),
    fifoThroughputLimit: z.enum(["perQueue", "perMessageGroupId"]).optional(),
    tags: tags.optional(),
  },
  check: ({ name, fifoQueue = false, sqsManagedSseEnabled, kmsMasterKeyId }) => [
    ...(name !== undefined && name.endsWith(".fifo") !== fifoQueue
      ? [`"name" is "${name}": the names of FIFO queues, and only those, end in .fifo`]
      : []),
    ...(sqsManagedSseEnabled === true && kmsMasterKeyId !== undefined
      ? ['"sqsManagedSseEnabled" and "kmsMasterKeyId" exclude each other']
      : []),
  ],
  create: async ({ inputs, client, autoName, tags }) => {
    const sqs = client(SQSClient);
    const name = inputs.name ?? `${autoName}${inputs.fifoQueue === true ? ".fifo" : ""}`;
    const { QueueUrl } = await sqs.send(
      new CreateQueueCommand({
        QueueName: name,
        Attributes: attributes({
          ...Object.fromEntries(
            Object.entries(attributeNames).map(([name, attribute]) => [
              attribute,
              inputs[name as AttributeInput],
            ]),
          ),
          FifoQueue: inputs.fifoQueue,
        }),
        tags,
      }),
    );
    const { Attributes: found = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
    );
    return {
      id: present(QueueUrl, "QueueUrl"),
      outputs: {
        ...outputsOf(found, present(QueueUrl, "QueueUrl")),
        namePrefix: "",
        policy: found.Policy ?? "",
      },
    };
  },
  namedBy: "name",
  replaces: ["name", "fifoQueue"],
  defaults,
  read: async existing => {
    const { id, client } = existing;
    const sqs = client(SQSClient);
    const { Attributes: found = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: id, AttributeNames: ["All"] }),
    );
    const { Tags = {} } = await sqs.send(new ListQueueTagsCommand({ QueueUrl: id }));
    return {
      ...outputsOf(found, id),
      ...ownPolicy(existing, found.Policy),
      kmsMasterKeyId: orUnset(found.KmsMasterKeyId),
      tags: Tags,
    };
  },
  updates: attributeUpdates(attributeNames, ({ id, client }, attribute, value) =>
    set(client, id, attribute, value),
  ),
  tagging: ({ id, client }) => ({
    add: Tags => client(SQSClient).send(new TagQueueCommand({ QueueUrl: id, Tags })),
    drop: TagKeys => client(SQSClient).send(new UntagQueueCommand({ QueueUrl: id, TagKeys })),
  }),
  remove: ({ id, client }) => client(SQSClient).send(new DeleteQueueCommand({ QueueUrl: id })),
});

const outputsOf = (found: Readonly<Record<string, string>>, url: string) => ({
  arn: present(found.QueueArn, "QueueArn"),
  url,
  name: url.split("/").pop(),
  delaySeconds: Number(found.DelaySeconds ?? defaults.delaySeconds),
  maxMessageSize: Number(found.MaximumMessageSize ?? defaults.maxMessageSize),
  messageRetentionSeconds: Number(found.MessageRetentionPeriod ?? defaults.messageRetentionSeconds),
  receiveWaitTimeSeconds: Number(found.ReceiveMessageWaitTimeSeconds ?? defaults.receiveWaitTimeSeconds),
  visibilityTimeoutSeconds: Number(found.VisibilityTimeout ?? defaults.visibilityTimeoutSeconds),
  redrivePolicy: found.RedrivePolicy ?? "",
  redriveAllowPolicy: found.RedriveAllowPolicy ?? "",
  sqsManagedSseEnabled: (found.SqsManagedSseEnabled ?? String(found.KmsMasterKeyId === undefined)) === "true",
  kmsDataKeyReusePeriodSeconds: Number(
    found.KmsDataKeyReusePeriodSeconds ?? defaults.kmsDataKeyReusePeriodSeconds,
  ),
  deduplicationScope: found.DeduplicationScope ?? "",
  fifoThroughputLimit: found.FifoThroughputLimit ?? "",
});

const set = (client: Existing["client"], QueueUrl: string, attribute: string, value: string) =>
  client(SQSClient).send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { [attribute]: value } }));

const queuePolicy = resourceType({
  type: "aws:sqs/queuePolicy:QueuePolicy",
  inputs: { queueUrl: z.url("expected a queue's URL"), policy: json },
  create: async ({ inputs, client }) => {
    await set(client, inputs.queueUrl, "Policy", inputs.policy);
    return { id: inputs.queueUrl, outputs: { policy: inputs.policy } };
  },
  replaces: ["queueUrl"],
  read: async ({ id, client }) => {
    const { Attributes: found = {} } = await client(SQSClient).send(
      new GetQueueAttributesCommand({ QueueUrl: id, AttributeNames: ["Policy"] }),
    );
    return orUnset(found.Policy) === undefined ? undefined : { queueUrl: id, policy: found.Policy };
  },
  updates: [{ of: ["policy"], by: ({ id, inputs, client }) => set(client, id, "Policy", inputs.policy) }],
  remove: ({ id, client }) => set(client, id, "Policy", ""),
});

export const sqsTypes = [queue, queuePolicy];
