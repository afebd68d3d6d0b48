import type { DynamoDBClient, TransactWriteItem } from "@aws-sdk/client-dynamodb";
import type { CallRecord } from "../occasion";
import type { Action } from "./actions";
import { actionKey, inDays, type Key, kept, partition, type Stored, toAction } from "./items";
import { queryPartition } from "./query";
import type { createTable } from "./table";

/** A write whose cause CloudTrail has yet to confirm. Times in epoch milliseconds. */
export interface UnconfirmedCause {
  readonly guardrail: string;
  /** Of the action. */
  readonly id: string;
  readonly record: CallRecord;
  /** The call's name. */
  readonly name?: string;
  /** When the call was made, as its event says. */
  readonly called: number;
  /** When the write was begun. */
  readonly begun: number;
  /** When CloudTrail is asked next. */
  readonly due: number;
  /** How often it was asked. */
  readonly asked: number;
  /** The key of the action. */
  readonly action: Key;
}

const minute = 60_000;
/** How long after a write CloudTrail is asked whether it knows the call. */
export const confirmAfter = [15 * minute, 60 * minute, 180 * minute];

const keyOf = (guardrail: string, id: string): Key => ({ pk: partition(guardrail, "causes"), sk: id });

/** A call that brought an action: its record, and when it was made. */
export interface Call {
  readonly record: CallRecord;
  readonly name?: string;
  readonly called: number;
}

/** What is kept of it in the transaction that begins the action. */
export function causeStep(
  rows: Pick<ReturnType<typeof createTable>, "put">,
  action: Action,
  { record, name, called }: Call,
  now: number,
): TransactWriteItem {
  const { pk, sk } = actionKey(action);
  return rows.put(keyOf(action.guardrail, action.id), {
    open: 1,
    record: record.id,
    region: record.region,
    name,
    called,
    begun: now,
    due: now + confirmAfter[0],
    asked: 0,
    arn: pk,
    action: sk,
    ttl: inDays(now, kept.cause),
  });
}

const toCause = (guardrail: string, fields: Stored): UnconfirmedCause => ({
  guardrail,
  id: String(fields.sk),
  record: { id: String(fields.record), region: String(fields.region) },
  ...(fields.name !== undefined && { name: String(fields.name) }),
  called: Number(fields.called),
  begun: Number(fields.begun),
  due: Number(fields.due),
  asked: Number(fields.asked),
  action: { pk: String(fields.arn), sk: String(fields.action) },
});

/** The causes of a guardrail's writes in the ledger. */
export function causesIn(
  client: Pick<DynamoDBClient, "send">,
  table: string,
  rows: ReturnType<typeof createTable>,
) {
  /** Those that are not settled, the one that is due first before the others. */
  async function causes(guardrail: string): Promise<UnconfirmedCause[]> {
    const found: UnconfirmedCause[] = [];
    for await (const page of queryPartition(client, table, partition(guardrail, "causes")))
      found.push(...page.filter(({ open }) => open === 1).map(item => toCause(guardrail, item)));
    return found.sort((one, other) => one.due - other.due);
  }

  /** Asked in vain: when it is asked again. */
  const askLater = ({ guardrail, id, asked }: UnconfirmedCause, due: number): Promise<void> =>
    rows.set(keyOf(guardrail, id), { due, asked: asked + 1 });

  /** CloudTrail has answered, or somebody was told that it has not. */
  const settleCause = ({ guardrail, id }: UnconfirmedCause, now: number): Promise<void> =>
    rows.set(keyOf(guardrail, id), { open: 0, ttl: inDays(now, kept.closed) });

  /** The action that it brought; undefined when the ledger has it no more. */
  async function actionOf({ action }: UnconfirmedCause): Promise<Action | undefined> {
    const stored = await rows.getOne(action);
    return stored && toAction(stored);
  }

  return { causes, askLater, settleCause, actionOf };
}
