import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Parts, ruleArnsOf } from "../parts";
import { tagsOf } from "../place";
import type { Place } from "../regions";
import { alarmsArn, topicName } from "../../runtime/names";

export interface NotificationsArgs {
  readonly recipients: readonly string[];
  readonly parts: readonly Parts[];
  readonly place: pulumi.Output<Place>;
}

/**
 * The topic that everything is told to, and one e-mail subscription for each recipient. A standard topic: FIFO topics
 * take no e-mail, https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html.
 */
export class Notifications extends pulumi.ComponentResource {
  readonly topicArn: pulumi.Output<string>;
  readonly topicName: pulumi.Output<string>;

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
    this.topicName = topic.name;
    this.registerOutputs({ topicArn: this.topicArn, topicName: this.topicName });
  }
}

/** Functions publish with their own role's permission; the topic itself admits the stack's rules and alarms only. */
const createPolicy = (topicArn: pulumi.Output<string>, { place, parts }: NotificationsArgs) => ({
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "RulesAndAlarmsOfThisStack",
      Effect: "Allow",
      Principal: {
        Service: [
          "cloudwatch.amazonaws.com",
          ...(parts.some(({ publishes }) => publishes) ? ["events.amazonaws.com"] : []),
        ],
      },
      Action: "sns:Publish",
      Resource: topicArn,
      Condition: {
        ArnLike: {
          "aws:SourceArn": place.apply(where => [
            alarmsArn(where),
            ...ruleArnsOf(
              parts.filter(({ publishes }) => publishes),
              where,
            ),
          ]),
        },
      },
    },
  ],
});
