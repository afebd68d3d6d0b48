import type { Clock } from "../ground/clock";
import type { Alarm } from "./alarm";
import { judge, type StateValue, type Verdict } from "./judge";
import type { Metrics } from "./metrics";

/** What an alarm is in, since when, and why. */
export interface AlarmState extends Verdict {
  /** When the state was reached, and when it was last written; epoch milliseconds. */
  readonly since: number;
  readonly updated: number;
}

/** CloudWatch's alarms, by their ARNs. */
export interface Alarms {
  /** An alarm that is put again keeps its state until it is evaluated. */
  put(alarm: Alarm): void;
  remove(arn: string): void;
  find(arn: string): { readonly alarm: Alarm; readonly state: AlarmState } | undefined;
  readonly count: number;
  /** What somebody sets holds until the next evaluation. */
  set(arn: string, verdict: Verdict): void;
  /** Evaluates all over periods that have ended by the time given, a whole minute. */
  evaluate(end: number): void;
  reset(): void;
}

const day = 24 * 3600;

export function createAlarms(options: {
  readonly clock: Pick<Clock, "now">;
  readonly metrics: Metrics;
  /** Hears of every change of state. */
  changed(alarm: Alarm, before: StateValue, after: AlarmState): void;
}): Alarms {
  const { clock, metrics } = options;
  const kept = new Map<string, { alarm: Alarm; state: AlarmState }>();

  const enter = (arn: string, verdict: Verdict) => {
    const found = kept.get(arn);
    if (found === undefined) return;
    const [before, now] = [found.state, clock.now()];
    if (before.value === verdict.value && before.reason === verdict.reason) return;
    const since = before.value === verdict.value ? before.since : now;
    found.state = { ...verdict, since, updated: now };
    if (before.value !== verdict.value) options.changed(found.alarm, before.value, found.state);
  };

  return {
    put: alarm => {
      const now = clock.now();
      const fresh: AlarmState = {
        value: "INSUFFICIENT_DATA",
        reason: "Unchecked: Initial alarm creation",
        since: now,
        updated: now,
      };
      kept.set(alarm.arn, { alarm, state: kept.get(alarm.arn)?.state ?? fresh });
    },
    remove: arn => void kept.delete(arn),
    find: arn => kept.get(arn),
    get count() {
      return kept.size;
    },
    set: enter,
    evaluate: end => {
      for (const [arn, { alarm }] of kept) {
        const { condition, period } = alarm;
        // An alarm over more than a day is evaluated once an hour.
        if (condition.evaluationPeriods * period > day && new Date(end).getUTCMinutes() !== 0) continue;
        const verdict = judge(condition, alarm.points(metrics, end));
        if (verdict !== undefined) enter(arn, verdict);
      }
    },
    reset: () => kept.clear(),
  };
}
