import { logGroupName, partName, queueName, topicName } from "../../runtime/names";
import { type MetricName, namespace } from "../../runtime/telling/metrics";

/** What an alarm watches, in CloudWatch's words. */
export interface Watch {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: "Sum" | "Maximum" | "SampleCount";
  /** Seconds. */
  readonly period: number;
  readonly evaluationPeriods: number;
  /** How many of these must breach; absent: all. */
  readonly datapointsToAlarm?: number;
  readonly comparisonOperator: "GreaterThanOrEqualToThreshold" | "LessThanThreshold";
  readonly threshold: number;
  readonly treatMissingData: "breaching" | "notBreaching";
}

/** One alarm of a stack. */
export interface Alarm {
  readonly what: string;
  /** What is so, and what to do: CloudWatch's mail quotes it. At most 1,024 characters. */
  readonly description: string;
  readonly watch: Watch;
}

/** What decides which alarms a stack has, and what they say. */
export interface Watched {
  readonly stack: string;
  readonly functions: number;
  /** How often the timers of all functions together ring in an hour. */
  readonly ticksAnHour: number;
}

const minute = 60;
const hour = 60 * minute;
/** Longer than the time between any two ticks of a guardrail, so that each has said how much is open. */
const everyTick = 20 * minute;
/** How late a tick may come before somebody hears of it, in milliseconds. */
const lateFrom = 10 * 60_000;

const above = (from: number): Pick<Watch, "comparisonOperator" | "threshold"> => ({
  comparisonOperator: "GreaterThanOrEqualToThreshold",
  threshold: from,
});
const once = { ...above(1), evaluationPeriods: 1, treatMissingData: "notBreaching" } as const;

/**
 * The alarms of a stack, as many however many guardrails it has: an alarm costs by the metrics that it watches, every
 * month and in every account. So they watch metrics of the stack, of its queue and topic, and of the account.
 */
export const alarmsOf = (watched: Watched): Alarm[] => [
  ...ofQueueAndTopic(watched),
  ...(watched.functions > 0 ? ofFunctions(watched) : []),
  ...(watched.ticksAnHour > 0 ? ofTicks(watched) : []),
];

const guardrails = (verb: string, { stack }: Watched): string =>
  `npm run guardrails -- ${verb} --stack ${stack}`;

function ofQueueAndTopic(watched: Watched): Alarm[] {
  const queue = {
    ...once,
    namespace: "AWS/SQS",
    metricName: "ApproximateNumberOfMessagesVisible",
    dimensions: { QueueName: queueName(watched.stack) },
  };
  const look = `Read them: ${guardrails("failures", watched)}. Send them again: ${guardrails("redrive --all", watched)}`;
  return [
    {
      what: "failed-events",
      description: `Events that no guardrail could handle are in the dead-letter queue. ${look}`,
      // Whoever looks hides the messages for a moment: the alarm must not end, and sound again, for that.
      watch: { ...queue, statistic: "Maximum", period: minute, evaluationPeriods: 5, datapointsToAlarm: 1 },
    },
    {
      // Not the age of the oldest: it passes over what was received three times, and reading the failures receives; and
      // the most in an hour, since reading also hides.
      // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
      what: "failed-events-age",
      description: `In each of the last 24 hours something was in the dead-letter queue; each message is lost after 14 days. ${look}`,
      watch: { ...queue, statistic: "Maximum", period: hour, evaluationPeriods: 24 },
    },
    {
      what: "lost-notices",
      description: `SNS reports that it gave up delivering a notice. What was to be told is in log group ${logGroupName(watched.stack)}: search for "audit":1. See who is subscribed: aws sns list-subscriptions. Of mails that bounce or end in a spam folder SNS reports nothing.`,
      watch: {
        ...once,
        namespace: "AWS/SNS",
        metricName: "NumberOfNotificationsFailed",
        dimensions: { TopicName: topicName(watched.stack) },
        statistic: "Sum",
        period: 5 * minute,
      },
    },
  ];
}

