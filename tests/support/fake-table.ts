import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { fakeClient } from "./fake-client";

type Attribute = { S?: string; N?: string };
type Item = Record<string, Attribute>;
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
  const state = { items, down: undefined as Error | undefined };
  const client = fakeClient<DynamoDBClient>({
    BatchGetItem: input => {
      check();
      const [[name, { Keys }]] = Object.entries(input.RequestItems as Record<string, { Keys: Item[] }>);
      return { Responses: { [name]: Keys.flatMap(key => items.get(keyOf(key)) ?? []) } };
    },
    GetItem: input => {
      check();
      return { Item: items.get(keyOf(input.Key as Item)) };
    },
    Query: input => {
      check();
      const values = input.ExpressionAttributeValues as Item;
      const found = [...items.values()].filter(item =>
        Object.values(values).some(
          value => item.id?.S === value.S || item.day?.S === value.S || item.pk?.S === value.S,
        ),
      );
      return { Items: found };
    },
    PutItem: input => run([input as Write], "ConditionalCheckFailedException"),
    UpdateItem: input => run([input as Write], "ConditionalCheckFailedException"),
    DeleteItem: input => {
      check();
      const { Key = {}, ...write } = input as Write;
      if (!holds(write, items.get(keyOf(Key)))) throw refusal("ConditionalCheckFailedException");
      items.delete(keyOf(Key));
      return {};
    },
    TransactWriteItems: input => {
      const writes = (input.TransactItems as Record<string, Write>[]).map(
        item => Object.values(item).find(one => one !== undefined) as Write,
      );
      return run(writes, "TransactionCanceledException");
    },
  });

  function check(): void {
    if (state.down) throw state.down;
  }

  /** All of it, or nothing. */
  function run(writes: readonly Write[], refused: string): object {
    check();
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
      const [, name, operator, value] = /^(\w+) (<|=) (:\w+)$/.exec(part) ?? fail(part);
      const [left, right] = [valueOf(item?.[name]), valueOf(values[value])];
      if (left === undefined || right === undefined) return false;
      return operator === "=" ? left === right : left < right;
    });
  }

  return { ...state, state, client };
}

const fail = (expression: string): never => {
  throw new Error(`The fake table does not know the expression: ${expression}`);
};
