import * as sdk from "@aws-sdk/client-dynamodb";
import { recordShapes } from "../../../records";
import { parseIfAny } from "../../iam/policies";
import { absent, fullArn, tagsOf } from "../../state/stored";
import type { Service } from "../service";
import { dynamodbResources, leadingKeys, transactionActions } from "./items";

const partiql = "PartiQL needs the table's schema to be decided";

/** A table's ARN, from that of what belongs to it, e.g. an index. */
const tableOf = (resource: string) => resource.split("/").slice(0, 2).join("/");

export const dynamodb: Service = {
  name: "dynamodb",
  sdk: { client: "DynamoDBClient", load: () => import("@aws-sdk/client-dynamodb") },
  record: recordShapes.dynamodb,
  actions: { TransactGetItems: "GetItem", TransactWriteItems: transactionActions },
  unjudged: { BatchExecuteStatement: partiql, ExecuteStatement: partiql, ExecuteTransaction: partiql },
  newer: ["CancelBulkOperation", "DescribeBulkOperation", "ListBulkOperations", "StartBulkPutItems"],
  resources: dynamodbResources,
  contextKeys: { "dynamodb:LeadingKeys": ({ input }, action) => leadingKeys(input, action) },
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
};
