import type { JsonObject } from "../../records";
import type { Place } from "../ground/call";
import type { Clock } from "../ground/clock";

/** One call as CloudTrail keeps it. */
export interface CallRecord extends Place {
  /** The record's eventID. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly time: number;
  /** Whether rules hear of it: they do of writes. */
  readonly isDelivered: boolean;
  /** The EventBridge event whose detail is the record. */
  event(): JsonObject;
}

/** CloudTrail's event history: what was called, by account and region, once CloudTrail has got round to it. */
export interface EventHistory {
  keep(record: CallRecord): void;
  /** What can be looked up now, the latest first. */
  at(place: Place): CallRecord[];
  /**
   * Milliseconds until a call can be looked up. "Typically within 15 minutes" says
   * https://aws.amazon.com/cloudtrail/faqs/, so that long unless a test lets CloudTrail be quicker, or fall behind.
   */
  delay: number;
  reset(): void;
}

const usual = 15 * 60_000;
/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html */
const kept = 90 * 24 * 3_600_000;

export function createEventHistory({ now }: Pick<Clock, "now">): EventHistory {
  const records = new Map<string, CallRecord[]>();
  const keyOf = ({ account, region }: Place) => `${account} ${region}`;
  const history: EventHistory = {
    delay: usual,
    keep: record => {
      const own = records.get(keyOf(record)) ?? [];
      records.set(keyOf(record), own);
      own.push(record);
    },
    at: place => {
      const [oldest, latest] = [now() - kept, now() - history.delay];
      return (records.get(keyOf(place)) ?? [])
        .filter(({ time }) => time >= oldest && time <= latest)
        .sort((one, other) => other.time - one.time);
    },
    reset: () => {
      records.clear();
      history.delay = usual;
    },
  };
  return history;
}
