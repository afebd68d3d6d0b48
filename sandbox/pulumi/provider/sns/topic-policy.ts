import { GetTopicAttributesCommand, SetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import type { Existing } from "../existing";
import { arn, json } from "../inputs";
import { resourceType } from "../resource-type";

export const topicPolicy = resourceType({
  type: "aws:sns/topicPolicy:TopicPolicy",
  inputs: { arn, policy: json },
  create: async ({ inputs, client }) => {
    await put(client, inputs.arn, inputs.policy);
    const { Attributes: found = {} } = await client(SNSClient).send(
      new GetTopicAttributesCommand({ TopicArn: inputs.arn }),
    );
    return { id: inputs.arn, outputs: { policy: inputs.policy, owner: found.Owner } };
  },
  replaces: ["arn"],
  read: async ({ id, client }) => {
    const { Attributes: found = {} } = await client(SNSClient).send(
      new GetTopicAttributesCommand({ TopicArn: id }),
    );
    const { Policy: policy = "{}", Owner: owner } = found;
    return JSON.parse(policy).Id === defaultId ? undefined : { arn: id, policy, owner };
  },
  updates: [{ of: ["policy"], by: ({ id, inputs, client }) => put(client, id, inputs.policy) }],
  // A topic is never without a policy: it gets AWS's default one, which says that it has none of its own.
  remove: ({ id, client }) => put(client, id, JSON.stringify(defaultPolicy(id))),
});

const put = (client: Existing["client"], topicArn: string, policy: string) =>
  client(SNSClient).send(
    new SetTopicAttributesCommand({
      TopicArn: topicArn,
      AttributeName: "Policy",
      AttributeValue: policy,
    }),
  );

const ownActions = [
  ...["GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic"],
  ...["Subscribe", "ListSubscriptionsByTopic", "Publish"],
];

const defaultId = "__default_policy_ID";

/** What CreateTopic gives a topic: its account may do all. */
const defaultPolicy = (topicArn: string) => ({
  Version: "2008-10-17",
  Id: defaultId,
  Statement: [
    {
      Sid: "__default_statement_ID",
      Effect: "Allow",
      Principal: { AWS: "*" },
      Action: ownActions.map(action => `SNS:${action}`),
      Resource: topicArn,
      Condition: { StringEquals: { "AWS:SourceOwner": topicArn.split(":")[4] } },
    },
  ],
});
