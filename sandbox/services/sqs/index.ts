import * as sdk from "@aws-sdk/client-sqs";
import { partitionOf } from "../../../runtime/aws/partition";
import { recordShapes } from "../../../records";
import { parseIfAny } from "../../iam/policies";
import { text, textsOf } from "../../iam/requirements/members";
import type { Account } from "../../state/account";
import { absent, type Arn } from "../../state/stored";
import type { Service } from "../service";

async function urlOf(account: Account, arn: Arn): Promise<string | undefined> {
  const command = new sdk.GetQueueUrlCommand({ QueueName: arn.resource });
  return (await absent(account.client(sdk.SQSClient, arn).send(command)))?.QueueUrl;
}

export const sqs: Service = {
  name: "sqs",
  sdk: { client: "SQSClient", load: () => import("@aws-sdk/client-sqs") },
  record: recordShapes.sqs,
  denial: { code: "AccessDenied", status: 403 },
  namesHost: true,
  waits: ["ReceiveMessage"],
  actions: {
    SendMessageBatch: "SendMessage",
    DeleteMessageBatch: "DeleteMessage",
    ChangeMessageVisibilityBatch: "ChangeMessageVisibility",
  },
  resources: ({ call, input }) => {
    const [account, name] = text(input.QueueUrl)?.split("/").slice(-2) ?? [];
    const queue = name && `arn:${partitionOf(call.region).id}:sqs:${call.region}:${account}:${name}`;
    return { queue: [queue, ...textsOf([input.QueueName, input.SourceArn])] };
  },
  contextKeys: {},
  tagging: "TagQueue",
  facts: async (account, arn) => {
    const QueueUrl = await urlOf(account, arn);
    if (QueueUrl === undefined) return undefined;
    const command = new sdk.ListQueueTagsCommand({ QueueUrl });
    return { tags: (await account.client(sdk.SQSClient, arn).send(command)).Tags ?? {} };
  },
  resourcePolicies: {
    holder: resource => (resource === "*" ? undefined : resource),
    read: async (account, arn) => {
      const QueueUrl = await urlOf(account, arn);
      if (QueueUrl === undefined) return undefined;
      const command = new sdk.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["Policy"] });
      return parseIfAny((await account.client(sdk.SQSClient, arn).send(command)).Attributes?.Policy);
    },
  },
  lacks: [],
};
