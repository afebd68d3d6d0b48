import { randomUUID } from "node:crypto";
import type { JsonObject } from "../../records";
import type { Activity } from "../ground/activity";
import { awsError, type Place } from "../ground/call";
import type { Clock } from "../ground/clock";
import { createNaps } from "../ground/naps";
import { checkJson, failureOf, type Failure } from "./failures";
import type { Journal } from "../ground/journal";
import { createBuses, matchingRules, type Buses, type Rule, type Target } from "./rules";
import type { InvokeAs, Topics } from "./topics";
import type { Queues, ServiceSender } from "./queues";
import { shortened } from "./schedule";
import type { Meter } from "../watch/metrics";
import { targetInput } from "./transform";

/** EventBridge: events to the targets of the rules that match. */
export interface Bus {
  readonly buses: Buses;
  /** An event reaches a bus of the place: the default one, or the one named. Deliveries follow by themselves. */
  put(event: JsonObject, place: Place, bus?: string): void;
  /** Starts or stops a rule's schedule, as the rule now says. */
  schedule(rule: Rule): void;
  readonly timers: Timers;
  /** Deliveries that wait for their next try. */
  readonly retrying: number;
  reset(): void;
}

/** Whether schedules fire. What falls due while they do not is left out, and never made up for. */
export interface Timers {
  running: boolean;
}

export interface BusOptions {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly activity: Activity;
  readonly invokeAs: InvokeAs;
  readonly topics: Pick<Topics, "publishAs">;
  readonly queues: Queues;
  readonly meter: Meter;
  /** Milliseconds from one firing of each schedule to its next, whatever it says. */
  readonly every?: number;
}

const service = "events.amazonaws.com";

