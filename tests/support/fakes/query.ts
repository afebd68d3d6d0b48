export type Attribute = { S?: string; N?: string };
export type Item = Record<string, Attribute>;

interface Query {
  readonly KeyConditionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: Item;
  readonly ExclusiveStartKey?: Item;
  readonly ScanIndexForward?: boolean;
  readonly Limit?: number;
}

/** One page of a Query: by the table's key or an index's, sorted by `sk`, in the words that the ledger uses. Throws at others. */
export function queried(items: Iterable<Item>, query: Query): { Items: Item[]; LastEvaluatedKey?: Item } {
  const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = query;
  const conditions = (query.KeyConditionExpression ?? "").split(" AND ").map(part => {
    const [, beginning, start] = /^begins_with\((#?\w+), (:\w+)\)$/.exec(part) ?? [];
    if (beginning !== undefined)
      return (item: Item) =>
        item[names[beginning] ?? beginning]?.S?.startsWith(values[start].S ?? "") === true;
    const [, name, operator, value] = /^(#?\w+) (=|>=) (:\w+)$/.exec(part) ?? [];
    if (name === undefined) throw new Error(`The fake table does not know the expression: ${part}`);
    const wanted = values[value].S ?? "";
    return (item: Item) => {
      const text = item[names[name] ?? name]?.S;
      return text !== undefined && (operator === "=" ? text === wanted : text >= wanted);
    };
  });
  const backwards = query.ScanIndexForward === false;
  const sort = (item: Item): string => `${item.sk?.S} ${item.pk?.S}`;
  const isBefore = (one: string, other: string): boolean => (backwards ? one > other : one < other);
  const { ExclusiveStartKey: from } = query;
  const found = [...items]
    .filter(item => conditions.every(holds => holds(item)))
    .filter(item => from === undefined || isBefore(sort(from), sort(item)))
    .sort((one, other) => (isBefore(sort(one), sort(other)) ? -1 : 1));
  const Items = found.slice(0, query.Limit ?? found.length);
  if (Items.length === found.length) return { Items };
  const { pk, sk } = Items[Items.length - 1];
  return { Items, LastEvaluatedKey: { pk, sk } };
}
