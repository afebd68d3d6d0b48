import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { createHash } from "crypto";
import { gunzipSync, gzipSync } from "zlib";
import type { Action, ActionState } from "./actions";
import type { Json } from "../json";
import type { Principal } from "../occasion";
import type { Finding, Resource, State } from "../guardrail";

/**
 * How the ledger's items look: flat, texts and numbers only, whatever is deeper as JSON text (docs/ledger.md). The
 * layout is versioned by `v`; a reader refuses what it does not know.
 */
export const layout = 2;

export interface Key {
  readonly pk: string;
  readonly sk: string;
}
export type Fields = Readonly<Record<string, string | number | undefined>>;
/** An item's attributes as read. */
export type Stored = Record<string, string | number | undefined>;
export type Item = Record<string, AttributeValue>;

/** Larger texts are compressed, so that a big policy fits into DynamoDB's 400 KB. */
const compressFrom = 8 * 1024;
/** Left for everything else in an item of at most 400 KB, with before and after side by side. */
const largest = 150 * 1024;

export function toItem(fields: Fields): Item {
  const item: Item = {};
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === "number") item[name] = { N: String(value) };
    else if (value !== undefined) item[name] = { S: value };
  }
  return item;
}

/** @throws Error for an item of another layout. */
export function fromItem(item: Item): Stored {
  const fields: Stored = {};
  for (const [name, value] of Object.entries(item))
    fields[name] = value.N !== undefined ? Number(value.N) : value.S;
  if (fields.v !== layout)
    throw new Error(
      `The ledger holds an item of layout ${fields.v}, known is ${layout}: ${fields.pk} ${fields.sk}. A table of another layout cannot be taken over: docs/ledger.md says what to do`,
    );
  return fields;
}

/** @throws Error named StateTooLarge, final, when it does not fit even compressed: what cannot be recorded is not changed. */
export function pack(value: Json): string {
  const text = JSON.stringify(value);
  const packed = text.length < compressFrom ? text : `gz:${gzipSync(text).toString("base64")}`;
  if (packed.length > largest)
    throw Object.assign(
      new Error(
        `The state has ${text.length} characters and is too large to be recorded, so it is not changed`,
      ),
      {
        code: "StateTooLarge",
        final: true,
      },
    );
  return packed;
}

export const unpack = (text: string): Json =>
  JSON.parse(
    text.startsWith("gz:") ? gunzipSync(Buffer.from(text.slice(3), "base64")).toString("utf8") : text,
  ) as Json;

/** DynamoDB takes sort keys of up to 1,024 bytes; what AWS itself writes is far below, what is forged need not be. */
export const short = (text: string): string =>
  Buffer.byteLength(text) <= 800 ? text : createHash("sha256").update(text).digest("hex");

const day = 24 * 3600;
/**
 * How long items stay, in days: events and locks for redelivery, actions for undo and audit, an operator's decision
 * after it has ended. docs/ledger.md and other pages say the same.
 */
export const kept = {
  event: 30,
  action: 400,
  notice: 2,
  waiting: 3,
  budget: 2,
  breaker: 2,
  lock: 1,
  decision: 1,
  closed: 1,
  seen: 60,
  sweep: 400,
  cause: 30,
};

export const resourceKey = (guardrail: string, arn: string): string => `${guardrail}#${arn}`;
/** One delivery of an occasion, by its key. */
export const occasionSort = (key: string): string => `event#${short(key)}`;
const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
const hourOf = (time: number): string => new Date(time).toISOString().slice(0, 13);
/** When the hour of the clock began that a budget is for. */
export const startOfHour = (time: number): number => Date.parse(`${hourOf(time)}:00Z`);
export const inDays = (time: number, days: number): number => Math.floor(time / 1000) + days * day;

export const actionKey = ({ guardrail, resource, opened, id }: Action): Key => ({
  pk: resourceKey(guardrail, resource.arn),
  sk: `action#${new Date(opened).toISOString()}#${id}`,
});
/**
 * The partitions of a guardrail besides those of its resources. Each begins with its id, so that one pattern of keys
 * admits exactly what is its own, however AWS reads the keys of a transaction.
 */
export const partition = (guardrail: string, of: "brake" | "held" | "causes" | "digest" | "tick"): string =>
  `${guardrail}#${of}`;
export const budgetPartition = (guardrail: string, account: string, now: number): string =>
  `${guardrail}#budget#${account}#${hourOf(now)}`;

/** Whether every guardrail was paused, or this one alone. */
export type Brake = "all" | "own";
export const brakeKey = (guardrail: string, brake: Brake): Key => ({
  pk: partition(guardrail, "brake"),
  sk: brake,
});
export const brakeKeys = (guardrail: string): Key[] =>
  (["all", "own"] as const).map(brake => brakeKey(guardrail, brake));

export const actionFields = (action: Action): Fields => ({
  id: action.id,
  state: action.state,
  guardrail: action.guardrail,
  day: dayOf(action.opened),
  resource: JSON.stringify(action.resource),
  arn: action.resource.arn,
  occasionKey: action.occasionKey,
  occasionId: action.occasionId,
  principal: action.principal && JSON.stringify(action.principal),
  finding: pack(action.finding as unknown as Json),
  part: action.isPart && 1,
  before: pack(action.before),
  after: action.after && pack(action.after),
  opened: action.opened,
  verified: action.verified,
  because: action.because,
  settings: pack(action.settings),
  code: action.code,
});

export function toAction(fields: Stored): Action {
  const text = (name: string): string => String(fields[name]);
  return {
    id: text("id"),
    state: text("state") as ActionState,
    guardrail: text("guardrail"),
    resource: JSON.parse(text("resource")) as Resource,
    occasionKey: text("occasionKey"),
    occasionId: text("occasionId"),
    principal: fields.principal === undefined ? undefined : (JSON.parse(text("principal")) as Principal),
    finding: unpack(text("finding")) as unknown as Finding,
    ...(fields.part === 1 && { isPart: true as const }),
    before: unpack(text("before")) as State,
    after: fields.after === undefined ? undefined : (unpack(text("after")) as State),
    opened: Number(fields.opened),
    verified: fields.verified === undefined ? undefined : Number(fields.verified),
    because: fields.because === undefined ? undefined : text("because"),
    settings: unpack(text("settings")),
    code: text("code"),
  };
}
