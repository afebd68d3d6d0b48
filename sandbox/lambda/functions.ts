import { randomUUID } from "node:crypto";
import type { Activity, Work } from "../ground/activity";
import { awsError, isAwsError } from "../ground/call";
import type { Clock } from "../ground/clock";
import { createNaps } from "../ground/naps";
import { sendToDeadLetters, sendToDestination, type AsyncOutcome, type Condition } from "./destinations";
import type { Result } from "./environment";
import { createEnvironmentPool } from "./environment-pool";
import type { Credentials } from "./environment-process";
import { createFunctionLogs } from "./logs";
import { createFunctionStore, type FunctionRecord, type FunctionStore } from "./store";
import type { Journal } from "../ground/journal";
import type { Meter } from "../watch/metrics";
import { startRuntimeApi } from "./runtime-api";

/** Runs the deployed functions as Lambda does. Functions are given by their ARN. */
export interface Functions {
  readonly store: FunctionStore;
  /** Synchronous: one try. @throws ResourceNotFoundException, TooManyRequestsException */
  invoke(arn: string, payload: string, cause?: Cause): Promise<Result & { readonly requestId: string }>;
  /** Asynchronous: takes the event and returns its request id; tries, retries and destinations follow by themselves. */
  invokeAsync(arn: string, payload: string, cause?: Cause): string;
  /** Keys of the function's role, for what Lambda does with it. @throws AwsError when the role does not trust Lambda. */
  credentialsFor(roleArn: string, functionName: string): Promise<Credentials>;
  /** Ends the function's processes, after the invocation under way. */
  retire(arn: string): void;
  /** Kills the function's processes in the middle of what they do; says whether one was at work. */
  crash(name: string): boolean;
  /** Asynchronous invocations that wait for their next try. */
  readonly retrying: number;
  /** Forgets all functions and ends their processes. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** What led to an invocation, for the journal. */
export interface Cause {
  readonly eventId?: string;
}

export interface FunctionsOptions {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly activity: Activity;
  readonly meter: Meter;
  /** The gateway's URL, asked for when the first function starts. */
  endpoint(): string;
  credentialsFor(request: {
    readonly roleArn: string;
    readonly session: string;
    readonly service: "lambda.amazonaws.com";
    /** Of keys for the function's own environment. */
    readonly functionArn?: string;
  }): Promise<Credentials>;
  readonly concurrency?: number;
  readonly warm?: number;
}

/** The pauses before the second and the third try: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const pauses = [60_000, 120_000];

export async function createFunctions(options: FunctionsOptions): Promise<Functions> {
  const { clock, journal, activity, endpoint } = options;
  const api = await startRuntimeApi();
  const store = createFunctionStore();
  const naps = createNaps(clock);
  const note = (text: string) => journal.add({ at: clock.now(), kind: "note", text });
  const logs = createFunctionLogs({ clock, endpoint, note });
  const credentialsFor = (roleArn: string, session: string, functionArn?: string) =>
    options.credentialsFor({ roleArn, session, service: "lambda.amazonaws.com", functionArn });
  const pool = createEnvironmentPool({
    clock,
    api,
    endpoint,
    // https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html: in the environment, and with
    // the log lines that Lambda writes for it, which take these keys as well; not with what goes to destinations.
    credentialsFor: ({ role, name, arn }) => credentialsFor(role, name, arn),
    log: (record, environment, line, requestId) => {
      journal.add({ at: clock.now(), kind: "log", functionName: record.name, requestId, line });
      if (environment !== undefined) logs.add(environment, line);
    },
    concurrency: options.concurrency ?? 1,
    warm: options.warm ?? 8,
  });

  /** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
  const count = (record: FunctionRecord, values: Readonly<Record<string, number>>) =>
    options.meter(record, "AWS/Lambda", { FunctionName: record.name }, values);
  const measure = (record: FunctionRecord, values: Readonly<Record<string, number>>) =>
    options.meter(record, "AWS/Lambda", { FunctionName: record.name }, values, "Milliseconds");

  const attempt = async (record: FunctionRecord, request: Request, work: Work): Promise<Result> => {
    const start = clock.now();
    const journaled = { kind: "invocation", functionName: record.name, ...request.journal } as const;
    try {
      const { environment, cold, ok, body, ms } = await pool.run(record, request, work);
      const error = ok ? {} : { error: errorText(body) };
      journal.add({ at: clock.now(), ...journaled, cold, ms, ...error });
      count(record, { Invocations: 1, Errors: ok ? 0 : 1 });
      measure(record, { Duration: ms });
      await logs.flush(record, environment);
      return { ok, body, ms };
    } catch (error) {
      if (!isAwsError(error)) throw error;
      const { code, message } = error;
      count(record, { Invocations: 1, Errors: 1 });
      journal.add({ at: clock.now(), ...journaled, cold: true, ms: 0, error: `${code}: ${message}` });
      const body = JSON.stringify({ errorType: code, errorMessage: message });
      return { ok: false, body, ms: clock.now() - start };
    }
  };

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
        const credentials = await credentialsFor(record.role, record.name);
        await send(arn, outcome, { endpoint: endpoint(), credentials });
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

  /** All tries of one asynchronous invocation. Between tries nothing is under way. */
  const carry = async (record: FunctionRecord, requestId: string, payload: string, cause: Cause) => {
    const accepted = clock.now();
    count(record, { AsyncEventsReceived: 1 });
    let work = activity.begin();
    try {
      for (let tries = 1; ; tries += 1) {
        const halted = record.reservedConcurrency === 0;
        measure(record, { AsyncEventAge: clock.now() - accepted });
        if (halted) count(record, { Throttles: 1 });
        const journaled = { requestId, attempt: tries, ...cause };
        const result = halted
          ? undefined
          : await attempt(record, { requestId, payload, journal: journaled }, work);
        const pause = pauses[Math.min(tries, pauses.length) - 1] ?? 0;
        const condition = conditionAfter(record, tries, clock.now() + pause - accepted, result);
        if (condition !== undefined) {
          const invokeCount = halted ? tries - 1 : tries;
          await deliver({ record, requestId, payload, condition, invokeCount, result, time: clock.now() });
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
  const get = (arn: string) => store.get(arn, { region: "", account: "" });
  const reset = async () => {
    naps.callOff();
    store.clear();
    await pool.empty();
  };

  return {
    store,
    credentialsFor: (roleArn, functionName) => credentialsFor(roleArn, functionName),
    invoke: async (arn, payload, cause = {}) => {
      const record = get(arn);
      if (pool.running(arn) >= (record.reservedConcurrency ?? Infinity)) {
        count(record, { Throttles: 1 });
        throw awsError("TooManyRequestsException", "Rate Exceeded.", 429);
      }
      const requestId = randomUUID();
      const work = activity.begin();
      try {
        const journaled = { requestId, attempt: 1, ...cause };
        return { ...(await attempt(record, { requestId, payload, journal: journaled }, work)), requestId };
      } finally {
        work.end();
      }
    },
    invokeAsync: (arn, payload, cause = {}) => {
      const record = get(arn);
      const requestId = randomUUID();
      carry(record, requestId, payload, cause).catch((error: Error) =>
        note(`Lost: the sandbox failed to run ${record.name}: ${error.stack ?? error.message}`),
      );
      return requestId;
    },
    retire: arn => pool.retire(arn),
    crash: name => {
      const named = [...store.all()].filter(record => record.name === name || record.arn === name);
      const atWork = named.some(({ arn }) => pool.running(arn) > 0);
      named.forEach(({ arn }) => pool.retire(arn, true));
      return atWork;
    },
    get retrying() {
      return naps.count;
    },
    reset,
    stop: async () => {
      await reset();
      await pool.stop();
      await api.stop();
    },
  };
}

interface Request {
  readonly requestId: string;
  readonly payload: string;
  readonly journal: { readonly requestId: string; readonly attempt: number; readonly eventId?: string };
}

/** What an asynchronous invocation has come to after so many tries, or undefined when another follows. */
function conditionAfter(
  { invokeConfig, reservedConcurrency }: FunctionRecord,
  count: number,
  ageAtNext: number,
  result: Result | undefined,
): Condition | undefined {
  if (result?.ok) return "Success";
  if (reservedConcurrency === 0 || count > (invokeConfig?.maximumRetryAttempts ?? 2))
    return "RetriesExhausted";
  if (ageAtNext > (invokeConfig?.maximumEventAgeInSeconds ?? 21_600) * 1000) return "EventAgeExceeded";
  return undefined;
}

function errorText(body: string): string {
  const { errorType, errorMessage } = JSON.parse(body) as { errorType?: string; errorMessage?: string };
  return [errorType, errorMessage].filter(Boolean).join(": ");
}
