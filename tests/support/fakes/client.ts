import { NormalizedSchema } from "@smithy/core/schema";

/** One call that reached the fake, in order. */
export interface Call {
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/** Answers one operation; may throw (`awsError`) or return a promise. A method type, so that inputs can be typed. */
type Answer = { answer(input: Record<string, unknown>): unknown }["answer"];
type Schema = ReturnType<typeof NormalizedSchema.of>;

/** What a command of SDK v3 carries besides its input: `[9, namespace, operation, traits, () => input, () => output]`. */
interface Command {
  readonly input?: Record<string, unknown>;
  readonly schema?: readonly [number, string, string, unknown, () => never, () => never];
}

/**
 * An SDK client without a network, for the boundary between a guardrail and AWS: `fakeClient<EC2Client>({
 * DescribeInstances: input => ({ Reservations: [] }) })`. An operation without an answer throws; so does an input
 * with an unknown member, a missing required one or a value of the wrong type, and an answer AWS could not give.
 * `calls` lists what was asked.
 */
export function fakeClient<Client extends { send: unknown }>(
  answers: Readonly<Record<string, Answer>>,
): Client & { readonly calls: readonly Call[] } {
  const calls: Call[] = [];
  const send = async (command: Command): Promise<unknown> => {
    if (command.schema === undefined || command.input === undefined)
      throw new Error("send was called with something that is no command of the SDK");
    const [, , operation, , inputSchema, outputSchema] = command.schema;
    const input = structuredClone(command.input);
    check(NormalizedSchema.of(inputSchema()), input, `${operation} input`, true);
    calls.push({ operation, input });
    const answer = answers[operation];
    if (answer === undefined) throw new Error(`The test expects no ${operation}: ${JSON.stringify(input)}`);
    const output = (await answer(input)) ?? {};
    check(NormalizedSchema.of(outputSchema()), output, `${operation} answer`, false);
    return structuredClone(output);
  };
  return { send, calls } as unknown as Client & { readonly calls: readonly Call[] };
}

/** An error as the SDK throws it: told apart by `name`. */
export const awsError = (name: string, message: string = name): Error =>
  Object.assign(new Error(message), { name, $fault: "client", $metadata: {} });

/** Only the calls of one operation, as their inputs. */
export const inputsOf = (client: { readonly calls: readonly Call[] }, operation: string) =>
  client.calls.filter(call => call.operation === operation).map(call => call.input);

/**
 * Compares a value with an SDK schema. Absent members are fine, and required ones must be there if `complete`.
 * @throws Error naming the place.
 */
function check(schema: Schema, value: unknown, place: string, complete: boolean): void {
  if (schema.isStructSchema() || schema.isUnitSchema()) checkStruct(schema, value, place, complete);
  else if (schema.isListSchema()) {
    if (!Array.isArray(value)) throw new Error(`${place} is no list: ${JSON.stringify(value)}`);
    value.forEach((item, index) => check(schema.getValueSchema(), item, `${place}[${index}]`, complete));
  } else if (schema.isMapSchema()) {
    for (const [key, item] of Object.entries(asObject(value, place)))
      check(schema.getValueSchema(), item, `${place}.${key}`, complete);
  } else checkPrimitive(schema, value, place);
}

function checkStruct(schema: Schema, value: unknown, place: string, complete: boolean): void {
  const struct = asObject(value, place);
  const members = schema.isUnitSchema() ? [] : [...schema.structIterator()];
  const names = members.map(([name]) => name);
  const unknown = Object.keys(struct).find(name => !names.includes(name) && name !== "$metadata");
  if (unknown !== undefined)
    throw new Error(`${place} has no member "${unknown}"; it has ${names.join(", ") || "none"}`);
  // The tuple's seventh entry says how many of the members, which come first, are required.
  const required = complete ? Number((schema.getSchema() as unknown[])[6] ?? 0) : 0;
  const missing = names.slice(0, required).find(name => struct[name] === undefined);
  if (missing !== undefined) throw new Error(`${place} lacks "${missing}"`);
  for (const [name, member] of members)
    if (struct[name] !== undefined) check(member, struct[name], `${place}.${name}`, complete);
}

function checkPrimitive(schema: Schema, value: unknown, place: string): void {
  const fits = schema.isStringSchema()
    ? typeof value === "string"
    : schema.isBooleanSchema()
      ? typeof value === "boolean"
      : schema.isNumericSchema()
        ? typeof value === "number" && Number.isFinite(value)
        : schema.isTimestampSchema()
          ? // A test may have put a clock of its own in the place of Date.
            Object.prototype.toString.call(value) === "[object Date]"
          : schema.isBlobSchema()
            ? value instanceof Uint8Array || typeof value === "string"
            : value !== undefined;
  if (!fits) throw new Error(`${place} has a value of the wrong type: ${JSON.stringify(value)}`);
}

function asObject(value: unknown, place: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`${place} is no object: ${JSON.stringify(value)}`);
  return value as Record<string, unknown>;
}
