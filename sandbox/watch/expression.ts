/** Values of one metric or expression, one for each period asked for; undefined where there is none. */
export type Points = readonly (number | undefined)[];

/** A metric math expression, ready to be worked out over metrics by their ids. */
export type Expression = (metrics: ReadonlyMap<string, Points>, length: number) => Points;

type Operator = "+" | "-" | "*" | "/";
type Read = Expression | { readonly list: (metrics: ReadonlyMap<string, Points>) => Points[] };

/**
 * Reads metric math as far as alarms of a stack need it: ids, numbers, + - * / and brackets, SUM, MIN, MAX and AVG of
 * lists (`METRICS()`, `METRICS("prefix")`, `[m1, m2]`), and FILL with a number or REPEAT.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 * @throws Error that names the part that the sandbox does not read.
 */
export function readExpression(text: string): Expression {
  const tokens = text.match(/"[^"]*"|\d+(?:\.\d+)?|[A-Za-z_]\w*|\S/g) ?? [];
  let at = 0;
  const fail = (): never => {
    throw new Error(`the sandbox does not read "${tokens[at] ?? "its end"}" of the expression ${text}`);
  };
  const take = (token: string) => (tokens[at] === token ? ((at += 1), true) : false);
  const expect = (token: string) => take(token) || fail();

  const single = (read: Read): Expression => (typeof read === "function" ? read : fail());
  const sum = (): Read => binary(["+", "-"], product);
  const product = (): Read => binary(["*", "/"], primary);
  const binary = (operators: readonly Operator[], next: () => Read): Read => {
    let left = next();
    for (;;) {
      const operator = operators.find(take);
      if (operator === undefined) return left;
      const [one, other] = [single(left), single(next())];
      left = (metrics, length) => both(operator, one(metrics, length), other(metrics, length));
    }
  };
  const primary = (): Read => {
    if (take("(")) return closed(sum());
    if (take("[")) {
      const parts = [single(sum())];
      while (take(",")) parts.push(single(sum()));
      expect("]");
      return { list: metrics => parts.map(part => part(metrics, lengthOf(metrics))) };
    }
    if (take("-")) {
      const inner = single(primary());
      return (metrics, length) => inner(metrics, length).map(value => value && -value);
    }
    const token = tokens[at] ?? fail();
    if (/^\d/.test(token)) {
      at += 1;
      return (_, length) => Array<number>(length).fill(Number(token));
    }
    // Ids begin with a small letter, functions are capitals.
    if (/^[a-z]/.test(token)) {
      at += 1;
      return (metrics, length) => metrics.get(token) ?? Array<undefined>(length).fill(undefined);
    }
    if (token === "METRICS") return metricsOf();
    if (token === "FILL") return fill();
    const combine = combinations[token] ?? fail();
    at += 1;
    expect("(");
    const inner = closed(sum());
    // Over one metric it would be one value for the whole range, which alarms have no use for.
    const list = typeof inner === "function" ? fail() : inner.list;
    return (metrics, length) => {
      const lists = list(metrics);
      return Array.from({ length }, (_, period) => {
        const values = lists.flatMap(list => list[period] ?? []);
        return values.length === 0 ? undefined : combine(values);
      });
    };
  };
  const closed = (inner: Read): Read => {
    expect(")");
    return inner;
  };
  const metricsOf = (): Read => {
    at += 1;
    expect("(");
    const prefix = tokens[at]?.startsWith('"') ? (tokens[at++] ?? "").slice(1, -1) : "";
    expect(")");
    return {
      list: metrics => [...metrics].flatMap(([id, points]) => (id.startsWith(prefix) ? [points] : [])),
    };
  };
  const fill = (): Read => {
    at += 1;
    expect("(");
    const inner = single(sum());
    expect(",");
    const repeats = take("REPEAT");
    const value = repeats ? undefined : Number(/^\d/.test(tokens[at] ?? "") ? tokens[at++] : fail());
    expect(")");
    return (metrics, length) => {
      let last: number | undefined;
      return inner(metrics, length).map(point => (last = point ?? (repeats ? last : value)));
    };
  };

  const read = sum();
  if (at < tokens.length) fail();
  return single(read);
}

const lengthOf = (metrics: ReadonlyMap<string, Points>): number =>
  Math.max(0, ...[...metrics.values()].map(({ length }) => length));

const combinations: Readonly<Record<string, (values: readonly number[]) => number>> = {
  SUM: values => values.reduce((sum, value) => sum + value, 0),
  AVG: values => values.reduce((sum, value) => sum + value, 0) / values.length,
  MIN: values => Math.min(...values),
  MAX: values => Math.max(...values),
};

const operations: Readonly<Record<Operator, (one: number, other: number) => number | undefined>> = {
  "+": (one, other) => one + other,
  "-": (one, other) => one - other,
  "*": (one, other) => one * other,
  // CloudWatch leaves out what is divided by nothing.
  "/": (one, other) => (other === 0 ? undefined : one / other),
};

const both = (operator: Operator, one: Points, other: Points): Points =>
  one.map((value, period) => {
    const second = other[period];
    return value === undefined || second === undefined ? undefined : operations[operator](value, second);
  });
