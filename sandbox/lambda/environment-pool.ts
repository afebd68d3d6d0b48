import type { Work } from "../ground/activity";
import type { Clock } from "../ground/clock";
import { startEnvironment, type Environment, type Result } from "./environment";
import type { Credentials } from "./environment-process";
import type { FunctionRecord } from "./store";
import type { RuntimeApi } from "./runtime-api";

/** One try of one invocation, as it went. */
export interface Attempt extends Result {
  readonly cold: boolean;
  readonly environment: Environment;
}

export interface EnvironmentPool {
  /** Runs the function once, in a warm process if there is one; waits for its turn when all may not run at once. */
  run(record: FunctionRecord, request: { requestId: string; payload: string }, work: Work): Promise<Attempt>;
  /** How many processes of the function are at work. */
  running(arn: string): number;
  /** How many invocations of the function run or have their turn; more than `running` while processes start. */
  atWork(arn: string): number;
  /** Ends the function's processes: the ones at work after their invocation, unless `now`. */
  retire(arn: string, now?: boolean): void;
  /** Ends all processes at once, and resolves when they are gone. */
  empty(): Promise<void>;
  stop(): Promise<void>;
}

export interface PoolOptions {
  readonly clock: Clock;
  readonly api: RuntimeApi;
  endpoint(): string;
  credentialsFor(record: FunctionRecord): Promise<Credentials>;
  log(record: FunctionRecord, environment: Environment | undefined, line: string, requestId: string): void;
  /** Processes of one function that may run at the same time. */
  readonly concurrency: number;
  /** Processes kept in all; the longest unused one ends when another is needed. */
  readonly warm: number;
}

interface Place {
  readonly environment: Environment;
  isBusy: boolean;
  isRetired: boolean;
  usedAt: number;
}

interface Turns {
  atWork: number;
  readonly waiting: (() => void)[];
}

export function createEnvironmentPool(options: PoolOptions): EnvironmentPool {
  const { clock } = options;
  const places = new Map<Place, string>();
  const turns = new Map<string, Turns>();
  // A process in an endless loop does not notice that we are gone.
  const killAll = () => places.forEach((_, { environment }) => environment.kill());
  process.once("exit", killAll);
  let isStopped = false;

  const turnsOf = (arn: string) => {
    const found = turns.get(arn) ?? { atWork: 0, waiting: [] };
    turns.set(arn, found);
    return found;
  };
  const takeTurn = async (record: FunctionRecord, work: Work) => {
    const own = turnsOf(record.arn);
    const limit = Math.min(options.concurrency, record.reservedConcurrency ?? Infinity);
    if (own.atWork >= limit) {
      work.pause();
      await new Promise<void>(resolve => own.waiting.push(resolve));
      work.resume();
    } else own.atWork += 1;
  };
  const passTurn = (arn: string) => {
    const own = turnsOf(arn);
    const next = own.waiting.shift();
    if (next === undefined) own.atWork -= 1;
    else next();
  };

  const warmPlace = (arn: string) => {
    const expires = ({ environment }: Place) => environment.credentials.expiration?.getTime() ?? Infinity;
    for (const [place, owner] of places) {
      if (owner !== arn || place.isBusy || !place.environment.isAlive) continue;
      // Keys that end within the longest timeout would fail halfway.
      if (!place.isRetired && expires(place) > clock.now() + 15 * 60_000) return place;
      end(place);
    }
    return undefined;
  };
  const end = (place: Place) => {
    place.isRetired = true;
    places.delete(place);
    place.environment.kill();
  };
  const coldPlace = async (record: FunctionRecord): Promise<Place> => {
    const idle = [...places.keys()].filter(place => !place.isBusy);
    if (places.size >= options.warm && idle.length > 0)
      end(idle.reduce((oldest, place) => (place.usedAt < oldest.usedAt ? place : oldest)));
    const credentials = await options.credentialsFor(record);
    // Nobody would end it, nor remove its folder; whoever waits for it is ended as well.
    if (isStopped) return new Promise(() => undefined);
    const environment: Environment = startEnvironment({
      record,
      credentials,
      clock,
      api: options.api,
      endpoint: options.endpoint(),
      log: (line, requestId) => options.log(record, environment, line, requestId),
    });
    const place = { environment, isBusy: true, isRetired: false, usedAt: clock.now() };
    places.set(place, record.arn);
    return place;
  };

  const empty = async () => {
    const all = [...places.keys()];
    all.forEach(end);
    await Promise.all(all.map(place => place.environment.ended));
  };

  return {
    run: async (record, request, work) => {
      await takeTurn(record, work);
      try {
        const warm = warmPlace(record.arn);
        if (warm !== undefined) warm.isBusy = true;
        const place = warm ?? (await coldPlace(record));
        const waits = (isWaiting: boolean) => (isWaiting ? work.pause() : work.resume());
        const result = await place.environment.invoke({ ...request, waits });
        work.resume();
        await place.environment.settled();
        place.isBusy = false;
        place.usedAt = clock.now();
        if (place.isRetired || !place.environment.isAlive) end(place);
        return { ...result, cold: warm === undefined, environment: place.environment };
      } finally {
        passTurn(record.arn);
      }
    },
    atWork: arn => turns.get(arn)?.atWork ?? 0,
    running: arn => [...places].filter(([place, owner]) => owner === arn && place.isBusy).length,
    retire: (arn, now = false) => {
      for (const [place, owner] of places) {
        if (owner !== arn) continue;
        place.isRetired = true;
        if (now || !place.isBusy) end(place);
      }
    },
    empty,
    stop: async () => {
      isStopped = true;
      process.off("exit", killAll);
      await empty();
    },
  };
}
