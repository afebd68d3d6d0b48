import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  TransactWriteItemsCommand,
  type TransactWriteItem,
  UpdateItemCommand,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { codeOf } from "../aws/errors";
import { type Machine, machine } from "../machine";
import { type Fields, fromItem, type Item, type Key, layout, type Stored, toItem } from "./items";

/** One step of a transaction, with the word that says why the whole was refused when this step's condition failed. */
export type Step<Word extends string> = readonly [Word, TransactWriteItem];

export const values = (fields: Fields): Item =>
  toItem(Object.fromEntries(Object.entries(fields).map(([name, value]) => [`:${name}`, value])));

/** How it waits. */
export type Waiting = Pick<Machine, "random" | "pause">;

const mostTries = 10;
/** Full jitter, 1 s at most: those who collided must not collide again. */
const backOff = ({ random, pause }: Waiting, tries: number): Promise<void> =>
  pause(random() * Math.min(1_000, 20 * 2 ** tries));
/** Reasons of a cancelled transaction that pass by themselves. */
const passing: readonly unknown[] = [
  "TransactionConflict",
  "ThrottlingError",
  "ProvisionedThroughputExceeded",
];

/** The ledger's DynamoDB table: reads that are consistent, writes that have conditions, transactions that are repeated. */
export function createTable(client: Pick<DynamoDBClient, "send">, table: string, on: Waiting = machine) {
  const put = (
    key: Key,
    fields: Fields,
    condition?: string,
    conditionValues?: Fields,
  ): TransactWriteItem => ({
    Put: {
      TableName: table,
      Item: toItem({ v: layout, ...key, ...fields }),
      ConditionExpression: condition,
      ExpressionAttributeValues: conditionValues && values(conditionValues),
    },
  });

  /** A condition on an item that the transaction does not write. */
  const check = ({ pk, sk }: Key, condition: string, conditionValues: Fields): TransactWriteItem => ({
    ConditionCheck: {
      TableName: table,
      Key: toItem({ pk, sk }),
      ConditionExpression: condition,
      ExpressionAttributeValues: values(conditionValues),
    },
  });

  /** Counts one more in `used`, unless the limit is reached. */
  const count = ({ pk, sk }: Key, limit: number, ttl: number): TransactWriteItem => ({
    Update: {
      TableName: table,
      Key: toItem({ pk, sk }),
      UpdateExpression: "SET v = :v, #ttl = :ttl ADD used :one",
      ConditionExpression: "attribute_not_exists(used) OR used < :limit",
      ExpressionAttributeNames: { "#ttl": "ttl" },
      ExpressionAttributeValues: values({ v: layout, ttl, one: 1, limit }),
    },
  });

  async function get(keys: readonly Key[]): Promise<Map<string, Stored>> {
    const found = new Map<string, Stored>();
    // DynamoDB refuses a read that names a key twice.
    const asked = [...new Map(keys.map(key => [`${key.pk} ${key.sk}`, key])).values()];
    for (let at = 0; at < asked.length; at += 100) {
      let Keys: Item[] | undefined = asked.slice(at, at + 100).map(({ pk, sk }) => toItem({ pk, sk }));
      for (let tries = 1; Keys !== undefined && Keys.length > 0; tries++) {
        if (tries > mostTries)
          throw new Error("The ledger is overloaded: it leaves keys unread again and again");
        if (tries > 1) await backOff(on, tries);
        const answer: {
          Responses?: Record<string, Item[]>;
          UnprocessedKeys?: Record<string, { Keys: Item[] | undefined }>;
        } = await client.send(
          new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
        );
        for (const item of answer.Responses?.[table] ?? []) {
          const fields = fromItem(item);
          found.set(`${fields.pk} ${fields.sk}`, fields);
        }
        Keys = answer.UnprocessedKeys?.[table]?.Keys;
      }
    }
    return found;
  }

  async function getOne({ pk, sk }: Key): Promise<Stored | undefined> {
    const query = new GetItemCommand({ TableName: table, Key: toItem({ pk, sk }), ConsistentRead: true });
    const { Item } = await client.send(query);
    return Item && fromItem(Item);
  }

  async function write(key: Key, fields: Fields): Promise<void> {
    await client.send(
      new PutItemCommand({ TableName: table, Item: toItem({ v: layout, ...key, ...fields }) }),
    );
  }

  /** Writes many whole items without conditions; none of them twice. */
  async function putAll(items: readonly (readonly [Key, Fields])[]): Promise<void> {
    for (let at = 0; at < items.length; at += 25) {
      let left: WriteRequest[] | undefined = items
        .slice(at, at + 25)
        .map(([key, fields]) => ({ PutRequest: { Item: toItem({ v: layout, ...key, ...fields }) } }));
      for (let tries = 1; left !== undefined && left.length > 0; tries++) {
        if (tries > mostTries)
          throw new Error("The ledger is overloaded: it leaves items unwritten again and again");
        if (tries > 1) await backOff(on, tries);
        const answer: { UnprocessedItems?: Record<string, WriteRequest[]> } = await client.send(
          new BatchWriteItemCommand({ RequestItems: { [table]: left } }),
        );
        left = answer.UnprocessedItems?.[table];
      }
    }
  }

  /** The whole item, if the condition holds. @returns whether it did */
  async function writeIf(
    key: Key,
    fields: Fields,
    condition: string,
    conditionValues: Fields,
  ): Promise<boolean> {
    const { Put } = put(key, fields, condition, conditionValues);
    try {
      await client.send(new PutItemCommand(Put as PutItemCommandInput));
      return true;
    } catch (error) {
      if (codeOf(error) !== "ConditionalCheckFailedException") throw error;
      return false;
    }
  }

  /** Sets fields of an item that exists; what is undefined stays as it is. */
  async function set(key: Key, fields: Fields): Promise<void> {
    const names = Object.keys(fields).filter(name => fields[name] !== undefined);
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: toItem({ ...key }),
        UpdateExpression: `SET ${names.map(name => `#${name} = :${name}`).join(", ")}`,
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeNames: Object.fromEntries(names.map(name => [`#${name}`, name])),
        ExpressionAttributeValues: values(Object.fromEntries(names.map(name => [name, fields[name]]))),
      }),
    );
  }

  /** Ends an item whose `holder` this is; another's stays. */
  async function end({ pk, sk }: Key, holder: string, ends: number): Promise<void> {
    const update = new UpdateItemCommand({
      TableName: table,
      Key: toItem({ pk, sk }),
      UpdateExpression: "SET ends = :ends",
      ConditionExpression: "holder = :holder",
      ExpressionAttributeValues: values({ ends, holder }),
    });
    try {
      await client.send(update);
    } catch (error) {
      if (codeOf(error) !== "ConditionalCheckFailedException") throw error;
    }
  }

  /** Runs a transaction; returns the word of the first step whose condition failed. Conflicts with others are repeated. */
  async function transact<Word extends string>(steps: readonly Step<Word>[]): Promise<Word | undefined> {
    for (let tries = 1; ; tries++) {
      try {
        await client.send(new TransactWriteItemsCommand({ TransactItems: steps.map(([, item]) => item) }));
        return undefined;
      } catch (error) {
        const reasons = (error as { CancellationReasons?: { Code?: string }[] }).CancellationReasons ?? [];
        const failed = reasons.findIndex(({ Code }) => Code === "ConditionalCheckFailed");
        if (failed >= 0) return steps[failed][0];
        const mayPass = reasons.some(({ Code }) => passing.includes(Code));
        if (!mayPass || tries === mostTries) throw error;
        await backOff(on, tries);
      }
    }
  }

  return { put, check, count, get, getOne, write, putAll, writeIf, set, end, transact };
}

export type Table = ReturnType<typeof createTable>;
