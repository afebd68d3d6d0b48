import type { Activity, Work } from "../ground/activity";
import type { Clock } from "../ground/clock";
import type { Journal } from "../ground/journal";
import type { Naps } from "../ground/naps";
import { sendToDeadLetters, sendToDestination, type AsyncOutcome, type Condition } from "./destinations";
import type { Result } from "./environment";
import type { Credentials } from "./environment-process";
import type { FunctionRecord, FunctionStore } from "./store";

/** One try of an invocation. */
export interface Request {
  readonly requestId: string;
  readonly payload: string;
  readonly journal: { readonly requestId: string; readonly attempt: number; readonly eventId?: string };
}

/** An event that a function is to take, and what led to it. */
export interface Accepted {
  readonly requestId: string;
  readonly payload: string;
  readonly cause: { readonly eventId?: string };
}

type Count = (record: FunctionRecord, values: Readonly<Record<string, number>>) => void;

/** The pauses before the second and the third try: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const pauses = [60_000, 120_000];
/** What is throttled is tried again after a second, then twice as long each time, up to five minutes: the same page. */
const pauseAfter = (throttles: number) => Math.min(1000 * 2 ** (throttles - 1), 300_000);

/** What Lambda does with an event that it has accepted: tries, retries, and a record to where the end of it is told. */
export function createAsynchronous(options: {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly activity: Activity;
  readonly naps: Naps;
  readonly store: FunctionStore;
  readonly count: Count;
  /** Milliseconds. */
  readonly measure: Count;
  endpoint(): string;
  /** How many of the function's invocations run, or have their turn. */
  atWork(arn: string): number;
  credentialsFor(record: FunctionRecord): Promise<Credentials>;
  attempt(record: FunctionRecord, request: Request, work: Work): Promise<Result>;
}): (record: FunctionRecord, accepted: Accepted) => Promise<void> {
  const { clock, journal, activity, naps, store, count, measure } = options;
  const note = (text: string) => journal.add({ at: clock.now(), kind: "note", text });
  const isThrottled = ({ arn, reservedConcurrency = Infinity }: FunctionRecord) =>
    options.atWork(arn) >= reservedConcurrency;

  const deliver = async (outcome: AsyncOutcome) => {
    const { record, condition } = outcome;
    const failed = condition !== "Success";
    const { invokeConfig } = record;
    const destination = failed ? invokeConfig?.onFailure : invokeConfig?.onSuccess;
    const places = [
      { arn: destination, send: sendToDestination, failing: "DestinationDeliveryFailures" },
      {
        arn: failed ? record.deadLetterArn : undefined,
        send: sendToDeadLetters,
        failing: "DeadLetterErrors",
      },
    ];
    if (failed) count(record, { AsyncEventsDropped: 1 });
    for (const { arn, send, failing } of places) {
      if (arn === undefined) continue;
      try {
        const credentials = await options.credentialsFor(record);
        await send(arn, outcome, { endpoint: options.endpoint(), credentials });
        if (failed)
          journal.add({
            at: clock.now(),
            kind: "dead-letter",
            queueArn: arn,
            reason: `${record.name}: ${condition}`,
            body: outcome.payload,
          });
      } catch (error) {
        count(record, { [failing]: 1 });
        note(`Lost: ${record.name} could not send its record to ${arn}: ${(error as Error).message}`);
      }
    }
    if (failed && destination === undefined && record.deadLetterArn === undefined)
      note(`Lost: ${record.name} gave an event up (${condition}) and has no destination for failures`);
  };

  /** All tries of one event. Between tries nothing is under way. */
  return async (record, { requestId, payload, cause }) => {
    const accepted = clock.now();
    count(record, { AsyncEventsReceived: 1 });
    let work = activity.begin();
    let [tries, throttles] = [0, 0];
    try {
      for (;;) {
        measure(record, { AsyncEventAge: clock.now() - accepted });
        let result: Result | undefined;
        if (isThrottled(record)) {
          count(record, { Throttles: 1 });
          throttles += 1;
        } else {
          tries += 1;
          const journaled = { requestId, attempt: tries, ...cause };
          result = await options.attempt(record, { requestId, payload, journal: journaled }, work);
        }
        const pause =
          result === undefined ? pauseAfter(throttles) : (pauses[Math.min(tries, pauses.length) - 1] ?? 0);
        const condition = conditionAfter(record, tries, clock.now() + pause - accepted, result);
        if (condition !== undefined) {
          const [invokeCount, time] = [tries, clock.now()];
          await deliver({ record, requestId, payload, condition, invokeCount, result, time });
          return;
        }
        work.end();
        await naps.sleep(pause);
        work = activity.begin();
        if (store.find(record.arn, record) !== record)
          return note(`Lost: ${record.name} was deleted before its next try of ${requestId}`);
      }
    } finally {
      work.end();
    }
  };
}

/** What an event has come to after so many tries, or undefined when another follows. Without a result it was throttled. */
function conditionAfter(
  { invokeConfig, reservedConcurrency }: FunctionRecord,
  tries: number,
  ageAtNext: number,
  result: Result | undefined,
): Condition | undefined {
  if (result?.ok) return "Success";
  // A function that is halted this way gets no second try: the event goes to where failures go, at once.
  if (reservedConcurrency === 0) return "RetriesExhausted";
  if (result !== undefined && tries > (invokeConfig?.maximumRetryAttempts ?? 2)) return "RetriesExhausted";
  if (ageAtNext > (invokeConfig?.maximumEventAgeInSeconds ?? 21_600) * 1000) return "EventAgeExceeded";
  return undefined;
}
