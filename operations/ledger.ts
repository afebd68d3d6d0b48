import { catalogue } from "../components/guardrails";
import { type AttributeValue, QueryCommand, type QueryCommandInput } from "@aws-sdk/client-dynamodb";
import type { Action } from "../runtime/ledger/actions";
import { createLedger } from "../runtime/ledger/ledger";
import {
  actionKey,
  brakeKey,
  inDays,
  kept,
  type Key,
  resourceKey,
  type Stored,
  toAction,
} from "../runtime/ledger/items";
import { createTable, type Step } from "../runtime/ledger/table";
import { ledgerName } from "../runtime/names";
import type { Operator } from "./operator";

/** A decision of an operator that ends by itself: a hold or a pause. Epoch milliseconds. */
export interface Decision {
  readonly ends: number;
  readonly reason: string;
  readonly by: string;
}

/** A finding that is left alone: of which guardrail, resource and kind. */
export interface Held {
  readonly arn: string;
  readonly fingerprint: string;
}

/** One item for each guardrail that a scope means: functions read nothing but their own. */
const brakesOf = (scope: string): Key[] =>
  scope === "all" ? catalogue.map(({ id }) => brakeKey(id, "all")) : [brakeKey(scope, "own")];
const text = (value: AttributeValue | undefined): string => value?.S ?? "";
/** What the lock of an operator lasts at most. */
const lockTime = 90_000;

/** The ledger as operators use it: they find changes, decide, and mark what they did. */
export function operatorsLedger({ dynamodb, place, by }: Pick<Operator, "dynamodb" | "place" | "by">) {
  const TableName = ledgerName(place.stack);
  const rows = createTable(dynamodb, TableName);
  const { circumstances } = createLedger(dynamodb, TableName);

  async function keys(query: Partial<QueryCommandInput>, most = Infinity): Promise<Key[]> {
    const found: Key[] = [];
    let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
    do {
      const page: { Items?: Record<string, AttributeValue>[]; LastEvaluatedKey?: typeof ExclusiveStartKey } =
        await dynamodb.send(new QueryCommand({ TableName, ExclusiveStartKey, ...query }));
      found.push(...(page.Items ?? []).map(({ pk, sk }) => ({ pk: text(pk), sk: text(sk) })));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined && found.length < most);
    return found;
  }

  async function read(found: readonly Key[]): Promise<Action[]> {
    const items = await rows.get(found);
    return found.flatMap(({ pk, sk }) => {
      const item = items.get(`${pk} ${sk}`);
      return item === undefined ? [] : [toAction(item)];
    });
  }

  /** The action with this id; undefined when the ledger has none. */
  async function byId(id: string): Promise<Action | undefined> {
    const found = await keys({
      IndexName: "id",
      KeyConditionExpression: "id = :id",
      ExpressionAttributeValues: { ":id": { S: id } },
    });
    return (await read(found))[0];
  }

  /** The newest actions of a resource under these guardrails, newest first. */
  async function ofResource(arn: string, guardrails: readonly string[]): Promise<Action[]> {
    const actions: Action[] = [];
    for (const guardrail of guardrails) {
      const found = await keys(
        {
          KeyConditionExpression: "pk = :pk AND begins_with(sk, :action)",
          ExpressionAttributeValues: {
            ":pk": { S: resourceKey(guardrail, arn) },
            ":action": { S: "action#" },
          },
          ProjectionExpression: "pk, sk",
          ConsistentRead: true,
          ScanIndexForward: false,
          Limit: 50,
        },
        50,
      );
      actions.push(...(await read(found.slice(0, 50))));
    }
    return actions.sort((one, other) => other.opened - one.opened);
  }

  /** The items under this value of the index of days. */
  async function ofDay(day: string): Promise<Stored[]> {
    const found = await keys({
      IndexName: "day",
      KeyConditionExpression: "#day = :day",
      ExpressionAttributeNames: { "#day": "day" },
      ExpressionAttributeValues: { ":day": { S: day } },
    });
    return [...(await rows.get(found)).values()];
  }

  const fields = ({ ends, reason }: Omit<Decision, "by">) => ({
    ends,
    reason,
    by,
    ttl: inDays(ends, kept.decision),
  });

  /**
   * Takes the resource's lock, so that no function writes meanwhile.
   * @param since when the resource was read
   * @returns false when somebody else holds it, or held it since
   */
  async function lock(action: Action, since: number, now: number): Promise<boolean> {
    const key = { pk: resourceKey(action.guardrail, action.resource.arn), sk: "lock" };
    const taken = { holder: `undo#${by}`, ends: now + lockTime, ttl: inDays(now, kept.lock) };
    const isFree = "attribute_not_exists(pk) OR ends <= :since";
    const steps: Step<"locked">[] = [["locked", rows.put(key, taken, isFree, { since })]];
    return (await rows.transact(steps)) === undefined;
  }

  const holdKey = (action: Action, { arn, fingerprint }: Held): Key => ({
    pk: resourceKey(action.guardrail, arn),
    sk: `hold#${fingerprint}`,
  });

  async function hold(action: Action, held: readonly Held[], decision: Omit<Decision, "by">): Promise<void> {
    for (const one of held) await rows.write(holdKey(action, one), fields(decision));
  }

  const unlock = (action: Action, now: number): Promise<void> =>
    rows.end({ pk: resourceKey(action.guardrail, action.resource.arn), sk: "lock" }, `undo#${by}`, now);

  /** Ends these holds at once. */
  async function unhold(action: Action, held: readonly Held[], now: number): Promise<void> {
    for (const one of held) await rows.set(holdKey(action, one), { ends: now });
  }

  /** Moves an action on to a state that only an operator gives. */
  const mark = (action: Action, state: "undone"): Promise<void> => rows.set(actionKey(action), { state });

  async function pause(scope: string, decision: Omit<Decision, "by">): Promise<void> {
    for (const key of brakesOf(scope)) await rows.write(key, fields(decision));
  }

  /** The live pause of a scope (`all` or a guardrail's id). */
  async function pauseOf(scope: string, now: number): Promise<Decision | undefined> {
    const live = [...(await rows.get(brakesOf(scope))).values()].filter(({ ends }) => Number(ends) > now);
    const [item] = live.sort((one, other) => Number(other.ends) - Number(one.ends));
    return item && { ends: Number(item.ends), reason: String(item.reason), by: String(item.by) };
  }

  /** Ends a pause at once. */
  async function lift(scope: string, now: number): Promise<void> {
    const there = await rows.get(brakesOf(scope));
    for (const { pk, sk } of there.values())
      await rows.set({ pk: String(pk), sk: String(sk) }, { ends: now });
  }

  return {
    byId,
    ofResource,
    ofDay,
    lock,
    hold,
    unhold,
    unlock,
    mark,
    pause,
    pauseOf,
    lift,
    circumstances,
  };
}
