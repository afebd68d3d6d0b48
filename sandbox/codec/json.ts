import type { NormalizedSchema } from "@smithy/core/schema";
import { readTime, writeTime } from "./scalars";

/**
 * JSON of the wire → the shape of the SDK's input or output: blobs become bytes, times dates.
 * `jsonNames`: rest-json renames members, awsJson does not. Null members are left out.
 */
export function readJson(schema: NormalizedSchema, json: unknown, jsonNames: boolean): unknown {
  if (json === null || json === undefined || schema.isDocumentSchema()) return json;
  if (schema.isListSchema() && Array.isArray(json))
    return json.map(item => readJson(schema.getValueSchema(), item, jsonNames));
  if (schema.isMapSchema()) {
    const values = schema.getValueSchema();
    return Object.fromEntries(
      Object.entries(json).map(([key, value]) => [key, readJson(values, value, jsonNames)]),
    );
  }
  if (schema.isStructSchema()) {
    const given = json as Record<string, unknown>;
    const struct: Record<string, unknown> = {};
    for (const [member, memberSchema] of schema.structIterator()) {
      const name = jsonName(memberSchema, member, jsonNames);
      if (given[name] !== undefined && given[name] !== null)
        struct[member] = readJson(memberSchema, given[name], jsonNames);
    }
    return struct;
  }
  if (schema.isBlobSchema()) return new Uint8Array(Buffer.from(String(json), "base64"));
  if (schema.isTimestampSchema()) return readTime(json as string | number);
  return json;
}

const jsonName = (schema: NormalizedSchema, member: string, jsonNames: boolean): string =>
  (jsonNames ? schema.getMergedTraits().jsonName : undefined) ?? member;

/** The reverse of readJson. */
export function writeJson(schema: NormalizedSchema, value: unknown, jsonNames: boolean): unknown {
  if (value === null || value === undefined || schema.isDocumentSchema()) return value;
  if (schema.isListSchema())
    return (value as unknown[]).map(item => writeJson(schema.getValueSchema(), item, jsonNames));
  if (schema.isMapSchema()) {
    const values = schema.getValueSchema();
    return Object.fromEntries(
      Object.entries(value as object).map(([key, one]) => [key, writeJson(values, one, jsonNames)]),
    );
  }
  if (schema.isStructSchema()) {
    const given = value as Record<string, unknown>;
    const struct: Record<string, unknown> = {};
    for (const [member, memberSchema] of schema.structIterator())
      if (given[member] !== undefined)
        struct[jsonName(memberSchema, member, jsonNames)] = writeJson(memberSchema, given[member], jsonNames);
    return struct;
  }
  if (schema.isTimestampSchema() && value instanceof Date) {
    const format = schema.getMergedTraits().timestampFormat ?? schema.getSchema();
    return format === 5 || format === 6 ? writeTime(value, format) : value.getTime() / 1000;
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return value;
}
