import type { Properties } from "../values";
import { changedInputs, isEmpty, sameInput } from "./difference";
import type { Existing, Tags } from "./existing";
import { cannotUpdate, type ResourceType } from "./resource-type";

/** What follows a resource's creation, whatever its type: how the engine's questions are answered from one's parts. */

/** What the engine knows of a resource, and the configuration that holds now. */
export interface Known {
  readonly type: ResourceType;
  readonly id: string;
  /** Inputs and outputs. */
  readonly state: Properties;
  readonly region: string;
  readonly defaultTags: Tags;
}

export interface Difference {
  /** Inputs, by name. */
  readonly changed: readonly string[];
  /** Those of them for which there must be another resource. */
  readonly replaces: readonly string[];
  /** Whether the old one keeps the new one's name from being free. */
  readonly deleteBeforeReplace: boolean;
}

export const wantedTags = (defaultTags: Tags, inputs: Properties): Tags => ({
  ...defaultTags,
  ...(inputs.tags as Tags | undefined),
});

/**
 * What is to be done so that the resource has these inputs; tags and region also follow from the configuration.
 * @throws Error naming every changed input that can neither be changed nor replaces the resource.
 */
export function differenceOf(known: Known, oldInputs: Properties, inputs: Properties): Difference {
  const { type, state, region, defaultTags } = known;
  const { changes } = type;
  const found = changedInputs(changes, oldInputs, inputs).filter(name => name !== "region");
  if (state.region !== undefined && state.region !== (inputs.region ?? region)) found.push("region");
  const tagsDiffer =
    type.taggable &&
    state.tagsAll !== undefined &&
    !sameInput(changes, "tags", state.tagsAll, wantedTags(defaultTags, inputs));
  const changed = tagsDiffer ? [...new Set([...found, "tags"])] : found;
  const replaces = changed.filter(name => changes.replaces.includes(name));
  const others = changed.filter(name => !changes.updates.includes(name));
  if (replaces.length === 0 && others.length > 0)
    throw new Error(others.map(name => cannotUpdate(type.type, name)).join("\n"));
  return {
    changed,
    replaces,
    deleteBeforeReplace:
      replaces.length > 0 &&
      changes.namedBy !== undefined &&
      ![changes.namedBy, "region"].some(name => replaces.includes(name)),
  };
}

/** What was known of a resource with its new inputs instead of the old ones: in place of one that went, AWS's own. */
export function withInputs({ state, type }: Known, oldInputs: Properties, inputs: Properties): Properties {
  const { defaults } = type.changes;
  const went = Object.keys(oldInputs).filter(name => !(name in inputs));
  return present({ ...state, ...Object.fromEntries(went.map(name => [name, defaults[name]])), ...inputs });
}

/** A resource as it was found: what the engine keeps of it. */
export interface Found {
  readonly inputs: Properties;
  readonly outputs: Properties;
}

/** The resource as it is in the account; undefined where it is gone. Without given inputs it is an import. */
export async function find(known: Known, existing: Existing): Promise<Found | undefined> {
  const { type, state, defaultTags } = known;
  const read = await type.read(existing);
  if (read === undefined) return undefined;
  const tags = read.tagsAll && ownTags(read.tagsAll as Tags, defaultTags, (state.tags ?? {}) as Tags);
  const isTagged = tags && (Object.keys(tags).length > 0 || state.tags !== undefined);
  const found = { ...read, ...(type.taggable ? { tags: isTagged ? tags : undefined } : {}) };
  // What means the same stays as it was spelled.
  const other = Object.fromEntries(
    Object.entries(found).filter(([name, value]) => !sameInput(type.changes, name, state[name], value)),
  );
  return {
    inputs:
      Object.keys(existing.given).length === 0
        ? importedInputs(type, found)
        : refreshed(type, existing.given, found),
    outputs: present({ ...state, ...other }),
  };
}

const present = (values: Properties): Properties =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

/** All but what the default tags bring. */
const ownTags = (all: Tags, defaults: Tags, known: Tags): Tags =>
  Object.fromEntries(Object.entries(all).filter(([key, value]) => key in known || defaults[key] !== value));

/** The given inputs, each as it was given unless something else is there now. */
const refreshed = ({ changes }: ResourceType, inputs: Properties, found: Properties): Properties =>
  present(
    Object.fromEntries(
      Object.entries(inputs).map(([name, given]) => [
        name,
        !(name in found) || sameInput(changes, name, given, found[name]) ? given : found[name],
      ]),
    ),
  );

/** Every input that says something: not what AWS has anyway, and nothing empty. */
const importedInputs = ({ properties, changes }: ResourceType, found: Properties): Properties =>
  Object.fromEntries(
    Object.entries(found).filter(
      ([name, value]) =>
        properties.includes(name) &&
        name !== "region" &&
        !isEmpty(value) &&
        value !== 0 &&
        !sameInput(changes, name, value, changes.defaults[name]),
    ),
  );
