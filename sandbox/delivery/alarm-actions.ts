import type { Activity } from "../ground/activity";
import type { Clock } from "../ground/clock";
import type { Journal } from "../ground/journal";
import type { Alarm } from "../watch/alarm";
import { alarmMessage } from "../watch/alarm-message";
import type { AlarmState } from "../watch/alarms";
import type { StateValue } from "../watch/judge";
import type { Topics } from "./topics";

export const alarmService = "cloudwatch.amazonaws.com";

/** What an alarm does when its state changes: it publishes to the topics that it names. Other actions are noted as lost. */
export function createAlarmActions(options: {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly activity: Activity;
  readonly topics: Pick<Topics, "publishAs">;
}): (alarm: Alarm, before: StateValue, after: AlarmState) => void {
  const { clock, journal, activity, topics } = options;
  const run = async (alarm: Alarm, action: string, before: StateValue, after: AlarmState) => {
    const sender = { service: alarmService, sourceArn: alarm.arn, sourceAccount: alarm.account };
    const publication = { ...alarmMessage(alarm, before, after), structure: "json", attributes: {} };
    try {
      await topics.publishAs(sender, action, publication);
    } catch (error) {
      const text = `Lost: the alarm ${alarm.name} could not run ${action}: ${(error as Error).message}`;
      journal.add({ at: clock.now(), kind: "note", text });
    }
  };
  return (alarm, before, after) => {
    if (!alarm.actionsEnabled) return;
    const { AlarmActions = [], OKActions = [], InsufficientDataActions = [] } = alarm.input;
    const actions = { ALARM: AlarmActions, OK: OKActions, INSUFFICIENT_DATA: InsufficientDataActions };
    for (const action of actions[after.value]) void activity.during(() => run(alarm, action, before, after));
  };
}
