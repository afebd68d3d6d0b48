import { randomUUID } from "node:crypto";
import { GetTopicAttributesCommand, NotFoundException, SNSClient } from "@aws-sdk/client-sns";
import { compile } from "../../patterns";
import type { Account } from "../state/account";
import type { Activity } from "../ground/activity";
import { awsError } from "../ground/call";
import type { Clock } from "../ground/clock";
import type { Journal } from "../ground/journal";
import { checkPublication, envelope, filterView, mail, textFor, type Publication } from "./messages";
import type { Meter } from "../watch/metrics";
import { createSubscriptions, type Subscription, type Subscriptions } from "./subscriptions";
import { admit, type Queues, type ReadPolicy, type ServiceSender } from "./queues";

/** Topics: publishing, and who hears it. Topics themselves are kept by the account's state. */
export interface Topics {
  readonly subscriptions: Subscriptions;
  /** @throws AwsError NotFound */
  checkExists(topicArn: string): Promise<void>;
  /** Publishes if the topic's policy admits the service; returns the message id. @throws AwsError */
  publishAs(sender: ServiceSender, topicArn: string, publication: Publication): Promise<string>;
  /** Publishes for a caller that may; returns the message id. @throws AwsError InvalidParameter, NotFound */
  publish(topicArn: string, publication: Publication): Promise<string>;
  reset(): void;
}

/** Invokes a function for a service, if the function's policy admits it. */
export type InvokeAs = (
  sender: ServiceSender,
  functionArn: string,
  payload: string,
  cause?: { readonly eventId?: string },
) => Promise<void>;

export function createTopics(options: {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly activity: Activity;
  readonly account: Pick<Account, "client">;
  readonly queues: Queues;
  readonly meter: Meter;
  readonly resourcePolicy: ReadPolicy;
  readonly invokeAs: InvokeAs;
}): Topics {
  const { clock, journal, activity, queues } = options;
  const subscriptions = createSubscriptions({ clock, journal });

  /** https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html */
  const count = (topicArn: string, metric: string) => {
    const [, , , region = "", account = "", TopicName = ""] = topicArn.split(":");
    options.meter({ region, account }, "AWS/SNS", { TopicName }, { [metric]: 1 });
  };

  const publish = async (topicArn: string, publication: Publication) => {
    await checkExists(topicArn);
    checkPublication(publication);
    const messageId = randomUUID();
    count(topicArn, "NumberOfMessagesPublished");
    for (const subscription of subscriptions.of(topicArn))
      if (hears(subscription, publication) && subscriptions.admit(subscription))
        activity
          .during(() => deliver(subscription, publication, messageId))
          .then(() => count(topicArn, "NumberOfNotificationsDelivered"))
          .catch((error: Error) => undelivered(subscription, publication, error));
    return messageId;
  };
  const checkExists = async (TopicArn: string) => {
    const [, , , region = "", account = ""] = TopicArn.split(":");
    const client = options.account.client(SNSClient, { region, account });
    try {
      await client.send(new GetTopicAttributesCommand({ TopicArn }));
    } catch (error) {
      if (error instanceof NotFoundException) throw awsError("NotFound", "Topic does not exist", 404);
      throw error;
    }
  };
  const undelivered = ({ endpoint, topicArn }: Subscription, { message }: Publication, error: Error) => {
    count(topicArn, "NumberOfNotificationsFailed");
    journal.add({
      at: clock.now(),
      kind: "note",
      text: `Lost: ${topicArn} could not deliver to ${endpoint}: ${error.message} (${message.slice(0, 80)})`,
    });
  };

  const deliver = async (subscription: Subscription, publication: Publication, messageId: string) => {
    const { arn, topicArn, protocol, endpoint, owner, attributes } = subscription;
    const sender = { service: "sns.amazonaws.com", sourceArn: topicArn, sourceAccount: owner };
    const sent = { topicArn, subscriptionArn: arn, messageId, time: clock.now() };
    const wrapped = () => envelope(publication, protocol, sent);
    switch (protocol) {
      case "email":
      case "email-json": {
        const { subject, body } = mail(publication, endpoint, sent);
        journal.add({
          at: clock.now(),
          kind: "mail",
          to: endpoint,
          subject,
          body: protocol === "email" ? body : JSON.stringify(wrapped()),
          topicArn,
          attributes: textAttributes(publication),
          ...(publication.by !== undefined && { by: publication.by }),
        });
        return;
      }
      case "sqs": {
        const isRaw = attributes.RawMessageDelivery === "true";
        const body = isRaw ? textFor(publication, protocol) : JSON.stringify(wrapped());
        const own = isRaw ? textAttributes(publication) : {};
        await queues.sendAs(sender, { queueArn: endpoint, body, attributes: own });
        return;
      }
      case "lambda": {
        const record = {
          EventSource: "aws:sns",
          EventVersion: "1.0",
          EventSubscriptionArn: arn,
          Sns: wrapped(),
        };
        await options.invokeAs(sender, endpoint, JSON.stringify({ Records: [record] }));
        return;
      }
      default:
        throw awsError("NotImplemented", `The sandbox does not deliver to ${protocol} subscriptions.`, 501);
    }
  };

  return {
    subscriptions,
    checkExists,
    publish,
    publishAs: async (sender, topicArn, publication) => {
      await checkExists(topicArn);
      await admit({ ...sender, action: "sns:Publish", resource: topicArn }, options.resourcePolicy);
      return publish(topicArn, { ...publication, by: sender.service });
    },
    reset: () => subscriptions.reset(),
  };
}

/** Whether a subscription's filter policy lets a message through. */
function hears({ attributes, protocol }: Subscription, publication: Publication): boolean {
  const { FilterPolicy, FilterPolicyScope } = attributes;
  if (FilterPolicy === undefined) return true;
  const matches = compile(JSON.parse(FilterPolicy));
  if (FilterPolicyScope !== "MessageBody") return matches(filterView(publication.attributes));
  try {
    return matches(JSON.parse(textFor(publication, protocol)));
  } catch {
    // A body that is no JSON matches no filter on bodies.
    return false;
  }
}

const textAttributes = ({ attributes }: Publication): Record<string, string> =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, { StringValue }]) =>
      StringValue === undefined ? [] : [[name, StringValue]],
    ),
  );
