import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import type { Alias } from "@pulumi/pulumi/proto/alias_pb";
import type { RegisteredOptions } from "./registrations";

/** The options in a registration request, without those the program did not set. */
export function optionsOf(request: RegisterResourceRequest): RegisteredOptions {
  const timeouts = request.getCustomtimeouts()?.toObject() ?? {};
  return withoutUnset({
    deleteBeforeReplace: request.getDeletebeforereplacedefined()
      ? request.getDeletebeforereplace()
      : undefined,
    protect: request.hasProtect() ? request.getProtect() : undefined,
    retainOnDelete: request.hasRetainondelete() ? request.getRetainondelete() : undefined,
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: [...request.getAliasurnsList(), ...request.getAliasesList().map(describeAlias)],
    import: request.getImportid(),
    deletedWith: request.getDeletedwith(),
    replaceWith: request.getReplaceWithList(),
    version: request.getVersion(),
    provider: request.getProvider(),
    customTimeouts: withoutUnset(timeouts as Record<string, string>),
  });
}

const describeAlias = (alias: Alias): string => {
  const spec = alias.getSpec();
  return spec === undefined ? alias.getUrn() : `${spec.getType()}::${spec.getName()}`;
};

const isSet = (value: unknown): boolean =>
  value !== undefined &&
  value !== "" &&
  !(typeof value === "object" && value !== null && Object.keys(value).length === 0);

const withoutUnset = <T extends object>(options: T): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => isSet(value))) as T;
