/**
 * A small account without a network: service (as in @aws-sdk/client-<service>) → operation → answer. It answers of
 * every resource that it is asked about.
 */
export type FakeAccount = Record<
  string,
  Readonly<Record<string, { answer(input: never): unknown }["answer"]>>
>;

/** What EC2's Describe operations are asked. */
export type Filters = { Filters?: { Name: string; Values: string[] }[] };
export const filtered = ({ Filters = [] }: Filters, name: string): string[] =>
  Filters.find(filter => filter.Name === name)?.Values ?? [];
export const tagsOf = (tags: Record<string, string>) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
