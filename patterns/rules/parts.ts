/**
 * Finds things by what a string must hold somewhere for them: every four characters in a row of the string are
 * looked up, however many things there are. False alarms are harmless; what is not found has no part in the string.
 */
export type PartIndex<T> = Map<number, T[]>;

const width = 4;

/** Whether a part is long enough to be found by. */
export const isFindable = (part: string): boolean => part.length >= width;

/** Puts each thing under the rarest four characters of each of its parts. */
export function partIndex<T>(things: readonly (readonly [thing: T, parts: string[]])[]): PartIndex<T> {
  const shares = new Map<number, number>();
  for (const [, parts] of things)
    for (const part of parts) for (const key of keysOf(part)) shares.set(key, (shares.get(key) ?? 0) + 1);
  const index: PartIndex<T> = new Map();
  for (const [thing, parts] of things) {
    const rarest = parts.map(part =>
      keysOf(part).reduce((best, key) => ((shares.get(key) ?? 0) < (shares.get(best) ?? 0) ? key : best)),
    );
    for (const key of new Set(rarest)) {
      const together = index.get(key);
      if (together) together.push(thing);
      else index.set(key, [thing]);
    }
  }
  return index;
}

/** Calls back with everything that a string may hold a part of. */
export function eachWithin<T>(index: PartIndex<T>, text: string, found: (thing: T) => void): void {
  let seen: Set<T[]> | undefined;
  let key = 0;
  for (let at = 0; at < text.length; at++) {
    key = shifted(key, text, at);
    const things = at < width - 1 ? undefined : index.get(key);
    // A string may repeat the same characters thousands of times.
    if (things === undefined || seen?.has(things)) continue;
    seen = (seen ?? new Set()).add(things);
    things.forEach(found);
  }
}

const keysOf = (part: string): number[] => {
  let key = 0;
  return Array.from({ length: part.length }, (_, at) => (key = shifted(key, part, at))).slice(width - 1);
};

// Of four shifts by eight bits none before is left in a number's 32. Beyond U+00FF characters may share a key.
const shifted = (key: number, text: string, at: number): number => (key << 8) ^ text.charCodeAt(at);
