import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  GetFunctionCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { zipOf } from "../archive";
import { orUnset, type Existing } from "../existing";
import { resourceType } from "../resource-type";
import {
  configurationOf,
  configured,
  environmentLimit,
  inputs,
  loggingOf,
  outputsOf,
} from "./function-inputs";

/** `folder`: where the paths of file assets begin. */
export const fn = (folder: string) =>
  resourceType({
    type: "aws:lambda/function:Function",
    inputs,
    check: ({ environment, loggingConfig }) => {
      const size = Buffer.byteLength(JSON.stringify(environment?.variables ?? {}));
      return [
        ...(size > environmentLimit
          ? [`"environment" is ${size} bytes long; Lambda allows ${environmentLimit}`]
          : []),
        ...(loggingConfig?.logFormat === "Text" &&
        (loggingConfig.applicationLogLevel ?? loggingConfig.systemLogLevel) !== undefined
          ? ['"loggingConfig": levels need the format JSON']
          : []),
      ];
    },
    create: async ({ inputs, client, autoName, tags, region }) => {
      const lambda = client(LambdaClient);
      const name = inputs.name ?? autoName;
      const found = await lambda.send(
        new CreateFunctionCommand({
          FunctionName: name,
          Code: { ZipFile: zipOf(inputs.code, folder) },
          ...configurationOf(inputs),
          Architectures: inputs.architectures,
          PackageType: "Zip",
          Publish: false,
          Tags: tags,
        }),
      );
      await waitUntilFunctionActiveV2(
        { client: lambda, maxWaitTime: 60, minDelay: 1 },
        { FunctionName: name },
      );
      if ((inputs.reservedConcurrentExecutions ?? -1) >= 0)
        await lambda.send(
          new PutFunctionConcurrencyCommand({
            FunctionName: name,
            ReservedConcurrentExecutions: inputs.reservedConcurrentExecutions,
          }),
        );

      return {
        id: name,
        outputs: {
          ...outputsOf(found, region),
          publish: false,
          reservedConcurrentExecutions: inputs.reservedConcurrentExecutions ?? -1,
          signingJobArn: "",
          signingProfileVersionArn: "",
        },
      };
    },
    namedBy: "name",
    replaces: ["name", "packageType"],
    defaults: {
      architectures: ["x86_64"],
      packageType: "Zip",
      memorySize: 128,
      timeout: 3,
      ephemeralStorage: { size: 512 },
      tracingConfig: { mode: "PassThrough" },
      reservedConcurrentExecutions: -1,
    },
    read: async ({ id, client, region }) => {
      const {
        Configuration: found = {},
        Concurrency,
        Tags,
      } = await client(LambdaClient).send(new GetFunctionCommand({ FunctionName: id }));
      return {
        ...outputsOf(found, region),
        description: orUnset(found.Description),
        role: found.Role,
        runtime: found.Runtime,
        handler: found.Handler,
        environment: found.Environment && { variables: found.Environment.Variables },
        kmsKeyArn: found.KMSKeyArn,
        deadLetterConfig: found.DeadLetterConfig && { targetArn: found.DeadLetterConfig.TargetArn },
        reservedConcurrentExecutions: Concurrency?.ReservedConcurrentExecutions ?? -1,
        tags: Tags ?? {},
      };
    },
    updates: [
      {
        of: ["code", "architectures"],
        by: async ({ id: FunctionName, inputs, client }) => {
          const ZipFile = zipOf(inputs.code, folder);
          const Architectures = inputs.architectures;
          await client(LambdaClient).send(
            new UpdateFunctionCodeCommand({ FunctionName, ZipFile, Architectures }),
          );
          await untilUpdated(FunctionName, client);
        },
      },
      {
        of: configured,
        by: async ({ id: FunctionName, inputs, changed, client }) => {
          await client(LambdaClient).send(
            new UpdateFunctionConfigurationCommand({
              FunctionName,
              ...configurationOf(inputs),
              // What was set and is no longer must be said.
              Description: inputs.description ?? "",
              Environment: { Variables: inputs.environment?.variables ?? {} },
              KMSKeyArn: changed.includes("kmsKeyArn") ? (inputs.kmsKeyArn ?? "") : undefined,
              DeadLetterConfig: { TargetArn: inputs.deadLetterConfig?.targetArn ?? "" },
              LoggingConfig: loggingOf(
                inputs.loggingConfig ?? { logFormat: "Text", logGroup: `/aws/lambda/${FunctionName}` },
              ),
            }),
          );
          await untilUpdated(FunctionName, client);
        },
      },
      {
        of: ["reservedConcurrentExecutions"],
        by: ({ id: FunctionName, inputs: { reservedConcurrentExecutions: reserved = -1 }, client }) =>
          reserved < 0
            ? client(LambdaClient).send(new DeleteFunctionConcurrencyCommand({ FunctionName }))
            : client(LambdaClient).send(
                new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: reserved }),
              ),
      },
    ],
    tagging: ({ state, client }) => ({
      add: Tags => client(LambdaClient).send(new TagResourceCommand({ Resource: String(state.arn), Tags })),
      drop: TagKeys =>
        client(LambdaClient).send(new UntagResourceCommand({ Resource: String(state.arn), TagKeys })),
    }),
    remove: ({ id, client }) => client(LambdaClient).send(new DeleteFunctionCommand({ FunctionName: id })),
  });

const untilUpdated = (FunctionName: string, client: Existing["client"]) =>
  waitUntilFunctionUpdatedV2(
    { client: client(LambdaClient), maxWaitTime: 60, minDelay: 1 },
    { FunctionName },
  );
