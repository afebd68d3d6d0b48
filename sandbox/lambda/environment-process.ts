import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import type { Readable } from "node:stream";
import { unzipSync } from "fflate";
import { awsError } from "../ground/call";
import type { Clock } from "../ground/clock";
import type { FunctionRecord } from "./store";

/** Keys for a session of the function's role. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Sandbox time at which they end. */
  readonly expiration?: Date;
}

/** Unpacks a deployment package into a private folder. @throws InvalidParameterValueException when it is no zip. */
export function unpack(zip: Buffer): string {
  const files = readZip(zip);
  const folder = mkdtempSync(join(tmpdir(), "sandbox-function-"));
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(folder, name);
    if (name.endsWith("/")) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  return folder;
}

/** The files of a deployment package by name. @throws InvalidParameterValueException when it is no zip. */
export function readZip(zip: Uint8Array): Record<string, Uint8Array> {
  const refuse = (why: string) => awsError("InvalidParameterValueException", why, 400);
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(zip);
  } catch {
    throw refuse("Could not unzip uploaded file. Please check your file, then try to upload again.");
  }
  const root = join(sep, "task");
  const outside = Object.keys(files).find(name => !join(root, name).startsWith(root + sep));
  if (outside !== undefined) throw refuse(`The file ${outside} lies outside of the deployment package.`);
  return files;
}

/** Starts the process with the environment that Lambda gives a function, and nothing of ours but PATH. */
export function spawnRuntime(options: {
  readonly record: FunctionRecord;
  readonly credentials: Credentials;
  readonly endpoint: string;
  readonly clock: Clock;
  readonly folder: string;
  readonly logStream: string;
  readonly address: string;
}): ChildProcess {
  const { record, folder } = options;
  const heap = Math.floor(record.memorySize * 0.9);
  return spawn(
    process.execPath,
    [`--max-old-space-size=${heap}`, join(__dirname, "runtime-child.js"), String(options.clock.offset)],
    // Detached, so that a terminal's Ctrl-C does not end it before the sandbox knows.
    { cwd: folder, env: variables(options), stdio: ["ignore", "pipe", "pipe", "ipc"], detached: true },
  );
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
function variables({
  record,
  credentials,
  endpoint,
  folder,
  logStream,
  address,
}: Parameters<typeof spawnRuntime>[0]): NodeJS.ProcessEnv {
  const nowhere = join(folder, ".aws-none");
  return {
    PATH: process.env.PATH,
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    ...record.environment,
    _HANDLER: record.handler,
    LAMBDA_TASK_ROOT: folder,
    AWS_REGION: record.region,
    AWS_DEFAULT_REGION: record.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${record.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: record.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(record.memorySize),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: record.logging.group,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    AWS_LAMBDA_LOG_FORMAT: record.logging.format,
    AWS_LAMBDA_RUNTIME_API: address,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...(credentials.sessionToken !== undefined && { AWS_SESSION_TOKEN: credentials.sessionToken }),
    // What leads the SDK to the sandbox instead of AWS, and away from the user's own configuration.
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3_CONTROL: endpoint.replace("127.0.0.1", "localhost"),
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: nowhere,
    AWS_SHARED_CREDENTIALS_FILE: nowhere,
  };
}

interface Report {
  readonly step: number;
  /** Sandbox time of its next timer, when it waits for nothing else. */
  readonly waiting?: number;
}

/**
 * Keeps a process on the sandbox clock: sends it every jump, and hears when it waits for nothing but its timers, so
 * that a jump stops at each of them. Returns what ends it.
 */
export function followClock(
  child: ChildProcess,
  clock: Clock,
  waits: (isWaiting: boolean) => void,
): () => void {
  let step = 0;
  let callOff = () => {};
  child.on("message", (report: Report) => {
    if (report.step !== step) return;
    callOff();
    waits(report.waiting !== undefined);
    if (report.waiting !== undefined) callOff = clock.wake(report.waiting, () => waits(false));
  });
  const stop = clock.onAdvance(offset => {
    step += 1;
    if (child.connected) child.send({ step, offset }, () => undefined);
  });
  return () => {
    stop();
    callOff();
  };
}

/** Hears a stream's lines. Within a line the runtime writes \r where a console message broke it. */
export function eachLine(stream: Readable, hear: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(line => hear(line.replaceAll("\r", "\n")));
  });
  stream.on("end", () => rest !== "" && hear(rest.replaceAll("\r", "\n")));
}

/** What Lambda reports when the deadline passed. */
export const timeoutError = (requestId: string, seconds: number): string =>
  JSON.stringify({
    errorType: "Sandbox.Timedout",
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`,
  });

/** What Lambda reports when the process ended before it answered. */
export function exitError(requestId: string, code: number | null, signal: NodeJS.Signals | null): string {
  const killed = signal === "SIGKILL" ? "killed" : signal;
  const how = signal
    ? `Runtime exited with error: signal: ${killed}`
    : code === 0
      ? "Runtime exited without providing a reason"
      : `Runtime exited with error: exit status ${code}`;
  return JSON.stringify({
    errorType: "Runtime.ExitError",
    errorMessage: `RequestId: ${requestId} Error: ${how}`,
  });
}
