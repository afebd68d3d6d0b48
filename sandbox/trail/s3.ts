import type { Json, JsonObject } from "../../runtime/events";
import type { Call } from "../ground/call";
import { isBlank, parseXml, type XmlValue } from "../codec/xml";
import type { Operation } from "../services";
import type { RawRequest } from "../ground/wire";
import { typed } from "./ec2-wrapped";

/** Headers of a request that its record repeats as members. */
const headers = /^x-amz-(acl|object-ownership|bucket-object-lock-enabled|bypass-governance-retention)$/;

/** A request as S3's records have it: the bucket, the host, the query's words, and the body as its XML reads. */
export function s3Request(call: Call, operation: Operation, raw: RawRequest): JsonObject {
  const bucket = typeof call.input.Bucket === "string" ? call.input.Bucket : undefined;
  const key: JsonObject = typeof call.input.Key === "string" ? { key: call.input.Key } : {};
  const words = [...(operation.http?.query.keys() ?? [])].filter(word => word !== "x-id");
  return {
    ...(bucket === undefined ? {} : { bucketName: bucket }),
    Host: hostOf(call, bucket),
    ...key,
    ...body(operation, raw),
    ...Object.fromEntries(words.map(word => [word, ""])),
    ...repeated(raw),
  };
}

function hostOf(call: Call, bucket: string | undefined): string {
  if (call.service === "s3-control") return `${call.account}.s3-control.${call.region}.amazonaws.com`;
  const host = `s3.${call.region}.amazonaws.com`;
  return bucket === undefined ? host : `${bucket}.${host}`;
}

function repeated(raw: RawRequest): JsonObject {
  const entries = Object.entries(raw.headers);
  const grants = entries.filter(([name]) => name.startsWith("x-amz-grant-"));
  return {
    ...Object.fromEntries(entries.filter(([name]) => headers.test(name))),
    ...(grants.length > 0 ? { accessControlList: Object.fromEntries(grants) } : {}),
  };
}

function body(operation: Operation, raw: RawRequest): JsonObject {
  const text = raw.body?.toString("utf8") ?? "";
  if (text === "") return {};
  if (operation.name === "PutBucketPolicy") return { bucketPolicy: parsed(text) };
  if (!text.trimStart().startsWith("<")) return {};
  const { root, content } = parseXml(text);
  return { [root]: fromXml(content) };
}

/** A policy that is no JSON is recorded as `{}`. */
function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return {};
  }
}

function fromXml(value: XmlValue | XmlValue[]): Json {
  if (Array.isArray(value)) return value.map(fromXml);
  if (typeof value === "string") return isBlank(value) ? "" : typed(value);
  const inner = Object.entries(value).filter(([name, one]) => name !== "#text" || !isBlank(one as XmlValue));
  return Object.fromEntries(
    inner.map(([name, one]) => [
      name.replace(/^@/, ""),
      name.startsWith("@") ? (one as string) : fromXml(one as XmlValue | XmlValue[]),
    ]),
  );
}
