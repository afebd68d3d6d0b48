import { typed, type Given, type Json, type JsonObject } from "./json";
import type { RecordedCall } from "./record-shape";
import type { Operation, Schema } from "./schema";

/** Headers of a request that its record repeats as members. */
const headers = /^x-amz-(acl|object-ownership|bucket-object-lock-enabled|bypass-governance-retention)$/;

const namespaces: Readonly<Record<string, string>> = {
  s3: "http://s3.amazonaws.com/doc/2006-03-01/",
  "s3-control": "http://awss3control.amazonaws.com/doc/2018-08-20/",
};

/** A request as S3's records have it: the bucket, the host, the query's words, and the body as its XML reads. */
export function s3Request(call: RecordedCall): JsonObject {
  const { operation, request } = call;
  const bucket = typeof request.Bucket === "string" ? request.Bucket : undefined;
  const key: JsonObject = typeof request.Key === "string" ? { key: request.Key } : {};
  const words = [...(operation.http?.query.keys() ?? [])].filter(word => word !== "x-id");
  return {
    ...(bucket === undefined ? {} : { bucketName: bucket }),
    Host: hostOf(call, bucket),
    ...key,
    ...body(operation, request, namespaces[call.service] ?? ""),
    ...Object.fromEntries(words.map(word => [word, ""])),
    ...repeated(operation, request),
  };
}

export function s3Additional({ ids, bytesIn = 0 }: RecordedCall): JsonObject {
  return {
    additionalEventData: {
      SignatureVersion: "SigV4",
      CipherSuite: "TLS_AES_128_GCM_SHA256",
      bytesTransferredIn: bytesIn,
      AuthenticationMethod: "AuthHeader",
      "x-amz-id-2": ids.request,
      bytesTransferredOut: 0,
    },
  };
}

export function s3Resources({ request, operation, error, account }: RecordedCall): JsonObject {
  const bucket = request.Bucket;
  if (typeof bucket !== "string" || operation.name === "CreateBucket" || error) return {};
  return { resources: [{ accountId: account, type: "AWS::S3::Bucket", ARN: `arn:aws:s3:::${bucket}` }] };
}

function hostOf({ service, account, region }: RecordedCall, bucket: string | undefined): string {
  if (service === "s3-control") return `${account}.s3-control.${region}.amazonaws.com`;
  const host = `s3.${region}.amazonaws.com`;
  return bucket === undefined ? host : `${bucket}.${host}`;
}

function repeated(operation: Operation, request: Given): JsonObject {
  const sent = [...operation.input.structIterator()].flatMap(([member, schema]) => {
    const [name, value] = [schema.getMergedTraits().httpHeader?.toLowerCase(), request[member]];
    return name === undefined || value === undefined || value === null
      ? []
      : [[name, String(value)] as const];
  });
  const grants = sent.filter(([name]) => name.startsWith("x-amz-grant-"));
  return {
    ...Object.fromEntries(sent.filter(([name]) => headers.test(name))),
    ...(grants.length > 0 ? { accessControlList: Object.fromEntries(grants) } : {}),
  };
}

function body(operation: Operation, request: Given, xmlns: string): JsonObject {
  const members = [...operation.input.structIterator()];
  const payload = members.find(([, schema]) => schema.getMergedTraits().httpPayload);
  if (operation.name === "PutBucketPolicy") return { bucketPolicy: parsed(String(request.Policy ?? "")) };
  if (payload) {
    const [member, schema] = payload;
    const value = request[member];
    if (!schema.isStructSchema() || value === undefined || value === null) return {};
    const root = schema.getMergedTraits().xmlName ?? schema.getName() ?? member;
    return { [root]: { ...membersOf(schema, value as Given), xmlns } };
  }
  const inBody = members.filter(([, schema]) => isInBody(schema));
  if (inBody.every(([member]) => request[member] === undefined)) return {};
  return { [operation.input.getName() ?? operation.name]: { ...convertAll(inBody, request), xmlns } };
}

function isInBody(schema: Schema): boolean {
  const { httpLabel, httpQuery, httpQueryParams, httpHeader, httpPrefixHeaders } = schema.getMergedTraits();
  return !(httpLabel || httpQuery || httpQueryParams || httpHeader || httpPrefixHeaders);
}

/** A policy that is no JSON is recorded as `{}`. */
function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return {};
  }
}

const membersOf = (schema: Schema, given: Given): JsonObject =>
  convertAll([...schema.structIterator()], given);

function convertAll(members: readonly (readonly [string, Schema])[], given: Given): JsonObject {
  const body: JsonObject = {};
  for (const [member, schema] of members) {
    const value = given[member];
    if (value === undefined || value === null) continue;
    const name = schema.getMemberTraits().xmlName ?? member;
    if (name.startsWith("xsi:")) body["xmlns:xsi"] = "http://www.w3.org/2001/XMLSchema-instance";
    const flat = schema.isListSchema() && schema.getMergedTraits().xmlFlattened;
    body[name] = flat ? collapsed(itemsOf(schema, value)) : convert(schema, value);
  }
  return body;
}

const itemsOf = (schema: Schema, value: unknown): Json[] =>
  (value as unknown[]).map(one => convert(schema.getValueSchema(), one));

/** An element that does not repeat is no list in XML, and none in its record. */
const collapsed = (items: Json[]): Json => (items.length === 1 ? (items[0] ?? "") : items);

function convert(schema: Schema, value: unknown): Json {
  if (schema.isListSchema()) {
    const items = itemsOf(schema, value);
    const name = schema.getValueSchema().getMergedTraits().xmlName ?? "member";
    return items.length === 0 ? "" : { [name]: collapsed(items) };
  }
  if (schema.isStructSchema()) {
    const body = membersOf(schema, value as Given);
    return Object.keys(body).length === 0 ? "" : body;
  }
  if (value instanceof Date) return value.toISOString().replace(".000Z", "Z");
  return typeof value === "string" ? typed(value) : (value as Json);
}
