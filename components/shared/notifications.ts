import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Parts } from "../parts";
import { alarmNames } from "./alarms";
import { tagsOf } from "../place";
import type { Place } from "../regions";
import { alarmArn, ruleArn, topicName } from "../../runtime/names";

export interface NotificationsArgs {
  readonly recipients: readonly string[];
  /** Those whose rules publish by themselves, whether they are on or not: the policy is the same then. */
  readonly publishing: readonly Parts[];
  readonly place: pulumi.Output<Place>;
}

/**
 * The topic that everything is told to, and one e-mail subscription for each recipient. A standard topic: FIFO topics
 * take no e-mail, https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html.
 */
export class Notifications extends pulumi.ComponentResource {
  readonly topicArn: pulumi.Output<string>;

  constructor(name: string, args: NotificationsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("aws-event-guardrails:index:Notifications", name, {}, opts);
    const topic = new aws.sns.Topic(
      name,
      { name: topicName(pulumi.getStack()), displayName: "AWS event guardrails", tags: tagsOf() },
      { parent: this, deleteBeforeReplace: true },
    );
    const policy = new aws.sns.TopicPolicy(
      name,
      { arn: topic.arn, policy: pulumi.jsonStringify(createPolicy(topic.arn, args)) },
      { parent: this },
    );
    for (const address of args.recipients)
      new aws.sns.TopicSubscription(
        `${name}-${address}`,
        { topic: topic.arn, protocol: "email", endpoint: address },
        { parent: this },
      );
    // The policy's own ARN output is the topic's: whoever uses it waits until the topic admits what publishes to it.
    this.topicArn = policy.arn;
    this.registerOutputs({ topicArn: this.topicArn });
  }
}

/**
 * Functions publish with their own role's permission; the topic itself admits the stack's alarms and publishing rules
 * only, each by its own name. AWS's pages contradict each other on whether EventBridge tells SNS which rule publishes:
 * where it does, the rule is held to; where it does not, EventBridge is.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
 */
const createPolicy = (topicArn: pulumi.Output<string>, { place, publishing }: NotificationsArgs) => ({
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "AlarmsOfThisStack",
      Effect: "Allow",
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Action: "sns:Publish",
      Resource: topicArn,
      Condition: {
        ArnEquals: { "aws:SourceArn": place.apply(where => alarmNames.map(what => alarmArn(where, what))) },
      },
    },
    {
      Sid: "RulesOfThisStack",
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "sns:Publish",
      Resource: topicArn,
      Condition: {
        ArnLikeIfExists: {
          "aws:SourceArn": place.apply(where =>
            publishing.flatMap(({ rules }) => rules.map(({ name }) => ruleArn(where, where.home, name))),
          ),
        },
      },
    },
  ],
});
