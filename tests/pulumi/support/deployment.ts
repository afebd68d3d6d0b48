import { isArchive, type Properties } from "../../../sandbox/pulumi/values";
import type { RegisteredResource } from "../../../sandbox/pulumi/engine";

/** One resource in the state of Pulumi's engine: `ResourceV3` in sdk/go/common/apitype/core.go of https://github.com/pulumi/pulumi. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly parent?: string;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>>;
  readonly inputs?: Properties;
  readonly outputs?: Properties;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
}

/** What of a resource the program decides, in words that can be compared: what, and its value. */
export type Described = Readonly<Record<string, string>>;

const sorted = (list: readonly string[] | null | undefined): string[] => [...(list ?? [])].sort();

/**
 * Archives are compared by codeSha256, which the account tells of a function's zip: only Pulumi's engine gives an
 * archive a hash. Addresses are alike, because each account has a port of its own.
 */
const text = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) => (isArchive(part) ? "an archive" : ordered(part))).replace(
    /127\.0\.0\.1:\d+/g,
    "the account",
  );

const ordered = (part: unknown): unknown =>
  typeof part === "object" && part !== null && !Array.isArray(part)
    ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
    : part;

function describe(resource: StateResource): Described {
  const dependencies = Object.entries(resource.propertyDependencies ?? {})
    .map(([name, urns]) => [name, sorted(urns)] as const)
    .filter(([, urns]) => urns.length > 0);
  const inputs = Object.entries(resource.inputs ?? {})
    .filter(([name, value]) => name !== "__defaults" && value !== undefined)
    .map(([name, value]) => [`input ${name}`, text(value)] as const);
  const sha = resource.outputs?.codeSha256;
  return {
    parent: resource.parent ?? "",
    dependencies: text(sorted(resource.dependencies)),
    ...Object.fromEntries(dependencies.map(([name, urns]) => [`dependencies of ${name}`, text(urns)])),
    ...Object.fromEntries(inputs),
    protect: String(resource.protect ?? false),
    retainOnDelete: String(resource.retainOnDelete ?? false),
    ...(typeof sha === "string" && { codeSha256: sha }),
  };
}

/** The stack as Pulumi's engine has it, by URN. Role policies get their names from the provider, at random. */
export const ofState = (resources: readonly StateResource[]): Map<string, Described> =>
  new Map(
    resources
      .filter(({ type }) => !type.startsWith("pulumi:providers"))
      .map(one => {
        const { "input name": name, ...rest } = describe(one);
        const isNamed = name !== undefined && one.type !== "aws:iam/rolePolicy:RolePolicy";
        return [one.urn, isNamed ? { ...rest, "input name": name } : rest];
      }),
  );

/** The stack as the sandbox's own engine has it, by URN. */
export const ofEngine = (resources: readonly RegisteredResource[]): Map<string, Described> =>
  new Map(resources.map(one => [one.urn, describe({ ...one, ...one.options })]));

/** A line for each resource and each part of one that is not the same. */
export function differences(real: Map<string, Described>, own: Map<string, Described>): string[] {
  const cut = (value: string | undefined): string => (value === undefined ? "nothing" : value.slice(0, 300));
  return [...new Set([...real.keys(), ...own.keys()])].flatMap(urn => {
    const name = urn.split("::").slice(2).join("::");
    const [one, other] = [real.get(urn), own.get(urn)];
    if (one === undefined || other === undefined)
      return [`${name} is only in ${one === undefined ? "our engine's stack" : "Pulumi's"}`];
    return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap(part =>
      one[part] === other[part]
        ? []
        : [`${name}, ${part}: Pulumi's engine has ${cut(one[part])}, ours ${cut(other[part])}`],
    );
  });
}
