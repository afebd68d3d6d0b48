import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import type { Clock } from "../ground/clock";
import {
  eachLine,
  exitError,
  followClock,
  spawnRuntime,
  timeoutError,
  unpack,
  type Credentials,
} from "./environment-process";
import type { FunctionRecord } from "./store";
import type { Handout, RuntimeApi } from "./runtime-api";

/** What one invocation came to. `body` is the answer's or the error's JSON text. */
export interface Result {
  readonly ok: boolean;
  readonly body: string;
  /** Sandbox milliseconds until the answer, start of the process included. */
  readonly ms: number;
}

/** One process that runs one function: an execution environment in Lambda's words. */
export interface Environment {
  readonly logStream: string;
  readonly credentials: Credentials;
  /** Runs the handler once. `waits` hears when it only waits for sandbox time, and when it goes on. */
  invoke(request: {
    readonly requestId: string;
    readonly payload: string;
    waits(isWaiting: boolean): void;
  }): Promise<Result>;
  /** Resolves when it can take the next invocation, or is gone. */
  settled(): Promise<void>;
  /** Ends the process at once; an invocation under way fails as a crash does. */
  kill(): void;
  readonly isAlive: boolean;
  /** Resolves when the process is gone and its folder removed. */
  readonly ended: Promise<void>;
}

export interface EnvironmentOptions {
  readonly record: FunctionRecord;
  readonly credentials: Credentials;
  /** The gateway's URL, for the SDK inside. */
  readonly endpoint: string;
  readonly api: RuntimeApi;
  readonly clock: Clock;
  /** Hears each line on stdout and stderr; the id is empty while the function starts. */
  log(line: string, requestId: string): void;
}

interface Running {
  readonly requestId: string;
  readonly payload: string;
  waits(isWaiting: boolean): void;
  finish(ok: boolean, body: string): void;
  callOff(): void;
}

/** Lambda gives a start ten seconds of its own before the function's timeout counts. */
const initMs = 10_000;

/** Unpacks the function and starts its process, which loads the handler while the first invocation waits. */
export function startEnvironment(options: EnvironmentOptions): Environment {
  const { record, clock } = options;
  const folder = unpack(record.code);
  const logStream = streamName(record, clock.now());
  let running: Running | undefined;
  let fetch: ((handout: Handout) => void) | undefined;
  let whenReady: (() => void)[] = [];
  let requestId = "";
  let death: string | undefined;
  let isAlive = true;

  const killAt = (time: number, { requestId: id }: { requestId: string }) =>
    clock.wake(time, () => {
      death = timeoutError(id, record.timeout);
      child.kill("SIGKILL");
    });
  const handOut = () => {
    if (running === undefined || fetch === undefined) return;
    const deadline = clock.now() + record.timeout * 1000;
    running.callOff();
    running.callOff = killAt(deadline, running);
    requestId = running.requestId;
    fetch({ requestId, deadline, functionArn: record.arn, payload: running.payload });
    fetch = undefined;
  };
  const settle = (ok: boolean, body: string) => {
    const finished = running;
    running = undefined;
    finished?.callOff();
    finished?.finish(ok, body);
  };

  const session = options.api.open({
    next: () =>
      new Promise(resolve => {
        fetch = resolve;
        whenReady.forEach(tell => tell());
        whenReady = [];
        handOut();
      }),
    answered: (id, body) => id === running?.requestId && settle(true, body),
    failed: (id, body) => id === running?.requestId && settle(false, body),
    initFailed: body => (death = body),
  });
  const child = spawnRuntime({ ...options, folder, logStream, address: session.address });
  const unlink = followClock(child, clock, isWaiting => running?.waits(isWaiting));
  for (const stream of [child.stdout, child.stderr])
    if (stream !== null) eachLine(stream, line => options.log(line, requestId));
  const ended = new Promise<void>(resolve =>
    child.once("close", (code, signal) => {
      isAlive = false;
      unlink();
      session.close();
      rmSync(folder, { recursive: true, force: true });
      settle(false, death ?? exitError(running?.requestId ?? requestId, code, signal));
      resolve();
    }),
  );

  return {
    logStream,
    credentials: options.credentials,
    ended,
    get isAlive() {
      return isAlive;
    },
    settled: () =>
      fetch !== undefined || !isAlive
        ? Promise.resolve()
        : Promise.race([ended, new Promise<void>(resolve => whenReady.push(resolve))]),
    kill: () => void child.kill("SIGKILL"),
    invoke: request =>
      new Promise((resolve, reject) => {
        if (!isAlive || running !== undefined)
          return reject(new Error("the process cannot take an invocation"));
        const start = clock.now();
        // Lines written before the answer may still be in the pipe: two turns later they have been read.
        const finish = (ok: boolean, body: string) =>
          setImmediate(() => setImmediate(() => resolve({ ok, body, ms: clock.now() - start })));
        const callOff = killAt(start + initMs + record.timeout * 1000, request);
        running = { ...request, finish, callOff };
        handOut();
      }),
  };
}

/** As Lambda names it; in a log group that several functions share, the function's name is part of it. */
function streamName(record: FunctionRecord, time: number): string {
  const day = new Date(time).toISOString().slice(0, 10).replaceAll("-", "/");
  const shared = record.logging.group === `/aws/lambda/${record.name}` ? "" : record.name;
  return `${day}/${shared}[$LATEST]${randomBytes(16).toString("hex")}`;
}
