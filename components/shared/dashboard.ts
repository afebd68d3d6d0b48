import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Parts } from "../parts";
import type { Place } from "../regions";
import { dashboardName } from "../../runtime/names";
import { type MetricName, namespace } from "../../runtime/telling/metrics";

export interface DashboardArgs {
  readonly parts: readonly Parts[];
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
    const measured = args.parts.flatMap(({ id, functionName }) => (functionName === undefined ? [] : [id]));
    const dashboard = new aws.cloudwatch.Dashboard(
      name,
      {
        dashboardName: dashboardName(pulumi.getStack()),
        dashboardBody: pulumi
          .all([args.place, args.queueName, pulumi.all([...args.alarmArns])])
          .apply(([{ stack, home }, queueName, alarmArns]) =>
            JSON.stringify(bodyOf({ stack, region: home, queueName, alarmArns, guardrails: measured })),
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
  /** Ids of those with a function: the others send no metrics. */
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
  const { stack, region, queueName, alarmArns, guardrails } = shown;

  const ofGuardrail = (name: MetricName, guardrail: string, rendering: Rendering): Row => [
    namespace,
    name,
    "stack",
    stack,
    "guardrail",
    guardrail,
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
  /** The sum over all guardrails. A metric that is not sent where it is zero has gaps, which count as zero. */
  const total = (name: MetricName, visible = true): Row[] => [
    ...guardrails.map((guardrail, at) =>
      ofGuardrail(name, guardrail, { id: `${idOf(name)}${at}`, stat: "Sum", visible: false }),
    ),
    [
      {
        expression: guardrails.map((_, at) => `FILL(${idOf(name)}${at}, 0)`).join(" + "),
        id: idOf(name),
        label: name,
        visible,
      },
    ],
  ];
  const percentiles = (name: MetricName): Row[] =>
    guardrails.flatMap(guardrail =>
      ["p50", "p90"].map(stat => ofGuardrail(name, guardrail, { stat, label: `${guardrail} ${stat}` })),
    );
  const metrics = (title: string, rows: readonly Row[], more: object = {}) => ({
    type: "metric" as const,
    properties: { title, region, view: "timeSeries", period: hour, metrics: rows, ...more },
  });
  const number = { view: "singleValue", setPeriodToTimeRange: true };
  const sumOf = (names: readonly MetricName[]): string => names.map(idOf).join(" + ");
  const quotient = (label: string, part: string, whole: string): Row => [
    { expression: `100 * (${part}) / (${whole})`, id: "share", label },
  ];
  const hidden = (names: readonly MetricName[]): Row[] => names.flatMap(name => total(name, false));

  const ofGuardrails =
    guardrails.length === 0
      ? []
      : [
          metrics(
            "Outcomes",
            outcomes.flatMap(name => total(name)),
            { view: "bar", stacked: true },
          ),
          metrics(
            "Share automated, %: remediated of remediated, notified, held and failed",
            [...hidden(worthFixing), quotient("automated", idOf("Remediated"), sumOf(worthFixing))],
            number,
          ),
          metrics("Time to detect, ms: from the call to the function", percentiles("TimeToDetect")),
          metrics("Time to remediate, ms: from the call to the second read", percentiles("TimeToRemediate")),
          metrics(
            "Signal, % of signal and noise (exempt, duplicate, undone, breaker opened)",
            [...hidden(["Signal", "Noise"]), quotient("signal", idOf("Signal"), sumOf(["Signal", "Noise"]))],
            number,
          ),
          metrics("Held, failed and ledger errors", [
            ...(["Held", "Failed", "BreakerOpened"] as const).flatMap(name => total(name)),
            [namespace, "LedgerErrors", "stack", stack, { stat: "Sum", label: "LedgerErrors" }],
          ]),
        ];
  const ofStack = [
    metrics("Dead-letter queue: events, and seconds since the oldest", [
      ofQueue("ApproximateNumberOfMessagesVisible", { label: "events" }),
      ofQueue("ApproximateAgeOfOldestMessage", { label: "age", yAxis: "right" }),
    ]),
    { type: "alarm" as const, properties: { title: "Alarms", alarms: alarmArns } },
  ];
  return { start: "-P7D", widgets: [...ofGuardrails, ...ofStack].map(placed) };
}

/** Two in a row, from the top. */
const placed = (widget: Pick<Widget, "type" | "properties">, at: number): Widget => ({
  ...widget,
  x: (at % 2) * 12,
  y: Math.floor(at / 2) * 6,
  width: 12,
  height: 6,
});
