import type { Known, Resource } from "../guardrail";
import type { Json } from "../json";
import { type Fields, inDays, type Key, kept, pack, resourceKey, short, type Stored, unpack } from "./items";
import type { Table } from "./table";

/** What is remembered of one identity of a resource. Times in epoch milliseconds. */
export interface Memory {
  readonly words: string;
  /** Since when it is known: the look that first saw it, or the event that says it has made it. */
  readonly since: number;
  /** When the words changed last, and what they were before. */
  readonly changed?: number;
  readonly was?: string;
  /** The occasion that brought or changed it, if one did. */
  readonly by?: string;
}

/** What a sweep found wrong that no sweep had seen right: the finding in words, and what names the resource again. */
export interface Baseline {
  readonly words: string;
  readonly resource: Resource;
  /** Why no guardrail would put it right, though an operator asked. */
  readonly left?: string;
}

/** What the last sweep said of a resource. */
export interface Verdict {
  /** `begun`: it was about to be put right, and nobody has said since how that ended. */
  readonly kind: "right" | "wrong" | "exempt" | "begun";
  /** When that sweep began: its name. */
  readonly sweep: number;
  /** Of the finding. */
  readonly fingerprint?: string;
  /** Of `begun`: it was wrong before what is put right now came to it. */
  readonly wasWrong?: true;
  /** Set while it is part of the baseline: nobody but an operator has it put right. */
  readonly baseline?: Baseline;
}

/** Whether it was wrong before what is put right now came to it. */
export const wasWrong = (verdict: Verdict | undefined): boolean =>
  verdict?.kind === "wrong" || verdict?.wasWrong === true;

/** What earlier looks left of a resource. */
export interface Seen {
  readonly values: Readonly<Record<string, Memory>>;
  /** When this was written. */
  readonly at: number;
  /** Absent: no sweep has seen the resource. */
  readonly verdict?: Verdict;
}

/** One reason to look, as far as it decides what was known before. */
export interface Asking {
  readonly key: string;
  /** Epoch milliseconds. Of an event this is what the event says, which may be forged. */
  readonly time: number;
  /** Epoch milliseconds of the look, where the time is a claim of an event. */
  readonly claimedAt?: number;
}

/**
 * An event that says it is older than this is no proof of what it says: whoever can forge a time could choose one before
 * anything was known. EventBridge delivers within seconds; of what comes later than this, all that any look has seen
 * meanwhile counts as known.
 */
const longestDelay = 3600_000;

const limitOf = ({ time, claimedAt }: Asking): number =>
  claimedAt !== undefined && time < claimedAt - longestDelay ? claimedAt : time;

/** Whether an identity was known before this occasion brought it. */
export const isKnownBefore = (memory: Memory | undefined, asking: Asking): boolean =>
  memory !== undefined &&
  (memory.by !== short(asking.key) || memory.was !== undefined) &&
  memory.since < limitOf(asking);

/** Whether an occasion is what a resource is remembered by. */
export const isBroughtBy = ({ values }: Seen, key: string): boolean =>
  Object.values(values).some(({ by }) => by === short(key));

/**
 * What was known of a resource before an occasion; undefined before a sweep has seen all of them, by the settings of now.
 * @param sweptSince when the first one had: what was not seen then, or since, was not there; nobody knows of earlier
 */
export function knownBefore(
  seen: Seen | undefined,
  sweptSince: number | undefined,
  asking: Asking,
): Known | undefined {
  return sweptSince === undefined || sweptSince >= limitOf(asking) ? undefined : seenBefore(seen, asking);
}

/** What looks have seen of a resource before an occasion, whether or not they have seen all of it. */
export function seenBefore(seen: Seen | undefined, asking: Asking): Known {
  const known: Record<string, string> = {};
  for (const [identity, memory] of Object.entries(seen?.values ?? {})) {
    if (!isKnownBefore(memory, asking)) continue;
    const isLater = memory.by === short(asking.key) || (memory.changed ?? 0) >= limitOf(asking);
    known[identity] = isLater ? (memory.was ?? memory.words) : memory.words;
  }
  return known;
}

/**
 * What is remembered after a look that ended at `at`. Its occasion, if an event was one, brought what it calls fresh at
 * its own time; everything else is known from now on.
 */
