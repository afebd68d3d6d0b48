import {
  isMap,
  isAlias,
  isNode,
  isScalar,
  isSeq,
  parseAllDocuments,
  type Document,
  type Node,
  type Scalar,
  type YAMLMap,
} from "yaml";
import { goKey, goScalar, type GoScalar } from "./go-yaml";

/** Why a file could not be read, and where in it: characters from its beginning. */
export type Unreadable = Error & { readonly offset?: number };
const unreadable = (message: string, offset?: number): Unreadable =>
  Object.assign(new Error(message), { offset });
const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
const startOfKey = (map: unknown, name: string): number | undefined =>
  isMap(map)
    ? startOf(map.items.find(({ key }) => isScalar(key) && String(key.value) === name)?.key)
    : undefined;

type GoValue = GoScalar | GoValue[] | { [key: string]: GoValue };

/**
 * The config of a stack file (`Pulumi.<stack>.yaml`) as the program receives it in PULUMI_CONFIG: full key
 * (`<project>:<name>`) → text, where maps and lists are JSON text. Reads as Pulumi's CLI 3.248.0 does:
 * `LoadProjectStackBytes` in sdk/go/common/workspace/loaders.go, `unmarshalObject` and `MarshalString` in
 * sdk/go/common/resource/config/object.go of https://github.com/pulumi/pulumi.
 * @throws Unreadable, one sentence, for what Pulumi refuses, and for what needs Pulumi's own services: secrets and
 * environments
 */
export function readStackConfig(yamlText: string, project: string): Record<string, string> {
  // Every scalar stays text, and how it was quoted is kept: what it means is go-yaml.ts' business.
  const documents = parseAllDocuments(yamlText, { schema: "failsafe", logLevel: "silent" });
  const document = "empty" in documents ? undefined : documents[0];
  if (document?.errors.length)
    throw unreadable(`not YAML: ${document.errors[0].message}`, document.errors[0].pos[0]);
  if (!document?.contents) return {};
  const stack = goValue(document.contents, document, []);
  if (stack === null) return {};
  if (!isObject(stack)) throw unreadable("the stack file is not a map with a `config` in it", 0);
  if (stack.environment !== undefined && stack.environment !== null)
    throw unreadable(
      "`environment` imports config from Pulumi ESC, which is out of reach here: write the values",
      startOfKey(document.contents, "environment"),
    );
  if (stack.config === undefined || stack.config === null) return {};
  if (!isObject(stack.config))
    throw unreadable("`config` is not a map of keys to values", startOfKey(document.contents, "config"));

  const startOfSetting = (key: string) => startOfKey(document.get("config"), key);
  const entries = Object.entries(stack.config).map(([key, value]) => {
    const fullKey = configKey(key, project);
    if (fullKey !== undefined) return [fullKey, value] as const;
    const form = "it is not of the form <namespace>:<name>";
    throw unreadable(`could not parse ${key} as a configuration key: ${form}`, startOfSetting(key));
  });
  const [secret, ...others] = Object.entries(stack.config).flatMap(([key, value]) =>
    secretPlaces(value, configKey(key, project) ?? key).map(place => ({ key, place })),
  );
  if (secret !== undefined) {
    const places = [secret, ...others].map(({ place }) => place).join(", ");
    throw unreadable(
      `${places}: a secret that only its stack's key can decrypt; give the value in plain text here`,
      startOfSetting(secret.key),
    );
  }
  return Object.fromEntries(entries.map(([key, value]) => [key, configText(value)]));
}

const isObject = (value: GoValue): value is { [key: string]: GoValue } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Undefined for what is no key. Bare ones belong to the project; `<namespace>:config:<name>` is the old spelling of `<namespace>:<name>`. */
function configKey(key: string, project: string): string | undefined {
  const parts = key.split(":");
  if (parts.length === 1 && typeof goScalar(key) === "string") return `${project}:${key}`;
  if (parts.length === 2) return key;
  if (parts.length === 3 && parts[1] === "config") return `${parts[0]}:${parts[2]}`;
  return undefined;
}

