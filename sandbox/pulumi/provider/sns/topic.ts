import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  SetTopicAttributesCommand,
  SNSClient,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import { z } from "zod";
import { attributeUpdates, orUnset, ownPolicy, tagsOf } from "../existing";
import { attributes, json, nameOf, present, tagList, tags } from "../inputs";
import { resourceType } from "../resource-type";

/** What SetTopicAttributes sets, by input. */
const attributeNames = {
  displayName: "DisplayName",
  policy: "Policy",
  deliveryPolicy: "DeliveryPolicy",
  kmsMasterKeyId: "KmsMasterKeyId",
  signatureVersion: "SignatureVersion",
  tracingConfig: "TracingConfig",
  contentBasedDeduplication: "ContentBasedDeduplication",
} as const;

export const topic = resourceType({
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
      outputs: { ...outputsOf(found), arn: TopicArn, name, namePrefix: "", policy: found.Policy ?? "" },
    };
  },
  namedBy: "name",
  replaces: ["name", "fifoTopic"],
  defaults: { signatureVersion: 1, tracingConfig: "PassThrough" },
  read: async existing => {
    const { id, client } = existing;
    const sns = client(SNSClient);
    const { Attributes: found = {} } = await sns.send(new GetTopicAttributesCommand({ TopicArn: id }));
    const { Tags } = await sns.send(new ListTagsForResourceCommand({ ResourceArn: id }));
    return {
      ...outputsOf(found),
      ...ownPolicy(existing, found.Policy),
      arn: id,
      name: id.split(":").pop(),
      displayName: orUnset(found.DisplayName),
      deliveryPolicy: orUnset(found.DeliveryPolicy),
      kmsMasterKeyId: orUnset(found.KmsMasterKeyId),
      tags: tagsOf(Tags),
    };
  },
  updates: attributeUpdates(attributeNames, ({ id, client }, AttributeName, AttributeValue) =>
    client(SNSClient).send(new SetTopicAttributesCommand({ TopicArn: id, AttributeName, AttributeValue })),
  ),
  tagging: ({ id, client }) => ({
    add: tags => client(SNSClient).send(new TagResourceCommand({ ResourceArn: id, Tags: tagList(tags) })),
    drop: TagKeys => client(SNSClient).send(new UntagResourceCommand({ ResourceArn: id, TagKeys })),
  }),
  remove: ({ id, client }) => client(SNSClient).send(new DeleteTopicCommand({ TopicArn: id })),
});

function outputsOf(found: Readonly<Record<string, string>>) {
  return {
    owner: found.Owner,
    beginningArchiveTime: found.BeginningArchiveTime ?? "",
    fifoThroughputScope: found.FifoThroughputScope ?? "",
    signatureVersion: Number(found.SignatureVersion ?? 1),
    tracingConfig: found.TracingConfig ?? "PassThrough",
  };
}
