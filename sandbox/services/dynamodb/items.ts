import type { Asked, Input, Named } from "../../iam/judged";
import { objects, text, textsOf } from "../../iam/requirements/members";

/** A transaction needs the actions that its items stand for. */
export function transactionActions(input: Input): string[] {
  const items = (input.TransactItems ?? []) as readonly Record<string, unknown>[];
  const kinds: Record<string, string> = {
    Put: "PutItem",
    Update: "UpdateItem",
    Delete: "DeleteItem",
    ConditionCheck: "ConditionCheckItem",
  };
  return [...new Set(items.flatMap(item => Object.keys(item).map(kind => kinds[kind] ?? kind)))];
}

const transactions = ["Put", "Update", "Delete", "ConditionCheck", "Get"];

export function dynamodbResources({ input, action }: Asked): Named {
  const { TableName, ResourceArn, RequestItems, TransactItems, IndexName, BackupArn } = input;
  const inTransaction = objects(TransactItems).flatMap(item =>
    transactions
      .filter(kind => action === `dynamodb:${kind}Item`)
      .map(kind => (item[kind] as Input | undefined)?.TableName),
  );
  const tables = textsOf(
    [TableName, ...Object.keys(RequestItems ?? {}), ...inTransaction, ResourceArn].flat(),
  );
  const index = text(IndexName);
  return {
    // A query of an index is judged by the index alone.
    table: index ? [] : tables,
    index: index ? tables.map(table => `${table}/index/${index}`) : [],
    backup: textsOf(BackupArn),
  };
}

/**
 * The partition keys that an action touches. In a transaction each item is judged as the action that it stands for:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
 * The table's schema is not at hand here, so that the partition key is the only key, or the one that is called pk.
 */
export function leadingKeys(input: Input, action: string): string[] | undefined {
  const kind = action.slice("dynamodb:".length).replace(/Item$/, "");
  const inTransaction = objects(input.TransactItems).flatMap(item => objects([item[kind]]));
  const batches = Object.values((input.RequestItems ?? {}) as Record<string, unknown>);
  const requests = batches.flatMap(batch => objects(Array.isArray(batch) ? batch : (batch as Input).Keys));
  const writes = requests.map(
    request => (request.PutRequest ?? request.DeleteRequest ?? { Key: request }) as Input,
  );
  const keys = [input, ...inTransaction, ...writes].flatMap(holder => objects([holder.Key ?? holder.Item]));
  const values = keys.map(
    key => Object.values((Object.keys(key).length === 1 ? Object.values(key)[0] : key.pk) ?? {})[0],
  );
  return keys.length === 0 ? undefined : [...new Set(values.map(String))];
}
