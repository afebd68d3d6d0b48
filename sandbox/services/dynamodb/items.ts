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
