import type { Statement } from "./definition";
import { partition } from "../runtime/ledger/items";

/** A policy document of these statements, in IAM's spelling. */
export const policyDocument = (statements: readonly Statement[]) => ({
  Version: "2012-10-17",
  Statement: statements.map(toIam),
});

/** A statement in IAM's spelling. */
export const toIam = ({ actions, resources, conditions }: Statement) => ({
  Effect: "Allow",
  Action: actions,
  Resource: resources,
  ...(conditions === undefined ? {} : { Condition: conditions }),
});

/**
 * What a guardrail's function may do with the ledger: whatever begins with its own id, its own brake among it, and
 * besides see what others have open, which it counts where their timers are silent. One pattern for reads and writes of
 * its own, because AWS does not say whether each item of a transaction is judged by its own key or by the keys of all of
 * them:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
export const ledgerStatements = (tableArn: string, guardrail: string): Statement[] => [
  {
    actions: [
      "BatchGetItem",
      "BatchWriteItem",
      "ConditionCheckItem",
      "GetItem",
      "PutItem",
      "Query",
      "UpdateItem",
    ].map(action => `dynamodb:${action}`),
    resources: [tableArn],
    conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [`${guardrail}#*`] } },
  },
  {
    actions: ["dynamodb:Query"],
    resources: [tableArn],
    conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [partition("*", "held")] } },
  },
];

/** Whether CloudTrail knows a call: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html */
export const trailStatement: Statement = {
  actions: ["cloudtrail:LookupEvents"],
  resources: ["*"],
  reason: "CloudTrail's event history is no resource",
};

/**
 * The same statements, for calls that come from this function's own environment only: whoever hands the role to another
 * function, or gets a session of it, has nothing of them. Not for what Lambda itself calls with the role: that carries
 * no such key. https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
 */
export const onlyFrom = (functionArn: string, statements: readonly Statement[]): Statement[] =>
  statements.map(statement => ({
    ...statement,
    conditions: {
      ...statement.conditions,
      ArnEquals: { ...statement.conditions?.ArnEquals, "lambda:SourceFunctionArn": functionArn },
    },
  }));
