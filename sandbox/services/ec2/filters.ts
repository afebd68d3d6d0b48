import { expand, lookupIn, matches } from "../../iam/wildcards";

export interface Filter {
  readonly Name?: string;
  readonly Values?: readonly string[];
}

/** What a filter compares of one item: a value, several, or none. */
export type Values<T> = Readonly<Record<string, (item: T) => string | readonly string[] | undefined>>;

/** Filters that the account's state does not know: the rest of a call's filters, and whether an item passes these. */
export function splitFilters<T>(
  input: Readonly<Record<string, unknown>>,
  ours: Values<T>,
): { readonly input: object | undefined; passes(item: T): boolean } {
  const filters = (input.Filters ?? []) as readonly Filter[];
  const own = filters.filter(({ Name = "" }) => Object.hasOwn(ours, Name));
  const rest = filters.filter(filter => !own.includes(filter));
  return {
    input: own.length === 0 ? undefined : { ...input, Filters: rest.length > 0 ? rest : undefined },
    passes: item =>
      own.every(({ Name = "", Values = [] }) => {
        const values = [ours[Name]?.(item) ?? []].flat();
        return Values.some(pattern => values.some(value => likes(pattern, value)));
      }),
  };
}

/**
 * `*` and `?` stand for any characters and any one; case counts.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
 */
const likes = (pattern: string, value: string): boolean =>
  matches(expand(pattern, "", lookupIn({})) ?? "", value);
