import { isThrottled } from "../../runtime/pipeline/run";

/** A token bucket as AWS describes its limits: how many calls at once, and how many come back in a second. */
export interface Limit {
  readonly size: number;
  readonly refill: number;
}

/** Part of a limit that is left to everybody else: an account's workloads call the same APIs. */
const share = 0.95;

/**
 * What AWS publishes of an API's limits, for one account and region; undefined: nothing, so the pace is found by what
 * is refused.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/throttling.html (100 calls, 20 a second, for what only reads)
 */
export const publishedLimit = (service: string): Limit | undefined =>
  service === "EC2" ? { size: 100, refill: 20 } : undefined;

/** Where nothing is published, the first refusal sets this pace, and every further one halves it. */
const afterRefusal: Limit = { size: 1, refill: 50 };
const mostTries = 8;

interface Bucket {
  limit: Limit | undefined;
  tokens: number;
  at: number;
}

/** The part of an SDK client that the pace needs. */
interface Paced {
  readonly middlewareStack: { add(middleware: unknown, options: object): void };
}
type Next = (args: unknown) => Promise<unknown>;
interface Context {
  readonly clientName?: string;
}

const isPaced = (value: unknown): value is Paced =>
  typeof value === "object" && value !== null && "middlewareStack" in value;

/** Keeps the calls of all clients that it watches below AWS's limits, and repeats what is refused all the same. */
export function createPace(on: { now(): number; random(): number; pause(ms: number): Promise<void> }) {
  const buckets = new Map<string, Bucket>();
  const counted = { calls: 0, refused: 0 };

  function bucketOf(service: string, region: string): Bucket {
    const name = `${service} ${region}`;
    let bucket = buckets.get(name);
    if (bucket === undefined) {
      const limit = publishedLimit(service);
      bucket = { limit, tokens: limit === undefined ? 0 : limit.size * share, at: on.now() };
      buckets.set(name, bucket);
    }
    return bucket;
  }

  /** Waits for a token; who comes later waits longer. */
  async function take(bucket: Bucket): Promise<void> {
    const { limit } = bucket;
    if (limit === undefined) return;
    const now = on.now();
    const perMs = (limit.refill * share) / 1000;
    bucket.tokens = Math.min(limit.size * share, bucket.tokens + (now - bucket.at) * perMs) - 1;
    bucket.at = now;
    if (bucket.tokens < 0) await on.pause(-bucket.tokens / perMs);
  }

  function slowDown(bucket: Bucket): void {
    const { limit } = bucket;
    bucket.limit = limit === undefined ? afterRefusal : { size: 1, refill: Math.max(1, limit.refill / 2) };
    bucket.tokens = Math.min(0, bucket.tokens);
  }

  /** Inside the SDK's own retries, so that each of them takes a token too. */
  const paced = (region: string) => (next: Next, context: Context) => async (args: unknown) => {
    const bucket = bucketOf((context.clientName ?? "").replace(/Client$/, ""), region);
    await take(bucket);
    counted.calls += 1;
    try {
      return await next(args);
    } catch (error) {
      if (isThrottled(error)) {
        counted.refused += 1;
        slowDown(bucket);
      }
      throw error;
    }
  };

  const patient = (next: Next) => async (args: unknown) => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await next(args);
      } catch (error) {
        if (!isThrottled(error) || tries >= mostTries) throw error;
        await on.pause(on.random() * Math.min(20_000, 200 * 2 ** tries));
      }
    }
  };

  /** Watches one client, or each of a guardrail's. */
  function watch(clients: unknown, region: string): unknown {
    const each = isPaced(clients) ? [clients] : Object.values((clients ?? {}) as object).filter(isPaced);
    for (const { middlewareStack } of each) {
      middlewareStack.add(patient, { step: "initialize", name: "guardrailsPatience" });
      middlewareStack.add(paced(region), {
        step: "finalizeRequest",
        priority: "low",
        name: "guardrailsPace",
      });
    }
    return clients;
  }

  return { watch, counted };
}

export type Pace = ReturnType<typeof createPace>;
