import type { NormalizedSchema } from "@smithy/core/schema";
import { awsError } from "../ground/call";
import { readScalar } from "./scalars";

/** Form parameters as a tree: `Filter.1.Name=x` is Filter → 1 → Name → x. */
interface Node {
  text?: string;
  read?: boolean;
  readonly children: Map<string, Node>;
}

const createNode = (): Node => ({ children: new Map() });

/**
 * Reads the parameters of the query protocols (awsQuery, ec2) into the shape of the SDK's input.
 * @throws UnknownParameter for a parameter that the operation does not have: nothing is dropped in silence.
 */
export function readQuery(
  schema: NormalizedSchema,
  parameters: URLSearchParams,
  ec2: boolean,
): Record<string, unknown> {
  const root = createNode();
  for (const [name, text] of parameters) {
    if (name === "Action" || name === "Version") continue;
    if (/^X-Amz-/i.test(name)) continue; // a presigned URL's own
    let at = root;
    for (const part of name.split(".")) {
      const next = at.children.get(part) ?? createNode();
      at.children.set(part, next);
      at = next;
    }
    at.text = text;
  }
  const input = schema.isUnitSchema() ? {} : readNode(schema, root, ec2);
  const unread = findUnread(root, "");
  if (unread !== undefined)
    throw awsError("UnknownParameter", `The parameter ${unread} is not recognized`, 400);
  return input as Record<string, unknown>;
}

function findUnread(node: Node, path: string): string | undefined {
  if (node.text !== undefined && !node.read) return path;
  for (const [name, child] of node.children) {
    const found = findUnread(child, path === "" ? name : `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function readNode(schema: NormalizedSchema, node: Node, ec2: boolean): unknown {
  if (schema.isListSchema()) return readItems(schema, node, ec2);
  if (schema.isMapSchema()) return readMap(schema, node, ec2);
  if (schema.isStructSchema()) {
    const struct: Record<string, unknown> = {};
    if (node.text === "") node.read = true;
    for (const [member, memberSchema] of schema.structIterator()) {
      const child = node.children.get(memberName(memberSchema, member, ec2));
      if (child) struct[member] = readNode(memberSchema, child, ec2);
    }
    return struct;
  }
  node.read = true;
  return readScalar(schema, node.text ?? "");
}

function memberName(schema: NormalizedSchema, member: string, ec2: boolean): string {
  const { xmlName, ec2QueryName } = schema.getMergedTraits() as { xmlName?: string; ec2QueryName?: string };
  if (!ec2) return xmlName ?? member;
  const name = xmlName ?? member;
  return ec2QueryName ?? name[0]!.toUpperCase() + name.slice(1);
}

/** The numbered children, in the order of their numbers. */
function numbered(node: Node | undefined): Node[] {
  const entries = [...(node?.children ?? [])].filter(([name]) => /^\d+$/.test(name));
  return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => child);
}

function readItems(schema: NormalizedSchema, node: Node, ec2: boolean): unknown[] {
  if (node.text === "") node.read = true; // an empty list is written as an empty value
  const item = schema.getValueSchema();
  const flat = ec2 || Boolean(schema.getMergedTraits().xmlFlattened);
  const holder = flat ? node : node.children.get(item.getMergedTraits().xmlName ?? "member");
  return numbered(holder).map(child => readNode(item, child, ec2));
}

function readMap(schema: NormalizedSchema, node: Node, ec2: boolean): Record<string, unknown> {
  if (node.text === "") node.read = true;
  const flat = Boolean(schema.getMergedTraits().xmlFlattened);
  const [keys, values] = [schema.getKeySchema(), schema.getValueSchema()];
  const map: Record<string, unknown> = {};
  for (const entry of numbered(flat ? node : node.children.get("entry"))) {
    const key = entry.children.get(keys.getMergedTraits().xmlName ?? "key");
    const value = entry.children.get(values.getMergedTraits().xmlName ?? "value");
    if (key && value) map[String(readNode(keys, key, ec2))] = readNode(values, value, ec2);
  }
  return map;
}
