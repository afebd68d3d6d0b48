import { createHash } from "node:crypto";
import { z } from "zod";
import { containsUnknown, type Properties } from "../values";
import type { Created } from "../engine/provider";

/** Makes SDK clients that talk to the sandbox account. */
export type Clients = <C>(make: new (config: never) => C, region: string) => C;

/** What a resource type works with to create one resource. */
export interface Creation<Inputs> {
  readonly urn: string;
  /** The name in the program. */
  readonly name: string;
  readonly inputs: Inputs;
  readonly region: string;
  readonly account: () => Promise<string>;
  /** A client in the resource's region. */
  client<C>(make: new (config: never) => C): C;
  /** The resource's tags over the provider's default tags. */
  readonly tags: Readonly<Record<string, string>>;
  /** `<name>-<7 hex digits>`, as Pulumi names what the program left unnamed; the same on every run. */
  readonly autoName: string;
}

/** One resource type of the AWS provider: which inputs it takes, and how it becomes real. */
export interface ResourceType {
  readonly type: string;
  readonly properties: readonly string[];
  readonly required: readonly string[];
  /** Every problem of the inputs, one line each. */
  check(inputs: Properties): string[];
  create(creation: Creation<Properties>): Promise<Created>;
}

/**
 * Declares a resource type. `inputs` is everything that may be set, so that whatever else is set is an error;
 * `region` is added to the inputs and outputs of all but global services, `tagsAll` to the outputs of what has tags.
 * `check` finds what properties only violate together.
 */
export function resourceType<Shape extends z.ZodRawShape>(definition: {
  type: string;
  global?: boolean;
  inputs: Shape;
  check?(inputs: z.output<z.ZodObject<Shape>>): string[];
  create(creation: Creation<z.output<z.ZodObject<Shape>>>): Promise<Created>;
}): ResourceType {
  type Inputs = z.output<z.ZodObject<Shape>>;
  const { type, global = false, check, create } = definition;
  const shape: z.ZodRawShape = { ...definition.inputs, ...(global ? {} : { region: z.string().optional() }) };
  const schema = z.strictObject(shape);
  const properties = Object.keys(shape);
  const taggable = properties.includes("tags");

  return {
    type,
    properties,
    required: properties.filter(name => !z.safeParse(shape[name] as z.ZodType, undefined).success),
    check: inputs => {
      const parsed = schema.safeParse(inputs);
      if (parsed.success) return check?.(parsed.data as Inputs) ?? [];
      return parsed.error.issues
        .filter(issue => !containsUnknown(valueAt(inputs, issue.path)))
        .map(issue => describeIssue(issue, inputs, type, properties));
    },
    create: async creation => {
      const inputs = schema.parse(creation.inputs) as Inputs;
      const { id, outputs } = await create({ ...creation, inputs });
      return {
        id,
        outputs: {
          ...creation.inputs,
          ...outputs,
          ...(global ? {} : { region: creation.region }),
          ...(taggable ? { tagsAll: creation.tags } : {}),
        },
      };
    },
  };
}

function describeIssue(
  issue: z.core.$ZodIssue,
  inputs: Properties,
  type: string,
  properties: readonly string[],
): string {
  const place = issue.path.join(".");
  if (issue.code === "unrecognized_keys")
    return issue.keys
      .map(key => (place === "" ? key : `${place}.${key}`))
      .map(key =>
        key.includes(".")
          ? `the sandbox does not know the property "${key}" of ${type}`
          : `the sandbox does not know the property "${key}" of ${type}; it knows ${properties.join(", ")}`,
      )
      .join("\n");
  if (issue.code === "invalid_key")
    return `"${place}": ${issue.issues.map(({ message }) => message).join(", ")}`;
  const value = valueAt(inputs, issue.path);
  if (value === undefined) return `"${place}" is required`;
  const shown = JSON.stringify(value);
  return `"${place}" is ${shown.length > 100 ? `${shown.slice(0, 100)}…` : shown}: ${issue.message}`;
}

const valueAt = (inputs: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], inputs);

/** Seven hex digits that belong to a resource, where Pulumi takes random ones. */
export const suffixOf = (urn: string): string => createHash("sha256").update(urn).digest("hex").slice(0, 7);
