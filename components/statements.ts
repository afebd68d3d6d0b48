import type { Statement } from "./definition";

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

/** What a guardrail's function may do with the ledger: its own items, and reading the brake. It can forge no other's. */
export const ledgerStatements = (tableArn: string, guardrail: string): Statement[] => [
  {
    actions: ["dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:GetItem"],
    resources: [tableArn],
    conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [`${guardrail}#*`, "control"] } },
  },
  {
    actions: ["dynamodb:PutItem", "dynamodb:UpdateItem"],
    resources: [tableArn],
    conditions: {
      "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [`${guardrail}#*`, `budget#${guardrail}#*`] },
    },
  },
];
