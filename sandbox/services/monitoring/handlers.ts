import type * as sdk from "@aws-sdk/client-cloudwatch";
import { arnOf } from "../../../runtime/aws/partition";
import type { Handlers } from "../../ground/call";
import type { Clock } from "../../ground/clock";
import { refuse } from "../refused";
import { readAlarm } from "../../watch/alarm";
import type { AlarmState } from "../../watch/alarms";
import type { StateValue } from "../../watch/judge";
import type { Watch } from "../../watch";
import { metricHandlers } from "./metrics";

/** Alarms as they were put are the account's state; their evaluation, and all metrics, are here. */
export function monitoringHandlers({
  clock,
  watch,
}: {
  readonly clock: Clock;
  readonly watch: Pick<Watch, "alarms" | "metrics">;
}): Handlers {
  const { alarms } = watch;
  const alarmArn = (name = "", { region, account }: { readonly region: string; readonly account: string }) =>
    arnOf("cloudwatch", region, account, `alarm:${name}`);
  const enabled =
    (isEnabled: boolean): Handlers[string] =>
    async ({ call, forward }) => {
      const answer = await forward();
      for (const name of (call.input.AlarmNames ?? []) as string[]) {
        const found = alarms.find(alarmArn(name, call));
        if (found !== undefined) found.alarm.actionsEnabled = isEnabled;
      }
      return answer;
    };

  return {
    ...metricHandlers({ clock, metrics: watch.metrics }),
    PutMetricAlarm: async ({ call, forward }) => {
      const input = call.input as unknown as sdk.PutMetricAlarmCommandInput;
      const { region, account } = call;
      const arn = alarmArn(input.AlarmName, call);
      // Read first: an alarm that could not be evaluated is not kept either.
      const alarm = readAlarm(input, { region, account, arn, updated: clock.now() });
      const answer = await forward();
      alarms.put(alarm);
      return answer;
    },
    DeleteAlarms: async ({ call, forward }) => {
      const answer = await forward();
      for (const name of (call.input.AlarmNames ?? []) as string[]) alarms.remove(alarmArn(name, call));
      return answer;
    },
    EnableAlarmActions: enabled(true),
    DisableAlarmActions: enabled(false),
    DescribeAlarms: async ({ call, forward }) => {
      const { StateValue: wanted, ...input } = call.input as unknown as sdk.DescribeAlarmsCommandInput;
      const { output } = await forward(input);
      const shown = ((output.MetricAlarms ?? []) as sdk.MetricAlarm[]).map(alarm => ({
        ...alarm,
        ...shownState(alarms.find(alarm.AlarmArn ?? "")),
      }));
      const MetricAlarms = shown.filter(({ StateValue }) => wanted === undefined || StateValue === wanted);
      return { output: { ...output, MetricAlarms } };
    },
    SetAlarmState: async ({ call, forward }) => {
      const answer = await forward();
      const input = call.input as unknown as sdk.SetAlarmStateCommandInput;
      const value = (input.StateValue ?? "INSUFFICIENT_DATA") as StateValue;
      alarms.set(alarmArn(input.AlarmName, call), { value, reason: input.StateReason ?? "" });
      return answer;
    },
    DescribeAlarmsForMetric: refuse,
    DescribeAlarmHistory: refuse,
    PutCompositeAlarm: refuse,
    PutAnomalyDetector: refuse,
    PutMetricStream: refuse,
    PutInsightRule: refuse,
  };
}

function shownState(
  found: { readonly state: AlarmState; readonly alarm: { actionsEnabled: boolean } } | undefined,
) {
  if (found === undefined) return {};
  const { value, reason, since, updated } = found.state;
  return {
    StateValue: value,
    StateReason: reason,
    StateUpdatedTimestamp: new Date(updated),
    StateTransitionedTimestamp: new Date(since),
    ActionsEnabled: found.alarm.actionsEnabled,
  };
}
