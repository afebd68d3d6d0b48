import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Parts, ruleArnsOf } from "../parts";
import { nameOf, tagsOf } from "../place";
import type { Place } from "../regions";
import { queueName } from "../../runtime/names";
import { type MetricName, namespace } from "../../runtime/telling/metrics";

export interface FailuresArgs {
  /** Every rule may put what it cannot deliver into the queue; alarms watch them and the functions. */
  readonly parts: readonly Parts[];
  readonly topicArn: pulumi.Input<string>;
  readonly topicName: pulumi.Input<string>;
  readonly place: pulumi.Output<Place>;
}

type Metric = aws.types.input.cloudwatch.MetricAlarmMetricQuery;

/** An alarm on metric math reads at most ten metrics: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
const metricsPerAlarm = 10;

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

    const alarmArns: pulumi.Output<string>[] = [];
    const alarm = (what: string, description: string, watch: Partial<aws.cloudwatch.MetricAlarmArgs>) => {
      const { arn } = new aws.cloudwatch.MetricAlarm(
        `${name}-${what}`,
        {
          name: nameOf(what),
          alarmDescription: description,
          comparisonOperator: "GreaterThanOrEqualToThreshold",
          evaluationPeriods: 1,
          threshold: 1,
          treatMissingData: "notBreaching",
          alarmActions: [args.topicArn],
          tags: tagsOf(),
          ...watch,
        },
        { ...within, deleteBeforeReplace: true },
      );
      alarmArns.push(arn);
    };
    const ofQueue = (metricName: string) => ({
      namespace: "AWS/SQS",
      metricName,
      dimensions: { QueueName: queue.name },
      statistic: "Maximum",
      period: 60,
    });
    alarm(
      "failed-events",
      "Events that no guardrail could handle are in the dead-letter queue.",
      ofQueue("ApproximateNumberOfMessagesVisible"),
    );
    alarm(
      "failed-events-age",
      "Failed events have been in the dead-letter queue for a day; they are lost after 14.",
      {
        ...ofQueue("ApproximateAgeOfOldestMessage"),
        threshold: 24 * 3600,
      },
    );
    lostMetrics(args).forEach((metricQueries, at) =>
      alarm(
        at === 0 ? "lost-events" : `lost-events-${at + 1}`,
        "An event could be neither delivered nor kept: it is lost. Look at the queue's policy.",
        { metricQueries },
      ),
    );
    alarm("lost-notices", "SNS could not deliver a notice.", {
      namespace: "AWS/SNS",
      metricName: "NumberOfNotificationsFailed",
      dimensions: { TopicName: args.topicName },
      statistic: "Sum",
      period: 300,
    });
    const ofFunctions = (metricName: MetricName) => ({
      namespace,
      metricName,
      dimensions: { stack: args.place.stack },
      statistic: "Sum",
      period: 300,
    });
    // Without a function nobody holds anything or asks the ledger.
    if (args.parts.some(({ functionName }) => functionName !== undefined)) {
      alarm(
        "held",
        "Something that is wrong waits for somebody: a pause, a budget, a breaker or the ledger holds it back.",
        ofFunctions("Waiting"),
      );
      alarm(
        "ledger-errors",
        "The ledger could not be read, so nothing was written, or it refused to record what was.",
        ofFunctions("LedgerErrors"),
      );
    }
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
 * EventBridge may write for this stack's rules only; without this statement it drops what it cannot deliver:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 * Functions write with their own role's permission.
 */
const createPolicy = (queueArn: pulumi.Output<string>, { place, parts }: FailuresArgs) => ({
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "RulesOfThisStack",
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: queueArn,
      Condition: {
        ArnEquals: {
          "aws:SourceArn": place.apply(where => ruleArnsOf(parts, where)),
        },
      },
    },
  ],
});

/** The sum of what never reached the queue, in as many alarms as the limit asks for. */
function lostMetrics({ parts }: FailuresArgs): Metric[][] {
  const rules = parts.flatMap(part => part.rules.map(({ name }) => name));
  const functions = parts.flatMap(({ functionName }) => functionName ?? []);
  const lost = [
    ...rules.map(RuleName => ({
      namespace: "AWS/Events",
      metricName: "InvocationsFailedToBeSentToDlq",
      dimensions: { RuleName },
    })),
    ...functions.map(FunctionName => ({
      namespace: "AWS/Lambda",
      metricName: "DestinationDeliveryFailures",
      dimensions: { FunctionName },
    })),
  ].map((metric, at) => ({ id: `m${at}`, metric: { ...metric, stat: "Sum", period: 300 } }));
  const alarms: Metric[][] = [];
  for (let at = 0; at < lost.length; at += metricsPerAlarm)
    alarms.push([
      { id: "lost", expression: "SUM(METRICS())", label: "Lost events", returnData: true },
      ...lost.slice(at, at + metricsPerAlarm),
    ]);
  return alarms;
}
