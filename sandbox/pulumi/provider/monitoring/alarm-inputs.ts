import type { MetricAlarm, StandardUnit } from "@aws-sdk/client-cloudwatch";
import { z } from "zod";
import { orUnset } from "../existing";
import { arn, nameOf, tags, wholeNumber } from "../inputs";

/** A metric alarm as the program gives it and as CloudWatch takes it and tells it. */

const dimensions = z.record(z.string(), z.string());
const period = z
  .number()
  .refine(seconds => [10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0), {
    error: "expected 10, 20, 30 or a multiple of 60 seconds",
  });
const actions = z.array(arn).max(5, "expected at most 5 actions");

const metricQuery = z.strictObject({
  id: nameOf(/^[a-z][a-zA-Z0-9_]*$/, 255),
  expression: z.string().optional(),
  label: z.string().optional(),
  period: period.optional(),
  returnData: z.boolean().optional(),
  accountId: z.string().optional(),
  metric: z
    .strictObject({
      metricName: z.string(),
      namespace: z.string().optional(),
      period,
      stat: z.string(),
      unit: z.string().optional(),
      dimensions: dimensions.optional(),
    })
    .optional(),
});

export const inputs = {
  name: nameOf(/^[^\s:].*$/, 255).optional(),
  alarmDescription: z.string().max(1024, "expected at most 1024 characters").optional(),
  comparisonOperator: z.enum([
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
  ]),
  evaluationPeriods: wholeNumber(1, 10_000),
  datapointsToAlarm: wholeNumber(1, 10_000).optional(),
  threshold: z.number().optional(),
  metricName: z.string().max(255).optional(),
  namespace: z
    .string()
    .max(255)
    .regex(/^[^:].*$/)
    .optional(),
  dimensions: dimensions.optional(),
  statistic: z.enum(["SampleCount", "Average", "Sum", "Minimum", "Maximum"]).optional(),
  extendedStatistic: z.string().optional(),
  period: period.optional(),
  unit: z.string().optional(),
  metricQueries: z.array(metricQuery).optional(),
  treatMissingData: z.enum(["breaching", "notBreaching", "ignore", "missing"]).optional(),
  actionsEnabled: z.boolean().optional(),
  alarmActions: actions.optional(),
  okActions: actions.optional(),
  insufficientDataActions: actions.optional(),
  tags: tags.optional(),
};

type Inputs = z.output<z.ZodObject<typeof inputs>>;

/** What PutMetricAlarm takes: it sets all of an alarm but its tags. */
export const alarmOf = (name: string, inputs: Inputs) => ({
  AlarmName: name,
  AlarmDescription: inputs.alarmDescription,
  ComparisonOperator: inputs.comparisonOperator,
  EvaluationPeriods: inputs.evaluationPeriods,
  DatapointsToAlarm: inputs.datapointsToAlarm,
  Threshold: inputs.threshold,
  MetricName: inputs.metricName,
  Namespace: inputs.namespace,
  Dimensions: inputs.dimensions && dimensionList(inputs.dimensions),
  Statistic: inputs.statistic,
  ExtendedStatistic: inputs.extendedStatistic,
  Period: inputs.period,
  Unit: inputs.unit as StandardUnit | undefined,
  Metrics: inputs.metricQueries?.map(query => ({
    Id: query.id,
    Expression: query.expression,
    Label: query.label,
    Period: query.period,
    ReturnData: query.returnData ?? false,
    AccountId: query.accountId,
    MetricStat: query.metric && {
      Metric: {
        MetricName: query.metric.metricName,
        Namespace: query.metric.namespace,
        Dimensions: dimensionList(query.metric.dimensions ?? {}),
      },
      Period: query.metric.period,
      Stat: query.metric.stat,
      Unit: query.metric.unit as StandardUnit | undefined,
    },
  })),
  TreatMissingData: inputs.treatMissingData ?? "missing",
  ActionsEnabled: inputs.actionsEnabled ?? true,
  AlarmActions: inputs.alarmActions,
  OKActions: inputs.okActions,
  InsufficientDataActions: inputs.insufficientDataActions,
});

/** What DescribeAlarms tells, by input; undefined what is not set. */
export const inputsOf = (alarm: MetricAlarm) => ({
  name: alarm.AlarmName,
  alarmDescription: orUnset(alarm.AlarmDescription),
  comparisonOperator: alarm.ComparisonOperator,
  evaluationPeriods: alarm.EvaluationPeriods,
  datapointsToAlarm: alarm.DatapointsToAlarm,
  threshold: alarm.Threshold,
  metricName: alarm.MetricName,
  namespace: alarm.Namespace,
  dimensions: dimensionsIn(alarm.Dimensions),
  statistic: alarm.Statistic,
  extendedStatistic: alarm.ExtendedStatistic,
  period: alarm.Period,
  unit: alarm.Unit,
  metricQueries: listed(
    alarm.Metrics?.map(({ Id, Expression, Label, Period, ReturnData, AccountId, MetricStat: stat }) =>
      given({
        id: Id,
        expression: Expression,
        label: Label,
        period: Period,
        returnData: ReturnData === true ? true : undefined,
        accountId: AccountId,
        metric:
          stat &&
          given({
            metricName: stat.Metric?.MetricName,
            namespace: stat.Metric?.Namespace,
            dimensions: dimensionsIn(stat.Metric?.Dimensions),
            period: stat.Period,
            stat: stat.Stat,
            unit: stat.Unit,
          }),
      }),
    ),
  ),
  treatMissingData: alarm.TreatMissingData ?? "missing",
  actionsEnabled: alarm.ActionsEnabled ?? true,
  alarmActions: listed(alarm.AlarmActions),
  okActions: listed(alarm.OKActions),
  insufficientDataActions: listed(alarm.InsufficientDataActions),
});

const listed = <T>(list: readonly T[] | undefined) => (list?.length ? list : undefined);

const given = (values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const dimensionList = (all: Readonly<Record<string, string>>) =>
  Object.entries(all).map(([Name, Value]) => ({ Name, Value }));

const dimensionsIn = (list: readonly { Name?: string; Value?: string }[] | undefined) =>
  list?.length ? Object.fromEntries(list.map(({ Name = "", Value = "" }) => [Name, Value])) : undefined;
