import { createHash } from "crypto";
import type { Json } from "../json";
import { type Fields, inDays, type Key, kept, pack, partition, type Stored, unpack } from "./items";
import { isStale } from "./seen";
import type { Table } from "./table";

/** One line of what a sweep tells at its end. */
export interface News {
  readonly arn: string;
  readonly words: string;
}

/** How far a sweep of one region has come. */
export interface Progress {
  /** Epoch milliseconds: the sweep's name. */
  readonly started: number;
  /** Which settings it judges by, as `settingsKey` names them. */
  readonly by: string;
  /** Whether it only records what it finds: there is no earlier one that still counts. */
  readonly isBaseline: boolean;
  /** Whether it puts right what is new whatever the stack says of sweeps: it stands in for a call that could not be read. */
  readonly replacesCall?: true;
  /** Where the next page begins; absent: at the first. */
  readonly from?: string;
  /** Every page is taken, and what is new has yet to be told. */
  readonly isOver?: true;
  /** How often it had to begin again because AWS knew the place no more. */
  readonly restarts: number;
  /** Resources looked at, those that are wrong and not exempt, and those of them that are to be told of. */
  readonly looked: number;
  readonly wrong: number;
  readonly fresh: number;
  /** The first of those that are to be told of. */
  readonly news: readonly News[];
}

/** The sweeps of one guardrail in one region. */
export interface Sweeps {
  /** Changes with every save: two invocations never save over each other. */
  readonly revision: number;
  readonly running?: Progress;
  /** The last one that came to its end. */
  readonly completed?: {
    readonly started: number;
    readonly ended: number;
    readonly by: string;
    readonly looked: number;
    /** When the first of those had ended that have followed each other under these settings. */
    readonly since: number;
  };
  /** Why one is to begin at once, and since when. */
  readonly request?: Request;
}

interface Request {
  readonly at: number;
  readonly why: string;
  /** As of the sweep that answers it. */
  readonly replacesCall?: true;
}

const sweepsKey = (guardrail: string, region: string): Key => ({
  pk: partition(guardrail, "tick"),
  sk: `sweep#${region}`,
});

/** Names the settings by which something was judged, and by which it was chosen what to remember. */
export const settingsKey = (settings: unknown): string =>
  createHash("sha256").update(JSON.stringify(settings)).digest("hex").slice(0, 16);

/**
 * Whether what the last sweep did not see can be said not to have been there, and what it saw right to have been right.
 * Neither holds under other settings: a stack that guards another port has not seen its old rules.
 */
export const isSwept = ({ completed }: Sweeps, settings: unknown, now: number): boolean =>
  completed !== undefined && completed.by === settingsKey(settings) && !isStale(completed.started, now);

/** Since when that can be said; undefined: it cannot. */
export const sweptSince = (sweeps: Sweeps, settings: unknown, now: number): number | undefined =>
  isSwept(sweeps, settings, now) ? sweeps.completed?.since : undefined;

const toSweeps = (fields: Stored): Sweeps => {
  const part = (name: string): Json | undefined =>
    fields[name] === undefined ? undefined : unpack(String(fields[name]));
  return {
    revision: Number(fields.revision),
    running: part("running") as unknown as Sweeps["running"],
    completed: part("completed") as unknown as Sweeps["completed"],
    request: part("request") as unknown as Sweeps["request"],
  };
};

const packed = (value: unknown): string | undefined =>
  value === undefined ? undefined : pack(value as Json);

const sweepsFields = ({ running, completed, request }: Sweeps, now: number): Fields => ({
  running: packed(running),
  completed: packed(completed),
  request: packed(request),
  ttl: inDays(now, kept.sweep),
});

/** How far the sweeps have come, in the ledger. */
export function sweepsIn(rows: Table) {
  async function get(guardrail: string, region: string): Promise<Sweeps> {
    const item = await rows.getOne(sweepsKey(guardrail, region));
    return item === undefined ? { revision: 0 } : toSweeps(item);
  }

  /** @returns what is saved now; undefined when another invocation has saved since `before` was read */
  async function save(
    guardrail: string,
    region: string,
    before: Sweeps,
    next: Omit<Sweeps, "revision">,
    now: number,
  ): Promise<Sweeps | undefined> {
    const saved = { ...next, revision: before.revision + 1 };
    const item = { ...sweepsFields(saved, now), revision: saved.revision };
    const isAsRead = before.revision === 0 ? "attribute_not_exists(pk)" : "revision = :revision";
    const seen = before.revision === 0 ? undefined : { revision: before.revision };
    const refused = await rows.transact([
      ["taken", rows.put(sweepsKey(guardrail, region), item, isAsRead, seen)],
    ]);
    return refused === undefined ? saved : undefined;
  }

  /** The next tick begins a sweep, from the first page; one that is running comes to its end before. */
  async function request(
    guardrail: string,
    region: string,
    now: number,
    asked: Omit<Request, "at">,
  ): Promise<void> {
    for (let saved: Sweeps | undefined; saved === undefined;) {
      const before = await get(guardrail, region);
      const replacesCall = asked.replacesCall ?? before.request?.replacesCall;
      const isAsked = before.request !== undefined && before.request.replacesCall === replacesCall;
      if (isAsked && before.running === undefined) return;
      saved = await save(
        guardrail,
        region,
        before,
        { ...before, request: { ...asked, at: now, replacesCall } },
        now,
      );
    }
  }

  return { get, save, request };
}
