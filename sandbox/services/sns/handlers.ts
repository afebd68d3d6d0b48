import { randomUUID } from "node:crypto";
import type * as sdk from "@aws-sdk/client-sns";
import { compile } from "../../../patterns";
import { arnOf } from "../../../runtime/aws/partition";
import { awsError, isAwsError, type Call, type Handlers } from "../../ground/call";
import type { Clock } from "../../ground/clock";
import type { Journal } from "../../ground/journal";
import type { Subscription } from "../../delivery/subscriptions";
import type { Topics } from "../../delivery/topics";
import type { Publication } from "../../delivery/messages";
import { notImplemented } from "../refused";

const invalid = (message: string) => awsError("InvalidParameter", `Invalid parameter: ${message}`);
const pending = "PendingConfirmation";

/** Publishing and subscriptions; all else of SNS is the account's state. */
export function snsHandlers(options: {
  readonly topics: Topics;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Whether recipients confirm their mail subscriptions by themselves, right after the answer. */
  readonly confirmsMail: boolean;
}): Handlers {
  const { topics, clock, journal } = options;
  const { subscriptions } = topics;
  const get = (arn: string | undefined): Subscription => {
    const found = subscriptions.all.find(one => one.arn === arn && !one.isPending);
    if (found === undefined) throw awsError("NotFound", "Subscription does not exist", 404);
    return found;
  };
  const confirm = (subscription: Subscription) => {
    subscription.isPending = false;
    const { endpoint, topicArn } = subscription;
    const text = `${endpoint} confirmed its subscription to ${topicArn.split(":").pop()}; in an AWS account its owner must click the link in SNS's mail`;
    journal.add({ at: clock.now(), kind: "note", text });
  };

  return {
    Publish: async ({ call }) => {
      const input = call.input as unknown as sdk.PublishCommandInput;
      if (input.PhoneNumber) throw notImplemented("sns", "Publish", "PhoneNumber");
      const topicArn = input.TopicArn ?? input.TargetArn;
      if (!topicArn) throw invalid("TopicArn or TargetArn Reason: no value for required parameter");
      return { output: { MessageId: await topics.publish(topicArn, publicationOf(input)) } };
    },
    PublishBatch: async ({ call }) => {
      const { TopicArn = "", PublishBatchRequestEntries = [] } =
        call.input as unknown as sdk.PublishBatchCommandInput;
      const [Successful, Failed]: [object[], object[]] = [[], []];
      for (const entry of PublishBatchRequestEntries)
        try {
          const MessageId = await topics.publish(TopicArn, publicationOf(entry));
          Successful.push({ Id: entry.Id, MessageId });
        } catch (error) {
          if (!isAwsError(error) || error.code === "NotFound") throw error;
          Failed.push({ Id: entry.Id, Code: error.code, Message: error.message, SenderFault: true });
        }
      return { output: { Successful, Failed } };
    },
    Subscribe: async ({ call }) => {
      const wanted = newSubscription(call);
      await topics.checkExists(wanted.topicArn);
      const found =
        subscriptions
          .of(wanted.topicArn)
          .find(({ protocol, endpoint }) => protocol === wanted.protocol && endpoint === wanted.endpoint) ??
        wanted;
      if (found === wanted) subscriptions.add(wanted);
      const { ReturnSubscriptionArn } = call.input as unknown as sdk.SubscribeCommandInput;
      const isShown = ReturnSubscriptionArn === true || !found.isPending;
      if (found.isPending && options.confirmsMail) confirm(found);
      return { output: { SubscriptionArn: isShown ? found.arn : "pending confirmation" } };
    },
    Unsubscribe: async ({ call }) => {
      const { SubscriptionArn } = call.input as unknown as sdk.UnsubscribeCommandInput;
      // One that is pending cannot be deleted; it goes by itself.
      subscriptions.remove(({ arn, isPending }) => arn === SubscriptionArn && !isPending);
      return { output: {} };
    },
    ConfirmSubscription: async ({ call }) => {
      // The token of a subscription is its ARN here: no mail leaves the sandbox that could carry another.
      const { Token } = call.input as unknown as sdk.ConfirmSubscriptionCommandInput;
      const found = subscriptions.all.find(({ arn }) => arn === Token);
      if (found === undefined) throw invalid("Token");
      confirm(found);
      return { output: { SubscriptionArn: found.arn } };
    },
    ListSubscriptions: async ({ call }) => ({
      output: {
        Subscriptions: subscriptions.all.filter(({ topicArn }) => isAt(topicArn, call)).map(listed),
      },
    }),
    ListSubscriptionsByTopic: async ({ call }) => {
      const { TopicArn = "" } = call.input as unknown as sdk.ListSubscriptionsByTopicCommandInput;
      await topics.checkExists(TopicArn);
      return { output: { Subscriptions: subscriptions.of(TopicArn).map(listed) } };
    },
    GetSubscriptionAttributes: async ({ call }) => {
      const { SubscriptionArn } = call.input as unknown as sdk.GetSubscriptionAttributesCommandInput;
      const found = subscriptions.all.find(({ arn }) => arn === SubscriptionArn) ?? get(SubscriptionArn);
      return { output: { Attributes: shown(found) } };
    },
    SetSubscriptionAttributes: async ({ call }) => {
      const input = call.input as unknown as sdk.SetSubscriptionAttributesCommandInput;
      const found = get(input.SubscriptionArn);
      const { AttributeName = "", AttributeValue = "" } = input;
      checkAttributes({ [AttributeName]: AttributeValue });
      if (AttributeValue === "") delete found.attributes[AttributeName];
      else found.attributes[AttributeName] = AttributeValue;
      return { output: {} };
    },
    CreateTopic: async ({ call, forward }) => {
      const { Name = "", Attributes = {} } = call.input as unknown as sdk.CreateTopicCommandInput;
      // The account's state would keep one, and every publication and subscription would be taken for a standard topic's.
      if (Name.endsWith(".fifo") || Attributes.FifoTopic === "true")
        throw notImplemented("sns", "CreateTopic", "FIFO topics");
      return forward();
    },
    DeleteTopic: async ({ call, forward }) => {
      const answer = await forward();
      const { TopicArn } = call.input as unknown as sdk.DeleteTopicCommandInput;
      subscriptions.remove(({ topicArn }) => topicArn === TopicArn);
      return answer;
    },
    GetTopicAttributes: async ({ call, forward }) => {
      const { output } = await forward();
      const { TopicArn = "" } = call.input as unknown as sdk.GetTopicAttributesCommandInput;
      const own = subscriptions.of(TopicArn);
      const waiting = own.filter(({ isPending }) => isPending).length;
      const Attributes = {
        ...(output.Attributes as Record<string, string>),
        SubscriptionsPending: String(waiting),
        SubscriptionsConfirmed: String(own.length - waiting),
        SubscriptionsDeleted: String(subscriptions.deleted(TopicArn)),
      };
      return { output: { ...output, Attributes } };
    },
  };
}

