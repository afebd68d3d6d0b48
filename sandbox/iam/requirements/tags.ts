import type { Call } from "../../ground/call";
import type { Input } from "../judged";
import type { Context } from "../wildcards";
import { objects, text, textsOf } from "./members";

/** Tags as services spell them: a list of Key and Value in either case, or a map. */
export function tagsOf(value: unknown): Record<string, string> {
  if (Array.isArray(value))
    return Object.fromEntries(
      objects(value).map(tag => [
        String(tag.Key ?? tag.key ?? tag.TagKey),
        String(tag.Value ?? tag.value ?? tag.TagValue ?? ""),
      ]),
    );
  return Object.fromEntries(Object.entries(value ?? {}).map(([key, tag]) => [key, String(tag)]));
}

/** The tags that a call asks for, wherever its service puts them; tag specifications are read apart. */
export function requestedTags(input: Input): Record<string, string> {
  const nested = [input.Tagging, input.CreateBucketConfiguration].map(holder => {
    const { TagSet, Tags } =
      typeof holder === "object" && holder !== null ? (holder as Input) : ({} as Input);
    return tagsOf(TagSet ?? Tags);
  });
  const header = text(input.Tagging);
  return {
    ...tagsOf(input.Tags ?? input.tags),
    ...Object.assign({}, ...nested),
    ...(header ? Object.fromEntries(new URLSearchParams(header)) : {}),
  };
}

/** aws:RequestTag/… and aws:TagKeys of some tags. */
export const tagContext = (
  tags: Readonly<Record<string, string>>,
  keys: readonly string[] = [],
): Context => ({
  ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
  "aws:TagKeys": [...new Set([...Object.keys(tags), ...keys])],
});

/** The tags that a call asks for or takes away, as conditions see them. */
export function taggedContext({ operation, input }: Call): Context {
  const removed = textsOf(input.TagKeys ?? input.tagKeys);
  const deleted = operation === "DeleteTags" ? objects(input.Tags).flatMap(tag => textsOf(tag.Key)) : [];
  // A tag that goes whatever its value is asks for none.
  const valued = objects(input.Tags).filter(tag => tag.Value !== undefined);
  const tags = operation === "DeleteTags" ? tagsOf(valued) : requestedTags(input);
  return Object.keys(tags).length + removed.length + deleted.length > 0
    ? tagContext(tags, [...removed, ...deleted])
    : {};
}

/** Tags by the type of resource that gets them, where a call makes several kinds at once. */
export const tagSpecifications = ({ input }: Call): Map<string, Record<string, string>> =>
  new Map(
    objects(input.TagSpecifications ?? input.TagSpecification).map(specification => [
      text(specification.ResourceType) ?? "",
      tagsOf(specification.Tags),
    ]),
  );
