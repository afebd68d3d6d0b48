import type * as sdk from "@aws-sdk/client-lambda";
import { partitionOf } from "../../../runtime/aws/partition";
import { awsError, type Call, type Handler, type Handlers } from "../../ground/call";
import { functionPolicy, type PermissionStatement } from "../../lambda/store";
import type { FunctionHandler } from "./configuration";
import { onlyKnown } from "../refused";

/** A function's resource policy. */
export function lambdaPermissionHandlers(onFunction: (handle: FunctionHandler) => Handler): Handlers {
  return {
    AddPermission: onFunction((record, call) => {
      const statement = statementOf(call, record.arn);
      if (record.permissions.some(({ Sid }) => Sid === statement.Sid))
        throw awsError(
          "ResourceConflictException",
          `The statement id (${statement.Sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
          409,
        );
      record.permissions.push(statement);
      return { Statement: JSON.stringify(statement) };
    }),
    GetPolicy: onFunction(record => {
      const Policy = functionPolicy(record);
      if (Policy === undefined)
        throw awsError("ResourceNotFoundException", "The resource you requested does not exist.", 404);
      return { Policy, RevisionId: record.revisionId };
    }),
    RemovePermission: onFunction((record, call) => {
      const { StatementId } = call.input as unknown as sdk.RemovePermissionCommandInput;
      const index = record.permissions.findIndex(({ Sid }) => Sid === StatementId);
      if (index < 0)
        throw awsError(
          "ResourceNotFoundException",
          `Statement ${StatementId} is not found in resource policy.`,
          404,
        );
      record.permissions.splice(index, 1);
      return {};
    }),
  };
}

const members = [
  ...["FunctionName", "StatementId", "Action", "Principal", "Qualifier", "RevisionId"],
  ...["SourceArn", "SourceAccount", "PrincipalOrgID"],
];

function statementOf(call: Call, arn: string): PermissionStatement {
  const input = call.input as unknown as sdk.AddPermissionCommandInput;
  onlyKnown("lambda", call.operation, call.input, members);
  const { StatementId = "", Action = "", Principal = "" } = input;
  if (!/^[\w-]{1,100}$/.test(StatementId))
    throw awsError("ValidationException", `"${StatementId}" is no statement id: letters, digits, - and _`);
  if (!/^(lambda:\*|lambda:[a-zA-Z]+|\*)$/.test(Action))
    throw awsError("ValidationException", `"${Action}" is no Lambda action`);
  const conditions = {
    ...(input.SourceAccount && { StringEquals: { "AWS:SourceAccount": input.SourceAccount } }),
    ...(input.SourceArn && { ArnLike: { "AWS:SourceArn": input.SourceArn } }),
    ...(input.PrincipalOrgID && {
      StringEquals: {
        ...(input.SourceAccount && { "AWS:SourceAccount": input.SourceAccount }),
        "aws:PrincipalOrgID": input.PrincipalOrgID,
      },
    }),
  };
  return {
    Sid: StatementId,
    Effect: "Allow",
    Principal: principalOf(Principal, call.region),
    Action,
    Resource: arn,
    ...(Object.keys(conditions).length > 0 && { Condition: conditions }),
  };
}

function principalOf(principal: string, region: string): PermissionStatement["Principal"] {
  if (principal === "*") return "*";
  if (/\.amazonaws\.com(\.cn)?$/.test(principal)) return { Service: principal };
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:${partitionOf(region).id}:iam::${principal}:root` };
  if (principal.startsWith("arn:")) return { AWS: principal };
  throw awsError(
    "InvalidParameterValueException",
    `The provided principal was invalid. Please check the principal and try again.`,
  );
}
