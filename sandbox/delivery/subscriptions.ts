import type { Clock } from "../ground/clock";
import type { Journal } from "../ground/journal";

/** A subscription as the sandbox keeps it: the account's state would confirm every mail address at once. */
export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: string;
  readonly endpoint: string;
  readonly owner: string;
  isPending: boolean;
  readonly attributes: Record<string, string>;
}

/** Who is subscribed to topics, and what becomes of a subscription. */
export interface Subscriptions {
  readonly all: readonly Subscription[];
  /** Those of one topic, pending ones too. */
  of(topicArn: string): Subscription[];
  /** A pending one is deleted when nobody confirms it in time. */
  add(subscription: Subscription): void;
  remove(gone: (subscription: Subscription) => boolean): void;
  /** Whether one more message goes to it: it is confirmed, and does not get more mail than SNS sends. */
  admit(subscription: Subscription): boolean;
  /** How many subscriptions of a topic were deleted, by somebody or by SNS. */
  deleted(topicArn: string): number;
  reset(): void;
}

/**
 * More messages a second than these, and SNS suspends an e-mail subscription: it is pending again, and deleted when
 * nobody confirms it for two days. https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
 */
const mailsPerSecond = 10;
const confirmableFor = 48 * 3_600_000;

export function createSubscriptions({
  clock,
  journal,
}: {
  readonly clock: Clock;
  readonly journal: Journal;
}): Subscriptions {
  const all: Subscription[] = [];
  const sent = new Map<Subscription, number[]>();
  const ends = new Map<Subscription, () => void>();
  const deletions = new Map<string, number>();
  const note = (text: string) => journal.add({ at: clock.now(), kind: "note", text });

  const remove = (gone: (subscription: Subscription) => boolean) => {
    for (const subscription of all.filter(gone)) {
      all.splice(all.indexOf(subscription), 1);
      forget(subscription);
      deletions.set(subscription.topicArn, (deletions.get(subscription.topicArn) ?? 0) + 1);
    }
  };
  const forget = (subscription: Subscription) => {
    ends.get(subscription)?.();
    ends.delete(subscription);
    sent.delete(subscription);
  };
  /** Deletes it unless it is confirmed in time. */
  const expire = (subscription: Subscription) => {
    ends.get(subscription)?.();
    const { endpoint, topicArn } = subscription;
    const end = () => {
      if (!subscription.isPending) return;
      remove(one => one === subscription);
      note(
        `Lost: SNS deleted the subscription of ${endpoint} to ${topicArn}: nobody confirmed it for two days`,
      );
    };
    ends.set(subscription, clock.wake(clock.now() + confirmableFor, end));
  };
  const suspend = (subscription: Subscription) => {
    subscription.isPending = true;
    expire(subscription);
    const { endpoint, topicArn } = subscription;
    note(
      `Lost: SNS suspended the subscription of ${endpoint} to ${topicArn}, which got more than ${mailsPerSecond} messages in a second`,
    );
  };

  return {
    all,
    of: topicArn => all.filter(subscription => subscription.topicArn === topicArn),
    add: subscription => {
      all.push(subscription);
      if (subscription.isPending) expire(subscription);
    },
    remove,
    admit: subscription => {
      if (subscription.isPending) return false;
      if (!subscription.protocol.startsWith("email")) return true;
      const recent = (sent.get(subscription) ?? []).filter(time => time > clock.now() - 1000);
      sent.set(subscription, [...recent, clock.now()]);
      if (recent.length < mailsPerSecond) return true;
      suspend(subscription);
      return false;
    },
    deleted: topicArn => deletions.get(topicArn) ?? 0,
    reset: () => {
      ends.forEach(callOff => callOff());
      [ends, sent, deletions].forEach(map => map.clear());
      all.splice(0);
    },
  };
}
