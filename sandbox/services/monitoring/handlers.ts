import type * as sdk from "@aws-sdk/client-cloudwatch";
import { DescribeAlarmsCommand, CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { Account } from "../../state/account";
import type { Handlers } from "../../ground/call";
import type { Clock } from "../../ground/clock";
import type { Journal } from "../../ground/journal";
import type { Topics } from "../../delivery/topics";
import { notImplemented } from "../refused";

const unevaluated = {
  StateValue: "INSUFFICIENT_DATA",
  StateReason: "The sandbox does not evaluate alarms: set a state with SetAlarmState.",
} as const;

/**
 * Alarms are kept and never evaluated; each answer says so. A state that somebody sets runs the alarm's actions on
 * topics. What would pretend to evaluate metrics is refused.
 */
export function monitoringHandlers(options: {
  readonly account: Pick<Account, "client">;
  readonly topics: Topics;
  readonly clock: Clock;
  readonly journal: Journal;
}): Handlers {
  const states = new Map<string, State>();
  const stateOf = (arn: string | undefined) => states.get(arn ?? "") ?? unevaluated;

  return {
    DescribeAlarms: async ({ call, forward }) => {
      const { StateValue, ...input } = call.input as unknown as sdk.DescribeAlarmsCommandInput;
      const { output } = await forward(input);
      const alarms = ((output.MetricAlarms ?? []) as sdk.MetricAlarm[])
        .map(alarm => ({ ...alarm, ...stateOf(alarm.AlarmArn) }))
        .filter(alarm => StateValue === undefined || alarm.StateValue === StateValue);
      return { output: { ...output, MetricAlarms: alarms } };
    },
    SetAlarmState: async ({ call, forward }) => {
      const answer = await forward();
      const input = call.input as unknown as sdk.SetAlarmStateCommandInput;
      const client = options.account.client(CloudWatchClient, call);
      const { MetricAlarms: [alarm] = [] } = await client.send(
        new DescribeAlarmsCommand({ AlarmNames: [input.AlarmName ?? ""] }),
      );
      if (alarm?.AlarmArn === undefined) return answer;
      const before = stateOf(alarm.AlarmArn).StateValue;
      const after = { StateValue: input.StateValue ?? before, StateReason: input.StateReason ?? "" };
      states.set(alarm.AlarmArn, after);
      if (before !== after.StateValue && alarm.ActionsEnabled !== false)
        await runActions(options, alarm, before, after);
      return answer;
    },
    DescribeAlarmHistory: refuse,
    PutCompositeAlarm: refuse,
    PutAnomalyDetector: refuse,
    PutMetricStream: refuse,
    PutInsightRule: refuse,
  };
}

interface State {
  readonly StateValue: string;
  readonly StateReason: string;
}

const refuse: Handlers[string] = async ({ call }) => {
  throw notImplemented("monitoring", call.operation);
};

async function runActions(
  { topics, clock, journal }: { topics: Topics; clock: Clock; journal: Journal },
  alarm: sdk.MetricAlarm,
  before: string,
  after: State,
): Promise<void> {
  const { AlarmActions = [], OKActions = [], InsufficientDataActions = [], AlarmArn = "" } = alarm;
  const [, , , Region, AWSAccountId = ""] = AlarmArn.split(":");
  const actions = { ALARM: AlarmActions, OK: OKActions, INSUFFICIENT_DATA: InsufficientDataActions };
  const sender = {
    service: "cloudwatch.amazonaws.com",
    sourceArn: AlarmArn,
    sourceAccount: AWSAccountId,
  };
  const message = JSON.stringify({
    AlarmName: alarm.AlarmName,
    AlarmDescription: alarm.AlarmDescription ?? null,
    AWSAccountId,
    NewStateValue: after.StateValue,
    NewStateReason: after.StateReason,
    StateChangeTime: new Date(clock.now()).toISOString(),
    Region,
    AlarmArn,
    OldStateValue: before,
  });
  const subject = `${after.StateValue}: "${alarm.AlarmName}" in ${Region}`.slice(0, 99);
  for (const action of actions[after.StateValue as keyof typeof actions])
    try {
      await topics.publishAs(sender, action, { message, subject, attributes: {} });
    } catch (error) {
      const text = `Lost: the alarm ${alarm.AlarmName} could not run ${action}: ${(error as Error).message}`;
      journal.add({ at: clock.now(), kind: "note", text });
    }
}
