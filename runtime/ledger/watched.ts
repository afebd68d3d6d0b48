import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Json } from "../json";
import type { Resource } from "../guardrail";
import { inDays, type Key, kept, pack, partition, type Stored, unpack } from "./items";
import type { Occasion } from "../occasion";
import { openName } from "./open";
import { queryPartition } from "./query";
import type { createTable } from "./table";

/** A resource that ticks look at, although nothing is wrong with it. Times in epoch milliseconds. */
export interface Watched {
  readonly resource: Resource;
  /** What it was heard of by. */
  readonly cause: Occasion;
  /** When it was last found worth it. */
  readonly at: number;
  /** Looked at once, and not after this time; absent: at every tick. */
  readonly until?: number;
}

const prefix = "watch#";
const keyOf = (guardrail: string, { resource }: Watched): Key => ({
  pk: partition(guardrail, "tick"),
  sk: `${prefix}${openName(resource.arn, "")}`,
});

const toWatched = (fields: Stored): Watched => ({
  resource: unpack(String(fields.resource)) as unknown as Resource,
  cause: unpack(String(fields.cause)) as unknown as Occasion,
  at: Number(fields.at),
  until: fields.until === undefined ? undefined : Number(fields.until),
});

/** The resources of a guardrail in the ledger that ticks look at. */
export function watchedIn(
  client: Pick<DynamoDBClient, "send">,
  table: string,
  rows: ReturnType<typeof createTable>,
) {
  /** Those that are not ended. */
  async function watched(guardrail: string): Promise<Watched[]> {
    const found: Watched[] = [];
    for await (const page of queryPartition(client, table, partition(guardrail, "tick"), prefix))
      for (const item of page)
        if (String(item.sk).startsWith(prefix) && item.ended !== 1) found.push(toWatched(item));
    return found;
  }

  const watch = (guardrail: string, one: Watched): Promise<void> =>
    rows.write(keyOf(guardrail, one), {
      arn: one.resource.arn,
      resource: pack(one.resource as unknown as Json),
      cause: pack(one.cause as unknown as Json),
      at: one.at,
      until: one.until,
      ttl: inDays(one.at, one.until === undefined ? kept.seen : kept.closed),
    });

  const unwatch = (guardrail: string, one: Watched, now: number): Promise<void> =>
    rows.set(keyOf(guardrail, one), { ended: 1, ttl: inDays(now, kept.closed) });

  return { watched, watch, unwatch };
}
