import { blocks, names, numbers, texts, wildcards } from "./values";

type Random = <T>(choices: readonly T[]) => T;

/** Writes pairs of pattern and event from a seed; the events are mostly cut to match their patterns, or nearly. */
export function* pairs(seed: number): Generator<{ pattern: string; event: string }> {
  let state = seed;
  const chance = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const pick: Random = choices => choices[Math.floor(chance() * choices.length)];
  for (;;) {
    const pattern = patternOf(pick, chance, 0, false);
    yield { pattern: write(pattern, pick), event: write(eventOf(pattern, pick, chance), pick) };
  }
}

class Raw {
  constructor(readonly text: string) {}
}

type Json = unknown;

const patternOf = (
  pick: Random,
  chance: () => number,
  depth: number,
  inOr: boolean,
): Record<string, Json> => {
  const pattern: Record<string, Json> = Object.create(null) as Record<string, Json>;
  const count = 1 + Math.floor(chance() * 3);
  for (let index = 0; index < count; index++) {
    const name = pick(names);
    if (name === "$or") {
      if (chance() < 0.08) pattern[name] = conditionsOf(pick, chance);
      else if (depth < 3) {
        const some = Array.from({ length: 2 + Math.floor(chance() * 2) }, () =>
          patternOf(pick, chance, depth + 1, true),
        );
        pattern[name] = chance() < 0.03 ? some.slice(0, 1) : some;
      }
    } else if (chance() < 0.4 && depth < 3) pattern[name] = patternOf(pick, chance, depth + 1, inOr);
    else pattern[name] = conditionsOf(pick, chance);
  }
  if (Object.keys(pattern).length === 0) pattern.a = conditionsOf(pick, chance);
  return pattern;
};

const conditionsOf = (pick: Random, chance: () => number): Json[] =>
  Array.from({ length: chance() < 0.02 ? 0 : 1 + Math.floor(chance() * 2.3) }, () =>
    conditionOf(pick, chance),
  );

const conditionOf = (pick: Random, chance: () => number): Json => {
  const number = () => new Raw(pick(numbers));
  const some = (make: () => Json): Json =>
    chance() < 0.5 ? make() : Array.from({ length: 1 + Math.floor(chance() * 2.2) }, make);
  const text = () => pick(texts);
  return pick<() => Json>([
    text,
    text,
    text,
    number,
    () => pick([null, true, false]),
    () => ({ prefix: text() }),
    () => ({ suffix: text() }),
    () => ({ prefix: { "equals-ignore-case": text() } }),
    () => ({ suffix: { "equals-ignore-case": text() } }),
    () => ({ "equals-ignore-case": text() }),
    () => ({ wildcard: pick(wildcards) }),
    () => ({ exactly: text() }),
    () => ({ "anything-but": some(text) }),
    () => ({ "anything-but": some(number) }),
    () => ({ "anything-but": { prefix: some(text) } }),
    () => ({ "anything-but": { suffix: some(text) } }),
    () => ({ "anything-but": { "equals-ignore-case": some(text) } }),
    () => ({ "anything-but": { wildcard: some(() => pick(wildcards)) } }),
    () => ({ numeric: [pick(["=", "<", "<=", ">", ">="]), number()] }),
    () => ({ numeric: [pick([">", ">="]), number(), pick(["<", "<="]), number()] }),
    () => ({ exists: true }),
    () => ({ exists: false }),
    () => ({ exists: false }),
    () => ({ cidr: pick(blocks) }),
  ])();
};

/** An event in the pattern's shape: values that the conditions name, or any; wrapped in lists now and then. */
const eventOf = (pattern: Json, pick: Random, chance: () => number): Record<string, Json> => {
  const event: Record<string, Json> = Object.create(null) as Record<string, Json>;
  const fill = (part: Record<string, Json>, into: Record<string, Json>): void => {
    for (const [name, content] of Object.entries(part)) {
      if (chance() < 0.12) continue;
      if (name === "$or" && Array.isArray(content) && chance() < 0.95) {
        for (const alternative of content) {
          if (alternative !== null && typeof alternative === "object" && chance() < 0.6)
            fill(alternative as Record<string, Json>, into);
        }
      } else if (Array.isArray(content)) into[name] = valueOf(content, pick, chance);
      else if (content !== null && typeof content === "object") {
        const inner = () => {
          const object: Record<string, Json> = Object.create(null) as Record<string, Json>;
          fill(content as Record<string, Json>, object);
          return object;
        };
        const known = into[name];
        const isObject =
          known !== null && typeof known === "object" && !Array.isArray(known) && !(known instanceof Raw);
        if (isObject && chance() < 0.8) fill(content as Record<string, Json>, known as Record<string, Json>);
        else into[name] = chance() < 0.35 ? listOf(inner, pick, chance) : inner();
      }
    }
    if (chance() < 0.2) into[pick(names)] = pick<Json>([null, {}, [], [{}], "a", [[]]]);
  };
  fill(pattern as Record<string, Json>, event);
  return event;
};

const listOf = (make: () => Json, pick: Random, chance: () => number): Json[] =>
  Array.from({ length: Math.floor(chance() * 4) }, () =>
    chance() < 0.15 ? pick<Json>([null, "a", [], {}]) : chance() < 0.15 ? [make(), make()] : make(),
  );

const valueOf = (conditions: Json[], pick: Random, chance: () => number): Json => {
  const any = (): Json =>
    pick<() => Json>([
      () => pick(texts),
      () => new Raw(pick(numbers)),
      () => pick([null, true, false]),
      () => ({}),
    ])();
  const near = (): Json => {
    const found: Json[] = [];
    const gather = (value: Json): void => {
      if (value instanceof Raw || typeof value !== "object" || value === null) found.push(value);
      else Object.values(value).forEach(gather);
    };
    gather(conditions);
    const value = found.length > 0 ? pick(found) : any();
    return typeof value === "string" && chance() < 0.5 ? variant(value, pick) : value;
  };
  const one = () => (chance() < 0.7 ? near() : any());
  return chance() < 0.2 ? listOf(one, pick, chance) : one();
};

const variant = (text: string, pick: Random): string =>
  pick([
    text + pick(texts),
    pick(texts) + text,
    text.toUpperCase(),
    text.toLowerCase(),
    text.slice(1),
    text.slice(0, -1),
    text.replace("*", pick(texts)),
    text.replace(/\*/g, "ab"),
    text.replace(/\/.*/, ""),
  ]);

const write = (value: Json, pick: Random): string => {
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return `[${value.map(element => write(element, pick)).join(",")}]`;
  if (value !== null && typeof value === "object") {
    return `{${Object.entries(value)
      .map(([name, content]) => `${JSON.stringify(name)}:${write(content, pick)}`)
      .join(",")}}`;
  }
  return JSON.stringify(value);
};
