import type { Field } from "../paths";

/** A name that some rules cannot do without one of these strings behind, or one that starts with one of the heads. */
interface Probe {
  expression: RegExp;
  strings: Set<string>;
  /** Those of one length together. */
  heads: { length: number; texts: Set<string> }[];
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
    return probes.some(probe => finds(probe, text));
  };
}

const finds = ({ expression, strings, heads }: Probe, text: string): boolean => {
  expression.lastIndex = 0;
  for (let found = expression.exec(text); found !== null; found = expression.exec(text)) {
    const value = found[1];
    if (value === undefined || strings.has(value)) return true;
    for (const { length, texts } of heads) if (texts.has(value.slice(0, length))) return true;
  }
  return false;
};

/** What a name must hold: one of the strings, or something that starts with one of the heads. */
interface Wanted {
  strings: Set<string>;
  heads: Set<string>;
}

const mostProbes = 4;

const probesOf = (branches: Field[][]): Probe[] | undefined => {
  let left = branches.map(wantedByName);
  const variety = new Map<string, Wanted>();
  for (const byName of left) {
    for (const [name, wanted] of byName) variety.set(name, joined(variety.get(name), wanted));
  }
  const probes: Probe[] = [];
  while (left.length > 0) {
    const name = bestName(left, variety);
    if (name === undefined || probes.length === mostProbes) return undefined;
    const wanted = left.reduce((all, byName) => joined(all, byName.get(name)), nothing());
    probes.push(probeFor(name, wanted));
    left = left.filter(byName => !byName.has(name));
  }
  return probes;
};

/** The name that many of the branches left ask for, and that tells all branches apart by many different strings. */
const bestName = (left: Map<string, Wanted>[], variety: Map<string, Wanted>): string | undefined => {
  const scores = new Map<string, number>();
  for (const byName of left) {
    for (const name of byName.keys()) {
      const { strings, heads } = variety.get(name) ?? nothing();
      scores.set(name, (scores.get(name) ?? 0) + Math.log2(1 + strings.size + heads.size));
    }
  }
  return [...scores].sort(([, a], [, b]) => b - a)[0]?.[0];
};

const probeFor = (name: string, { strings, heads }: Wanted): Probe => ({
  // A list or an object may hold the string deeper down, and an escaped string is not worth reading here.
  expression: new RegExp(`${name}"\\s*:\\s*(?:"([^"\\\\]*)"|["[{])`, "g"),
  strings,
  heads: [...new Set([...heads].map(head => head.length))].map(length => ({
    length,
    texts: new Set([...heads].filter(head => head.length === length)),
  })),
});

// Only names that JSON text cannot spell in another way but by \u. Of two paths with one last name either will do.
const wantedByName = (fields: Field[]): Map<string, Wanted> =>
  new Map(
    fields.flatMap((field): [string, Wanted][] => {
      const name = field.path.slice(field.path.lastIndexOf(".") + 1);
      const wanted = wantedBy(field);
      return /^[\w-]+$/.test(name) && !wanted.heads.has("") ? [[name, wanted]] : [];
    }),
  );

const wantedBy = ({ conditions }: Field): Wanted => {
  const wanted = nothing();
  for (const { only, head = "" } of conditions) {
    if (only === undefined) wanted.heads.add(head);
    else wanted.strings.add(only);
  }
  return wanted;
};

const nothing = (): Wanted => ({ strings: new Set(), heads: new Set() });

/** Adds the second to the first. */
const joined = (all = nothing(), more = nothing()): Wanted => {
  for (const string of more.strings) all.strings.add(string);
  for (const head of more.heads) all.heads.add(head);
  return all;
};
