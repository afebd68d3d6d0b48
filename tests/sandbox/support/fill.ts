import type { NormalizedSchema } from "@smithy/core/schema";

/** A value of every member of a schema, nested structures to a depth: recursive ones (DynamoDB attributes) end there. */
export function fill(schema: NormalizedSchema, depth = 0, name = "value"): unknown {
  if (schema.isListSchema()) return [fill(schema.getValueSchema(), depth + 1, name)];
  if (schema.isMapSchema())
    return { [`${name.toLowerCase()}-key`]: fill(schema.getValueSchema(), depth + 1, name) };
  if (schema.isStructSchema()) {
    const struct: Record<string, unknown> = {};
    for (const [member, inner] of schema.structIterator()) {
      const traits = inner.getMergedTraits();
      if (traits.streaming || traits.httpResponseCode || clientsOwn.has(member)) continue;
      const nested = inner.isListSchema() || inner.isMapSchema() || inner.isStructSchema();
      if (depth > 9 && nested) continue;
      struct[member] = fill(inner, depth + 1, member);
      if (schema.isUnionSchema()) break;
    }
    return struct;
  }
  if (schema.isBlobSchema()) return new Uint8Array([1, 2, 3]);
  if (schema.isBooleanSchema()) return true;
  if (schema.isBigIntegerSchema()) return 7n;
  if (schema.isNumericSchema()) return 7;
  if (schema.isTimestampSchema()) return new Date("2026-11-20T12:34:56Z");
  if (schema.isDocumentSchema()) return { any: "document" };
  return special[name] ?? `${name}-text`;
}

/** Members that the SDK computes, or that make it sign in a way of its own. */
const clientsOwn: ReadonlySet<string> = new Set([
  "SSECustomerKeyMD5",
  "CopySourceSSECustomerKeyMD5",
  "EndpointId",
]);

/** Members that the SDK itself checks or changes on their way. */
const special: Readonly<Record<string, string>> = {
  ChecksumAlgorithm: "CRC32",
  SSECustomerKey: "c3NlIGN1c3RvbWVyIGtleSBvZiAzMiBieXRlcy4uLi4=",
  CopySourceSSECustomerKey: "c3NlIGN1c3RvbWVyIGtleSBvZiAzMiBieXRlcy4uLi4=",
  RequestRoute: "route",
  ExpiresString: "Fri, 20 Nov 2026 12:34:56 GMT",
};

/** What an SDK client sends or returns, as plain data: streams and metadata left out. */
export function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `bytes:${Buffer.from(value).toString("hex")}`;
  if (value instanceof String) return String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, one]) => one !== undefined && key !== "$metadata")
      .map(([key, one]) => [key, plain(one)]),
  );
}
