import { createHash } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { NormalizedSchema } from "@smithy/core/schema";
import { isRefusal, refusal } from "../operations/refusals";
import { callers, type Caller, type JsonObject, type Operation, operationsOf, recordOf } from "../records";
import { partName, roleName, rolePath } from "../runtime/names";
import type { Streams } from "./match";

/** The command's options as given. */
export interface EventOptions {
  service?: string;
  request?: string;
  response?: string;
  by?: string;
  guardrail?: string;
  error?: string;
  region?: string;
  out?: string;
}

/** One call that nobody made. */
export interface Imagined {
  readonly service: string;
  readonly call: string;
  readonly request?: JsonObject;
  readonly response?: JsonObject;
  readonly by?: Caller;
  /** As the service throws it: UnauthorizedOperation, AccessDenied, NoSuchBucket … */
  readonly error?: string;
  readonly region?: string;
}

const load = createRequire(__filename);
const account = "123456789012";
const time = Date.UTC(2026, 10, 20, 9, 15, 30);

/** SDK packages that are not called like the service signs. */
const packages: Readonly<Record<string, string>> = {
  events: "eventbridge",
  logs: "cloudwatch-logs",
  monitoring: "cloudwatch",
};

/** Who can have made a call; `own` is the role of a guardrail's function. */
export const makers = {
  root: () => callers.root(account),
  user: () => callers.user(account, "ben"),
  role: () => callers.role(account, "developer", "ana", time - 3_600_000),
  service: () => callers.service(account, "autoscaling.amazonaws.com"),
  own: (guardrail: string) => {
    const role = roleName({ stack: "dev", home: "us-east-1" }, guardrail);
    return callers.role(account, `${rolePath.slice(1)}${role}`, partName("dev", guardrail), time - 60_000);
  },
} as const;

/** A service's SDK: the package's name, and what it exports. @throws Refusal when it is not installed. */
export function sdkOf(service: string): { name: string; exported: Record<string, unknown> } {
  const name = `@aws-sdk/client-${packages[service] ?? service}`;
  if (!/^[a-z0-9-]+$/.test(service) || !existsSync(join(__dirname, "../node_modules", name)))
    throw refusal(`${name} is not installed: npm install --save-exact ${name}`);
  return { name, exported: load(name) as Record<string, unknown> };
}

/** The operations of a service, read from its SDK. @throws Refusal when it is not installed. */
export const operations = (service: string): ReadonlyMap<string, Operation> =>
  operationsOf(sdkOf(service).exported, schema => NormalizedSchema.of(schema as never));

/** @throws Refusal naming the calls that are spelt alike. */
export function operationOf(service: string, call: string): Operation {
  const known = operations(service);
  const operation = known.get(call);
  if (operation !== undefined) return operation;
  const like = (name: string) =>
    name.slice(-6) === call.slice(-6) || name.startsWith(call) || call.startsWith(name);
  const alike = [...known.keys()].filter(like).slice(0, 8);
  throw refusal(
    `${service} has no call "${call}"${alike.length > 0 ? `; there are ${alike.join(", ")}` : ""}`,
  );
}

/** The event that EventBridge would carry: the same for the same call. @throws Refusal for members that the call lacks. */
export function imagine({ service, call, request = {}, response, error, ...rest }: Imagined): JsonObject {
  const operation = operationOf(service, call);
  check(operation.input, request, "request");
  if (response !== undefined) check(operation.output, response, "response");
  const by = rest.by ?? makers.role();
  const seed = JSON.stringify([service, call, request, response, error, by.arn, rest.region]);
  const id = (use: string) => {
    const hash = createHash("sha256").update(`${use} ${seed}`).digest("hex");
    return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  };
  const code = error?.replace(/^Client\./, "");
  return recordOf({
    service,
    operation,
    request,
    response: error === undefined ? (response ?? {}) : undefined,
    error: code === undefined ? undefined : { code, message: `Derived: ${code}`, denied: denial.test(code) },
    by,
    region: rest.region ?? "us-east-1",
    account,
    time,
    // Says what it is: derived from the service's schemas, recorded nowhere.
    userAgent: "derived-by-guardrails-event",
    sourceIp: "203.0.113.10",
    ids: { request: id("request"), record: id("record"), delivery: id("delivery") },
  });
}

const denial = /^(AccessDenied(Exception)?|UnauthorizedOperation|AuthorizationError(Exception)?)$/;

type Shape = Operation["input"];

/** @throws Refusal naming a member that the schema does not have. */
function check(schema: Shape, value: unknown, place: string): void {
  if (Array.isArray(value) && schema.isListSchema())
    return value.forEach((item, at) => check(schema.getValueSchema(), item, `${place}[${at}]`));
  if (typeof value !== "object" || value === null || schema.isMapSchema()) return;
  const members = schema.isStructSchema() ? new Map(schema.structIterator()) : new Map<string, Shape>();
  for (const [name, inner] of Object.entries(value)) {
    const member = members.get(name);
    if (member === undefined)
      throw refusal(`${place} has no member "${name}"; it has ${[...members.keys()].join(", ") || "none"}`);
    check(member, inner, `${place}.${name}`);
  }
}

/** Runs `guardrails event` and returns the exit code: 0 done, 2 unusable input, which is told on `stderr`. */
export function event(
  call: string,
  options: EventOptions,
  streams: Pick<Streams, "stdout" | "stderr"> = process,
) {
  try {
    const { service, error, region, out } = options;
    if (service === undefined) throw refusal("Give --service <name>, such as ec2, s3, iam or kms");
    const record = imagine({
      service,
      call,
      request: parsed("--request", options.request),
      response: parsed("--response", options.response),
      by: caller(options),
      error,
      region,
    });
    const text = `${JSON.stringify(record, undefined, 2)}\n`;
    if (out === undefined) streams.stdout.write(text);
    else {
      if (existsSync(out)) throw refusal(`${out} is there already: delete it first`);
      writeFileSync(out, text);
      streams.stdout.write(`Wrote ${out}\n`);
    }
    return 0;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    streams.stderr.write(`${error.message}\n`);
    return 2;
  }
}

function caller({ by = "role", guardrail }: EventOptions): Caller {
  if (!Object.hasOwn(makers, by))
    throw refusal(`--by is one of ${Object.keys(makers).join(", ")}, not "${by}"`);
  if (by !== "own") return makers[by as Exclude<keyof typeof makers, "own">]();
  if (guardrail === undefined) throw refusal("--by own is the role of a guardrail: give --guardrail <id>");
  return makers.own(guardrail);
}

/** A JSON object, undefined where nothing is given. @throws Refusal when it is none. */
export function parsed(option: string, text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refusal(`${option} is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw refusal(`${option} is a JSON object in the SDK's spelling, such as '{"GroupId": "sg-1"}'`);
  return value as JsonObject;
}
