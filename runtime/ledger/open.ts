import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createHash } from "crypto";
import { codeOf } from "../aws/errors";
import type { Json } from "../json";
import type { Attention, Occasion } from "../occasion";
import type { Finding, Known, Resource } from "../guardrail";
import { type Fields, inDays, type Key, kept, pack, partition, type Stored, unpack } from "./items";
import { queryPartition } from "./query";
import type { createTable } from "./table";

/**
 * A finding that was heard of and is not put right: it stays open until a fresh read shows it gone, an exemption covers
 * it, or it is put right. Times in epoch milliseconds.
 */
export interface OpenFinding {
  readonly guardrail: string;
  /** As its occasion named it, hints included: only so `assess` finds the same again. */
  readonly resource: Resource;
  readonly finding: Finding;
  /** What its outcome was. */
  readonly kind: "held" | "notified";
  /** Why it is not put right: a restraint's code. */
  readonly code: string;
  readonly because: string;
  /** What brought it: the first, however often it is taken up. */
  readonly cause: Occasion;
  readonly since: number;
  readonly attention: Attention;
  /** When it may be tried again; absent: not before a person says so. */
  readonly due?: number;
  /** When people were told last, or were to be. */
  readonly told?: number;
  /** How often it was tried in vain. */
  readonly tries: number;
  /** Who wants it tried again whatever the breaker says. */
  readonly resumed?: string;
  /** What `assess` takes for known, instead of what is: an operator's decision to put right what was wrong before. */
  readonly known?: Known;
  /** Another at each write: what somebody else has changed meanwhile is not overwritten. */
  readonly revision: string;
}

/** Its name among the open ones: the same for the same finding of the same resource. */
export const openName = (arn: string, fingerprint: string): string =>
  createHash("sha256")
    .update(JSON.stringify([arn, fingerprint]))
    .digest("hex")
    .slice(0, 32);

export const openKey = (guardrail: string, arn: string, fingerprint: string): Key => ({
  pk: partition(guardrail, "held"),
  sk: openName(arn, fingerprint),
});

/** How loud it is: what is held before what is only told. */
const weightOf = ({ kind, attention }: Pick<OpenFinding, "kind" | "attention">): number =>
  weights[attention] + (kind === "held" ? 3 : 0);
const weights: Readonly<Record<Attention, number>> = { daily: 1, hourly: 2, critical: 3 };

/** Without its hints where they do not fit: then no look finds the same again, and it stays open for people. */
function packResource(resource: Resource): string {
  try {
    return pack(resource as unknown as Json);
  } catch (error) {
    if (codeOf(error) !== "StateTooLarge") throw error;
    return pack({ ...resource, hints: null } as unknown as Json);
  }
}

const openFields = (one: OpenFinding): Fields => ({
  open: 1,
  weight: weightOf(one),
  guardrail: one.guardrail,
  arn: one.resource.arn,
  resource: packResource(one.resource),
  // What to write is found by a fresh read; what is too large to be written must be open all the same.
  finding: pack({ ...one.finding, data: null } as unknown as Json),
  kind: one.kind,
  code: one.code,
  because: one.because,
  cause: pack(one.cause as unknown as Json),
  since: one.since,
  attention: one.attention,
  due: one.due,
  told: one.told,
  tries: one.tries,
  resumed: one.resumed,
  known: one.known && pack(one.known),
  revision: one.revision,
});

const hour = 3600_000;

/** Whether it is time that people hear again of an open finding. */
export const isToldAgain = ({ attention, told = 0 }: OpenFinding, now: number): boolean =>
  now >= told + (attention === "daily" ? 24 * hour : hour);

/** What is left of one that is no longer open, until it expires. */
const closedFields = (now: number): Fields => ({ open: 0, weight: 0, ttl: inDays(now, kept.closed) });

