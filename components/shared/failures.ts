import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { nameOf, tagsOf } from "../place";
import type { Place } from "../regions";
import { queueName, rolesArn, rulesArn } from "../../runtime/names";
import { alarmsOf, type Watched } from "./alarms";

export interface FailuresArgs {
  readonly watched: Omit<Watched, "stack">;
  readonly topicArn: pulumi.Input<string>;
  readonly place: pulumi.Output<Place>;
}

/** The stack's dead-letter queue, what may write to it, and the alarms that say so when something is in it or lost. */
export class Failures extends pulumi.ComponentResource {
  readonly queueArn: pulumi.Output<string>;
  readonly queueUrl: pulumi.Output<string>;
  readonly queueName: pulumi.Output<string>;
  readonly alarmArns: readonly pulumi.Output<string>[];

  constructor(name: string, args: FailuresArgs, opts?: pulumi.ComponentResourceOptions) {
    super("aws-event-guardrails:index:Failures", name, {}, opts);
    const within = { parent: this };
    const queue = new aws.sqs.Queue(
      name,
      {
        name: queueName(pulumi.getStack()),
        messageRetentionSeconds: 14 * 24 * 3600,
        sqsManagedSseEnabled: true,
        tags: tagsOf(),
      },
      { ...within, deleteBeforeReplace: true },
    );
    const policy = new aws.sqs.QueuePolicy(
      name,
      { queueUrl: queue.url, policy: pulumi.jsonStringify(createPolicy(queue.arn, args)) },
      within,
    );

    const alarmArns = alarmsOf({ stack: pulumi.getStack(), ...args.watched }).map(
      ({ what, description, watch }) =>
        new aws.cloudwatch.MetricAlarm(
          `${name}-${what}`,
          {
            name: nameOf(what),
            alarmDescription: description,
            alarmActions: [args.topicArn],
            tags: tagsOf(),
            ...watch,
            dimensions: { ...watch.dimensions },
          },
          { ...within, deleteBeforeReplace: true },
        ).arn,
    );
    // Whoever uses the queue waits for its policy: before, an event that cannot be delivered would be lost.
    this.queueArn = pulumi.all([queue.arn, policy.id]).apply(([arn]) => arn);
    this.queueUrl = queue.url;
    this.queueName = queue.name;
    this.alarmArns = alarmArns;
    this.registerOutputs({
      queueArn: this.queueArn,
      queueUrl: this.queueUrl,
      queueName: this.queueName,
      alarmArns,
    });
  }
}

/**
 * Who may put a message into the queue, whatever else somebody's own policy allows: EventBridge for this stack's rules,
 * which drops without the permission what it cannot deliver, and the functions' roles, with which Lambda delivers.
 * Whoever redrives believes no message, but an empty queue needs no belief. By patterns of names, so that the policy
 * has the same size however many guardrails there are:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
const createPolicy = (queueArn: pulumi.Output<string>, { place }: FailuresArgs) => {
  const rules = place.apply(where => rulesArn(where));
  const send = { Action: "sqs:SendMessage", Resource: queueArn };
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "RulesOfThisStack",
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        ...send,
        Condition: { ArnLike: { "aws:SourceArn": rules } },
      },
      {
        // A key that a request does not have meets a condition with Not: both must be another's, or absent.
        Sid: "NobodyElse",
        Effect: "Deny",
        Principal: "*",
        ...send,
        Condition: {
          ArnNotLike: {
            "aws:SourceArn": rules,
            "aws:PrincipalArn": place.apply(where => rolesArn(where)),
          },
        },
      },
    ],
  };
};