/** A map with the single key `secure` and a text is Pulumi's form of a secret, at any depth. */
function secretPlaces(value: GoValue, place: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => secretPlaces(item, `${place}[${index}]`));
  if (!isObject(value)) return [];
  const keys = Object.keys(value);
  if (keys.length === 1 && typeof value.secure === "string") return [place];
  return keys.flatMap(key => secretPlaces(value[key], `${place}.${key}`));
}

/** At the top level text is itself and nothing at all is the empty text; all else is JSON. */
function configText(value: GoValue): string {
  if (value === null) return "";
  return typeof value === "string" ? value : typeof value === "bigint" ? String(value) : goJson(value);
}

const int64 = 2n ** 63n;

/**
 * JSON as Go's encoding/json writes it: keys sorted, `<`, `>` and `&` escaped. Within maps and lists an integer is exact
 * as far as int64 goes; beyond it Pulumi makes a float of it.
 */
function goJson(value: GoValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `[${value.map(goJson).join(",")}]`;
  if (typeof value === "object") {
    const keys = Object.keys(value).sort();
    return `{${keys.map(key => `${goJson(key)}:${goJson(value[key])}`).join(",")}}`;
  }
  if (typeof value === "bigint" && value >= int64) return String(Number(value));
  if (typeof value !== "string") return String(value);
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function goValue(node: unknown, document: Document, open: readonly unknown[]): GoValue {
  if (open.includes(node)) throw unreadable("an anchor contains itself", startOf(node));
  const within = [...open, node];
  if (isAlias(node)) {
    const target = node.resolve(document);
    if (target === undefined)
      throw unreadable(`*${node.source}: there is no anchor of this name before it`, startOf(node));
    return goValue(target, document, within);
  }
  if (isScalar(node)) return scalar(node);
  refuseTag(node as Node);
  if (isSeq(node)) return node.items.map(item => goValue(item, document, within));
  return mapping(node as YAMLMap, document, within);
}

function scalar(node: Scalar): GoScalar {
  const text = String(node.value ?? "");
  if (node.tag === "tag:yaml.org,2002:str") return text;
  refuseTag(node);
  const value = node.type === "PLAIN" ? goScalar(text) : text;
  if (typeof value === "number" && !Number.isFinite(value))
    throw unreadable(`${text} has no place in config: JSON has no such number`, startOf(node));
  return value;
}

function refuseTag(node: Node): void {
  const known = ["tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"];
  if (node.tag !== undefined && !known.includes(node.tag))
    throw unreadable(`the YAML tag ${node.tag} is not read here: write the value without it`, startOf(node));
}

function mapping(node: YAMLMap, document: Document, open: readonly unknown[]): { [key: string]: GoValue } {
  const own = new Map<string, GoValue>();
  const merged = new Map<string, GoValue>();
  for (const { key, value } of node.items) {
    const given = value === null ? null : goValue(value, document, open);
    if (isScalar(key) && key.type === "PLAIN" && key.value === "<<")
      for (const [name, inherited] of mergeSources(given, startOf(key)).flatMap(Object.entries<GoValue>))
        merged.set(name, merged.has(name) ? merged.get(name)! : inherited);
    else own.set(mapKey(goValue(key, document, open), startOf(key)), given);
  }
  return Object.fromEntries([...merged, ...own]);
}

function mergeSources(value: GoValue, at: number | undefined): { [key: string]: GoValue }[] {
  const sources = Array.isArray(value) ? value : [value];
  return sources.map(source => {
    if (!isObject(source)) throw unreadable("`<<` merges a map or a list of maps", at);
    return source;
  });
}

function mapKey(key: GoValue, at: number | undefined): string {
  if (Array.isArray(key) || isObject(key)) throw unreadable("a map's key is a map or a list", at);
  return goKey(key);
}
