import { randomUUID } from "node:crypto";
import type { Activity, Work } from "../ground/activity";
import { awsError, isAwsError } from "../ground/call";
import type { Clock } from "../ground/clock";
import { createNaps } from "../ground/naps";
import { createAsynchronous, type Request } from "./asynchronous";
import type { Result } from "./environment";
import { createEnvironmentPool } from "./environment-pool";
import type { Credentials } from "./environment-process";
import { createFunctionLogs } from "./logs";
import { createFunctionStore, type FunctionRecord, type FunctionStore } from "./store";
import type { Journal } from "../ground/journal";
import type { Meter } from "../watch/metrics";
import { startRuntimeApi } from "./runtime-api";

const countedForAll: readonly string[] = [
  "Invocations",
  "Errors",
  "Throttles",
  "DeadLetterErrors",
  "DestinationDeliveryFailures",
];

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

  /**
   * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html. What CloudWatch's metadata of Lambda, as
   * aws-cdk-lib has it, knows without dimensions too counts for all functions of the account and region.
   */
  const count = (record: FunctionRecord, values: Readonly<Record<string, number>>) => {
    options.meter(record, "AWS/Lambda", { FunctionName: record.name }, values);
    const ofAll = Object.entries(values).filter(([name]) => countedForAll.includes(name));
    if (ofAll.length > 0) options.meter(record, "AWS/Lambda", {}, Object.fromEntries(ofAll));
  };
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

  const carry = createAsynchronous({
    ...{ clock, journal, activity, naps, store, endpoint, count, measure },
    atWork: pool.atWork,
    credentialsFor: ({ role, name }) => credentialsFor(role, name),
    attempt,
  });
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
      if (pool.atWork(arn) >= (record.reservedConcurrency ?? Infinity)) {
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
      carry(record, { requestId, payload, cause }).catch((error: Error) =>
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

function errorText(body: string): string {
  const { errorType, errorMessage } = JSON.parse(body) as { errorType?: string; errorMessage?: string };
  return [errorType, errorMessage].filter(Boolean).join(": ");
}
