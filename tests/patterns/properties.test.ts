import { expect } from "chai";
import fc from "fast-check";
import { compile, explain, ruleSet } from "../../patterns";
import { holds, howToRepeat } from "../support/random";

const names = fc.constantFrom("a", "b", "toString", "__proto__");
const texts = fc.constantFrom("", "a", "ab", "AB", "b", "10.0.0.1", "::1", "é", "5", "null");
const numbers = fc.constantFrom(0, -0, 1, 5, 5.5, -5, 1e21, 300);
const scalars = fc.oneof(texts, numbers, fc.constantFrom(null, true, false));

const condition = fc.oneof(
  { weight: 4, arbitrary: scalars },
  texts.map(prefix => ({ prefix })),
  texts.map(suffix => ({ suffix })),
  texts.map(text => ({ "equals-ignore-case": text })),
  texts.map(text => ({ prefix: { "equals-ignore-case": text } })),
  fc.constantFrom("*", "a*", "*b", "a*b", "\\*").map(wildcard => ({ wildcard })),
  fc
    .oneof(texts, numbers, fc.array(texts, { minLength: 1, maxLength: 2 }))
    .map(value => ({ "anything-but": value })),
  texts.map(text => ({ "anything-but": { "equals-ignore-case": [text] } })),
  numbers.map(bound => ({ numeric: [">=", bound] })),
  fc.boolean().map(exists => ({ exists })),
  fc.constantFrom("10.0.0.0/8", "::/0").map(cidr => ({ cidr })),
);
const conditions = fc.array(condition, { minLength: 1, maxLength: 3 });

const { pattern } = fc.letrec<{ pattern: Record<string, unknown>; part: unknown }>(tie => ({
  part: fc.oneof({ maxDepth: 3, depthIdentifier: "pattern" }, conditions, tie("pattern")),
  pattern: fc
    .tuple(
      fc.dictionary(names, tie("part"), { minKeys: 1, maxKeys: 2, depthIdentifier: "pattern" }),
      fc.option(
        fc.array(
          fc.dictionary(
            names.filter(name => name !== "__proto__"),
            conditions,
            { minKeys: 1, maxKeys: 2 },
          ),
          { minLength: 2, maxLength: 3 },
        ),
      ),
    )
    .map(([fields, alternatives]) => (alternatives ? { ...fields, $or: alternatives } : fields)),
}));

const { value: json } = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: "event" },
    scalars,
    fc.array(tie("value"), { maxLength: 3, depthIdentifier: "event" }),
    fc.dictionary(fc.oneof(names, fc.constant("a.b")), tie("value"), {
      maxKeys: 4,
      depthIdentifier: "event",
    }),
  ),
}));
const anyEvent = fc.dictionary(fc.oneof(names, fc.constant("a.b")), json, { maxKeys: 5 });

/** An event in the shape of a pattern, mostly with values that its conditions name; now and then inside lists. */
const shapedLike = (part: unknown, next: () => number): unknown => {
  if (!Array.isArray(part)) {
    const fields = Object.entries(part as object).flatMap(([name, inner]): [string, unknown][] => {
      if (name === "$or")
        return (inner as object[]).flatMap(each => Object.entries(shapedLike(each, next) as object));
      return next() > 10 ? [[name, listed(shapedLike(inner, next), next)]] : [];
    });
    return Object.fromEntries(fields);
  }
  const leaves = part.flatMap(function leavesOf(value): unknown[] {
    return typeof value === "object" && value !== null ? Object.values(value).flatMap(leavesOf) : [value];
  });
  return listed(leaves[next() % leaves.length], next);
};
const listed = (value: unknown, next: () => number): unknown => {
  const chance = next();
  return chance > 25 ? value : chance > 15 ? [value] : chance > 5 ? [{}, value, "b"] : [[value], value];
};

const choices = fc.infiniteStream(fc.nat(99));
const eventLike = (part: unknown, stream: Iterator<number>): Record<string, unknown> =>
  shapedLike(part, () => Number(stream.next().value)) as Record<string, unknown>;

/** A pattern and an event that has much to do with it, or little. */
const pair = fc
  .tuple(pattern, anyEvent, choices, fc.nat(9))
  .map(([each, other, stream, chance]) => [each, chance === 0 ? other : eventLike(each, stream)] as const);

/** The same JSON with the keys of every object in the opposite order. */
const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, reversed(inner)]),
  );
};

/** The same JSON with one more field in every object. */
const withMore = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withMore);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries([
    ["unasked", { a: ["a"], b: 5 }],
    ...Object.entries(value).map(([name, inner]) => [name, withMore(inner)]),
  ]);
};

const runs = { numRuns: 400 };

describe("any event pattern", () => {
  it("is judged alike alone, in a rule set, from text and with reasons", () => {
    let matched = 0;
    holds(
      fc.property(pair, fc.array(pattern, { maxLength: 5 }), ([first, one], others) => {
        const patterns = [first, ...others];
        const expected = patterns.flatMap((each, index) => (compile(each)(one) ? [index] : []));
        matched += expected.length;
        const rules = ruleSet(patterns.map((each, index) => [index, each] as const));
        expect(rules.match(one)).to.deep.equal(expected);
        expect(rules.matchText(JSON.stringify(one))).to.deep.equal(expected);
        expect(patterns.flatMap((each, index) => (explain(each, one).matches ? [index] : []))).to.deep.equal(
          expected,
        );
      }),
      runs,
    );
    expect(matched, `the events match too seldom to show anything. ${howToRepeat}`).to.be.greaterThan(60);
  });

  it("is judged without an exception on any JSON at all", () => {
    holds(
      fc.property(pattern, fc.oneof(fc.jsonValue(), json), (each, value) => {
        expect(compile(each)(value)).to.be.a("boolean");
        expect(explain(each, value).reasons).to.not.be.empty;
      }),
      runs,
    );
  });

  it("does not care for the order of the event's keys, nor for fields it does not ask for", () => {
    holds(
      fc.property(pair, ([each, one]) => {
        const verdict = compile(each)(one);
        expect(compile(each)(reversed(one))).to.equal(verdict);
        expect(compile(each)(withMore(one))).to.equal(verdict);
      }),
      runs,
    );
  });

  it("does not care for the order of its own keys", () => {
    // The later of two conditions on one path wins, so these patterns have no $or.
    holds(
      fc.property(pair, ([each, one]) => {
        fc.pre(!JSON.stringify(each).includes("$or"));
        expect(compile(reversed(each))(one)).to.equal(compile(each)(one));
      }),
      runs,
    );
  });
});
