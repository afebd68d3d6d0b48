import type * as sdk from "@aws-sdk/client-cloudwatch";
import { awsError, type Handlers } from "../../ground/call";
import type { Clock } from "../../ground/clock";
import { dimensionsOf } from "../../watch/alarm";
import { summaryOf, type Metric, type Metrics, type Statistic, type Summary } from "../../watch/metrics";
import { refuse } from "../refused";

const invalid = (message: string) => awsError("InvalidParameterValue", message);

/** Metrics that calls put and read. What the services measure themselves is among them. */
export function metricHandlers({
  clock,
  metrics,
}: {
  readonly clock: Clock;
  readonly metrics: Metrics;
}): Handlers {
  return {
    PutMetricData: async ({ call }) => {
      const {
        Namespace = "",
        MetricData = [],
        EntityMetricData,
      } = call.input as unknown as sdk.PutMetricDataCommandInput;
      if (Namespace.startsWith("AWS/"))
        throw invalid(`The value ${Namespace} for parameter Namespace is invalid.`);
      const data = [...MetricData, ...(EntityMetricData ?? []).flatMap(entity => entity.MetricData ?? [])];
      // All or nothing: each datum is read before one is kept.
      const read = data.map(datum => ({ datum, summary: summaryFor(datum) }));
      for (const { datum, summary } of read)
        metrics.put(
          call,
          metricOf(Namespace, datum.MetricName, datum.Dimensions),
          summary,
          datum.Timestamp?.getTime() ?? clock.now(),
          datum.Unit,
        );
      return { output: {} };
    },
    GetMetricStatistics: async ({ call }) => {
      const input = call.input as unknown as sdk.GetMetricStatisticsCommandInput;
      const { Namespace, MetricName, Dimensions, Statistics = [], Period = 60, Unit: unit } = input;
      if (input.ExtendedStatistics?.length)
        return refuse({ call, forward: () => Promise.reject(new Error()) });
      const [start, end, step] = [wholeMinute(input.StartTime), wholeMinute(input.EndTime), Period * 1000];
      if (step % 60_000 !== 0 || step <= 0) throw invalid("Period must be a multiple of 60.");
      const metric = metricOf(Namespace, MetricName, Dimensions);
      const Datapoints: sdk.Datapoint[] = [];
      for (let from = start; from < end; from += step) {
        const values = Statistics.flatMap(statistic => {
          const value = metrics.read(call, metric, statistic as Statistic, { from, to: from + step, unit });
          return value === undefined ? [] : [[statistic, value] as const];
        });
        if (values.length > 0) Datapoints.push({ Timestamp: new Date(from), ...Object.fromEntries(values) });
      }
      return { output: { Label: MetricName, Datapoints } };
    },
    ListMetrics: async ({ call }) => {
      const { Namespace, MetricName, Dimensions = [] } = call.input as unknown as sdk.ListMetricsCommandInput;
      const found = metrics
        .list(call)
        .filter(
          ({ namespace, name }) =>
            [undefined, namespace].includes(Namespace) && [undefined, name].includes(MetricName),
        )
        .filter(({ dimensions }) =>
          Dimensions.every(
            ({ Name = "", Value }) => Name in dimensions && [undefined, dimensions[Name]].includes(Value),
          ),
        );
      return { output: { Metrics: found.map(shown) } };
    },
    GetMetricData: refuse,
    GetMetricWidgetImage: refuse,
  };
}

const metricOf = (namespace = "", name = "", dimensions?: sdk.Dimension[]): Metric => ({
  namespace,
  name,
  dimensions: dimensionsOf(dimensions),
});

const shown = ({ namespace, name, dimensions }: Metric): sdk.Metric => ({
  Namespace: namespace,
  MetricName: name,
  Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
});

const wholeMinute = (date: Date | undefined): number => Math.floor((date?.getTime() ?? 0) / 60_000) * 60_000;

/** @throws AwsError InvalidParameterValue for a datum without a value, or with several kinds of values */
function summaryFor({ MetricName, Value, Values = [], Counts, StatisticValues }: sdk.MetricDatum): Summary {
  const ways = [Value !== undefined, Values.length > 0, StatisticValues !== undefined].filter(Boolean);
  if (ways.length !== 1)
    throw invalid(`${String(MetricName)} needs one of Value, Values and StatisticValues.`);
  if (Value !== undefined) return summaryOf([Value]);
  if (StatisticValues !== undefined) {
    const { SampleCount = 0, Sum = 0, Minimum = 0, Maximum = 0 } = StatisticValues;
    return { count: SampleCount, sum: Sum, min: Minimum, max: Maximum };
  }
  const counts = Counts ?? Values.map(() => 1);
  if (counts.length !== Values.length)
    throw invalid(`${String(MetricName)} has not as many Counts as Values.`);
  const { min, max } = summaryOf(Values);
  return {
    count: counts.reduce((sum, count) => sum + count, 0),
    sum: Values.reduce((sum, value, at) => sum + value * (counts[at] ?? 0), 0),
    min,
    max,
  };
}
