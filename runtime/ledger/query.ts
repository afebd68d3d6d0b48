import { type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { fromItem, type Item, type Stored } from "./items";
import { values } from "./table";

/**
 * The items of one partition in the order of their sort keys, page by page.
 * @param from the first sort key
 * @param consistent as they are now; otherwise as they were a moment ago, for half the price
 */
export async function* queryPartition(
  client: Pick<DynamoDBClient, "send">,
  table: string,
  pk: string,
  from?: string,
  consistent = true,
): AsyncGenerator<Stored[]> {
  let ExclusiveStartKey: Item | undefined;
  do {
    const page: { Items?: Item[]; LastEvaluatedKey?: Item } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: from === undefined ? "pk = :pk" : "pk = :pk AND sk >= :from",
        ExpressionAttributeValues: values({ pk, from }),
        ConsistentRead: consistent,
        ExclusiveStartKey,
      }),
    );
    yield (page.Items ?? []).map(fromItem);
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
}
