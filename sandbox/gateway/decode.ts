import { gunzipSync } from "node:zlib";
import { partitionOf } from "../../runtime/aws/partition";
import { awsError } from "../ground/call";
import { readJson } from "../codec/json";
import { readQuery } from "../codec/query";
import { bindRequest, matchRequest } from "../codec/rest";
import type { Api, Operation } from "../codec/api";
import { services, type Service } from "../services";
import type { RawRequest } from "../ground/wire";

/** What a SigV4 signature says: who, where and to which service. The signature itself is not verified. */
export interface Signature {
  readonly accessKeyId: string;
  readonly region: string;
  readonly signing: string;
}

export interface Decoded {
  readonly operation: Operation;
  readonly input: Record<string, unknown>;
  /** What the account's state gets when nothing is changed: uncompressed, buckets in the path. */
  readonly raw: RawRequest;
}

/** From the Authorization header or a presigned URL; undefined when there is neither. */
export function readSignature(request: RawRequest): Signature | undefined {
  const header = /Credential=([^,\s]+)/.exec(request.headers.authorization ?? "")?.[1];
  const presigned = new URL(request.path, "http://sandbox").searchParams.get("X-Amz-Credential");
  const parts = (header ?? presigned ?? "").split("/");
  // A session name or key never holds a slash: KEY/DATE/REGION/SERVICE/aws4_request.
  const [accessKeyId, , region, signing, end] = parts;
  if (!accessKeyId || !region || !signing || end !== "aws4_request") return undefined;
  return { accessKeyId, region, signing };
}

/** Names of regions, not which of them exist: the account's state has them all. */
const regions = /^(us|eu|ap|sa|ca|me|af|il|mx|cn|us-gov|eusc-de)-[a-z]+-\d$/;

/** @throws InvalidParameterValue for a region that is not in the partition of the account's home */
export function checkRegion(region: string, home: string): void {
  const { id } = partitionOf(home);
  if (regions.test(region) && partitionOf(region).id === id) return;
  const message = `The sandbox has no region "${region}": its account is in the partition ${id}`;
  throw awsError("InvalidParameterValue", message, 400);
}

/**
 * The service that a request is meant for, by its signing name.
 * @throws NotImplemented when the sandbox has no such service
 */
export function findService(request: RawRequest, signing: string): Service {
  const signed = services.filter(service => (service.signing ?? service.name) === signing);
  const found = signed.find(({ path }) => path !== undefined && request.path.startsWith(path)) ?? signed[0];
  if (!found)
    throw awsError(
      "NotImplemented",
      `The sandbox does not have the service "${signing}": sandbox/README.md says how to add one`,
      501,
    );
  return found;
}

/**
 * The operation and its input, in the shape of the SDK's command input.
 * @throws NotImplemented or UnknownOperationException when the request is none of the service's operations
 */
export function decode(service: Api, given: RawRequest): Decoded {
  if (given.headers["smithy-protocol"] !== undefined)
    throw awsError("NotImplemented", `The sandbox does not speak ${given.headers["smithy-protocol"]}`, 501);
  const request = pathStyle(service, uncompressed(given));
  switch (service.protocol) {
    case "ec2":
    case "query":
      return decodeQuery(service, request);
    case "json":
      return decodeJson(service, request);
    case "rest-json":
    case "rest-xml": {
      const match = matchRequest(service, request);
      return { ...match, input: bindRequest(service, match, request), raw: request };
    }
  }
}

/** CloudWatch's clients compress large bodies. */
function uncompressed(request: RawRequest): RawRequest {
  if (request.headers["content-encoding"] !== "gzip" || !request.body) return request;
  const { "content-encoding": _, ...headers } = request.headers;
  return { ...request, headers, body: gunzipSync(request.body) };
}

/** `Host: <bucket>.localhost` → `/<bucket>/…`: the account's state knows no host names. */
function pathStyle(service: Api, request: RawRequest): RawRequest {
  const bucket = /^(.+)\.(localhost|127\.0\.0\.1)(:\d+)?$/.exec(request.headers.host ?? "")?.[1];
  if (!service.buckets || bucket === undefined) return request;
  return {
    ...request,
    path: `/${bucket}${request.path}`,
    headers: { ...request.headers, host: "localhost" },
  };
}

function operationOf(service: Api, name: string | undefined): Operation {
  const operation = service.operations.get(name ?? "");
  if (operation) return operation;
  const code = service.protocol === "json" ? "UnknownOperationException" : "InvalidAction";
  throw awsError(code, `The action ${name ?? "(none)"} is not valid for ${service.name}`);
}

function decodeQuery(service: Api, request: RawRequest): Decoded {
  const url = new URL(request.path, "http://sandbox");
  const parameters = new URLSearchParams(request.body?.toString("utf8") ?? "");
  url.searchParams.forEach((value, name) => parameters.append(name, value));
  const operation = operationOf(service, parameters.get("Action") ?? undefined);
  const input = readQuery(operation.input, parameters, service.protocol === "ec2");
  return { operation, input, raw: request };
}

function decodeJson(service: Api, request: RawRequest): Decoded {
  const target = request.headers["x-amz-target"] ?? "";
  const dot = target.lastIndexOf(".");
  if (target.slice(0, dot) !== service.target)
    throw awsError("UnknownOperationException", `"${target}" is no operation of ${service.name}`);
  const operation = operationOf(service, target.slice(dot + 1));
  const text = request.body?.toString("utf8") ?? "";
  const json: unknown = parseBody(text === "" ? "{}" : text);
  const input = operation.input.isUnitSchema() ? {} : readJson(operation.input, json, false);
  return { operation, input: input as Record<string, unknown>, raw: request };
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw awsError("SerializationException", "The request's body is no JSON");
  }
}
