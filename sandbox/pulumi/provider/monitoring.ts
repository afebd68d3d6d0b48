import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutDashboardCommand,
  PutMetricAlarmCommand,
  type StandardUnit,
} from "@aws-sdk/client-cloudwatch";
import { z } from "zod";
import { arnOf } from "../../../runtime/aws/partition";
import { arn, json, nameOf, present, tagList, tags, wholeNumber } from "./inputs";
import { resourceType } from "./resource-type";

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

const metricAlarm = resourceType({
  type: "aws:cloudwatch/metricAlarm:MetricAlarm",
  inputs: {
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
  },
  check: ({ metricName, namespace, statistic, extendedStatistic, period, metricQueries, ...rest }) => {
    if (metricQueries !== undefined)
      return metricName === undefined ? [] : ['"metricName" and "metricQueries" exclude each other'];
    return [
      ...(metricName === undefined ? ['one of "metricName" and "metricQueries" is required'] : []),
      ...(namespace === undefined ? ['"namespace" is required with "metricName"'] : []),
      ...(period === undefined ? ['"period" is required with "metricName"'] : []),
      ...((statistic === undefined) === (extendedStatistic === undefined)
        ? ['one of "statistic" and "extendedStatistic" is required']
        : []),
      ...(rest.threshold === undefined ? ['"threshold" is required'] : []),
      ...((rest.datapointsToAlarm ?? 1) > rest.evaluationPeriods
        ? ['"datapointsToAlarm" is more than "evaluationPeriods"']
        : []),
    ];
  },
  create: async ({ inputs, client, autoName, tags }) => {
    const cloudwatch = client(CloudWatchClient);
    const name = inputs.name ?? autoName;
    await cloudwatch.send(
      new PutMetricAlarmCommand({
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
        Tags: tagList(tags),
      }),
    );
    const { MetricAlarms: [found] = [] } = await cloudwatch.send(
      new DescribeAlarmsCommand({ AlarmNames: [name] }),
    );
    return {
      id: name,
      outputs: {
        name,
        arn: present(found?.AlarmArn, "AlarmArn"),
        actionsEnabled: inputs.actionsEnabled ?? true,
        evaluateLowSampleCountPercentiles: "",
        treatMissingData: inputs.treatMissingData ?? "missing",
      },
    };
  },
});

const dimensionList = (all: Readonly<Record<string, string>>) =>
  Object.entries(all).map(([Name, Value]) => ({ Name, Value }));

const dashboard = resourceType({
  type: "aws:cloudwatch/dashboard:Dashboard",
  inputs: { dashboardName: nameOf(/^[\w-]+$/, 255), dashboardBody: json },
  create: async ({ inputs, client, region, account }) => {
    const { dashboardName, dashboardBody } = inputs;
    const { DashboardValidationMessages: [problem] = [] } = await client(CloudWatchClient).send(
      new PutDashboardCommand({ DashboardName: dashboardName, DashboardBody: dashboardBody }),
    );
    if (problem !== undefined)
      throw new Error(`${problem.DataPath ?? "dashboardBody"}: ${problem.Message ?? "refused"}`);
    // A dashboard's ARN has no region.
    const dashboardArn = arnOf("cloudwatch", region, await account(), `dashboard/${dashboardName}`);
    return {
      id: dashboardName,
      outputs: { dashboardArn: dashboardArn.replace(`:${region}:`, "::"), dashboardBody },
    };
  },
});

export const monitoringTypes = [metricAlarm, dashboard];
