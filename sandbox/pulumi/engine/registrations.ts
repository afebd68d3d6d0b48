import type { Properties } from "../values";

/** The options of a registration that the program set; absent means not set. */
export interface RegisteredOptions {
  readonly deleteBeforeReplace?: boolean;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly ignoreChanges?: readonly string[];
  readonly replaceOnChanges?: readonly string[];
  readonly additionalSecretOutputs?: readonly string[];
  /** Old URNs, or `<type>::<name>` of an alias that is given by its parts ("" is: as now). */
  readonly aliases?: readonly string[];
  readonly import?: string;
  readonly deletedWith?: string;
  readonly replaceWith?: readonly string[];
  readonly version?: string;
  /** `<urn>::<id>` of an explicit provider. */
  readonly provider?: string;
  readonly customTimeouts?: Readonly<Record<string, string>>;
}

/** One resource as the program registered it and the engine answered. */
export interface RegisteredResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** false: a component. */
  readonly custom: boolean;
  /** The parent's URN; only the stack has none. */
  readonly parent?: string;
  /** URNs: explicit ones and those of all properties. */
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  /** Plain values, secrets unwrapped; archives and assets as the protocol has them. */
  readonly inputs: Properties;
  /** Names of the inputs that hold a secret. */
  readonly secrets: readonly string[];
  readonly options: RegisteredOptions;
  /** Custom resources; "" in a preview. */
  readonly id?: string;
  /** The provider's outputs; for a component what it registered, absent until it did. */
  readonly outputs?: Properties;
  /** Names of the outputs that hold a secret. */
  readonly secretOutputs: readonly string[];
}

export const stackType = "pulumi:pulumi:Stack";

/**
 * A resource's URN. Its type is qualified by those of its ancestors without the stack:
 * https://www.pulumi.com/docs/iac/concepts/resources/names/#urns
 */
export function urnOf(options: {
  stack: string;
  project: string;
  type: string;
  name: string;
  parent?: string;
}): string {
  const { stack, project, type, name, parent } = options;
  const ancestors = parent?.split("::")[2];
  const qualified = ancestors === undefined || ancestors === stackType ? type : `${ancestors}$${type}`;
  return `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
}
