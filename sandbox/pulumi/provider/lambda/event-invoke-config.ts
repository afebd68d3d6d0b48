import {
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionEventInvokeConfigCommand,
  LambdaClient,
  PutFunctionEventInvokeConfigCommand,
} from "@aws-sdk/client-lambda";
import { z } from "zod";
import type { Properties } from "../../values";
import type { Existing } from "../existing";
import { arn, wholeNumber } from "../inputs";
import { resourceType } from "../resource-type";

const destination = z.strictObject({ destination: arn }).optional();

export const functionEventInvokeConfig = resourceType({
  type: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
  inputs: {
    functionName: z.string(),
    qualifier: z.string().optional(),
    maximumEventAgeInSeconds: wholeNumber(60, 21_600).optional(),
    maximumRetryAttempts: wholeNumber(0, 2).optional(),
    destinationConfig: z.strictObject({ onFailure: destination, onSuccess: destination }).optional(),
  },
  create: async ({ inputs, client }) => {
    await put(client, inputs);
    return {
      id: inputs.qualifier === undefined ? inputs.functionName : `${inputs.functionName}:${inputs.qualifier}`,
      outputs: { maximumRetryAttempts: inputs.maximumRetryAttempts ?? 2 },
    };
  },
  replaces: ["functionName", "qualifier"],
  defaults: { maximumRetryAttempts: 2 },
  read: async ({ id, state, client }) => {
    const found = await client(LambdaClient).send(
      new GetFunctionEventInvokeConfigCommand(placeOf(id, state)),
    );
    const { OnFailure, OnSuccess } = found.DestinationConfig ?? {};
    const destinations = {
      ...(OnFailure?.Destination && { onFailure: { destination: OnFailure.Destination } }),
      ...(OnSuccess?.Destination && { onSuccess: { destination: OnSuccess.Destination } }),
    };
    return {
      functionName: placeOf(id, state).FunctionName,
      maximumRetryAttempts: found.MaximumRetryAttempts,
      maximumEventAgeInSeconds: found.MaximumEventAgeInSeconds,
      destinationConfig: Object.keys(destinations).length > 0 ? destinations : undefined,
    };
  },
  updates: [
    {
      of: ["maximumEventAgeInSeconds", "maximumRetryAttempts", "destinationConfig"],
      by: ({ inputs, client }) => put(client, inputs),
    },
  ],
  remove: ({ id, state, client }) =>
    client(LambdaClient).send(new DeleteFunctionEventInvokeConfigCommand(placeOf(id, state))),
});

const placeOf = (id: string, { functionName = id, qualifier }: Properties) => ({
  FunctionName: functionName as string,
  Qualifier: qualifier as string | undefined,
});

/** Sets all of it: what is not given is as AWS has it. */
const put = (
  client: Existing["client"],
  inputs: {
    functionName: string;
    qualifier?: string;
    maximumEventAgeInSeconds?: number;
    maximumRetryAttempts?: number;
    destinationConfig?: { onFailure?: { destination: string }; onSuccess?: { destination: string } };
  },
) => {
  const { onFailure, onSuccess } = inputs.destinationConfig ?? {};
  return client(LambdaClient).send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: inputs.functionName,
      Qualifier: inputs.qualifier,
      MaximumEventAgeInSeconds: inputs.maximumEventAgeInSeconds,
      MaximumRetryAttempts: inputs.maximumRetryAttempts ?? 2,
      DestinationConfig: inputs.destinationConfig && {
        ...(onFailure && { OnFailure: { Destination: onFailure.destination } }),
        ...(onSuccess && { OnSuccess: { Destination: onSuccess.destination } }),
      },
    }),
  );
};
