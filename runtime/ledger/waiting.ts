import type { Json } from "../json";
import { inDays, type Key, kept, pack, partition, short, type Stored, unpack } from "./items";
import type { queryPartition } from "./query";
import type { Table } from "./table";

/** SNS suspends a mail subscription that gets more than ten messages a second; a function stays far below that. */
export const between = 10_000;
/** How long a mail of what is critical waits for more of it, so that one mail names each. */
export const together = 30_000;
/** Notices of one group count from the first for this long. */
export const groupSpan = 3600_000;

/** For how long others trust that whoever said to send what waits will do so, after the time when it would. */
const grace = 15_000;

/** When a guardrail's function published last, and who gathers what waits meanwhile. Times in epoch milliseconds. */
interface Slot {
  readonly at: number;
  /** Until when nobody else publishes or gathers: 0 while nobody does. */
  readonly until: number;
  readonly gatherer: string;
  /** Whether what was published last was critical, and whether what is gathered is. */
  readonly wasCritical: boolean;
  readonly isCritical: boolean;
  /** Another with each change. */
  readonly turn: number;
}

const slotOf = (item: Stored | undefined): Slot => ({
  at: Number(item?.at ?? 0),
  until: Number(item?.until ?? 0),
  gatherer: String(item?.gatherer ?? ""),
  wasCritical: item?.wasCritical === 1,
  isCritical: item?.isCritical === 1,
  turn: Number(item?.turn ?? 0),
});

/** A notice that waits. */
export interface WaitingNotice {
  readonly key: Key;
  readonly notice: Json;
}

/** What the ledger keeps of notices that wait, and of the order in which invocations publish. */
export function waitingIn(
  rows: Table,
  query: (pk: string, from: string) => ReturnType<typeof queryPartition>,
) {
  const readSlot = async (guardrail: string): Promise<Slot> =>
    slotOf(await rows.getOne({ pk: partition(guardrail, "digest"), sk: "slot" }));

  /** Changes the slot as it was read. @returns whether nobody else was faster */
  const change = (guardrail: string, seen: Slot, next: Omit<Slot, "turn">, now: number): Promise<boolean> =>
    rows.writeIf(
      { pk: partition(guardrail, "digest"), sk: "slot" },
      {
        ...next,
        wasCritical: next.wasCritical ? 1 : undefined,
        isCritical: next.isCritical ? 1 : undefined,
        turn: seen.turn + 1,
        ttl: inDays(now, kept.notice),
      },
      "attribute_not_exists(pk) OR turn = :seen",
      { seen: seen.turn },
    );

  /** The slot after a publication. */
  const published = (now: number, wasCritical: boolean): Omit<Slot, "turn"> => ({
    at: now,
    until: 0,
    gatherer: "",
    wasCritical,
    isCritical: false,
  });

  /** Takes the right to publish now. @returns false when somebody published or will publish too soon for that */
  async function claim(guardrail: string, now: number, isCritical: boolean): Promise<boolean> {
    for (;;) {
      const seen = await readSlot(guardrail);
      if (seen.at + between > now || seen.until > now) return false;
      if (await change(guardrail, seen, published(now, isCritical), now)) return true;
    }
  }

  /**
   * Takes it upon this invocation to publish what waits, its own and others', as soon as a mail may follow the last; what
   * is critical waits for more of it after a mail of what was, and only then.
   * @returns when; undefined when another does already, who then finds what was left before
   */
  async function gather(
    guardrail: string,
    owner: string,
    now: number,
    isCritical: boolean,
  ): Promise<number | undefined> {
    for (;;) {
      const seen = await readSlot(guardrail);
      if (seen.until > now) return undefined;
      const when = Math.max(now, seen.at + (isCritical && seen.wasCritical ? together : between));
      const next = { ...seen, until: when + grace, gatherer: owner, isCritical };
      if (await change(guardrail, seen, next, now)) return when;
    }
  }

  /** The end of gathering: what is left from here on, somebody else sends. @returns false when it is over already */
  async function gathered(guardrail: string, owner: string, now: number): Promise<boolean> {
    const seen = await readSlot(guardrail);
    if (seen.gatherer !== owner || seen.until <= now) return false;
    return change(guardrail, seen, published(now, seen.isCritical), now);
  }

  /** @param id the same for the same notice, so that it waits once */
  const leave = (guardrail: string, notice: Json, id: string, due: number): Promise<void> =>
    rows.write(
      { pk: partition(guardrail, "digest"), sk: `waiting#${new Date(due).toISOString()}#${short(id)}` },
      { notice: pack(notice), ttl: inDays(due, kept.waiting) },
    );

  /** What is to be sent by now, the oldest first. */
  async function due(guardrail: string, now: number): Promise<WaitingNotice[]> {
    const end = `waiting#${new Date(now).toISOString()}~`;
    const found: WaitingNotice[] = [];
    for await (const page of query(partition(guardrail, "digest"), "waiting#"))
      for (const { pk, sk, notice } of page) {
        if (String(sk) > end) return found;
        if (notice !== undefined)
          found.push({ key: { pk: String(pk), sk: String(sk) }, notice: unpack(String(notice)) });
      }
    return found;
  }

  /** Nobody here may delete: what was sent loses its text, and ends. */
  const sent = (keys: readonly Key[], now: number): Promise<void> =>
    rows.putAll(keys.map(key => [key, { sent: now, ttl: inDays(now, 0) }]));

  /**
   * Counts one more occasion of a group, whose notices of many batches count once.
   * @returns which it is within the group's span, from 1, and when that began
   */
  async function nth(
    guardrail: string,
    { group, occasion }: { group: string; occasion: string },
    now: number,
  ): Promise<{ nth: number; since: number }> {
    const key = { pk: partition(guardrail, "digest"), sk: `group#${short(group)}` };
    const last = short(occasion);
    for (;;) {
      const item = await rows.getOne(key);
      const seen = {
        since: Number(item?.since ?? 0),
        used: Number(item?.used ?? 0),
        turn: Number(item?.turn ?? 0),
      };
      const isOver = seen.since + groupSpan <= now;
      if (!isOver && item?.last === last) return { nth: seen.used, since: seen.since };
      const next = isOver ? { since: now, used: 1 } : { since: seen.since, used: seen.used + 1 };
      const isCounted = await rows.writeIf(
        key,
        { ...next, last, turn: seen.turn + 1, ttl: inDays(now, kept.notice) },
        "attribute_not_exists(pk) OR turn = :seen",
        { seen: seen.turn },
      );
      if (isCounted) return { nth: next.used, since: next.since };
    }
  }

  return { claim, gather, gathered, leave, due, sent, nth };
}

export type Waiting = ReturnType<typeof waitingIn>;