const isAt = (arn: string, { region, account }: Call) => arn.startsWith(arnOf("sns", region, account, ""));

function publicationOf(input: Partial<sdk.PublishBatchRequestEntry>): Publication {
  return {
    message: input.Message ?? "",
    subject: input.Subject,
    attributes: input.MessageAttributes ?? {},
    structure: input.MessageStructure,
  };
}

const protocols = ["email", "email-json", "sqs", "lambda"];

function newSubscription(call: Call): Subscription {
  const input = call.input as unknown as sdk.SubscribeCommandInput;
  const { TopicArn = "", Protocol = "", Endpoint = "", Attributes = {} } = input;
  if (!protocols.includes(Protocol)) throw notImplemented("sns", "Subscribe", `Protocol ${Protocol}`);
  const isMail = Protocol.startsWith("email");
  if (isMail && !/^[^@\s]+@[^@\s]+$/.test(Endpoint)) throw invalid("Email address");
  if (!isMail && !Endpoint.startsWith(`arn:`)) throw invalid(`${Protocol} endpoint ARN`);
  checkAttributes(Attributes);
  const arn = `${TopicArn}:${randomUUID()}`;
  return {
    arn,
    topicArn: TopicArn,
    protocol: Protocol,
    endpoint: Endpoint,
    owner: call.account,
    isPending: isMail,
    attributes: { ...Attributes },
  };
}

const known = ["FilterPolicy", "FilterPolicyScope", "RawMessageDelivery"];

function checkAttributes(attributes: Readonly<Record<string, string>>): void {
  const unknown = Object.keys(attributes).find(name => !known.includes(name));
  if (unknown !== undefined) throw notImplemented("sns", "Subscribe", `the attribute ${unknown}`);
  if (!attributes.FilterPolicy) return;
  try {
    compile(JSON.parse(attributes.FilterPolicy));
  } catch (error) {
    throw invalid(`FilterPolicy: ${(error as Error).message}`);
  }
}

const listed = ({ arn, topicArn, protocol, endpoint, owner, isPending }: Subscription) => ({
  SubscriptionArn: isPending ? pending : arn,
  Owner: owner,
  Protocol: protocol,
  Endpoint: endpoint,
  TopicArn: topicArn,
});

const shown = (subscription: Subscription): Record<string, string> => ({
  ...subscription.attributes,
  SubscriptionArn: subscription.arn,
  TopicArn: subscription.topicArn,
  Protocol: subscription.protocol,
  Endpoint: subscription.endpoint,
  Owner: subscription.owner,
  RawMessageDelivery: subscription.attributes.RawMessageDelivery ?? "false",
  ConfirmationWasAuthenticated: String(!subscription.protocol.startsWith("email")),
  PendingConfirmation: String(subscription.isPending),
});
