import type { NormalizedSchema } from "@smithy/core/schema";

/** The wire's own way to write times when the schema says nothing: 5 ISO 8601, 6 HTTP date, 7 epoch seconds. */
export type TimeFormat = 5 | 6 | 7;

/** A text from a query, header, label or XML body → the member's type. */
export function readScalar(schema: NormalizedSchema, text: string): unknown {
  if (schema.isBooleanSchema()) return text === "true";
  if (schema.isNumericSchema()) return Number(text);
  if (schema.isBigIntegerSchema()) return BigInt(text);
  if (schema.isBlobSchema()) return new Uint8Array(Buffer.from(text, "base64"));
  if (schema.isTimestampSchema()) return readTime(text);
  return text;
}

/** ISO 8601, an HTTP date or epoch seconds. */
export const readTime = (text: string | number): Date =>
  typeof text === "number" || /^-?\d+(\.\d+)?$/.test(text) ? new Date(Number(text) * 1000) : new Date(text);

/** The reverse of readScalar. */
export function writeScalar(schema: NormalizedSchema, value: unknown, format: TimeFormat): string {
  if (value instanceof Date) {
    const given = schema.getMergedTraits().timestampFormat ?? schema.getSchema();
    return writeTime(value, given === 5 || given === 6 || given === 7 ? given : format);
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return String(value);
}

export function writeTime(value: Date, format: TimeFormat): string {
  if (format === 6) return value.toUTCString();
  return format === 7 ? String(value.getTime() / 1000) : value.toISOString().replace(".000Z", "Z");
}
