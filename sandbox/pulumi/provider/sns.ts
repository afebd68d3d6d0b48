import {
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { z } from "zod";
import { arn, attributes, json, nameOf, present, tagList, tags } from "./inputs";
import { resourceType } from "./resource-type";

const topic = resourceType({
  type: "aws:sns/topic:Topic",
  inputs: {
    name: nameOf(/^[\w-]+(\.fifo)?$/, 256).optional(),
    displayName: z.string().max(100, "expected at most 100 characters").optional(),
    policy: json.optional(),
    deliveryPolicy: json.optional(),
    kmsMasterKeyId: z.string().optional(),
    signatureVersion: z.union([z.literal(1), z.literal(2)]).optional(),
    tracingConfig: z.enum(["PassThrough", "Active"]).optional(),
    fifoTopic: z.boolean().optional(),
    contentBasedDeduplication: z.boolean().optional(),
    tags: tags.optional(),
  },
  check: ({ name, fifoTopic = false }) =>
    name !== undefined && name.endsWith(".fifo") !== fifoTopic
      ? [`"name" is "${name}": the names of FIFO topics, and only those, end in .fifo`]
      : [],
  create: async ({ inputs, client, autoName, tags }) => {
    const sns = client(SNSClient);
    const name = inputs.name ?? `${autoName}${inputs.fifoTopic === true ? ".fifo" : ""}`;
    const { TopicArn } = await sns.send(
      new CreateTopicCommand({
        Name: name,
        Attributes: attributes({
          DisplayName: inputs.displayName,
          Policy: inputs.policy,
          DeliveryPolicy: inputs.deliveryPolicy,
          KmsMasterKeyId: inputs.kmsMasterKeyId,
          SignatureVersion: inputs.signatureVersion,
          TracingConfig: inputs.tracingConfig,
          FifoTopic: inputs.fifoTopic,
          ContentBasedDeduplication: inputs.contentBasedDeduplication,
        }),
        Tags: tagList(tags),
      }),
    );
    const { Attributes: found = {} } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    return {
      id: present(TopicArn, "TopicArn"),
      outputs: {
        arn: TopicArn,
        name,
        namePrefix: "",
        owner: found.Owner,
        policy: found.Policy ?? "",
        beginningArchiveTime: found.BeginningArchiveTime ?? "",
        fifoThroughputScope: found.FifoThroughputScope ?? "",
        signatureVersion: Number(found.SignatureVersion ?? 1),
        tracingConfig: found.TracingConfig ?? "PassThrough",
      },
    };
  },
});

const topicPolicy = resourceType({
  type: "aws:sns/topicPolicy:TopicPolicy",
  inputs: { arn, policy: json },
  create: async ({ inputs, client }) => {
    const sns = client(SNSClient);
    await sns.send(
      new SetTopicAttributesCommand({
        TopicArn: inputs.arn,
        AttributeName: "Policy",
        AttributeValue: inputs.policy,
      }),
    );
    const { Attributes: found = {} } = await sns.send(
      new GetTopicAttributesCommand({ TopicArn: inputs.arn }),
    );
    return { id: inputs.arn, outputs: { policy: inputs.policy, owner: found.Owner } };
  },
});

const topicSubscription = resourceType({
  type: "aws:sns/topicSubscription:TopicSubscription",
  inputs: {
    topic: arn,
    protocol: z.enum([
      "application",
      "email",
      "email-json",
      "firehose",
      "http",
      "https",
      "lambda",
      "sms",
      "sqs",
    ]),
    endpoint: z.string(),
    filterPolicy: json.optional(),
    filterPolicyScope: z.enum(["MessageAttributes", "MessageBody"]).optional(),
    rawMessageDelivery: z.boolean().optional(),
    redrivePolicy: json.optional(),
    deliveryPolicy: json.optional(),
    subscriptionRoleArn: arn.optional(),
  },
  check: ({ filterPolicy, filterPolicyScope }) =>
    filterPolicyScope !== undefined && filterPolicy === undefined
      ? ['"filterPolicy" is required where "filterPolicyScope" is set']
      : [],
  create: async ({ inputs, client }) => {
    const sns = client(SNSClient);
    const { SubscriptionArn } = await sns.send(
      new SubscribeCommand({
        TopicArn: inputs.topic,
        Protocol: inputs.protocol,
        Endpoint: inputs.endpoint,
        ReturnSubscriptionArn: true,
        Attributes: attributes({
          FilterPolicy: inputs.filterPolicy,
          FilterPolicyScope: inputs.filterPolicyScope,
          RawMessageDelivery: inputs.rawMessageDelivery,
          RedrivePolicy: inputs.redrivePolicy,
          DeliveryPolicy: inputs.deliveryPolicy,
          SubscriptionRoleArn: inputs.subscriptionRoleArn,
        }),
      }),
    );
    const { Attributes: found = {} } = await sns.send(
      new GetSubscriptionAttributesCommand({ SubscriptionArn }),
    );
    return {
      id: present(SubscriptionArn, "SubscriptionArn"),
      outputs: {
        arn: SubscriptionArn,
        ownerId: found.Owner,
        confirmationTimeoutInMinutes: 1,
        confirmationWasAuthenticated: found.ConfirmationWasAuthenticated === "true",
        pendingConfirmation: found.PendingConfirmation === "true",
        endpointAutoConfirms: false,
        filterPolicyScope: found.FilterPolicyScope ?? "",
      },
    };
  },
});

export const snsTypes = [topic, topicPolicy, topicSubscription];
