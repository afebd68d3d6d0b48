import { createHash } from "node:crypto";
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  waitUntilFunctionActiveV2,
  type Runtime,
} from "@aws-sdk/client-lambda";
import { z } from "zod";
import { partitionOf } from "../../../runtime/aws/partition";
import { zipOf } from "./archive";
import { archive, arn, nameOf, present, tags, wholeNumber } from "./inputs";
import { resourceType } from "./resource-type";

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
const reserved =
  /^(_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_LAMBDA_(FUNCTION_(NAME|MEMORY_SIZE|VERSION)|INITIALIZATION_TYPE|LOG_(GROUP|STREAM)_NAME|RUNTIME_API)|AWS_(ACCESS_KEY(_ID)?|SECRET_ACCESS_KEY|SESSION_TOKEN)|LAMBDA_(TASK_ROOT|RUNTIME_DIR))$/;
const environmentLimit = 4096;

const functionName = nameOf(/^[\w-]+$/, 64);

const fn = (folder: string) =>
  resourceType({
    type: "aws:lambda/function:Function",
    inputs: {
      name: functionName.optional(),
      code: archive,
      handler: z.string().max(128).regex(/^\S+$/, "expected <file>.<export>"),
      runtime: z.string(),
      role: arn,
      architectures: z
        .array(z.enum(["x86_64", "arm64"]))
        .length(1, "expected one architecture")
        .optional(),
      packageType: z.literal("Zip").optional(),
      description: z.string().max(256, "expected at most 256 characters").optional(),
      memorySize: wholeNumber(128, 10_240).optional(),
      timeout: wholeNumber(1, 900).optional(),
      ephemeralStorage: z.strictObject({ size: wholeNumber(512, 10_240).optional() }).optional(),
      environment: z.strictObject({ variables: z.record(variableName(), z.string()).optional() }).optional(),
      kmsKeyArn: arn.optional(),
      loggingConfig: z
        .strictObject({
          logFormat: z.enum(["Text", "JSON"]),
          logGroup: nameOf(/^[.\-_/#A-Za-z0-9]+$/, 512).optional(),
          applicationLogLevel: z.enum(["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]).optional(),
          systemLogLevel: z.enum(["DEBUG", "INFO", "WARN"]).optional(),
        })
        .optional(),
      deadLetterConfig: z.strictObject({ targetArn: arn }).optional(),
      tracingConfig: z.strictObject({ mode: z.enum(["Active", "PassThrough"]) }).optional(),
      reservedConcurrentExecutions: wholeNumber(-1, 1000).optional(),
      tags: tags.optional(),
    },
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
      const zip = zipOf(inputs.code, folder);
      const { loggingConfig: logging } = inputs;
      const found = await lambda.send(
        new CreateFunctionCommand({
          FunctionName: name,
          Code: { ZipFile: zip },
          Handler: inputs.handler,
          Runtime: inputs.runtime as Runtime,
          Role: inputs.role,
          Architectures: inputs.architectures,
          Description: inputs.description,
          MemorySize: inputs.memorySize,
          Timeout: inputs.timeout,
          EphemeralStorage:
            inputs.ephemeralStorage?.size === undefined ? undefined : { Size: inputs.ephemeralStorage.size },
          Environment: inputs.environment?.variables && { Variables: inputs.environment.variables },
          KMSKeyArn: inputs.kmsKeyArn,
          LoggingConfig: logging && {
            LogFormat: logging.logFormat,
            LogGroup: logging.logGroup,
            ApplicationLogLevel: logging.applicationLogLevel,
            SystemLogLevel: logging.systemLogLevel,
          },
          DeadLetterConfig: inputs.deadLetterConfig && { TargetArn: inputs.deadLetterConfig.targetArn },
          TracingConfig: inputs.tracingConfig && { Mode: inputs.tracingConfig.mode },
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

      const functionArn = present(found.FunctionArn, "FunctionArn");
      const hash = createHash("sha256").update(zip).digest("base64");
      const gateway = `arn:${partitionOf(region).id}:apigateway:${region}:lambda:path`;
      const invokeArn = (of: string) => `${gateway}/2015-03-31/functions/${of}/invocations`;
      return {
        id: name,
        outputs: {
          name,
          arn: functionArn,
          qualifiedArn: `${functionArn}:$LATEST`,
          invokeArn: invokeArn(functionArn),
          qualifiedInvokeArn: invokeArn(`${functionArn}:$LATEST`),
          responseStreamingInvokeArn: `${gateway}/2021-11-15/functions/${functionArn}/response-streaming-invocations`,
          version: "$LATEST",
          architectures: inputs.architectures ?? ["x86_64"],
          memorySize: inputs.memorySize ?? 128,
          timeout: inputs.timeout ?? 3,
          packageType: "Zip",
          publish: false,
          codeSha256: hash,
          sourceCodeHash: hash,
          sourceCodeSize: zip.length,
          lastModified: found.LastModified,
          ephemeralStorage: { size: inputs.ephemeralStorage?.size ?? 512 },
          loggingConfig: {
            ...(logging ?? { logFormat: "Text" }),
            logGroup: logging?.logGroup ?? `/aws/lambda/${name}`,
          },
          tracingConfig: inputs.tracingConfig ?? { mode: "PassThrough" },
          reservedConcurrentExecutions: inputs.reservedConcurrentExecutions ?? -1,
          signingJobArn: "",
          signingProfileVersionArn: "",
        },
      };
    },
  });

function variableName() {
  return z
    .string()
    .regex(/^[a-zA-Z][a-zA-Z0-9_]+$/, "expected a variable's name: letters, digits, _")
    .refine(name => !reserved.test(name), "Lambda sets this variable itself");
}

const permission = resourceType({
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
});

const destination = z.strictObject({ destination: arn }).optional();

const functionEventInvokeConfig = resourceType({
  type: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
  inputs: {
    functionName: z.string(),
    qualifier: z.string().optional(),
    maximumEventAgeInSeconds: wholeNumber(60, 21_600).optional(),
    maximumRetryAttempts: wholeNumber(0, 2).optional(),
    destinationConfig: z.strictObject({ onFailure: destination, onSuccess: destination }).optional(),
  },
  create: async ({ inputs, client }) => {
    const { onFailure, onSuccess } = inputs.destinationConfig ?? {};
    await client(LambdaClient).send(
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
    return {
      id: inputs.qualifier === undefined ? inputs.functionName : `${inputs.functionName}:${inputs.qualifier}`,
      outputs: { maximumRetryAttempts: inputs.maximumRetryAttempts ?? 2 },
    };
  },
});

/** `folder`: where the paths of file assets begin. */
export const lambdaTypes = (folder: string) => [fn(folder), permission, functionEventInvokeConfig];
