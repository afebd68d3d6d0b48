import * as sdk from "@aws-sdk/client-lambda";
import { recordShapes } from "../../../records";
import { parseIfAny } from "../../iam/policies";
import { keysOfMembers, rolesAt, text } from "../../iam/requirements/members";
import { absent, fullArn } from "../../state/stored";
import type { Service } from "../service";
import { lambdaHandlers } from "./handlers";
import { arnOfFunction, lambdaResources } from "./resources";

export const lambda: Service = {
  name: "lambda",
  sdk: { client: "LambdaClient", load: () => import("@aws-sdk/client-lambda") },
  record: recordShapes.lambda,
  denial: { code: "AccessDeniedException", status: 403 },
  handlers: lambdaHandlers,
  actions: {
    Invoke: "InvokeFunction",
    InvokeWithResponseStream: "InvokeFunction",
    GetLayerVersionByArn: "GetLayerVersion",
  },
  resources: lambdaResources,
  contextKeys: {
    "lambda:FunctionArn": call => {
      const name = text(call.input.FunctionName);
      return name !== undefined && /EventSourceMapping$/.test(call.operation)
        ? arnOfFunction(call, name)
        : undefined;
    },
    ...keysOfMembers("lambda:Principal"),
    // Of the caller's keys, with calls to any service: iam/requirements/known.ts.
    "lambda:SourceFunctionArn": () => undefined,
    "lambda:FunctionUrlAuthType": ({ input }) => text(input.FunctionUrlAuthType ?? input.AuthType),
  },
  passes: {
    CreateFunction: rolesAt("Role", "lambda.amazonaws.com"),
    UpdateFunctionConfiguration: rolesAt("Role", "lambda.amazonaws.com"),
  },
  facts: async (account, arn) => {
    const command = new sdk.ListTagsCommand({ Resource: fullArn(arn) });
    return { tags: (await absent(account.client(sdk.LambdaClient, arn).send(command)))?.Tags ?? {} };
  },
  resourcePolicies: {
    holder: resource =>
      resource.split(":")[5] === "function" ? resource.split(":").slice(0, 7).join(":") : undefined,
    read: async (account, arn) => {
      const command = new sdk.GetPolicyCommand({ FunctionName: arn.resource.split(":")[1] });
      return parseIfAny((await absent(account.client(sdk.LambdaClient, arn).send(command)))?.Policy);
    },
  },
  lacks: [
    "aliases, versions, layers, event source mappings, function URLs and images",
    "operations without a handler (handlers.ts)",
  ],
};
