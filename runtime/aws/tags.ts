/** Tags by key, as every guardrail keeps them in a resource's state. */
export type Tags = Record<string, string>;

/** The tag list of an SDK answer, by key and sorted, so that two reads of the same tags are equal. */
export function tagsRead(list: readonly { Key?: string; Value?: string }[] = []): Tags {
  const pairs = list.map(({ Key = "", Value = "" }): [string, string] => [Key, Value]);
  return Object.fromEntries(pairs.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Tags as EC2's calls take them. */
export const tagList = (tags: Tags): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
