import type { FunctionConfiguration, Runtime } from "@aws-sdk/client-lambda";
import { z } from "zod";
import { partitionOf } from "../../../../runtime/aws/partition";
import { archive, arn, nameOf, present, tags, wholeNumber } from "../inputs";

/** A function as the program gives it and as Lambda takes it and tells it. */

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
const reserved =
  /^(_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_LAMBDA_(FUNCTION_(NAME|MEMORY_SIZE|VERSION)|INITIALIZATION_TYPE|LOG_(GROUP|STREAM)_NAME|RUNTIME_API)|AWS_(ACCESS_KEY(_ID)?|SECRET_ACCESS_KEY|SESSION_TOKEN)|LAMBDA_(TASK_ROOT|RUNTIME_DIR))$/;
export const environmentLimit = 4096;

const functionName = nameOf(/^[\w-]+$/, 64);

export const inputs = {
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
};

function variableName() {
  return z
    .string()
    .regex(/^[a-zA-Z][a-zA-Z0-9_]+$/, "expected a variable's name: letters, digits, _")
    .refine(name => !reserved.test(name), "Lambda sets this variable itself");
}

type Inputs = z.output<z.ZodObject<typeof inputs>>;

/** What UpdateFunctionConfiguration changes, all in one call. */
export const configured = [
  ...["description", "handler", "runtime", "role", "memorySize", "timeout", "ephemeralStorage"],
  ...["environment", "kmsKeyArn", "loggingConfig", "deadLetterConfig", "tracingConfig"],
];

type Logging = NonNullable<Inputs["loggingConfig"]>;

export const loggingOf = (logging: Logging) => ({
  LogFormat: logging.logFormat,
  LogGroup: logging.logGroup,
  ApplicationLogLevel: logging.applicationLogLevel,
  SystemLogLevel: logging.systemLogLevel,
});

/** The members that CreateFunction and UpdateFunctionConfiguration share. */
export const configurationOf = (inputs: Omit<Inputs, "code">) => ({
  Handler: inputs.handler,
  Runtime: inputs.runtime as Runtime,
  Role: inputs.role,
  Description: inputs.description,
  MemorySize: inputs.memorySize,
  Timeout: inputs.timeout,
  EphemeralStorage:
    inputs.ephemeralStorage?.size === undefined ? undefined : { Size: inputs.ephemeralStorage.size },
  Environment: inputs.environment?.variables && { Variables: inputs.environment.variables },
  KMSKeyArn: inputs.kmsKeyArn,
  LoggingConfig: inputs.loggingConfig && loggingOf(inputs.loggingConfig),
  DeadLetterConfig: inputs.deadLetterConfig && { TargetArn: inputs.deadLetterConfig.targetArn },
  TracingConfig: inputs.tracingConfig && { Mode: inputs.tracingConfig.mode },
});

/** What every answer tells of a function, by output. */
export function outputsOf(found: FunctionConfiguration, region: string) {
  const arn = present(found.FunctionArn, "FunctionArn");
  const gateway = `arn:${partitionOf(region).id}:apigateway:${region}:lambda:path`;
  const invokeArn = (of: string) => `${gateway}/2015-03-31/functions/${of}/invocations`;
  return {
    name: found.FunctionName,
    arn,
    qualifiedArn: `${arn}:$LATEST`,
    invokeArn: invokeArn(arn),
    qualifiedInvokeArn: invokeArn(`${arn}:$LATEST`),
    responseStreamingInvokeArn: `${gateway}/2021-11-15/functions/${arn}/response-streaming-invocations`,
    version: "$LATEST",
    architectures: found.Architectures,
    memorySize: found.MemorySize,
    timeout: found.Timeout,
    packageType: found.PackageType,
    codeSha256: found.CodeSha256,
    sourceCodeHash: found.CodeSha256,
    sourceCodeSize: found.CodeSize,
    lastModified: found.LastModified,
    ephemeralStorage: { size: found.EphemeralStorage?.Size ?? 512 },
    loggingConfig: {
      logFormat: found.LoggingConfig?.LogFormat ?? "Text",
      logGroup: found.LoggingConfig?.LogGroup ?? `/aws/lambda/${found.FunctionName}`,
      ...(found.LoggingConfig?.ApplicationLogLevel && {
        applicationLogLevel: found.LoggingConfig.ApplicationLogLevel,
      }),
      ...(found.LoggingConfig?.SystemLogLevel && { systemLogLevel: found.LoggingConfig.SystemLogLevel }),
    },
    tracingConfig: { mode: found.TracingConfig?.Mode ?? "PassThrough" },
  };
}
