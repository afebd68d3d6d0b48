import type { Alarm } from "./alarm";
import type { AlarmState } from "./alarms";
import { shownNumber, type StateValue } from "./judge";

/** What an alarm publishes when its state changes. */
export interface AlarmMessage {
  readonly subject: string;
  /** A text for each protocol, for publication as a structured message. */
  readonly message: string;
}

/** CloudWatch's mails say a region's long name: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html */
const regions: Readonly<Record<string, string>> = {
  "us-east-1": "US East (N. Virginia)",
  "us-east-2": "US East (Ohio)",
  "us-west-1": "US West (N. California)",
  "us-west-2": "US West (Oregon)",
  "ap-northeast-1": "Asia Pacific (Tokyo)",
  "ap-south-1": "Asia Pacific (Mumbai)",
  "ap-southeast-1": "Asia Pacific (Singapore)",
  "ap-southeast-2": "Asia Pacific (Sydney)",
  "ca-central-1": "Canada (Central)",
  "eu-central-1": "EU (Frankfurt)",
  "eu-north-1": "EU (Stockholm)",
  "eu-west-1": "EU (Ireland)",
  "eu-west-2": "EU (London)",
  "eu-west-3": "EU (Paris)",
  "sa-east-1": "South America (Sao Paulo)",
};
const regionName = (region: string): string => regions[region] ?? region;

export function alarmMessage(alarm: Alarm, before: StateValue, after: AlarmState): AlarmMessage {
  const { name, region } = alarm;
  const texts = {
    default: JSON.stringify(dataOf(alarm, before, after)),
    email: mailOf(alarm, before, after),
  };
  return {
    subject: `${after.value}: "${name}" in ${regionName(region)}`.slice(0, 99),
    message: JSON.stringify(texts),
  };
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html */
function dataOf(alarm: Alarm, before: StateValue, { value, reason, since }: AlarmState): object {
  const { input, condition } = alarm;
  const { Metrics, MetricName, Namespace, Statistic = "", Unit = null, Dimensions = [] } = input;
  const watched = Metrics?.length
    ? { Metrics }
    : {
        ...{ MetricName, Namespace, Unit },
        StatisticType: "Statistic",
        Statistic: Statistic.toUpperCase(),
        Dimensions: Dimensions.map(({ Name, Value }) => ({ value: Value, name: Name })),
      };
  return {
    AlarmName: alarm.name,
    AlarmDescription: input.AlarmDescription ?? null,
    AWSAccountId: alarm.account,
    AlarmConfigurationUpdatedTimestamp: timestamp(alarm.updated),
    NewStateValue: value,
    NewStateReason: reason,
    StateChangeTime: timestamp(since),
    Region: regionName(alarm.region),
    AlarmArn: alarm.arn,
    OldStateValue: before,
    OKActions: input.OKActions ?? [],
    AlarmActions: input.AlarmActions ?? [],
    InsufficientDataActions: input.InsufficientDataActions ?? [],
    Trigger: {
      ...watched,
      Period: alarm.period,
      EvaluationPeriods: condition.evaluationPeriods,
      DatapointsToAlarm: condition.datapointsToAlarm,
      ComparisonOperator: condition.comparison,
      Threshold: condition.threshold,
      TreatMissingData: condition.missing,
      EvaluateLowSampleCountPercentile: "",
    },
  };
}

const timestamp = (time: number): string => new Date(time).toISOString().replace("Z", "+0000");

function mailOf(alarm: Alarm, before: StateValue, { value, reason, since }: AlarmState): string {
  const { name, region, input, condition, period } = alarm;
  const when = dayAndTime(since);
  const link = `https://${region}.console.aws.amazon.com/cloudwatch/deeplink.js?region=${region}#alarmsV2:alarm/${encodeURIComponent(name)}`;
  const list = (actions: readonly string[] = []) => actions.map(action => `[${action}]`).join(" ");
  const { evaluationPeriods, datapointsToAlarm, comparison, threshold } = condition;
  return [
    `You are receiving this email because your Amazon CloudWatch Alarm "${name}" in the ${regionName(region)} region has entered the ${value} state, because "${reason}" at "${when}".`,
    "",
    "View this alarm in the AWS Management Console:",
    link,
    "",
    "Alarm Details:",
    row("Name", name),
    row("Description", input.AlarmDescription ?? ""),
    row("State Change", `${before} -> ${value}`),
    row("Reason for State Change", reason),
    row("Timestamp", when),
    row("AWS Account", alarm.account),
    row("Alarm Arn", alarm.arn),
    "",
    "Threshold:",
    `- The alarm is in the ALARM state when the metric is ${comparison} ${shownNumber(threshold)} for at least ${datapointsToAlarm} of the last ${evaluationPeriods} period(s) of ${period} seconds.`,
    "",
    ...watchedLines(alarm),
    "",
    "",
    "State Change Actions:",
    `- OK: ${list(input.OKActions)}`,
    `- ALARM: ${list(input.AlarmActions)}`,
    `- INSUFFICIENT_DATA: ${list(input.InsufficientDataActions)}`,
  ].join("\n");
}

const row = (label: string, value: string, width = 28): string => `- ${`${label}:`.padEnd(width)}${value}`;

function watchedLines({ input, period, condition }: Alarm): string[] {
  const { Metrics, MetricName = "", Namespace = "", Statistic = "", Unit, Dimensions = [] } = input;
  if (Metrics?.length)
    return [
      "Monitored Metrics:",
      ...Metrics.map(({ Id = "", Expression, MetricStat: stat }) =>
        stat === undefined
          ? `- MetricExpression ${Id}: ${Expression ?? ""}`
          : `- MetricStat ${Id}: ${stat.Metric?.Namespace ?? ""} ${stat.Metric?.MetricName ?? ""} (${stat.Stat ?? ""})`,
      ),
    ];
  const wide = (label: string, value: string) => row(label, value, 37);
  return [
    "Monitored Metric:",
    wide("MetricNamespace", Namespace),
    wide("MetricName", MetricName),
    wide("Dimensions", Dimensions.map(({ Name, Value }) => `[${Name ?? ""} = ${Value ?? ""}]`).join(" ")),
    wide("Period", `${period} seconds`),
    wide("Statistic", Statistic),
    wide("Unit", Unit ?? "not specified"),
    wide("TreatMissingData", condition.missing),
  ];
}

/** e.g. Thursday 26 November, 2026 04:55:00 UTC */
function dayAndTime(time: number): string {
  const date = new Date(time);
  const part = (options: Intl.DateTimeFormatOptions) =>
    date.toLocaleDateString("en-US", { ...options, timeZone: "UTC" });
  const day = String(date.getUTCDate()).padStart(2, "0");
  return `${part({ weekday: "long" })} ${day} ${part({ month: "long" })}, ${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)} UTC`;
}