export function remembering(
  before: Seen | undefined,
  values: Known,
  at: number,
  event?: { readonly key: string; readonly time: number; readonly fresh: readonly string[] },
): Seen["values"] {
  const brought = event && { time: Math.min(event.time, at), by: short(event.key) };
  const next: Record<string, Memory> = {};
  for (const [identity, words] of Object.entries(values)) {
    const memory = before?.values[identity];
    if (memory === undefined)
      next[identity] =
        brought !== undefined && event?.fresh.includes(identity)
          ? { words, since: brought.time, by: brought.by }
          : { words, since: at };
    else if (memory.words === words) next[identity] = memory;
    else {
      const isSame = brought !== undefined && memory.by === brought.by;
      // A repeated look of the same occasion keeps what stood before the occasion.
      const was = isSame ? memory.was : memory.words;
      next[identity] = { words, since: memory.since, changed: at, was, by: brought?.by };
    }
  }
  return next;
}

/** Whether two looks left the same. */
export const isSameValues = (one: Seen["values"], other: Seen["values"]): boolean =>
  Object.keys(one).length === Object.keys(other).length &&
  Object.entries(one).every(([identity, memory]) => other[identity]?.words === memory.words);

const seenKey = (guardrail: string, arn: string): Key => ({ pk: resourceKey(guardrail, arn), sk: "seen" });

/** Under this value of the attribute `day` operators find a guardrail's baseline by the index of days. */
export const baselineDay = (guardrail: string): string => `baseline#${guardrail}`;

const day = 24 * 3600_000;
/** What is older than half its life is written again though nothing changed, and an older sweep says nothing of what was not there. */
export const isStale = (at: number, now: number): boolean => now - at > (kept.seen * day) / 2;

const seenFields = (guardrail: string, arn: string, { values, at, verdict }: Seen): Fields => ({
  arn,
  at,
  values: pack(values as unknown as Json),
  verdict: verdict?.kind,
  sweep: verdict?.sweep,
  finding: verdict?.fingerprint,
  wasWrong: verdict?.wasWrong && 1,
  baseline: verdict?.baseline?.words,
  left: verdict?.baseline?.left,
  resource: verdict?.baseline && JSON.stringify(verdict.baseline.resource),
  day: verdict?.baseline === undefined ? undefined : baselineDay(guardrail),
  ttl: inDays(at, kept.seen),
});

const baselineIn = (
  words: string | undefined,
  resource: string | undefined,
  left: string | undefined,
): Baseline | undefined =>
  words === undefined || resource === undefined
    ? undefined
    : { words, resource: JSON.parse(resource) as Resource, ...(left !== undefined && { left }) };

/** As `seen` is stored. */
export function toSeen(fields: Stored): Seen {
  const text = (name: string): string | undefined =>
    fields[name] === undefined ? undefined : String(fields[name]);
  const verdict = text("verdict") as Verdict["kind"] | undefined;
  return {
    values: unpack(String(fields.values)) as unknown as Seen["values"],
    at: Number(fields.at),
    ...(verdict !== undefined && {
      verdict: {
        kind: verdict,
        sweep: Number(fields.sweep),
        fingerprint: text("finding"),
        ...(fields.wasWrong === 1 && { wasWrong: true as const }),
        baseline: baselineIn(text("baseline"), text("resource"), text("left")),
      },
    }),
  };
}

/** The memory of resources in the ledger. */
export function seenIn(rows: Table) {
  /** By ARN; what was never seen, or so long ago that it was forgotten, is not there. */
  async function get(guardrail: string, arns: readonly string[]): Promise<Record<string, Seen>> {
    const found = await rows.get(arns.map(arn => seenKey(guardrail, arn)));
    const seen: Record<string, Seen> = {};
    for (const arn of arns) {
      const { pk, sk } = seenKey(guardrail, arn);
      const item = found.get(`${pk} ${sk}`);
      if (item !== undefined) seen[arn] = toSeen(item);
    }
    return seen;
  }

  const put = (guardrail: string, seen: readonly (readonly [arn: string, Seen])[]): Promise<void> =>
    rows.putAll(
      seen.map(([arn, one]) => [seenKey(guardrail, arn), seenFields(guardrail, arn, one)] as const),
    );

  return { get, put };
}
