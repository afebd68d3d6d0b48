import { createHash, randomUUID } from "node:crypto";
import * as sdk from "@aws-sdk/client-lambda";
import { awsError, type Answer, type Call, type Handler, type Handlers } from "../../ground/call";
import type { Clock } from "../../ground/clock";
import { readZip } from "../../lambda/environment-process";
import type { Functions } from "../../lambda/functions";
import { functionArn, type FunctionRecord } from "../../lambda/store";
import { lambdaPermissionHandlers } from "./permissions";
import { changeFunction, newFunction, setting, type FunctionHandler } from "./configuration";
import { lambdaSettingHandlers } from "./settings";
import { notImplemented, onlyKnown, withRefusals } from "../refused";

/** Lambda, whole: functions live here, not in the account's state. Operations that are missing are refused by name. */
export function lambdaHandlers(options: { readonly functions: Functions; readonly clock: Clock }): Handlers {
  const { functions, clock } = options;
  const { store } = functions;
  const onFunction =
    (handle: FunctionHandler): Handler =>
    async ({ call }) => ({ output: { ...(await handle(store.get(nameOf(call), call), call)) } });
  const changed = (record: FunctionRecord) => {
    record.modified = clock.now();
    record.revisionId = randomUUID();
    functions.retire(record.arn);
    return { ...configuration(record), LastUpdateStatus: "InProgress" };
  };
  const checkRole = ({ role, name }: FunctionRecord) =>
    functions.credentialsFor(role, name).catch(() => {
      const message = "The role defined for the function cannot be assumed by Lambda.";
      throw awsError("InvalidParameterValueException", message);
    });

  return withRefusals(sdk, {
    CreateFunction: async ({ call }) => {
      const record = newFunction(call, codeOf(call, setting(call, "Code") ?? {}), clock.now());
      if (store.find(record.name, call))
        throw awsError("ResourceConflictException", `Function already exist: ${record.name}`, 409);
      await checkRole(record);
      store.add(record);
      return { output: { ...configuration(record), State: "Pending", StateReasonCode: "Creating" } };
    },
    UpdateFunctionCode: onFunction((record, call) => {
      const { Architectures, DryRun, ...input } = call.input as unknown as sdk.UpdateFunctionCodeCommandInput;
      onlyKnown("lambda", call.operation, { ...input }, ["FunctionName", "RevisionId", ...codeMembers]);
      checkRevision(record, input.RevisionId);
      const code = codeOf(call, input);
      if (DryRun) return { ...configuration(record), CodeSha256: sha256(code) };
      record.code = code;
      record.architectures = Architectures ?? record.architectures;
      return changed(record);
    }),
    UpdateFunctionConfiguration: onFunction(async (record, call) => {
      checkRevision(record, setting<string>(call, "RevisionId"));
      const next = changeFunction(record, call);
      if (next.role !== record.role) await checkRole(next);
      Object.assign(record, next);
      return changed(record);
    }),
    DeleteFunction: onFunction(record => {
      store.remove(record);
      functions.retire(record.arn);
      return { StatusCode: 204 };
    }),
    GetFunction: onFunction(record => ({
      Configuration: configuration(record),
      Code: { RepositoryType: "S3", Location: `https://sandbox.invalid/${record.name}.zip` },
      ...(Object.keys(record.tags).length > 0 && { Tags: record.tags }),
      ...(record.reservedConcurrency !== undefined && {
        Concurrency: { ReservedConcurrentExecutions: record.reservedConcurrency },
      }),
    })),
    GetFunctionConfiguration: onFunction(configuration),
    ListFunctions: async ({ call }) => ({
      output: { Functions: store.list(call).map(configuration) },
    }),
    ListVersionsByFunction: onFunction(record => ({ Versions: [configuration(record)] })),
    GetFunctionCodeSigningConfig: onFunction(({ name }) => ({ FunctionName: name })),
    Invoke: async ({ call }) => invoke(functions, call),
    ...lambdaPermissionHandlers(onFunction),
    ...lambdaSettingHandlers({ onFunction, store, clock }),
  });
}

const codeMembers = ["ZipFile"];
const sha256 = (code: Buffer) => createHash("sha256").update(code).digest("base64");

