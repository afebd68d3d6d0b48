import {
  GetSubscriptionAttributesCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { z } from "zod";
import { attributeUpdates, orUnset } from "../existing";
import { arn, attributes, json, present } from "../inputs";
import { resourceType } from "../resource-type";

/** What SetSubscriptionAttributes sets, by input. */
const attributeNames = {
  filterPolicyScope: "FilterPolicyScope",
  filterPolicy: "FilterPolicy",
  rawMessageDelivery: "RawMessageDelivery",
  redrivePolicy: "RedrivePolicy",
  deliveryPolicy: "DeliveryPolicy",
  subscriptionRoleArn: "SubscriptionRoleArn",
} as const;

export const topicSubscription = resourceType({
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
      outputs: { ...outputsOf(found), arn: SubscriptionArn },
    };
  },
  replaces: ["topic", "protocol", "endpoint"],
  read: async ({ id, client }) => {
    const { Attributes: found = {} } = await client(SNSClient).send(
      new GetSubscriptionAttributesCommand({ SubscriptionArn: id }),
    );
    return {
      ...outputsOf(found),
      arn: id,
      topic: found.TopicArn,
      protocol: found.Protocol,
      endpoint: found.Endpoint,
      filterPolicy: orUnset(found.FilterPolicy),
      rawMessageDelivery: found.RawMessageDelivery === "true" ? true : undefined,
      redrivePolicy: orUnset(found.RedrivePolicy),
      deliveryPolicy: orUnset(found.DeliveryPolicy),
      subscriptionRoleArn: orUnset(found.SubscriptionRoleArn),
    };
  },
  updates: attributeUpdates(attributeNames, ({ id, client }, AttributeName, AttributeValue) =>
    client(SNSClient).send(
      new SetSubscriptionAttributesCommand({ SubscriptionArn: id, AttributeName, AttributeValue }),
    ),
  ),
  remove: ({ id, client }) => client(SNSClient).send(new UnsubscribeCommand({ SubscriptionArn: id })),
});

function outputsOf(found: Readonly<Record<string, string>>) {
  return {
    ownerId: found.Owner,
    confirmationTimeoutInMinutes: 1,
    confirmationWasAuthenticated: found.ConfirmationWasAuthenticated === "true",
    pendingConfirmation: found.PendingConfirmation === "true",
    endpointAutoConfirms: false,
    filterPolicyScope: found.FilterPolicyScope ?? "",
  };
}
