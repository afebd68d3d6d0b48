import type { NormalizedSchema } from "@smithy/core/schema";
import type { Answer, AwsError } from "../ground/call";
import { writeJson } from "../codec/json";
import { writeScalar } from "../codec/scalars";
import { element, escapeXml, writeMembers, writeXml } from "../codec/xml";
import type { Operation, Api } from "../codec/api";

export type Wire = NonNullable<Answer["wire"]>;

const xml = (text: string): Buffer => Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`);
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** An answer in the shape of the SDK's output → the service's own wire format. */
export function encodeAnswer(
  service: Api,
  operation: Operation,
  output: Readonly<Record<string, unknown>>,
  requestId: string,
): Wire {
  const { name } = operation;
  const members = operation.output.isUnitSchema() ? "" : undefined;
  switch (service.protocol) {
    case "ec2": {
      const body = element("requestId", requestId) + (members ?? writeMembers(operation.output, output));
      return {
        status: 200,
        headers: { "content-type": "text/xml;charset=UTF-8", "x-amzn-requestid": requestId },
        body: xml(element(`${name}Response`, body, ` xmlns="${service.namespace}/"`)),
      };
    }
    case "query": {
      const result = element(`${name}Result`, members ?? writeMembers(operation.output, output));
      const metadata = element("ResponseMetadata", element("RequestId", requestId));
      return {
        status: 200,
        headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
        body: xml(element(`${name}Response`, result + metadata, ` xmlns="${service.namespace}"`)),
      };
    }
    case "json":
      return {
        status: 200,
        headers: {
          "content-type": `application/x-amz-json-${service.jsonVersion}`,
          "x-amzn-requestid": requestId,
        },
        body: json(members === undefined ? writeJson(operation.output, output, false) : {}),
      };
    case "rest-json":
    case "rest-xml":
      return encodeRest(service, operation, output, requestId);
  }
}

type Placed = "header" | "prefix" | "payload" | "status" | "body";

function placeOf(schema: NormalizedSchema): Placed {
  const traits = schema.getMergedTraits();
  if (traits.httpHeader !== undefined) return "header";
  if (traits.httpPrefixHeaders !== undefined) return "prefix";
  if (traits.httpPayload) return "payload";
  return traits.httpResponseCode ? "status" : "body";
}

function encodeRest(
  service: Api,
  operation: Operation,
  output: Readonly<Record<string, unknown>>,
  requestId: string,
): Wire {
  const headers: Record<string, string> = { "x-amzn-requestid": requestId, "x-amz-request-id": requestId };
  const schema = operation.output;
  let status = 200;
  let payload: Buffer | undefined;
  let hasPayload = false;
  if (!schema.isUnitSchema())
    for (const [member, memberSchema] of schema.structIterator()) {
      const place = placeOf(memberSchema);
      if (place === "payload") hasPayload = true;
      const value = output[member];
      if (value === undefined || value === null) continue;
      const traits = memberSchema.getMergedTraits();
      if (place === "status") status = Number(value);
      if (place === "header") headers[traits.httpHeader!.toLowerCase()] = headerText(memberSchema, value);
      if (place === "prefix")
        for (const [key, one] of Object.entries(value))
          headers[(traits.httpPrefixHeaders! + key).toLowerCase()] = String(one);
      if (place === "payload") payload = encodePayload(service, memberSchema, value);
    }
  if (!hasPayload && !schema.isUnitSchema()) payload = encodeBody(service, schema, output);
  if (payload)
    headers["content-type"] ??= service.protocol === "rest-json" ? "application/json" : "application/xml";
  return { status, headers, body: payload ?? Buffer.alloc(0) };
}

const headerText = (schema: NormalizedSchema, value: unknown): string =>
  Array.isArray(value)
    ? value.map(one => writeScalar(schema.getValueSchema(), one, 6)).join(",")
    : writeScalar(schema, value, 6);

function encodePayload(service: Api, schema: NormalizedSchema, value: unknown): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (typeof value === "string") return Buffer.from(value);
  if (service.protocol === "rest-json") return json(writeJson(schema, value, true));
  const name = schema.getMergedTraits().xmlName ?? schema.getName() ?? "Result";
  return xml(writeXml(schema, value, name));
}

function encodeBody(service: Api, schema: NormalizedSchema, output: Readonly<Record<string, unknown>>) {
  const inBody = (member: NormalizedSchema) => placeOf(member) === "body";
  const members = [...schema.structIterator()].filter(([, member]) => inBody(member));
  if (members.length === 0) return undefined;
  if (service.protocol === "rest-json") {
    const body = Object.fromEntries(members.map(([member]) => [member, output[member]]));
    return json(writeJson(schema, body, true));
  }
  const name = schema.getMergedTraits().xmlName ?? schema.getName() ?? "Result";
  return xml(element(name, writeMembers(schema, output, inBody), ` xmlns="${service.namespace}"`));
}

/** What it takes to answer in a service's words. */
export type Speaker = Pick<Api, "buckets" | "protocol" | "namespace" | "jsonVersion">;

/** An error in the service's own wire format, as its clients expect it. */
export function encodeError(service: Speaker | undefined, error: AwsError, requestId: string): Wire {
  const { code, message, status } = error;
  const [codeXml, messageXml] = [element("Code", escapeXml(code)), element("Message", escapeXml(message))];
  const headers = { "x-amzn-requestid": requestId };
  switch (service?.protocol) {
    case "ec2": {
      const inner =
        element("Errors", element("Error", codeXml + messageXml)) + element("RequestID", requestId);
      return {
        status,
        headers: { ...headers, "content-type": "text/xml" },
        body: xml(element("Response", inner)),
      };
    }
    case "query": {
      const inner = element(
        "Error",
        element("Type", status < 500 ? "Sender" : "Receiver") + codeXml + messageXml,
      );
      const body = element(
        "ErrorResponse",
        inner + element("RequestId", requestId),
        ` xmlns="${service.namespace}"`,
      );
      return { status, headers: { ...headers, "content-type": "text/xml" }, body: xml(body) };
    }
    case "rest-xml": {
      const inner = codeXml + messageXml + element("RequestId", requestId) + element("HostId", requestId);
      const body = service.buckets
        ? element("Error", inner)
        : element("ErrorResponse", element("Error", inner));
      const said = (error as AwsError & { headers?: Record<string, string> }).headers;
      return {
        status,
        headers: { ...said, "x-amz-request-id": requestId, "content-type": "application/xml" },
        body: xml(body),
      };
    }
    case "rest-json":
    case "json":
    case undefined:
      return {
        status,
        headers: {
          ...headers,
          "content-type":
            service?.protocol === "json"
              ? `application/x-amz-json-${service.jsonVersion}`
              : "application/json",
          "x-amzn-errortype": code,
        },
        body: json({ __type: code, message, Message: message }),
      };
  }
}

/** The code and the message in an error answer of the account's state; undefined when it is none that AWS sends. */
export function readError(service: Api, wire: Wire): { code: string; message: string } | undefined {
  const text = wire.body.toString("utf8");
  if (service.protocol === "json" || service.protocol === "rest-json") {
    const parsed = parseObject(text);
    const type = wire.headers["x-amzn-errortype"] ?? parsed?.__type ?? parsed?.code;
    if (typeof type !== "string") return undefined;
    const message = parsed?.message ?? parsed?.Message;
    return {
      code: type.split("#").pop()!.split(":")[0]!,
      message: typeof message === "string" ? message : "",
    };
  }
  const code = /<Code>([^<]*)<\/Code>/.exec(text)?.[1];
  if (code === undefined)
    return text === "" ? { code: emptyCodes[wire.status] ?? String(wire.status), message: "" } : undefined;
  return { code, message: unescapeXml(/<Message>([\s\S]*?)<\/Message>/.exec(text)?.[1] ?? "") };
}

/** HEAD answers have no body to say it. */
const emptyCodes: Readonly<Record<number, string>> = {
  304: "NotModified",
  400: "BadRequest",
  403: "Forbidden",
  404: "NotFound",
  412: "PreconditionFailed",
};

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined; // an HTML page: the caller reports it as a failure of the account's state
  }
}

const unescapeXml = (text: string): string =>
  text
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replace(
      /&(lt|gt|quot|apos|amp);/g,
      (_, name: string) => ({ lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" })[name] ?? "",
    );
