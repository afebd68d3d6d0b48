/** The part of an SDK's schemas that records are written by: whoever asks for a record passes them in. */
export interface Schema {
  isUnitSchema(): boolean;
  isListSchema(): boolean;
  isMapSchema(): boolean;
  isStructSchema(): boolean;
  isStringSchema(): boolean;
  getName(): string | undefined;
  getValueSchema(): Schema;
  getMemberTraits(): Traits;
  getMergedTraits(): Traits;
  structIterator(): Iterable<readonly [member: string, schema: Schema]>;
}

export interface Traits {
  readonly sensitive?: unknown;
  readonly xmlName?: string;
  readonly xmlAttribute?: unknown;
  readonly xmlFlattened?: unknown;
  readonly httpHeader?: string;
  readonly httpPrefixHeaders?: string;
  readonly httpLabel?: unknown;
  readonly httpQuery?: string;
  readonly httpQueryParams?: unknown;
  readonly httpPayload?: unknown;
}

/** One operation of a service, as its SDK describes it. */
export interface Operation<S extends Schema = Schema> {
  readonly name: string;
  readonly input: S;
  readonly output: S;
  /** REST: the method, the path and the words of the query that tell the operation from others. */
  readonly http?: {
    readonly method: string;
    readonly path: string;
    readonly query: ReadonlyMap<string, string>;
  };
  /** How many of the input's members are required: the first ones. */
  readonly required: number;
}

/** [9, namespace, name, traits, input, output]: exported by every client, documented nowhere. */
type OperationTuple = readonly [9, string, string, { http?: [string, string, number] } | 0, unknown, unknown];

/**
 * Every operation that an SDK client's package exports, by name.
 * @param normalize `NormalizedSchema.of` of @smithy/core/schema
 */
export function operationsOf<S extends Schema>(
  sdk: Readonly<Record<string, unknown>>,
  normalize: (schema: unknown) => S,
): ReadonlyMap<string, Operation<S>> {
  const operations = new Map<string, Operation<S>>();
  for (const [key, value] of Object.entries(sdk)) {
    if (!key.endsWith("$") || !Array.isArray(value) || value[0] !== 9) continue;
    const [, , name, traits, input, output] = value as unknown as OperationTuple;
    const http = traits ? traits.http : undefined;
    operations.set(name, {
      name,
      input: normalize(input),
      output: normalize(output),
      required: requiredCount(input),
      http: http && parseTemplate(http[0], http[1]),
    });
  }
  return operations;
}

function requiredCount(schema: unknown): number {
  const struct = typeof schema === "function" ? (schema as () => unknown)() : schema;
  const count = Array.isArray(struct) && struct[0] === 3 ? (struct[6] as unknown) : 0;
  return typeof count === "number" ? count : 0;
}

function parseTemplate(method: string, template: string) {
  const [path = "/", query = ""] = template.split("?");
  const pairs = query
    .split("&")
    .filter(Boolean)
    .map(pair => [pair.split("=")[0] ?? "", pair.split("=")[1] ?? ""] as const);
  return { method, path, query: new Map(pairs) };
}
