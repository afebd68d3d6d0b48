import {
  AddPermissionCommand,
  GetPolicyCommand,
  LambdaClient,
  RemovePermissionCommand,
} from "@aws-sdk/client-lambda";
import { z } from "zod";
import type { Properties } from "../../values";
import { arn, nameOf } from "../inputs";
import { resourceType } from "../resource-type";

export const permission = resourceType({
  type: "aws:lambda/permission:Permission",
  inputs: {
    action: z
      .string()
      .regex(/^lambda:(\*|[a-zA-Z]+)$/, "expected a Lambda action, e.g. lambda:InvokeFunction"),
    function: z.string(),
    principal: z.string(),
    statementId: nameOf(/^[\w-]+$/, 100).optional(),
    sourceArn: arn.optional(),
    sourceAccount: z
      .string()
      .regex(/^\d{12}$/, "expected an account id of 12 digits")
      .optional(),
    principalOrgId: z.string().optional(),
    eventSourceToken: z.string().optional(),
    qualifier: z.string().optional(),
  },
  create: async ({ inputs, client, autoName }) => {
    const statementId = inputs.statementId ?? autoName;
    await client(LambdaClient).send(
      new AddPermissionCommand({
        FunctionName: inputs.function,
        StatementId: statementId,
        Action: inputs.action,
        Principal: inputs.principal,
        SourceArn: inputs.sourceArn,
        SourceAccount: inputs.sourceAccount,
        PrincipalOrgID: inputs.principalOrgId,
        EventSourceToken: inputs.eventSourceToken,
        Qualifier: inputs.qualifier,
      }),
    );
    return { id: statementId, outputs: { statementId, statementIdPrefix: "" } };
  },
  namedBy: "statementId",
  replaces: [
    ...(["action", "function", "principal", "statementId", "sourceArn", "sourceAccount"] as const),
    ...(["principalOrgId", "eventSourceToken", "qualifier"] as const),
  ],
  read: async ({ id, state, client }) => {
    const { Policy = "{}" } = await client(LambdaClient).send(
      new GetPolicyCommand({ FunctionName: functionOf(state), Qualifier: qualifierOf(state) }),
    );
    const { Statement = [] } = JSON.parse(Policy) as { Statement?: Statement[] };
    const found = Statement.find(({ Sid }) => Sid === id);
    if (found === undefined) return undefined;
    const { Principal: principal, Condition = {} } = found;
    return {
      statementId: id,
      action: found.Action,
      principal: typeof principal === "string" ? principal : (principal.Service ?? principal.AWS),
      sourceArn: Condition.ArnLike?.["AWS:SourceArn"],
      sourceAccount: Condition.StringEquals?.["AWS:SourceAccount"],
      principalOrgId: Condition.StringEquals?.["aws:PrincipalOrgID"],
      eventSourceToken: Condition.StringEquals?.["lambda:EventSourceToken"],
    };
  },
  remove: ({ id, state, client }) =>
    client(LambdaClient).send(
      new RemovePermissionCommand({
        FunctionName: functionOf(state),
        StatementId: id,
        Qualifier: qualifierOf(state),
      }),
    ),
});

interface Statement {
  readonly Sid: string;
  readonly Action: string;
  readonly Principal: string | { readonly Service?: string; readonly AWS?: string };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** @throws Error where nothing but the id is known, as of an import: it does not tell the function. */
function functionOf(state: Properties): string {
  if (typeof state.function === "string") return state.function;
  throw new Error("the sandbox cannot import aws:lambda/permission:Permission");
}

const qualifierOf = ({ qualifier }: Properties) => qualifier as string | undefined;
