import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { z } from "zod";
import { attributes, json, nameOf, present, tags, wholeNumber } from "./inputs";
import { resourceType } from "./resource-type";

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
          DelaySeconds: inputs.delaySeconds,
          MaximumMessageSize: inputs.maxMessageSize,
          MessageRetentionPeriod: inputs.messageRetentionSeconds,
          ReceiveMessageWaitTimeSeconds: inputs.receiveWaitTimeSeconds,
          VisibilityTimeout: inputs.visibilityTimeoutSeconds,
          Policy: inputs.policy,
          RedrivePolicy: inputs.redrivePolicy,
          RedriveAllowPolicy: inputs.redriveAllowPolicy,
          SqsManagedSseEnabled: inputs.sqsManagedSseEnabled,
          KmsMasterKeyId: inputs.kmsMasterKeyId,
          KmsDataKeyReusePeriodSeconds: inputs.kmsDataKeyReusePeriodSeconds,
          FifoQueue: inputs.fifoQueue,
          ContentBasedDeduplication: inputs.contentBasedDeduplication,
          DeduplicationScope: inputs.deduplicationScope,
          FifoThroughputLimit: inputs.fifoThroughputLimit,
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
        arn: present(found.QueueArn, "QueueArn"),
        url: QueueUrl,
        name,
        namePrefix: "",
        delaySeconds: Number(found.DelaySeconds ?? 0),
        maxMessageSize: Number(found.MaximumMessageSize ?? 262_144),
        messageRetentionSeconds: Number(found.MessageRetentionPeriod ?? 345_600),
        receiveWaitTimeSeconds: Number(found.ReceiveMessageWaitTimeSeconds ?? 0),
        visibilityTimeoutSeconds: Number(found.VisibilityTimeout ?? 30),
        policy: found.Policy ?? "",
        redrivePolicy: found.RedrivePolicy ?? "",
        redriveAllowPolicy: found.RedriveAllowPolicy ?? "",
        sqsManagedSseEnabled: inputs.sqsManagedSseEnabled ?? inputs.kmsMasterKeyId === undefined,
        kmsDataKeyReusePeriodSeconds: Number(found.KmsDataKeyReusePeriodSeconds ?? 300),
        deduplicationScope: found.DeduplicationScope ?? "",
        fifoThroughputLimit: found.FifoThroughputLimit ?? "",
      },
    };
  },
});

const queuePolicy = resourceType({
  type: "aws:sqs/queuePolicy:QueuePolicy",
  inputs: { queueUrl: z.url("expected a queue's URL"), policy: json },
  create: async ({ inputs, client }) => {
    await client(SQSClient).send(
      new SetQueueAttributesCommand({ QueueUrl: inputs.queueUrl, Attributes: { Policy: inputs.policy } }),
    );
    return { id: inputs.queueUrl, outputs: { policy: inputs.policy } };
  },
});

export const sqsTypes = [queue, queuePolicy];
