import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { fakeClient } from "./client";
import { type Attribute, type Item, queried } from "./query";

interface Write {
  Key?: Item;
  Item?: Item;
  UpdateExpression?: string;
  ConditionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Item;
}

const valueOf = ({ S, N }: Attribute = {}): string | number | undefined => (N !== undefined ? Number(N) : S);
const keyOf = (item: Item): string => `${item.pk?.S} ${item.sk?.S}`;
const refusal = (name: string, more: object = {}) => Object.assign(new Error(name), { name, ...more });

/** The part of DynamoDB that the ledger uses, in memory: keys, conditions, updates, transactions. Throws at anything else. */
export function fakeTable() {
  const items = new Map<string, Item>();
  const state = {
    items,
    down: undefined as Error | undefined,
    /** How many reads of several items leave all but the first unprocessed, as under load. */
    overloads: 0,
    /** How many transactions meet another one on an item. */
    conflicts: 0,
  };
  const answers: Parameters<typeof fakeClient>[0] = {
    BatchGetItem: input => {
      check();
      const [[name, { Keys }]] = Object.entries(input.RequestItems as Record<string, { Keys: Item[] }>);
      if (Keys.length > 100 || new Set(Keys.map(keyOf)).size < Keys.length)
        throw refusal("ValidationException", { message: "Too many keys, or one of them twice" });
      const isOverload = state.overloads > 0 && state.overloads-- > 0;
      const served = isOverload ? Keys.slice(0, 1) : Keys;
      const left = Keys.slice(served.length);
      return {
        Responses: { [name]: served.flatMap(key => items.get(keyOf(key)) ?? []) },
        UnprocessedKeys: left.length > 0 ? { [name]: { Keys: left } } : {},
      };
    },
    GetItem: input => {
      check();
      return { Item: items.get(keyOf(input.Key as Item)) };
    },
    Query: input => {
      check();
      return queried(items.values(), input);
    },
    BatchWriteItem: input => {
      check();
      const [[name, requests]] = Object.entries(
        input.RequestItems as Record<string, { PutRequest: { Item: Item } }[]>,
      );
      const puts = requests.map(({ PutRequest: { Item } }) => ({ Item }));
      if (puts.length > 25) throw refusal("ValidationException", { message: "Too many items requested" });
      const served = state.overloads > 0 && state.overloads-- > 0 ? puts.slice(0, 1) : puts;
      run(served, "ValidationException");
      const left = requests.slice(served.length);
      return { UnprocessedItems: left.length > 0 ? { [name]: left } : {} };
    },
    PutItem: input => run([input as Write], "ConditionalCheckFailedException"),
    UpdateItem: input => run([input as Write], "ConditionalCheckFailedException"),
    TransactWriteItems: input => {
      const writes = (input.TransactItems as Record<string, Write>[]).map(
        item => Object.values(item).find(one => one !== undefined) as Write,
      );
      return run(writes, "TransactionCanceledException");
    },
  };
  const client = fakeClient<DynamoDBClient>(answers);

  function check(): void {
    if (state.down) throw state.down;
  }

  /** All of it, or nothing. */
  function run(writes: readonly Write[], refused: string): object {
    check();
    for (const write of writes) checkSizes(write);
    if (new Set(writes.map(({ Item, Key }) => keyOf(Item ?? Key ?? {}))).size < writes.length)
      throw refusal("ValidationException", { message: "A transaction names an item twice" });
    if (writes.length > 1 && state.conflicts > 0 && state.conflicts-- > 0)
      throw refusal(refused, { CancellationReasons: writes.map(() => ({ Code: "TransactionConflict" })) });
    const reasons = writes.map(write => ({
      Code: holds(write, items.get(keyOf(write.Item ?? write.Key ?? {}))) ? "None" : "ConditionalCheckFailed",
    }));
    if (reasons.some(({ Code }) => Code !== "None")) throw refusal(refused, { CancellationReasons: reasons });
    for (const write of writes) {
      if (write.Item) items.set(keyOf(write.Item), structuredClone(write.Item));
      else if (write.UpdateExpression) update(write);
    }
    return {};
  }

  /** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
  function checkSizes({ Item, Key }: Write): void {
    const { pk, sk } = Item ?? Key ?? {};
    const lengths = [pk, sk].map(({ S = "" }: Attribute = {}) => Buffer.byteLength(S));
    if (lengths[0] > 2048 || lengths[1] > 1024 || lengths.includes(0))
      throw refusal("ValidationException", { message: "A key is empty or too long" });
    if (JSON.stringify(Item ?? {}).length > 400 * 1024)
      throw refusal("ValidationException", { message: "Item size has exceeded the maximum allowed size" });
  }

  function update({
    Key = {},
    UpdateExpression = "",
    ExpressionAttributeNames: names = {},
    ExpressionAttributeValues: values = {},
  }: Write): void {
    const item = { ...Key, ...items.get(keyOf(Key)) };
    const [, sets = "", adds = ""] =
      /^SET (.*?)(?: ADD (.*))?$/.exec(UpdateExpression) ?? fail(UpdateExpression);
    for (const part of sets.split(", ")) {
      const [, name, value] = /^(#?\w+) = (:\w+)$/.exec(part) ?? fail(part);
      item[names[name] ?? name] = values[value];
    }
    for (const part of adds === "" || adds === undefined ? [] : adds.split(", ")) {
      const [, name, value] = /^(\w+) (:\w+)$/.exec(part) ?? fail(part);
      item[name] = { N: String(Number(item[name]?.N ?? 0) + Number(values[value].N)) };
    }
    items.set(keyOf(Key), item);
  }

  function holds(
    { ConditionExpression = "", ExpressionAttributeValues: values = {} }: Write,
    item: Item | undefined,
  ): boolean {
    if (ConditionExpression === "") return true;
    return ConditionExpression.split(" OR ").some(part => {
      const exists = /^attribute_(not_)?exists\((\w+)\)$/.exec(part);
      if (exists) return (item?.[exists[2]] === undefined) === (exists[1] !== undefined);
      const [, name, operator, value] = /^(\w+) (<=|<|=) (:\w+)$/.exec(part) ?? fail(part);
      const [left, right] = [valueOf(item?.[name]), valueOf(values[value])];
      if (left === undefined || right === undefined) return false;
      if (operator === "=") return left === right;
      return operator === "<" ? left < right : left <= right;
    });
  }

  return { ...state, state, client, answers };
}

const fail = (expression: string): never => {
  throw new Error(`The fake table does not know the expression: ${expression}`);
};