/** Undefined for what is closed. */
export function toOpen(fields: Stored | undefined): OpenFinding | undefined {
  if (fields === undefined || fields.open !== 1) return undefined;
  const text = (name: string): string => String(fields[name]);
  const time = (name: string): number | undefined =>
    fields[name] === undefined ? undefined : Number(fields[name]);
  return {
    guardrail: text("guardrail"),
    resource: unpack(text("resource")) as unknown as Resource,
    finding: unpack(text("finding")) as unknown as Finding,
    kind: text("kind") as OpenFinding["kind"],
    code: text("code"),
    because: text("because"),
    cause: unpack(text("cause")) as unknown as Occasion,
    since: Number(fields.since),
    attention: text("attention") as Attention,
    due: time("due"),
    told: time("told"),
    tries: Number(fields.tries),
    resumed: fields.resumed === undefined ? undefined : text("resumed"),
    known: fields.known === undefined ? undefined : (unpack(text("known")) as Known),
    revision: text("revision"),
  };
}

/** A guardrail's open findings in the ledger. */
export function openFindingsIn(
  client: Pick<DynamoDBClient, "send">,
  table: string,
  rows: ReturnType<typeof createTable>,
) {
  const keyOf = ({ guardrail, resource, finding }: OpenFinding): Key =>
    openKey(guardrail, resource.arn, finding.fingerprint);

  const pages = (guardrail: string, from?: string) =>
    queryPartition(client, table, partition(guardrail, "held"), from);

  /**
   * What is open of a guardrail.
   * @param bound so many at `most`: where there are more, from a place between 0 and 1 on and round again; absent: all
   */
  async function openFindings(
    guardrail: string,
    bound?: { readonly most: number; place(): number },
  ): Promise<OpenFinding[]> {
    const most = bound?.most ?? Infinity;
    /** One more than the bound where there are more. */
    const gather = async (from?: string): Promise<OpenFinding[]> => {
      const found: OpenFinding[] = [];
      for await (const page of pages(guardrail, from)) {
        found.push(...page.flatMap(item => toOpen(item) ?? []));
        if (found.length > most) break;
      }
      return found;
    };
    const first = await gather();
    if (bound === undefined || first.length <= most) return first;
    // Names are hashes: a place among them is a share of all.
    const place = Math.floor(bound.place() * 0x10000)
      .toString(16)
      .padStart(4, "0");
    const after = await gather(place);
    const before = first.filter(one => openName(one.resource.arn, one.finding.fingerprint) < place);
    return [...after, ...before].slice(0, most);
  }

  /** How many are open; no more than a page of them is ever held. */
  async function countOpen(guardrail: string): Promise<number> {
    let count = 0;
    for await (const page of pages(guardrail)) count += page.filter(item => item.open === 1).length;
    return count;
  }

  /** Whether anything of a guardrail, another's too, was open a moment ago. */
  async function hasOpen(guardrail: string): Promise<boolean> {
    const held = queryPartition(client, table, partition(guardrail, "held"), undefined, false);
    for await (const page of held) if (page.some(item => item.open === 1)) return true;
    return false;
  }

  /** Keeps a finding as open, whatever was there. */
  const open = (one: OpenFinding): Promise<void> => rows.write(keyOf(one), openFields(one));

  /** Keeps a finding as open, unless the same is open and at least as loud. */
  async function openUnlessLouder(one: OpenFinding): Promise<void> {
    const isQuieter = "attribute_not_exists(pk) OR weight < :weight";
    const put = rows.put(keyOf(one), openFields(one), isQuieter, { weight: weightOf(one) });
    await rows.transact([["louder", put]]);
  }

  /**
   * Changes an open finding, or closes it where `next` is undefined, unless somebody else has changed it meanwhile.
   * @returns whether it was changed
   */
  async function revise(seen: OpenFinding, next: OpenFinding | undefined, now: number): Promise<boolean> {
    const fields = next === undefined ? closedFields(now) : openFields(next);
    const { revision } = seen;
    const put = rows.put(keyOf(seen), fields, "revision = :revision", { revision });
    return (await rows.transact([["changed", put]])) === undefined;
  }

  const lastKey = (guardrail: string): Key => ({ pk: partition(guardrail, "tick"), sk: "last" });

  /** When a tick last reached the ledger, in epoch milliseconds. */
  async function lastTick(guardrail: string): Promise<number | undefined> {
    const item = await rows.getOne(lastKey(guardrail));
    return item === undefined ? undefined : Number(item.at);
  }

  const ticked = (guardrail: string, at: number): Promise<void> =>
    rows.write(lastKey(guardrail), { at, ttl: inDays(at, kept.action) });

  return { openFindings, countOpen, hasOpen, open, openUnlessLouder, revise, lastTick, ticked };
}
