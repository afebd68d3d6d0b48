import { randomUUID } from "node:crypto";
import type * as sdk from "@aws-sdk/client-lambda";
import { awsError, type Call } from "../../ground/call";
import { functionArn, type FunctionRecord } from "../../lambda/store";
import { notImplemented, onlyKnown } from "../refused";

/** What a Lambda handler works with: the decoded call and the function it names. */
export type FunctionHandler = (record: FunctionRecord, call: Call) => object | Promise<object>;

/** A member of a call's input, as the caller gave it. */
export const setting = <T>(call: Call, name: string): T | undefined =>
  (call.input[name] ?? undefined) as T | undefined;

const settings = [
  ...["Description", "Handler", "Role", "Runtime", "Timeout", "MemorySize", "Environment"],
  ...["DeadLetterConfig", "TracingConfig", "EphemeralStorage", "LoggingConfig"],
];
const harmless = ["FunctionName", "RevisionId", "PackageType", "SnapStart"];

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
const reserved =
  /^(_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_LAMBDA_(FUNCTION_(NAME|MEMORY_SIZE|VERSION)|INITIALIZATION_TYPE|LOG_(GROUP|STREAM)_NAME|RUNTIME_API)|AWS_(ACCESS_KEY(_ID)?|SECRET_ACCESS_KEY|SESSION_TOKEN)|LAMBDA_(TASK_ROOT|RUNTIME_DIR))$/;

const invalid = (message: string) => awsError("InvalidParameterValueException", message);

/** The function that CreateFunction asks for. */
export function newFunction(call: Call, code: Buffer, time: number): FunctionRecord {
  const input = call.input as unknown as sdk.CreateFunctionCommandInput;
  onlyKnown("lambda", call.operation, call.input, [
    ...settings,
    ...harmless,
    ...["Code", "Architectures", "Tags"],
  ]);
  const name = input.FunctionName ?? "";
  if (!/^[\w-]{1,64}$/.test(name))
    throw awsError(
      "ValidationException",
      `"${name}" is no function name: letters, digits, - and _, at most 64`,
    );
  if (input.PackageType === "Image") throw notImplemented("lambda", call.operation, "PackageType Image");
  if (!input.Role) throw awsError("ValidationException", "Role is required");
  if (!input.Runtime || !input.Handler)
    throw invalid(
      "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
    );
  const record: FunctionRecord = {
    region: call.region,
    account: call.account,
    name,
    arn: functionArn(name, call),
    code,
    role: input.Role,
    handler: input.Handler,
    runtime: input.Runtime,
    architectures: input.Architectures ?? ["x86_64"],
    timeout: 3,
    memorySize: 128,
    description: "",
    environment: {},
    logging: { format: "Text", group: `/aws/lambda/${name}` },
    ephemeralStorage: 512,
    tracing: "PassThrough",
    modified: time,
    revisionId: randomUUID(),
    tags: { ...input.Tags },
    permissions: [],
  };
  return { ...record, ...settingsOf(record, call) };
}

/** The function as UpdateFunctionConfiguration leaves it. */
export function changeFunction(record: FunctionRecord, call: Call): FunctionRecord {
  onlyKnown("lambda", call.operation, call.input, [...settings, ...harmless]);
  return { ...record, ...settingsOf(record, call) };
}

function settingsOf(record: FunctionRecord, call: Call): Partial<FunctionRecord> {
  const input = call.input as unknown as sdk.UpdateFunctionConfigurationCommandInput;
  const changes: Partial<FunctionRecord> = {
    role: input.Role,
    handler: input.Handler,
    runtime: runtimeOf(call, input.Runtime),
    timeout: within("Timeout", input.Timeout, 1, 900),
    memorySize: within("MemorySize", input.MemorySize, 128, 10_240),
    description: input.Description,
    ephemeralStorage: within("EphemeralStorage", input.EphemeralStorage?.Size, 512, 10_240),
    tracing: input.TracingConfig?.Mode,
    environment: environmentOf(input.Environment),
    logging: loggingOf(record, call, input.LoggingConfig),
  };
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  // An empty target takes the dead-letter queue away.
  const { DeadLetterConfig: letters } = input;
  const dead = letters === undefined ? {} : { deadLetterArn: letters.TargetArn || undefined };
  return { ...Object.fromEntries(given), ...dead };
}

function runtimeOf(call: Call, runtime: string | undefined): string | undefined {
  if (runtime === undefined || /^nodejs\d+\.x$/.test(runtime)) return runtime;
  throw notImplemented("lambda", call.operation, `Runtime ${runtime}`);
}

function within(name: string, value: number | undefined, least: number, most: number): number | undefined {
  if (value === undefined || (value >= least && value <= most)) return value;
  throw awsError("ValidationException", `${name} is ${value}; it must be between ${least} and ${most}`);
}

function environmentOf(environment: sdk.Environment | undefined): Record<string, string> | undefined {
  if (environment === undefined) return undefined;
  const variables = { ...environment.Variables };
  const own = Object.keys(variables).filter(name => reserved.test(name));
  if (own.length > 0)
    throw invalid(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${own.join(", ")}`,
    );
  if (Buffer.byteLength(JSON.stringify(variables)) > 4096)
    throw invalid(
      "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit.",
    );
  return variables;
}

function loggingOf(
  record: FunctionRecord,
  call: Call,
  logging: sdk.LoggingConfig | undefined,
): FunctionRecord["logging"] | undefined {
  if (logging === undefined) return undefined;
  const { LogFormat = record.logging.format, LogGroup = record.logging.group, ...levels } = logging;
  onlyKnown("lambda", call.operation, { ...levels }, []);
  return { format: LogFormat, group: LogGroup };
}
