import { createHash } from "node:crypto";
import { z } from "zod";
import { containsUnknown, type Properties } from "../values";
import type { Created } from "../engine/provider";
import {
  retag,
  unlessGone,
  type Change,
  type Existing,
  type Tagging,
  type Tags,
  type Update,
} from "./existing";

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
  readonly tags: Tags;
  /** `<name>-<7 hex digits>`, as Pulumi names what the program left unnamed; the same on every run. */
  readonly autoName: string;
}

/** How a resource of one type becomes other than it was. */
export interface Changes {
  /** Inputs that AWS sets once and for all: another value takes another resource. */
  readonly replaces: readonly string[];
  /** Inputs that can be changed on the resource. */
  readonly updates: readonly string[];
  /** The input that is its name in the account: while it stays, there cannot be a second one beside it. */
  readonly namedBy?: string;
  /** Lists whose order means nothing. */
  readonly unordered: readonly string[];
  /** What AWS has where an input is not given. */
  readonly defaults: Properties;
}

/** One resource type of the AWS provider: which inputs it takes, how it becomes real, what becomes of it then. */
export interface ResourceType {
  readonly type: string;
  readonly properties: readonly string[];
  readonly required: readonly string[];
  readonly taggable: boolean;
  readonly changes: Changes;
  /** Every problem of the inputs, one line each. */
  check(inputs: Properties): string[];
  create(creation: Creation<Properties>): Promise<Created>;
  /** Inputs and outputs as the account has them now, undefined those that are not set; undefined where it is gone. */
  read(existing: Existing): Promise<Properties | undefined>;
  /** @throws Error naming every changed input that cannot be changed, before anything is done. */
  update(change: Change<Properties>): Promise<void>;
  /** What is gone already is no error. */
  remove(existing: Existing): Promise<void>;
}

/**
 * Declares a resource type. `inputs` is everything that may be set, so that whatever else is set is an error;
 * `region` is added to the inputs and outputs of all but global services, `tagsAll` to the outputs of what has tags.
 * `check` finds what properties only violate together. `read` tells all that `create` answers and the account knows,
 * with all tags as `tags`. Of `updates` those are done, in their order, of whose inputs one has changed.
 */
export function resourceType<Shape extends z.ZodRawShape>(definition: {
  type: string;
  global?: boolean;
  inputs: Shape;
  check?(inputs: z.output<z.ZodObject<Shape>>): string[];
  create(creation: Creation<z.output<z.ZodObject<Shape>>>): Promise<Created>;
  namedBy?: keyof Shape & string;
  replaces?: readonly (keyof Shape & string)[];
  unordered?: readonly (keyof Shape & string)[];
  defaults?: { readonly [Name in keyof Shape]?: unknown };
  read(existing: Existing): Promise<Properties | undefined>;
  updates?: readonly Update<z.output<z.ZodObject<Shape>>>[];
  tagging?(existing: Existing): Tagging;
  remove(existing: Existing): Promise<unknown>;
}): ResourceType {
  type Inputs = z.output<z.ZodObject<Shape>>;
  const { type, global = false, check, create, defaults = {}, replaces = [], tagging } = definition;
  const shape: z.ZodRawShape = { ...definition.inputs, ...(global ? {} : { region: z.string().optional() }) };
  const schema = z.strictObject(shape);
  const properties = Object.keys(shape);
  const taggable = properties.includes("tags");
  const updates: readonly Update<Inputs>[] = [
    ...(definition.updates ?? []),
    ...(tagging === undefined
      ? []
      : [{ of: ["tags"], by: (one: Change<Inputs>) => retag(one, tagging(one)) }]),
  ];
  const changes: Changes = {
    replaces: [...replaces, ...(global ? [] : ["region"])],
    updates: updates.flatMap(({ of }) => of),
    namedBy: definition.namedBy,
    unordered: definition.unordered ?? [],
    defaults,
  };

  return {
    type,
    properties,
    required: properties.filter(name => !z.safeParse(shape[name] as z.ZodType, undefined).success),
    taggable,
    changes,
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
    read: async existing => {
      const found = await unlessGone(definition.read(existing));
      if (found === undefined) return undefined;
      const { tags, ...others } = found;
      return {
        ...others,
        ...(taggable ? { tagsAll: tags } : {}),
        ...(global ? {} : { region: existing.region }),
      };
    },
    update: async change => {
      const others = change.changed.filter(name => !changes.updates.includes(name));
      if (others.length > 0) throw new Error(others.map(name => cannotUpdate(type, name)).join("\n"));
      const inputs = { ...defaults, ...schema.parse(change.inputs) } as Inputs;
      for (const { of, by } of updates)
        if (of.some(name => change.changed.includes(name))) await by({ ...change, inputs });
    },
    remove: async existing => void (await unlessGone(definition.remove(existing))),
  };
}

/** What whoever changes an input hears that the sandbox does not change. */
export const cannotUpdate = (type: string, name: string): string =>
  `the sandbox cannot update the property "${name}" of ${type}`;

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
