/**
 * Property values as Pulumi's protocol sends them: JSON in which an object may carry a signature that says it stands
 * for something else. https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go
 */
export const signatureKey = "4dabf18193072939515e22adb298388d";
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const signatures = {
  asset: "c44067f5952c0a294b673a41bacd8c17",
  archive: "0def7320c3a5731c473e5ecbe6d01bc7",
  secret: "1b47061264138c4ac30d75fd1eb44270",
  resource: "5cf8f73096256a8f31e491e813e4eb8e",
  output: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
} as const;

export type Properties = Record<string, unknown>;

/** One file: its text, or where it lies. Keeps the protocol's signature, so no ordinary object can be taken for one. */
export interface Asset {
  readonly [signatureKey]: typeof signatures.asset;
  readonly text?: string;
  readonly path?: string;
  readonly uri?: string;
}

/** Files by name, or the folder or zip they lie in. */
export interface Archive {
  readonly [signatureKey]: typeof signatures.archive;
  readonly assets?: Readonly<Record<string, Asset | Archive>>;
  /** Of its content, where Pulumi's engine sends it: SHA-256. */
  readonly hash?: string;
  readonly path?: string;
  readonly uri?: string;
}

const isObject = (value: unknown): value is Properties =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const hasSignature = (value: unknown, signature: string): value is Properties =>
  isObject(value) && value[signatureKey] === signature;

export const isAsset = (value: unknown): value is Asset => hasSignature(value, signatures.asset);
export const isArchive = (value: unknown): value is Archive => hasSignature(value, signatures.archive);

/** A value without its wrappers, and whether some part of it is secret or not known yet (only in a preview). */
export interface Decoded {
  readonly value: unknown;
  readonly secret: boolean;
  readonly unknown: boolean;
}

/**
 * Unwraps secrets and outputs, and turns a reference to a resource into the resource's id (a component's: its URN), as
 * the engine does for providers that take plain values. Assets and archives stay as they are.
 * @throws Error on a signature that the protocol does not define.
 */
export function decode(value: unknown): Decoded {
  if (value === unknownValue) return { value: unknownValue, secret: false, unknown: true };
  if (Array.isArray(value)) return combine(value.map(decode), parts => parts);
  if (!isObject(value)) return { value, secret: false, unknown: false };
  switch (value[signatureKey]) {
    case undefined: {
      const names = Object.keys(value).filter(name => value[name] !== null);
      const parts = names.map(name => decode(value[name]));
      return combine(parts, values => Object.fromEntries(values.map((part, index) => [names[index], part])));
    }
    case signatures.asset:
    case signatures.archive:
      return { value, secret: false, unknown: false };
    case signatures.secret:
      return { ...decode(value.value), secret: true };
    case signatures.resource:
      return decode(value.id ?? value.urn);
    case signatures.output: {
      const inner = decode("value" in value ? value.value : unknownValue);
      return { ...inner, secret: inner.secret || value.secret === true };
    }
    default:
      throw new Error(`a property carries the unknown signature "${String(value[signatureKey])}"`);
  }
}

const combine = (parts: readonly Decoded[], build: (values: unknown[]) => unknown): Decoded => ({
  value: build(parts.map(part => part.value)),
  secret: parts.some(part => part.secret),
  unknown: parts.some(part => part.unknown),
});

/** All properties of a resource decoded, with the names of those that hold a secret. Absent and null are the same. */
export function decodeProperties(wire: Properties): { values: Properties; secrets: string[] } {
  const present = Object.entries(wire).filter(([, value]) => value !== null && value !== undefined);
  const decoded = present.map(([name, value]) => [name, decode(value)] as const);
  return {
    values: Object.fromEntries(decoded.map(([name, part]) => [name, part.value])),
    secrets: decoded.filter(([, part]) => part.secret).map(([name]) => name),
  };
}

/** Whether some part of a decoded value is only known once resources exist. */
export const containsUnknown = (value: unknown): boolean => decode(value).unknown;

/** Properties for the answer: what is undefined is left out, and the named ones are marked secret. */
export const encodeProperties = (values: Properties, secrets: readonly string[]): Properties =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [
        name,
        secrets.includes(name) ? { [signatureKey]: signatures.secret, value } : value,
      ]),
  );
