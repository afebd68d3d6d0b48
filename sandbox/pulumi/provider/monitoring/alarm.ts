import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  ListTagsForResourceCommand,
  PutMetricAlarmCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch";
import { tagsOf } from "../existing";
import { present, tagList } from "../inputs";
import { resourceType } from "../resource-type";
import { alarmOf, inputs, inputsOf } from "./alarm-inputs";

export const metricAlarm = resourceType({
  type: "aws:cloudwatch/metricAlarm:MetricAlarm",
  inputs,
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
    await cloudwatch.send(new PutMetricAlarmCommand({ ...alarmOf(name, inputs), Tags: tagList(tags) }));
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
  namedBy: "name",
  replaces: ["name"],
  unordered: ["alarmActions", "okActions", "insufficientDataActions"],
  defaults: { actionsEnabled: true, treatMissingData: "missing" },
  read: async ({ id, client }) => {
    const cloudwatch = client(CloudWatchClient);
    const { MetricAlarms: [found] = [] } = await cloudwatch.send(
      new DescribeAlarmsCommand({ AlarmNames: [id] }),
    );
    if (found === undefined) return undefined;
    const { Tags } = await cloudwatch.send(new ListTagsForResourceCommand({ ResourceARN: found.AlarmArn }));
    return { ...inputsOf(found), arn: found.AlarmArn, tags: tagsOf(Tags) };
  },
  updates: [
    {
      of: Object.keys(inputs).filter(name => name !== "name" && name !== "tags"),
      by: ({ id, inputs, client }) =>
        client(CloudWatchClient).send(new PutMetricAlarmCommand(alarmOf(id, inputs))),
    },
  ],
  tagging: ({ state, client }) => ({
    add: tags =>
      client(CloudWatchClient).send(
        new TagResourceCommand({ ResourceARN: String(state.arn), Tags: tagList(tags) }),
      ),
    drop: TagKeys =>
      client(CloudWatchClient).send(new UntagResourceCommand({ ResourceARN: String(state.arn), TagKeys })),
  }),
  remove: ({ id, client }) => client(CloudWatchClient).send(new DeleteAlarmsCommand({ AlarmNames: [id] })),
});
