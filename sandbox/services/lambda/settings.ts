import type * as sdk from "@aws-sdk/client-lambda";
import { awsError, type Call, type Handler, type Handlers } from "../../ground/call";
import type { Clock } from "../../ground/clock";
import type { EventInvokeConfig, FunctionRecord, FunctionStore } from "../../lambda/store";
import type { FunctionHandler } from "./configuration";

/** How a function is invoked asynchronously, how often at once, and its tags. */
export function lambdaSettingHandlers(options: {
  readonly onFunction: (handle: FunctionHandler) => Handler;
  readonly store: FunctionStore;
  readonly clock: Clock;
}): Handlers {
  const { onFunction, clock } = options;
  const put = (replaces: boolean) =>
    onFunction((record, call) => {
      const before = replaces ? undefined : configOf(record);
      record.invokeConfig = { ...before, ...invokeConfigOf(call), modified: clock.now() };
      return shown(record);
    });

  return {
    PutFunctionEventInvokeConfig: put(true),
    UpdateFunctionEventInvokeConfig: put(false),
    GetFunctionEventInvokeConfig: onFunction(record => configOf(record) && shown(record)),
    ListFunctionEventInvokeConfigs: onFunction(record => ({
      FunctionEventInvokeConfigs: record.invokeConfig ? [shown(record)] : [],
    })),
    DeleteFunctionEventInvokeConfig: onFunction(record => {
      configOf(record);
      record.invokeConfig = undefined;
      return {};
    }),
    PutFunctionConcurrency: onFunction((record, call) => {
      const { ReservedConcurrentExecutions: reserved } =
        call.input as unknown as sdk.PutFunctionConcurrencyCommandInput;
      record.reservedConcurrency = reserved;
      return { ReservedConcurrentExecutions: reserved };
    }),
    GetFunctionConcurrency: onFunction(record =>
      record.reservedConcurrency === undefined
        ? {}
        : { ReservedConcurrentExecutions: record.reservedConcurrency },
    ),
    DeleteFunctionConcurrency: onFunction(record => {
      record.reservedConcurrency = undefined;
      return {};
    }),
    ListTags: onFunction(record => ({ Tags: { ...record.tags } })),
    TagResource: onFunction((record, call) => {
      Object.assign(record.tags, (call.input as unknown as sdk.TagResourceCommandInput).Tags);
      return {};
    }),
    UntagResource: onFunction((record, call) => {
      const { TagKeys = [] } = call.input as unknown as sdk.UntagResourceCommandInput;
      TagKeys.forEach(key => delete record.tags[key]);
      return {};
    }),
  };
}

/** @throws ResourceNotFoundException when the function has none. */
function configOf(record: FunctionRecord): EventInvokeConfig {
  if (record.invokeConfig !== undefined) return record.invokeConfig;
  throw awsError(
    "ResourceNotFoundException",
    `The function ${record.arn}:$LATEST doesn't have an EventInvokeConfig`,
    404,
  );
}

function invokeConfigOf(call: Call): Partial<EventInvokeConfig> {
  const input = call.input as unknown as sdk.PutFunctionEventInvokeConfigCommandInput;
  const { MaximumRetryAttempts: attempts, MaximumEventAgeInSeconds: age, DestinationConfig: to } = input;
  if (attempts !== undefined && (attempts < 0 || attempts > 2))
    throw awsError("ValidationException", `MaximumRetryAttempts is ${attempts}; it must be 0, 1 or 2`);
  if (age !== undefined && (age < 60 || age > 21_600))
    throw awsError("ValidationException", `MaximumEventAgeInSeconds is ${age}; it must be from 60 to 21600`);
  return {
    ...(attempts !== undefined && { maximumRetryAttempts: attempts }),
    ...(age !== undefined && { maximumEventAgeInSeconds: age }),
    ...(to?.OnSuccess && { onSuccess: destinationOf(to.OnSuccess.Destination) }),
    ...(to?.OnFailure && { onFailure: destinationOf(to.OnFailure.Destination) }),
  };
}

/** An empty destination takes the one there was away. */
function destinationOf(arn: string | undefined): string | undefined {
  if (!arn) return undefined;
  if (/^arn:[\w-]+:(sqs|sns|lambda|events):/.test(arn)) return arn;
  throw awsError(
    "InvalidParameterValueException",
    `The provided destination config DestinationConfig(${arn}) is invalid.`,
  );
}

function shown(record: FunctionRecord): Record<string, unknown> {
  const { maximumRetryAttempts, maximumEventAgeInSeconds, onSuccess, onFailure, modified } = configOf(record);
  return {
    FunctionArn: `${record.arn}:$LATEST`,
    LastModified: new Date(modified),
    MaximumRetryAttempts: maximumRetryAttempts,
    MaximumEventAgeInSeconds: maximumEventAgeInSeconds,
    DestinationConfig: {
      OnSuccess: onSuccess === undefined ? {} : { Destination: onSuccess },
      OnFailure: onFailure === undefined ? {} : { Destination: onFailure },
    },
  };
}
