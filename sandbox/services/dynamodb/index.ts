import * as sdk from "@aws-sdk/client-dynamodb";
import { recordShapes } from "../../../records";
import { parseIfAny } from "../../iam/policies";
import { absent, fullArn, tagsOf } from "../../state/stored";
import type { Service } from "../service";
import { dynamodbResources, transactionActions } from "./items";
import { leadingKeys, type TransactionReading } from "./leading-keys";

const partiql = "PartiQL needs the table's schema to be decided";

/** A table's ARN, from that of what belongs to it, e.g. an index. */
const tableOf = (resource: string) => resource.split("/").slice(0, 2).join("/");

/** DynamoDB, with one of the readings of what conditions see of a transaction. */
export const createDynamodb = (reading: TransactionReading): Service => ({
  name: "dynamodb",
  sdk: { client: "DynamoDBClient", load: () => import("@aws-sdk/client-dynamodb") },
  record: recordShapes.dynamodb,
  actions: { TransactGetItems: "GetItem", TransactWriteItems: transactionActions },
  unjudged: { BatchExecuteStatement: partiql, ExecuteStatement: partiql, ExecuteTransaction: partiql },
  newer: ["CancelBulkOperation", "DescribeBulkOperation", "ListBulkOperations", "StartBulkPutItems"],
  resources: dynamodbResources,
  contextKeys: {
    "dynamodb:LeadingKeys": (call, action, find) => leadingKeys(call, action, find, reading),
  },
  finders: {
    /** The partition key's name, of a table (by name or ARN) or of one of its indexes. */
    "partition-key": async (account, table, place, index) => {
      const TableName = table.split("/").pop();
      const command = new sdk.DescribeTableCommand({ TableName });
      const found = (await absent(account.client(sdk.DynamoDBClient, place).send(command)))?.Table;
      const indexes = [...(found?.GlobalSecondaryIndexes ?? []), ...(found?.LocalSecondaryIndexes ?? [])];
      const { KeySchema } =
        (index === undefined ? found : indexes.find(one => one.IndexName === index)) ?? {};
      return KeySchema?.find(({ KeyType }) => KeyType === "HASH")?.AttributeName;
    },
  },
  facts: async (account, arn) => {
    const command = new sdk.ListTagsOfResourceCommand({ ResourceArn: tableOf(fullArn(arn)) });
    return { tags: tagsOf((await absent(account.client(sdk.DynamoDBClient, arn).send(command)))?.Tags) };
  },
  resourcePolicies: {
    holder: resource => (resource.split(":")[5]?.startsWith("table/") ? tableOf(resource) : undefined),
    read: async (account, arn) => {
      const command = new sdk.GetResourcePolicyCommand({ ResourceArn: fullArn(arn) });
      return parseIfAny((await absent(account.client(sdk.DynamoDBClient, arn).send(command)))?.Policy);
    },
  },
  lacks: ["conditions on attributes", "streams do not call functions"],
});