export function createBus(options: BusOptions): Bus {
  const { clock, journal, activity, queues } = options;
  const buses = createBuses();
  const naps = createNaps(clock);
  const schedules = new Map<string, () => void>();
  const timers: Timers = { running: true };
  const note = (text: string) => journal.add({ at: clock.now(), kind: "note", text });

  /** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html */
  const count = ({ name, bus }: Rule, values: Readonly<Record<string, number>>) => {
    const dimensions: Record<string, string> = { RuleName: name };
    if (bus.name !== "default") dimensions.EventBusName = bus.name;
    options.meter(bus, "AWS/Events", dimensions, values);
  };

  const deliverTo = (rules: readonly Rule[], event: JsonObject) => {
    const eventId = String(event.id);
    journal.add({ at: clock.now(), kind: "event", eventId, event, rules: rules.map(({ name }) => name) });
    for (const rule of rules) {
      count(rule, { TriggeredRules: 1, MatchedEvents: 1 });
      for (const target of rule.targets.values())
        carry({ rule, target, event, eventId }).catch((error: Error) =>
          note(`Lost: the sandbox failed to deliver ${eventId} to ${target.Arn}: ${error.stack}`),
        );
    }
  };

  /** All tries of one delivery. Between tries nothing is under way. */
  const carry = async (delivery: Delivery) => {
    const { rule, target } = delivery;
    const accepted = clock.now();
    const { MaximumRetryAttempts: retries = 185, MaximumEventAgeInSeconds: age = 86_400 } =
      target.RetryPolicy ?? {};
    let work = activity.begin();
    try {
      for (let tries = 1; ; tries += 1) {
        const failure = await attempt(delivery, tries);
        if (failure === undefined) return;
        const pause = pauseAfter(tries);
        const exhausted =
          tries > retries
            ? "MaximumRetryAttempts"
            : clock.now() + pause - accepted > age * 1000
              ? "MaximumEventAgeInSeconds"
              : undefined;
        if (!failure.isRetryable || exhausted !== undefined) {
          const condition = failure.isRetryable ? exhausted : undefined;
          return await toDeadLetters(delivery, failure, tries - 1, condition);
        }
        work.end();
        await naps.sleep(pause);
        work = activity.begin();
        if (rule.bus.rules.get(rule.name)?.targets.get(target.Id) !== target)
          return note(
            `Lost: ${target.Id} of ${rule.name} was removed before the next try of ${delivery.eventId}`,
          );
      }
    } finally {
      work.end();
    }
  };

  const attempt = async (delivery: Delivery, tries: number): Promise<Failure | undefined> => {
    const { rule, target, eventId } = delivery;
    const journaled = { kind: "delivery", eventId, rule: rule.name, target: target.Arn } as const;
    try {
      await send(delivery);
      count(rule, { Invocations: 1 });
      journal.add({ at: clock.now(), ...journaled, attempt: tries });
      return undefined;
    } catch (error) {
      const failure = failureOf(error);
      const text = `${failure.code}: ${failure.message}`;
      journal.add({ at: clock.now(), ...journaled, attempt: tries, error: text });
      return failure;
    }
  };
  const send = async ({ rule, target, event, eventId }: Delivery): Promise<void> => {
    const text = targetInput(target, event, rule, clock.now());
    const sender = senderOf(rule);
    switch (target.Arn.split(":")[2]) {
      case "lambda":
        checkJson(text);
        return options.invokeAs(sender, target.Arn, text, { eventId });
      case "sns":
        await options.topics.publishAs(sender, target.Arn, { message: text, attributes: {} });
        return;
      case "sqs": {
        const groupId = target.SqsParameters?.MessageGroupId;
        return queues.sendAs(sender, { queueArn: target.Arn, body: text, groupId });
      }
      default:
        throw awsError("NotImplemented", `The sandbox does not deliver to ${target.Arn}.`, 501);
    }
  };

  /** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
  const toDeadLetters = async (
    { rule, target, event, eventId }: Delivery,
    { code, message }: Failure,
    retries: number,
    exhausted: string | undefined,
  ) => {
    const queueArn = target.DeadLetterConfig?.Arn;
    const reason = `${code}: ${message}`;
    count(rule, { FailedInvocations: 1 });
    if (!queueArn) return note(`Lost: ${rule.name} could not deliver ${eventId} to ${target.Arn}: ${reason}`);
    const body = JSON.stringify(event);
    const attributes = {
      RULE_ARN: rule.arn,
      TARGET_ARN: target.Arn,
      ERROR_CODE: code,
      ERROR_MESSAGE: message,
      RETRY_ATTEMPTS: String(retries),
      ...(exhausted !== undefined && { EXHAUSTED_RETRY_CONDITION: exhausted }),
    };
    try {
      await queues.sendAs(senderOf(rule), { queueArn, body, attributes });
      count(rule, { InvocationsSentToDlq: 1 });
      journal.add({ at: clock.now(), kind: "dead-letter", queueArn, reason, body });
    } catch (error) {
      count(rule, { InvocationsFailedToBeSentToDlq: 1 });
      note(
        `Lost: ${rule.name} could not deliver ${eventId} (${reason}), nor send it to ${queueArn}: ${(error as Error).message}`,
      );
    }
  };

  const schedule = (rule: Rule) => {
    schedules.get(rule.arn)?.();
    schedules.delete(rule.arn);
    const isCurrent = rule.bus.rules.get(rule.name) === rule && rule.state !== "DISABLED";
    const own = rule.schedule && options.every ? shortened(options.every, rule.arn) : rule.schedule;
    const next = isCurrent ? own?.next(clock.now()) : undefined;
    if (next === undefined) return;
    const fire = () => {
      if (timers.running) deliverTo([rule], scheduledEvent(rule, clock.now()));
      schedule(rule);
    };
    schedules.set(rule.arn, clock.wake(next, fire));
  };

  return {
    buses,
    put: (event, place, name) => {
      const bus = buses.get(name, place);
      deliverTo(matchingRules(bus, event), event);
    },
    schedule,
    timers,
    get retrying() {
      return naps.count;
    },
    reset: () => {
      naps.callOff();
      schedules.forEach(callOff => callOff());
      schedules.clear();
      timers.running = true;
      buses.clear();
    },
  };
}

interface Delivery {
  readonly rule: Rule;
  readonly target: Target;
  readonly event: JsonObject;
  readonly eventId: string;
}

const senderOf = ({ arn, bus }: Rule): ServiceSender => ({
  service,
  sourceArn: arn,
  sourceAccount: bus.account,
});

/** Doubling from a second to eight minutes: 185 of them last about a day, as AWS says. */
const pauseAfter = (count: number) => Math.min(1000 * 2 ** (count - 1), 480_000);

function scheduledEvent(rule: Rule, time: number): JsonObject {
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": "Scheduled Event",
    source: "aws.events",
    account: rule.bus.account,
    time: `${new Date(time).toISOString().slice(0, 19)}Z`,
    region: rule.bus.region,
    resources: [rule.arn],
    detail: {},
  };
}
