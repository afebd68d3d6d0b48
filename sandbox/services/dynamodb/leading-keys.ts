import type { Call } from "../../ground/call";
import type { Find, Input } from "../../iam/judged";
import { objects, text } from "../../iam/requirements/members";

/**
 * What `dynamodb:LeadingKeys` holds in a transaction. AWS's pages leave it open, so a policy is to be right under each:
 * - `item`: each item is judged under its own action, with its own key
 * - `request`: every action of the transaction sees the keys of all its items
 * - `none`: the key is absent in transactions
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html and
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
export const transactionReadings = ["item", "request", "none"] as const;
export type TransactionReading = (typeof transactionReadings)[number];

/** What a call touches of one table: keys or whole items, and the index that it asks. */
interface Touched {
  readonly table: string;
  readonly index?: string;
  /** Attributes by name, among them the partition key. */
  readonly holders: readonly Input[];
}

/** The partition keys that an action of a call touches; undefined for one that names none, such as Scan. */
export async function leadingKeys(
  call: Call,
  action: string,
  find: Find,
  reading: TransactionReading,
): Promise<string[] | undefined> {
  const { input } = call;
  const isTransaction = "TransactItems" in input;
  if (isTransaction && reading === "none") return undefined;
  const touched = isTransaction
    ? inTransaction(input, action, reading)
    : [...plain(input), ...batches(input)];
  const keys = await Promise.all(
    touched.map(async ({ table, index, holders }) => {
      if (holders.length === 0) return [];
      const name = await find("dynamodb:partition-key", table, call, index);
      return name === undefined ? [] : holders.flatMap(holder => valueOf(holder[name]));
    }),
  );
  const all = [...new Set(keys.flat())];
  return all.length > 0 ? all : undefined;
}

/** A value in DynamoDB's form, e.g. { S: "a" }, as policies see it. */
function valueOf(attribute: unknown): string[] {
  const [value] = Object.values(attribute ?? {}) as unknown[];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString("base64")];
  return value === undefined ? [] : [String(value)];
}

function inTransaction(input: Input, action: string, reading: TransactionReading): Touched[] {
  return objects(input.TransactItems).flatMap(item =>
    Object.entries(item)
      .filter(([kind]) => reading === "request" || action === `dynamodb:${kind}Item`)
      .flatMap(([, one]) => objects([one]).flatMap(plain)),
  );
}

function plain(input: Input): Touched[] {
  const table = text(input.TableName);
  if (table === undefined) return [];
  return [
    { table, index: text(input.IndexName), holders: [...objects([input.Key ?? input.Item]), asked(input)] },
  ];
}

function batches(input: Input): Touched[] {
  return Object.entries((input.RequestItems ?? {}) as Readonly<Record<string, unknown>>).map(
    ([table, batch]) => ({
      table,
      holders: Array.isArray(batch)
        ? objects(batch).flatMap(({ PutRequest: put, DeleteRequest: gone }) =>
            objects([(put as Input | undefined)?.Item, (gone as Input | undefined)?.Key]),
          )
        : objects((batch as Input).Keys),
    }),
  );
}

/** What a query asks to be equal to a value, in either of its forms. */
function asked(input: Input): Input {
  const names = (input.ExpressionAttributeNames ?? {}) as Readonly<Record<string, string>>;
  const values = (input.ExpressionAttributeValues ?? {}) as Input;
  const equalities = [...(text(input.KeyConditionExpression) ?? "").matchAll(/([#\w.-]+)\s*=\s*(:\w+)/g)];
  const legacy = Object.entries((input.KeyConditions ?? {}) as Readonly<Record<string, Input>>);
  return Object.fromEntries([
    ...equalities.map(([, name = "", value = ""]) => [names[name] ?? name, values[value]]),
    ...legacy
      .filter(([, { ComparisonOperator }]) => ComparisonOperator === "EQ")
      .map(([name, { AttributeValueList }]) => [name, objects(AttributeValueList)[0]]),
  ]) as Input;
}
