import type { Clock } from "../ground/clock";
import { createAlarms, type Alarms } from "./alarms";
import type { Alarm } from "./alarm";
import type { AlarmState } from "./alarms";
import { createEventHistory, type EventHistory } from "./history";
import type { StateValue } from "./judge";
import { createMeter, createMetrics, minute, type Meter, type Metrics } from "./metrics";
import { createQueueMessages, type QueueMessages } from "./queue-messages";

/** What the account notices about itself: CloudTrail's history, CloudWatch's metrics and alarms. */
export interface Watch {
  readonly history: EventHistory;
  readonly metrics: Metrics;
  readonly meter: Meter;
  readonly alarms: Alarms;
  readonly messages: QueueMessages;
  reset(): void;
}

/** Measures and evaluates at every whole minute of the sandbox clock, as long as there is an alarm. */
export function createWatch(options: {
  readonly clock: Clock;
  /** Hears of every change of an alarm's state. */
  changed(alarm: Alarm, before: StateValue, after: AlarmState): void;
}): Watch {
  const { clock } = options;
  const history = createEventHistory(clock);
  const metrics = createMetrics();
  const messages = createQueueMessages(clock.now);
  const alarms = createAlarms({ clock, metrics, changed: options.changed });
  let callOff: (() => void) | undefined;

  const wait = () => {
    const end = (Math.floor(clock.now() / minute) + 1) * minute;
    callOff = clock.wake(end, () => {
      callOff = undefined;
      messages.measure(metrics, end);
      alarms.evaluate(end);
      if (alarms.count > 0) wait();
    });
  };
  return {
    history,
    metrics,
    meter: createMeter(metrics, clock.now),
    alarms: {
      ...alarms,
      get count() {
        return alarms.count;
      },
      put: alarm => {
        alarms.put(alarm);
        if (callOff === undefined) wait();
      },
    },
    messages,
    reset: () => {
      callOff?.();
      callOff = undefined;
      [history, metrics, alarms, messages].forEach(one => one.reset());
    },
  };
}
