import type { Field } from "./match";
import { onlyStrings } from "./match";

/** A name that may hold one of the strings that some rules cannot do without. */
interface Probe {
  expression: RegExp;
  strings: Set<string>;
}

/**
 * Tells from an event's text, much faster than it can be parsed, that no branch matches: none finds a string that it
 * asks for behind the last name of the string's path. False alarms are harmless; a text that it passes is parsed.
 */
export function textFilter(branches: Field[][]): (json: string) => boolean {
  const probes = probesOf(branches);
  if (probes === undefined) return () => true;
  return json => {
    const text = json.trim();
    // A name may hide behind an escape; and what is no object must be reported.
    if (!text.startsWith("{") || !text.endsWith("}") || text.includes("\\u")) return true;
    return probes.some(({ expression, strings }) => {
      expression.lastIndex = 0;
      for (let found = expression.exec(text); found !== null; found = expression.exec(text)) {
        if (found[1] === undefined || strings.has(found[1])) return true;
      }
      return false;
    });
  };
}

const mostProbes = 4;

const probesOf = (branches: Field[][]): Probe[] | undefined => {
  let left = branches.map(stringsByName);
  const variety = new Map<string, Set<string>>();
  for (const byName of left) {
    for (const [name, strings] of byName) variety.set(name, addAll(variety.get(name) ?? new Set(), strings));
  }
  const probes: Probe[] = [];
  while (left.length > 0) {
    const name = bestName(left, variety);
    if (name === undefined || probes.length === mostProbes) return undefined;
    const strings = new Set<string>();
    for (const byName of left) addAll(strings, byName.get(name) ?? []);
    left = left.filter(byName => !byName.has(name));
    // A list or an object may hold the string deeper down, and an escaped string is not worth reading here.
    probes.push({ expression: new RegExp(`${name}"\\s*:\\s*(?:"([^"\\\\]*)"|["[{])`, "g"), strings });
  }
  return probes;
};

/** The name that many of the branches left ask for, and that tells all branches apart by many different strings. */
const bestName = (left: Map<string, string[]>[], variety: Map<string, Set<string>>): string | undefined => {
  const scores = new Map<string, number>();
  for (const byName of left) {
    for (const name of byName.keys()) {
      scores.set(name, (scores.get(name) ?? 0) + Math.log2(1 + (variety.get(name)?.size ?? 0)));
    }
  }
  return [...scores].sort(([, a], [, b]) => b - a)[0]?.[0];
};

const addAll = (set: Set<string>, strings: string[]): Set<string> => {
  for (const string of strings) set.add(string);
  return set;
};

// Only names that JSON text cannot spell in another way but by \u. Of two paths with one last name either will do.
const stringsByName = (fields: Field[]): Map<string, string[]> =>
  new Map(
    fields.flatMap((field): [string, string[]][] => {
      const name = field.path.slice(field.path.lastIndexOf(".") + 1);
      const strings = onlyStrings(field);
      return strings && /^[\w-]+$/.test(name) ? [[name, strings]] : [];
    }),
  );
