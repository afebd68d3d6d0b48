import type { Json, JsonObject } from "../../runtime/json";

const nested = (depth: number): Json => (depth === 0 ? "deep" : { items: [nested(depth - 1)] });
const prototypes: Json = JSON.parse(
  '{"__proto__": {"items": [{"instanceId": "i-0"}], "errorCode": "x"}, "constructor": {"prototype": {"a": 1}}, "toString": 1}',
);
const junk: readonly Json[] = [
  null,
  "",
  " ",
  0,
  -1,
  1e308,
  true,
  false,
  [],
  {},
  [[]],
  [null],
  { items: null },
  { items: [null, 1, "x", {}, []] },
  { item: {} },
  "x".repeat(10_000),
  "\u202e\u0000\r\nSubject: \u{1F525}\ud800",
  "arn:aws:iam::123456789012:role/*",
  "i-0123456789abcdef0",
  "sg-0123456789abcdef0",
  "pl-0123456789abcdef0",
  "sgr-0123456789abcdef0",
  "eni-0123456789abcdef0",
  "../../etc/passwd",
  "__proto__",
  "constructor",
  "0.0.0.0/0",
  "::/0",
  "999.999.999.999/99",
  "2026-13-45T99:99:99Z",
  nested(60),
  prototypes,
  Array<Json>(500).fill({ instanceId: "i-0123456789abcdef0" }),
];

type Place = { readonly parent: JsonObject | Json[]; readonly key: string };

/** Every place in a value, as its parent and the key there. */
function places(value: Json, found: Place[] = []): Place[] {
  if (typeof value !== "object" || value === null) return found;
  for (const key of Object.keys(value)) {
    const parent = value as JsonObject;
    found.push({ parent, key });
    places(parent[key], found);
  }
  return found;
}

const set = ({ parent }: Place, key: string, value: Json): void =>
  void Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });

/** A copy with one to four things changed: dropped, replaced, renamed, doubled, wrapped, swapped, or cut. */
export function mutated(event: JsonObject, roll: () => number): JsonObject {
  const copy = structuredClone(event);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(roll() * list.length)];
  for (let left = 1 + Math.floor(roll() * 4); left > 0; left--) {
    // Most changes below `detail`: the envelope is checked first, and what is wrong there goes no further.
    const within = roll() < 0.9 && typeof copy.detail === "object" ? copy.detail : copy;
    const there = places(within);
    if (there.length === 0) break;
    const place = pick(there);
    const value = (place.parent as JsonObject)[place.key];
    const changes: readonly (() => void)[] = [
      () => void delete (place.parent as JsonObject)[place.key],
      () => set(place, place.key, structuredClone(pick(junk))),
      () => set(place, place.key, structuredClone(pick(junk))),
      () =>
        set(
          place,
          pick(["__proto__", "items", "item", "tag", "errorCode", "toString"]),
          structuredClone(value),
        ),
      () => set(place, place.key, [structuredClone(value), structuredClone(value)]),
      () => set(place, place.key, { items: [structuredClone(value)] }),
      () => {
        const other = pick(there);
        set(place, place.key, structuredClone((other.parent as JsonObject)[other.key]));
      },
      () => {
        if (typeof value === "string")
          set(
            place,
            place.key,
            value.slice(0, Math.floor(roll() * value.length)) + pick(["", "0", "é", "/", ":", "*"]),
          );
      },
    ];
    pick(changes)();
  }
  return copy;
}
