import { summaryOf, type Metric, type Summary } from "./metrics";

/** What one log line says in CloudWatch's embedded metric format. */
export interface Embedded {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly values: readonly { readonly metric: Metric; readonly summary: Summary; readonly unit: string }[];
}

const units = [
  ...["Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes"],
  ...["Bits", "Kilobits", "Megabits", "Gigabits", "Terabits", "Percent", "Count", "Bytes/Second"],
  ...["Kilobytes/Second", "Megabytes/Second", "Gigabytes/Second", "Terabytes/Second", "Bits/Second"],
  ...["Kilobits/Second", "Megabits/Second", "Gigabits/Second", "Terabits/Second", "Count/Second", "None"],
];
const [mostDimensions, mostMetrics, mostValues] = [30, 100, 100];

type Document = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Document =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Reads a line, or says that it is none of the format: undefined.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 * @throws Error that says what is wrong with a line that means to be one: CloudWatch would take no metric of it.
 */
export function readEmbedded(line: string): Embedded | undefined {
  if (!line.startsWith("{") || !line.includes('"_aws"')) return undefined;
  let root: unknown;
  try {
    root = JSON.parse(line);
  } catch (error) {
    throw new Error(`it is no JSON: ${(error as Error).message}`);
  }
  if (!isObject(root) || !isObject(root._aws)) return undefined;
  const { Timestamp, CloudWatchMetrics } = root._aws;
  if (typeof Timestamp !== "number" || !Number.isFinite(Timestamp))
    throw new Error(`_aws.Timestamp is ${JSON.stringify(Timestamp)}: expected milliseconds`);
  if (!Array.isArray(CloudWatchMetrics)) throw new Error("_aws.CloudWatchMetrics is no list");
  const document = root;
  return { at: Timestamp, values: CloudWatchMetrics.flatMap(directive => valuesOf(directive, document)) };
}

function valuesOf(directive: unknown, root: Document): Embedded["values"] {
  if (!isObject(directive)) throw new Error("a metric directive is no object");
  const { Namespace, Dimensions, Metrics } = directive;
  if (typeof Namespace !== "string" || Namespace === "")
    throw new Error("a metric directive has no Namespace");
  if (!Array.isArray(Dimensions)) throw new Error(`${Namespace} has no list of Dimensions`);
  if (!Array.isArray(Metrics) || Metrics.length > mostMetrics)
    throw new Error(`${Namespace} has no list of at most ${mostMetrics} Metrics`);
  const sets = Dimensions.map(set => dimensionsOf(set, root));
  return Metrics.flatMap(definition => {
    const { name, unit, summary } = valueOf(definition, root);
    return sets.map(dimensions => ({ metric: { namespace: Namespace, name, dimensions }, summary, unit }));
  });
}

function dimensionsOf(set: unknown, root: Document): Record<string, string> {
  if (!Array.isArray(set) || set.length > mostDimensions)
    throw new Error(`a dimension set is no list of at most ${mostDimensions} names`);
  return Object.fromEntries(
    set.map(name => {
      const value = root[String(name)];
      if (typeof value !== "string" || value === "")
        throw new Error(`the dimension ${String(name)} is no text in the line`);
      return [String(name), value];
    }),
  );
}

function valueOf(definition: unknown, root: Document): { name: string; unit: string; summary: Summary } {
  const { Name, Unit = "None" } = isObject(definition) ? definition : {};
  if (typeof Name !== "string" || Name === "") throw new Error("a metric has no Name");
  if (!units.includes(String(Unit))) throw new Error(`${Name}: ${JSON.stringify(Unit)} is no unit`);
  const values: unknown[] = [root[Name]].flat();
  const isNumber = (value: unknown): value is number => typeof value === "number";
  if (values.length === 0 || values.length > mostValues || !values.every(isNumber))
    throw new Error(`${Name} is neither a number nor a list of 1 to ${mostValues}`);
  return { name: Name, unit: String(Unit), summary: summaryOf(values) };
}
