/** What a paginated EC2 Describe call takes and gives, whatever it describes. */
export interface Query {
  readonly Filters: { Name: string; Values: string[] }[];
  readonly NextToken?: string | undefined;
}
export interface Page<T> {
  readonly items?: readonly T[] | undefined;
  readonly NextToken?: string | undefined;
}

/** Every page's items: `ask` gets the token of the page that follows. */
export async function allPages<T>(ask: (NextToken?: string) => Promise<Page<T>>): Promise<T[]> {
  const found: T[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ask(NextToken);
    found.push(...(page.items ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined && NextToken !== "");
  return found;
}

/** EC2 takes at most this many values in one filter. */
const filterLimit = 200;

/**
 * Everything of which the named filter matches one of the values, all pages. Ids go in filters and not in the call's
 * list of ids, because there a single one that is gone fails the call for all.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html
 */
export async function describeAll<T>(
  filter: string,
  values: readonly string[],
  ask: (query: Query) => Promise<Page<T>>,
): Promise<T[]> {
  const wanted = [...new Set(values)].sort();
  const found: T[] = [];
  for (let at = 0; at < wanted.length; at += filterLimit) {
    const Filters = [{ Name: filter, Values: wanted.slice(at, at + filterLimit) }];
    found.push(...(await allPages(NextToken => ask({ Filters, NextToken }))));
  }
  return found;
}
