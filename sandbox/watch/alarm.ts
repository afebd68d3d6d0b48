import type { Dimension, MetricDataQuery, PutMetricAlarmCommandInput } from "@aws-sdk/client-cloudwatch";
import { awsError, type Place } from "../ground/call";
import { readExpression, type Points } from "./expression";
import { isComparison, rangeOf, type Condition } from "./judge";
import type { Metric, Metrics, Statistic } from "./metrics";

/** A metric alarm as somebody put it, ready to be evaluated. */
export interface Alarm extends Place {
  readonly arn: string;
  readonly name: string;
  readonly input: PutMetricAlarmCommandInput;
  readonly condition: Condition;
  /** Seconds. */
  readonly period: number;
  /** When it was put, epoch milliseconds. */
  readonly updated: number;
  actionsEnabled: boolean;
  /** The values of its range of periods, the latest of which ends at the time given, a whole minute. */
  points(metrics: Metrics, end: number): Points;
}

const invalid = (message: string) => awsError("ValidationError", message);
const lacking = (what: string) =>
  awsError("NotImplemented", `The sandbox does not implement ${what} of monitoring:PutMetricAlarm.`, 501);

/** @throws AwsError ValidationError, or NotImplemented for what the sandbox could not evaluate. */
export function readAlarm(
  input: PutMetricAlarmCommandInput,
  place: Place & { readonly arn: string; readonly updated: number },
): Alarm {
  const { EvaluationPeriods = 1, DatapointsToAlarm = EvaluationPeriods, ComparisonOperator = "" } = input;
  const { TreatMissingData = "missing", Threshold } = input;
  const beyond = Object.entries(input).find(
    ([name, value]) => unevaluated.includes(name) && value !== undefined,
  );
  if (beyond !== undefined) throw lacking(beyond[0]);
  if (!isComparison(ComparisonOperator)) throw lacking(`ComparisonOperator ${ComparisonOperator}`);
  if (Threshold === undefined) throw invalid("Threshold is required.");
  if (!isTreatment(TreatMissingData)) throw invalid(`TreatMissingData ${TreatMissingData} is not valid.`);
  const { points, period } = input.Metrics?.length ? readQueries(input.Metrics) : readMetric(input);
  const condition: Condition = {
    comparison: ComparisonOperator,
    threshold: Threshold,
    evaluationPeriods: EvaluationPeriods,
    datapointsToAlarm: DatapointsToAlarm,
    missing: TreatMissingData,
  };
  const { region, account, arn, updated } = place;
  return {
    ...{ region, account, arn, updated, input, condition, period },
    name: input.AlarmName ?? "",
    actionsEnabled: input.ActionsEnabled ?? true,
    points: (metrics, end) => points(metrics, { region, account, end, count: rangeOf(condition) }),
  };
}

const unevaluated = ["ThresholdMetricId", "ExtendedStatistic", "EvaluationCriteria", "EvaluationInterval"];
const treatments = ["missing", "ignore", "breaching", "notBreaching"] as const;
const isTreatment = (text: string): text is Condition["missing"] =>
  treatments.some(treatment => treatment === text);

interface Asked extends Place {
  readonly end: number;
  readonly count: number;
}

interface Source {
  readonly points: (metrics: Metrics, asked: Asked) => Points;
  /** Seconds. */
  readonly period: number;
}

interface Statistics {
  readonly metric: Metric;
  readonly statistic: string | undefined;
  readonly period: number | undefined;
  readonly unit: string | undefined;
}

const statistics: readonly string[] = ["SampleCount", "Sum", "Average", "Minimum", "Maximum"];
const isStatistic = (text: string): text is Statistic => statistics.includes(text);

function source({ metric, statistic = "", period = 0, unit }: Statistics): Source {
  if (!isStatistic(statistic)) throw lacking(`the statistic ${statistic}`);
  if (period < 60 || period % 60 !== 0) throw lacking(`the period of ${period} seconds`);
  const ms = period * 1000;
  return {
    period,
    points: (metrics, { end, count, ...place }) =>
      Array.from({ length: count }, (_, at) => {
        const to = end - (count - 1 - at) * ms;
        return metrics.read(place, metric, statistic, { from: to - ms, to, unit });
      }),
  };
}

const metricOf = (namespace = "", name = "", dimensions: readonly Dimension[] = []): Metric => ({
  namespace,
  name,
  dimensions: dimensionsOf(dimensions),
});

export const dimensionsOf = (dimensions: readonly Dimension[] = []): Record<string, string> =>
  Object.fromEntries(dimensions.map(({ Name = "", Value = "" }) => [Name, Value]));

function readMetric(input: PutMetricAlarmCommandInput): Source {
  const { Namespace, MetricName, Dimensions, Statistic: statistic, Period: period, Unit: unit } = input;
  return source({ metric: metricOf(Namespace, MetricName, Dimensions), statistic, period, unit });
}

function readQueries(queries: readonly MetricDataQuery[]): Source {
  const sources = new Map<string, Source>();
  for (const { Id = "", MetricStat: stat, AccountId } of queries) {
    if (AccountId !== undefined) throw lacking("AccountId of a metric query");
    if (stat === undefined) continue;
    const { Namespace, MetricName, Dimensions } = stat.Metric ?? {};
    const metric = metricOf(Namespace, MetricName, Dimensions);
    sources.set(Id, source({ metric, statistic: stat.Stat, period: stat.Period, unit: stat.Unit }));
  }
  const periods = new Set([...sources.values()].map(({ period }) => period));
  if (periods.size !== 1) throw lacking("metric queries without one period that all of them share");
  const [period = 60] = periods;
  const returned = queries.filter(({ ReturnData = true }) => ReturnData);
  const [result] = returned;
  if (result === undefined || returned.length !== 1)
    throw invalid("Exactly one element of the metrics list should return data.");
  const { Id: id = "", Expression: text } = result;
  const expression = text === undefined ? undefined : compiled(text);
  return {
    period,
    points: (metrics, asked) => {
      const points = new Map([...sources].map(([name, { points: read }]) => [name, read(metrics, asked)]));
      return expression ? expression(points, asked.count) : (points.get(id) ?? []);
    },
  };
}

function compiled(text: string) {
  try {
    return readExpression(text);
  } catch (error) {
    throw lacking((error as Error).message.replace(/^the sandbox does not read /, ""));
  }
}
