import type { Place } from "../ground/call";

/** A metric by its name, as CloudWatch tells metrics apart. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Values that fell into one minute, as CloudWatch keeps them. */
export interface Summary {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

export type Statistic = "SampleCount" | "Sum" | "Average" | "Minimum" | "Maximum";

/** CloudWatch's metrics, by account and region. Times are epoch milliseconds. */
export interface Metrics {
  /** Unit: one of CloudWatch's own; `None` unless said. */
  put(place: Place, metric: Metric, values: Summary, at: number, unit?: string): void;
  /** The statistic from one time on and before the other, both on whole minutes; undefined where there is no value. */
  read(place: Place, metric: Metric, statistic: Statistic, span: Span): number | undefined;
  list(place: Place): Metric[];
  reset(): void;
}

export interface Span {
  readonly from: number;
  readonly to: number;
  /** Only values of this unit; of all units unless said. */
  readonly unit?: string;
}

export const minute = 60_000;

export const summaryOf = (values: readonly number[]): Summary => ({
  count: values.length,
  sum: values.reduce((sum, value) => sum + value, 0),
  min: Math.min(...values),
  max: Math.max(...values),
});

const together = (one: Summary | undefined, other: Summary): Summary =>
  one === undefined
    ? other
    : {
        count: one.count + other.count,
        sum: one.sum + other.sum,
        min: Math.min(one.min, other.min),
        max: Math.max(one.max, other.max),
      };

const statistics: Readonly<Record<Statistic, (summary: Summary) => number>> = {
  SampleCount: ({ count }) => count,
  Sum: ({ sum }) => sum,
  Average: ({ sum, count }) => sum / count,
  Minimum: ({ min }) => min,
  Maximum: ({ max }) => max,
};

interface Series {
  readonly metric: Metric;
  readonly place: Place;
  /** By unit, then by minute. */
  readonly units: Map<string, Map<number, Summary>>;
}

export function createMetrics(): Metrics {
  const all = new Map<string, Series>();
  // Alarms ask for the same metrics every minute, and days of minutes are jumped.
  const texts = new WeakMap<Metric, string>();
  const textOf = (metric: Metric): string => {
    const { namespace, name, dimensions } = metric;
    const text = texts.get(metric) ?? JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);
    texts.set(metric, text);
    return text;
  };
  const keyOf = ({ account, region }: Place, metric: Metric) => `${account} ${region} ${textOf(metric)}`;

  return {
    put: (place, metric, values, at, unit = "None") => {
      const key = keyOf(place, metric);
      const series = all.get(key) ?? { metric, place, units: new Map<string, Map<number, Summary>>() };
      all.set(key, series);
      const minutes = series.units.get(unit) ?? new Map<number, Summary>();
      series.units.set(unit, minutes);
      const when = Math.floor(at / minute);
      minutes.set(when, together(minutes.get(when), values));
    },
    read: (place, metric, statistic, { from, to, unit }) => {
      const series = all.get(keyOf(place, metric));
      if (series === undefined) return undefined;
      let found: Summary | undefined;
      for (const [name, minutes] of series.units) {
        if (unit !== undefined && unit !== name) continue;
        for (let when = Math.floor(from / minute); when < Math.floor(to / minute); when += 1) {
          const values = minutes.get(when);
          if (values !== undefined) found = together(found, values);
        }
      }
      return found && statistics[statistic](found);
    },
    list: place =>
      [...all.values()].flatMap(({ metric, place: own }) =>
        own.account === place.account && own.region === place.region ? [metric] : [],
      ),
    reset: () => all.clear(),
  };
}

/** Counts for a service what happens to one of its resources: values by the names of its metrics. */
export type Meter = (
  place: Place,
  namespace: string,
  dimensions: Metric["dimensions"],
  values: Readonly<Record<string, number>>,
  unit?: "Count" | "Milliseconds" | "Seconds",
) => void;

export const createMeter =
  (metrics: Metrics, now: () => number): Meter =>
  (place, namespace, dimensions, values, unit = "Count") => {
    for (const [name, value] of Object.entries(values))
      metrics.put(place, { namespace, name, dimensions }, summaryOf([value]), now(), unit);
  };
