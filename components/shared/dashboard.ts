import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Place } from "../regions";
import { dashboardName } from "../../runtime/names";
import { type MetricName, namespace } from "../../runtime/telling/metrics";

export interface DashboardArgs {
  readonly hasFunctions: boolean;
  /** Ids of those that send metrics of their own as well. */
  readonly guardrails: readonly string[];
  /** Of the dead-letter queue. */
  readonly queueName: pulumi.Input<string>;
  readonly alarmArns: readonly pulumi.Input<string>[];
  readonly place: pulumi.Output<Place>;
}

/** The stack's page in CloudWatch. */
export class Dashboard extends pulumi.ComponentResource {
  readonly dashboardName: pulumi.Output<string>;

  constructor(name: string, args: DashboardArgs, opts?: pulumi.ComponentResourceOptions) {
    super("aws-event-guardrails:index:Dashboard", name, {}, opts);
    const { hasFunctions, guardrails } = args;
    const dashboard = new aws.cloudwatch.Dashboard(
      name,
      {
        dashboardName: dashboardName(pulumi.getStack()),
        dashboardBody: pulumi
          .all([args.place, args.queueName, pulumi.all([...args.alarmArns])])
          .apply(([{ stack, home }, queueName, alarmArns]) =>
            JSON.stringify(bodyOf({ stack, region: home, queueName, alarmArns, hasFunctions, guardrails })),
          ),
      },
      { parent: this, deleteBeforeReplace: true },
    );
    this.dashboardName = dashboard.dashboardName;
    this.registerOutputs({ dashboardName: this.dashboardName });
  }
}

/** What a dashboard shows, in CloudWatch's spelling: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
export interface Widget {
  readonly type: "metric" | "alarm";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: { readonly title: string; readonly [property: string]: unknown };
}

interface Rendering {
  readonly id?: string;
  readonly label?: string;
  readonly visible?: boolean;
  readonly stat?: string;
  readonly period?: number;
  readonly yAxis?: "left" | "right";
}
type Row = readonly (string | Rendering)[] | readonly [Rendering & { readonly expression: string }];

interface Shown {
  readonly stack: string;
  readonly region: string;
  readonly queueName: string;
  readonly alarmArns: readonly string[];
  /** Functions alone send metrics. */
  readonly hasFunctions: boolean;
  /** Ids of those that send metrics of their own as well. */
  readonly guardrails: readonly string[];
}

const outcomes: readonly MetricName[] = [
  "Remediated",
  "Notified",
  "Observed",
  "Held",
  "Failed",
  "Exempt",
  "Undone",
];
/** What a person would have to look at had nobody automated anything; the share is what was put right of it. */
const worthFixing: readonly MetricName[] = ["Remediated", "Notified", "Held", "Failed"];
const hour = 3600;

/** The body of the dashboard. */
export function bodyOf(shown: Shown): { start: string; widgets: Widget[] } {
  const { stack, region, queueName, alarmArns, hasFunctions, guardrails } = shown;

  const ofStack = (name: MetricName, rendering: Rendering): Row => [
    namespace,
    name,
    "stack",
    stack,
    rendering,
  ];
  const ofQueue = (name: string, rendering: Rendering): Row => [
    "AWS/SQS",
    name,
    "QueueName",
    queueName,
    { stat: "Maximum", period: 300, ...rendering },
  ];
  const idOf = (name: MetricName): string => `${name[0].toLowerCase()}${name.slice(1)}`;
  const total = (name: MetricName): Row => ofStack(name, { stat: "Sum", label: name });
  /** A metric that is not sent where it is zero has gaps, which count as zero. */
  const hidden = (names: readonly MetricName[]): Row[] =>
    names.map(name => ofStack(name, { id: idOf(name), stat: "Sum", visible: false }));
  const percentiles = (name: MetricName): Row[] => [
    ...["p50", "p90"].map(stat => ofStack(name, { stat, label: stat })),
    ...guardrails.map((guardrail): Row => [
      namespace,
      name,
      "stack",
      stack,
      "guardrail",
      guardrail,
      { stat: "p90", label: `${guardrail} p90` },
    ]),
  ];
  const metrics = (title: string, rows: readonly Row[], more: object = {}) => ({
    type: "metric" as const,
    properties: { title, region, view: "timeSeries", period: hour, metrics: rows, ...more },
  });
  const number = { view: "singleValue", setPeriodToTimeRange: true };
  const sumOf = (names: readonly MetricName[]): string =>
    names.map(name => `FILL(${idOf(name)}, 0)`).join(" + ");
  const share = (label: string, part: MetricName, whole: readonly MetricName[]): Row[] => [
    ...hidden(whole),
    [{ expression: `100 * ${sumOf([part])} / (${sumOf(whole)})`, id: "share", label }],
  ];

  const ofFunctions = hasFunctions
    ? [
        metrics("Outcomes", outcomes.map(total), { view: "bar", stacked: true }),
        metrics(
          "Share automated, %: remediated of remediated, notified, held and failed",
          share("automated", "Remediated", worthFixing),
          number,
        ),
        metrics("Time to detect, ms: from the call to the function", percentiles("TimeToDetect")),
        metrics("Time to remediate, ms: from the call to the second read", percentiles("TimeToRemediate")),
        metrics(
          "Signal, % of signal and noise (exempt, duplicate, undone, breaker opened)",
          share("signal", "Signal", ["Signal", "Noise"]),
          number,
        ),
        metrics("Open, and what became of it", [
          ofStack("Open", { stat: "Maximum", label: "Open" }),
          ...(["Held", "Failed", "BreakerOpened", "LedgerErrors"] as const).map(total),
        ]),
      ]
    : [];
  const ofAll = [
    metrics("Dead-letter queue: events, and seconds since the oldest", [
      ofQueue("ApproximateNumberOfMessagesVisible", { label: "events" }),
      ofQueue("ApproximateAgeOfOldestMessage", { label: "age", yAxis: "right" }),
    ]),
    { type: "alarm" as const, properties: { title: "Alarms", alarms: alarmArns } },
  ];
  return { start: "-P7D", widgets: [...ofFunctions, ...ofAll].map(placed) };
}

/** Two in a row, from the top. */
const placed = (widget: Pick<Widget, "type" | "properties">, at: number): Widget => ({
  ...widget,
  x: (at % 2) * 12,
  y: Math.floor(at / 2) * 6,
  width: 12,
  height: 6,
});
