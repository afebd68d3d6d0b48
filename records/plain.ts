import { lowerFirst, type Json, type JsonObject } from "./json";
import type { Schema } from "./schema";

/**
 * Bodies of most services' records: the model's members with the first letter lower-cased (`aRN`, `dBInstanceIdentifier`),
 * map keys as they are, times as text, secrets hidden.
 */
export function plainBody(
  schema: Schema,
  value: unknown,
  options: { readonly service: string; readonly response: boolean },
): JsonObject | null {
  if (schema.isUnitSchema()) return null;
  const body = convert(schema, value, options) as JsonObject;
  return Object.keys(body).length === 0 ? null : body;
}

type Options = { readonly service: string; readonly response: boolean };

const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";

function convert(schema: Schema, value: unknown, options: Options): Json {
  if (value === null || value === undefined) return null;
  if (schema.isListSchema())
    return (value as unknown[]).map(item => convert(schema.getValueSchema(), item, options));
  if (schema.isMapSchema())
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, convert(schema.getValueSchema(), one, options)]),
    );
  if (schema.isStructSchema()) return convertMembers(schema, value as Record<string, unknown>, options);
  if (value instanceof Date) return dateText(value, options.service);
  if (typeof value === "bigint") return Number(value);
  return value as Json;
}

function convertMembers(
  schema: Schema,
  given: Readonly<Record<string, unknown>>,
  options: Options,
): JsonObject {
  const body: JsonObject = {};
  for (const [member, memberSchema] of schema.structIterator()) {
    const value = given[member];
    const dropped = options.response && member === "SecretAccessKey";
    if (value === undefined || value === null || dropped || value instanceof Uint8Array) continue;
    const name = lowerFirst(member);
    if (memberSchema.getMergedTraits().sensitive) body[name] = hidden;
    else if (options.response && member === "AssumeRolePolicyDocument")
      body[name] = encodeURIComponent(decoded(String(value)));
    else body[name] = convert(memberSchema, value, options);
  }
  return body;
}

const decoded = (text: string): string => (text.startsWith("%") ? decodeURIComponent(text) : text);

/** `Jul 10, 2023 12:24:29 PM`; newer services put a comma after the year. Nothing should ever parse it. */
export function dateText(date: Date, service: string): string {
  const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const hours = date.getUTCHours();
  const two = (value: number) => String(value).padStart(2, "0");
  const clock = `${hours % 12 || 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${hours < 12 ? "AM" : "PM"}`;
  const comma = service === "sts" || service === "ssm" || service === "secretsmanager" ? "," : "";
  return `${months[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()}${comma} ${clock}`;
}