function nameOf(call: Call): string {
  const name = setting<string>(call, "FunctionName") ?? setting<string>(call, "Resource");
  if (!name) throw awsError("ValidationException", "FunctionName is required");
  const qualifier = setting<string>(call, "Qualifier");
  if (qualifier !== undefined && qualifier !== "$LATEST")
    throw awsError(
      "ResourceNotFoundException",
      `Function not found: ${functionArn(name, call)}:${qualifier}`,
      404,
    );
  return name;
}

/** The deployment package of CreateFunction's Code or of UpdateFunctionCode. */
function codeOf(call: Call, code: object): Buffer {
  if (call.operation === "CreateFunction") onlyKnown("lambda", "CreateFunction", { ...code }, codeMembers);
  const { ZipFile } = code as { ZipFile?: Uint8Array };
  if (ZipFile === undefined || ZipFile.length === 0)
    throw awsError("InvalidParameterValueException", "Please provide a source for function code.");
  readZip(ZipFile);
  return Buffer.from(ZipFile);
}

function checkRevision(record: FunctionRecord, revision: string | undefined): void {
  if (revision === undefined || revision === record.revisionId) return;
  throw awsError(
    "PreconditionFailedException",
    "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
    412,
  );
}

/** A function as every answer shows it. */
export function configuration(record: FunctionRecord): sdk.FunctionConfiguration {
  const { environment, deadLetterArn } = record;
  return {
    FunctionName: record.name,
    FunctionArn: record.arn,
    Runtime: record.runtime as sdk.Runtime,
    Role: record.role,
    Handler: record.handler,
    CodeSize: record.code.length,
    CodeSha256: sha256(record.code),
    Description: record.description,
    Timeout: record.timeout,
    MemorySize: record.memorySize,
    LastModified: new Date(record.modified).toISOString().replace("Z", "+0000"),
    Version: "$LATEST",
    ...(Object.keys(environment).length > 0 && { Environment: { Variables: { ...environment } } }),
    ...(deadLetterArn !== undefined && { DeadLetterConfig: { TargetArn: deadLetterArn } }),
    TracingConfig: { Mode: record.tracing as sdk.TracingMode },
    RevisionId: record.revisionId,
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Architectures: record.architectures as sdk.Architecture[],
    EphemeralStorage: { Size: record.ephemeralStorage },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    LoggingConfig: { LogFormat: record.logging.format, LogGroup: record.logging.group },
  };
}

const syncLimit = 6 * 1024 * 1024;
const asyncLimit = 1024 * 1024;

type InvokeInput = Pick<sdk.InvokeCommandInput, "InvocationType" | "LogType"> & { Payload?: Uint8Array };

async function invoke(functions: Functions, call: Call): Promise<Answer> {
  const { InvocationType = "RequestResponse", Payload, LogType } = call.input as InvokeInput;
  const record = functions.store.get(nameOf(call), call);
  if (LogType === "Tail") throw notImplemented("lambda", "Invoke", "LogType Tail");
  const payload = Payload === undefined || Payload.length === 0 ? "{}" : Buffer.from(Payload).toString();
  const limit = InvocationType === "Event" ? asyncLimit : syncLimit;
  if (Buffer.byteLength(payload) > limit)
    throw awsError(
      "RequestTooLargeException",
      `Request must be smaller than ${limit} bytes for the ${InvocationType} invocation type`,
      413,
    );
  try {
    JSON.parse(payload);
  } catch (error) {
    throw awsError(
      "InvalidRequestContentException",
      `Could not parse request body into json: ${(error as Error).message}`,
    );
  }
  if (InvocationType === "DryRun") return { output: { StatusCode: 204 } };
  if (InvocationType === "Event") {
    functions.invokeAsync(record.arn, payload);
    return { output: { StatusCode: 202 } };
  }
  const { ok, body } = await functions.invoke(record.arn, payload);
  return {
    output: {
      StatusCode: 200,
      ExecutedVersion: "$LATEST",
      Payload: Buffer.from(body),
      ...(!ok && { FunctionError: "Unhandled" }),
    },
  };
}
