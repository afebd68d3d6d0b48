import { XMLParser } from "fast-xml-parser";
import type { NormalizedSchema } from "@smithy/core/schema";
import { readScalar, writeScalar } from "./scalars";

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
});

export type XmlObject = { readonly [name: string]: XmlValue | XmlValue[] };
export type XmlValue = string | XmlObject;

/** The root element's name and its content: texts, objects by element name, arrays where an element repeats. */
export function parseXml(text: string): { readonly root: string; readonly content: XmlValue } {
  const parsed = parser.parse(text) as Record<string, XmlValue>;
  const root = Object.keys(parsed).find(name => name !== "#text");
  if (root === undefined) throw new Error("The body is no XML document");
  return { root, content: parsed[root] ?? "" };
}

const textOf = (value: XmlValue): string =>
  typeof value === "string" ? value : typeof value["#text"] === "string" ? value["#text"] : "";

const isBlank = (value: XmlValue): boolean => typeof value === "string" && value.trim() === "";

/** An XML element → the shape of the SDK's input. Lists may hold one element or none. */
export function readXml(schema: NormalizedSchema, value: XmlValue | XmlValue[]): unknown {
  if (schema.isListSchema()) return readList(schema, value);
  const one = Array.isArray(value) ? (value[0] ?? "") : value;
  if (schema.isMapSchema()) return readMap(schema, value);
  if (!schema.isStructSchema()) return readScalar(schema, textOf(one));
  const struct: Record<string, unknown> = {};
  if (typeof one === "string") return struct;
  for (const [member, memberSchema] of schema.structIterator()) {
    const traits = memberSchema.getMergedTraits();
    const given = one[`${traits.xmlAttribute ? "@" : ""}${xmlName(memberSchema, member)}`];
    if (given !== undefined) struct[member] = readXml(memberSchema, given);
  }
  return struct;
}

function readList(schema: NormalizedSchema, value: XmlValue | XmlValue[]): unknown[] {
  const item = schema.getValueSchema();
  if (schema.getMergedTraits().xmlFlattened) return [value].flat().map(one => readXml(item, one as XmlValue));
  const holder = Array.isArray(value) ? (value[0] ?? "") : value;
  if (typeof holder === "string") return [];
  const items = holder[itemName(item)];
  return items === undefined ? [] : [items].flat().map(one => readXml(item, one as XmlValue));
}

function readMap(schema: NormalizedSchema, value: XmlValue | XmlValue[]): Record<string, unknown> {
  const holder = Array.isArray(value) ? (value[0] ?? "") : value;
  const entries = schema.getMergedTraits().xmlFlattened
    ? [value].flat()
    : typeof holder === "string"
      ? []
      : [holder.entry ?? []].flat();
  const [keys, values] = [schema.getKeySchema(), schema.getValueSchema()];
  return Object.fromEntries(
    (entries as XmlObject[]).map(entry => [
      textOf(entry[keys.getMergedTraits().xmlName ?? "key"] as XmlValue),
      readXml(values, entry[values.getMergedTraits().xmlName ?? "value"] ?? ""),
    ]),
  );
}

const xmlName = (schema: NormalizedSchema, member: string): string =>
  schema.getMemberTraits().xmlName ?? member;
const itemName = (item: NormalizedSchema): string => item.getMergedTraits().xmlName ?? "member";

export const escapeXml = (text: string): string =>
  text.replace(/[&<>"\r]/g, char => `&#${char.charCodeAt(0)};`);

export const element = (name: string, content: string, attributes = ""): string =>
  content === "" ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`;

/** The members of a structure as XML, without an element around them. `only` names those to write. */
export function writeMembers(
  schema: NormalizedSchema,
  value: Readonly<Record<string, unknown>>,
  only: (member: NormalizedSchema) => boolean = () => true,
): string {
  let xml = "";
  for (const [member, memberSchema] of schema.structIterator()) {
    const given = value[member];
    if (given === undefined || given === null || !only(memberSchema)) continue;
    if (!memberSchema.getMergedTraits().xmlAttribute)
      xml += writeXml(memberSchema, given, xmlName(memberSchema, member));
  }
  return xml;
}

/** A value as an element of this name; a flattened list as several. */
export function writeXml(schema: NormalizedSchema, value: unknown, name: string): string {
  const flat = Boolean(schema.getMergedTraits().xmlFlattened);
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    const items = (value as unknown[]).map(one => writeXml(item, one, flat ? name : itemName(item)));
    return flat ? items.join("") : element(name, items.join(""));
  }
  if (schema.isMapSchema()) {
    const [keys, values] = [schema.getKeySchema(), schema.getValueSchema()];
    const entries = Object.entries(value as object).map(([key, one]) =>
      element(
        flat ? name : "entry",
        element(keys.getMergedTraits().xmlName ?? "key", escapeXml(key)) +
          writeXml(values, one, values.getMergedTraits().xmlName ?? "value"),
      ),
    );
    return flat ? entries.join("") : element(name, entries.join(""));
  }
  if (!schema.isStructSchema()) return element(name, escapeXml(writeScalar(schema, value, 5)));
  const given = value as Record<string, unknown>;
  const attributes = [...schema.structIterator()]
    .filter(([member, inner]) => inner.getMergedTraits().xmlAttribute && given[member] !== undefined)
    .map(
      ([member, inner]) => ` ${xmlName(inner, member)}="${escapeXml(writeScalar(inner, given[member], 5))}"`,
    );
  const namespace = attributes.some(text => text.startsWith(" xsi:"))
    ? ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`
    : "";
  return element(name, writeMembers(schema, given), namespace + attributes.join(""));
}

export { isBlank };