/** A metric that functions send for the stack as a whole. */
const ofStack = (metricName: MetricName, stack: string) => ({ namespace, metricName, dimensions: { stack } });
/** A metric of all functions of the account and region: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
const ofLambda = (metricName: string) => ({ namespace: "AWS/Lambda", metricName, dimensions: {} });

function ofFunctions(watched: Watched): Alarm[] {
  const { stack, ticksAnHour } = watched;
  const sum = { ...once, statistic: "Sum", period: 5 * minute } as const;
  return [
    {
      what: "held",
      description: `Something that is wrong stays so: it is held, left to people, or failed; or no guardrail has said for 20 minutes what is open, so that nobody knows. The notices of it say what and why. When it may go on: ${guardrails("resume --all", watched)}`,
      watch: {
        ...ofStack("Open", stack),
        ...once,
        statistic: "Maximum",
        period: everyTick,
        treatMissingData: ticksAnHour > 0 ? "breaching" : "notBreaching",
      },
    },
    {
      what: "failed",
      description: `A guardrail could not put something right, or not look at it, and trying again cannot help: somebody has to look. The notice of it says what and why; so does log group ${logGroupName(stack)}: search for "outcome":"failed".`,
      watch: { ...ofStack("FailedForGood", stack), ...sum },
    },
    {
      what: "ledger-errors",
      description: `The ledger could not be read, so nothing was written, or it refused to record what was. Look at the table's metrics and policy, then: ${guardrails("failures", watched)}`,
      watch: { ...ofStack("LedgerErrors", stack), ...sum },
    },
    {
      what: "lost-events",
      description: `Lambda could not put an event into a dead-letter queue after its last try: it is lost. The metric is of all functions of this account and region. If ours are among them (aws lambda list-functions), look at the policy of the queue ${queueName(stack)}, then deploy: pulumi up --stack ${stack}`,
      watch: { ...ofLambda("DestinationDeliveryFailures"), ...sum },
    },
    {
      what: "throttled",
      description: `For 15 minutes Lambda has refused to run functions of this account and region: what guardrails should hear waits, for up to 6 hours. See how much may run at once: aws lambda get-account-settings; and whether a guardrail was restricted: aws lambda get-function-concurrency --function-name ${partName(stack, "<id>")}`,
      watch: { ...ofLambda("Throttles"), ...sum, evaluationPeriods: 3 },
    },
  ];
}

function ofTicks(watched: Watched): Alarm[] {
  const { stack, ticksAnHour } = watched;
  const gauge = { ...once, statistic: "Maximum", period: everyTick } as const;
  return [
    {
      what: "lost-recipients",
      description: `Fewer recipients are subscribed to the topic than the stack config names: somebody has not confirmed, has unsubscribed, or got so many mails that SNS suspended the subscription, which it deletes after two days. See who is left: aws sns list-subscriptions. Subscribe again: pulumi up --refresh --stack ${stack}, and follow the link in the mail.`,
      watch: { ...ofStack("RecipientsMissing", stack), ...gauge },
    },
    {
      what: "unconfirmed",
      description: `For 3 hours CloudTrail has known no call of a region in which a guardrail wrote: whether the calls that it heard of were made cannot be confirmed. Look whether a trail or Event history still records: aws cloudtrail lookup-events --max-results 1`,
      watch: { ...ofStack("CausesBehind", stack), ...gauge },
    },
    {
      what: "late",
      description: `A guardrail's timer rang ten minutes late or later, and so would an event: Lambda is short of concurrency, or one guardrail is kept busy. See what waits: the metric AsyncEventAge of the functions ${partName(stack, "*")}, and aws lambda get-account-settings`,
      watch: { ...ofStack("TickDelay", stack), ...gauge, ...above(lateFrom) },
    },
    {
      // Two hours in a row, because in the first one after a deployment fewer ticks are right. A guardrail's own ticks
      // are four an hour at least.
      what: "silent",
      description: `For two hours at least one guardrail's timer has not rung, or could not say what is open, though others' may: it hears of nothing, and what it has open is not looked at. Look whether its rule is enabled (aws events list-rules --name-prefix ${partName(stack, "")}) and its function runs (aws lambda list-functions), then deploy: pulumi up --stack ${stack}`,
      watch: {
        ...ofStack("TickDelay", stack),
        statistic: "SampleCount",
        period: hour,
        evaluationPeriods: 2,
        comparisonOperator: "LessThanThreshold",
        threshold: Math.max(1, ticksAnHour - 2),
        // That nothing rings at all is what `held` says.
        treatMissingData: "notBreaching",
      },
    },
  ];
}

/** The names of all alarms that a stack may have: what its topic admits. */
export const alarmNames: readonly string[] = alarmsOf({ stack: "", functions: 1, ticksAnHour: 1 }).map(
  ({ what }) => what,
);
