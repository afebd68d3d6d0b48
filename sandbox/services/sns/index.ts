import * as sdk from "@aws-sdk/client-sns";
import { recordShapes } from "../../../records";
import { noResource, type Asked } from "../../iam/judged";
import { parseIfAny } from "../../iam/policies";
import { byMembers, keysOfMembers, text } from "../../iam/requirements/members";
import { absent, fullArn, tagsOf } from "../../state/stored";
import type { Service } from "../service";
import { snsHandlers } from "./handlers";

const topics = byMembers({ topic: ["Name"] });

export const sns: Service = {
  name: "sns",
  sdk: { client: "SNSClient", load: () => import("@aws-sdk/client-sns") },
  record: recordShapes.sns,
  denial: { code: "AuthorizationError", status: 403 },
  handlers: snsHandlers,
  actions: { PublishBatch: "Publish" },
  resources: async (asked: Asked) => {
    const { topic = [] } = await topics(asked);
    const { SubscriptionArn, PhoneNumber } = asked.input;
    const subscribed = text(SubscriptionArn)?.split(":").slice(0, 6).join(":");
    // A text message to a phone is published to no topic: IAM is asked about "*".
    return { topic: [...topic, subscribed, PhoneNumber ? noResource : undefined] };
  },
  contextKeys: keysOfMembers("sns:Protocol", "sns:Endpoint"),
  facts: async (account, arn) => {
    const command = new sdk.ListTagsForResourceCommand({ ResourceArn: fullArn(arn) });
    return { tags: tagsOf((await absent(account.client(sdk.SNSClient, arn).send(command)))?.Tags) };
  },
  resourcePolicies: {
    holder: resource => (resource === "*" ? undefined : resource),
    read: async (account, arn) => {
      const command = new sdk.GetTopicAttributesCommand({ TopicArn: fullArn(arn) });
      const found = await absent(account.client(sdk.SNSClient, arn).send(command));
      return parseIfAny(found?.Attributes?.Policy);
    },
  },
  lacks: ["text messages to phones, platform applications, FIFO topics"],
};
