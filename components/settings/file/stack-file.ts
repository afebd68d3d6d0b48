import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
} from "yaml";
import type { Fix, Path } from "../fixes";
import { flow } from "./flow";

/** A stack file as somebody wrote it. */
export interface StackFile {
  /** The line of a setting, from 1; of one that is not there, its nearest parent's. */
  lineOf(path: Path): number;
  /** Whether a setting has a place of its own in the file. */
  has(path: Path): boolean;
  /** How a fix is made by hand, e.g. `write vpc-created: notify`; undefined where only a command can make it. */
  byHand(fix: Fix): string | undefined;
}

/** What is at a place, and where that begins. */
interface Spot {
  readonly value: unknown;
  readonly start: number;
  /** As it is written, in a map. */
  readonly key?: string;
}

/** @param project the namespace of its settings */
export function openStackFile(text: string, project: string): StackFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { schema: "failsafe", logLevel: "silent", lineCounter: lines });
  // An empty file has no line that is counted.
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line);

  /** Every part of a path that is there, from the map of the config down. */
  function trail(path: Path): Spot[] {
    const config = child({ value: document.contents, start: 0 }, ["config"], document);
    if (config === undefined) return [];
    const spots = [config];
    const [name, ...parts] = path;
    const names = name.includes(":") ? [name] : [name, `${project}:${name}`, `${project}:config:${name}`];
    for (const keys of [names, ...parts.map(part => [part])]) {
      const next = child(spots.at(-1)!, keys, document);
      if (next === undefined) break;
      spots.push(next);
    }
    return spots;
  }
  const has = (path: Path) => trail(path).length > path.length;

  /** A place with its value, from the first part on that is not there yet; in its whole where that is a text. */
  function entry(at: Path, value: unknown): string | undefined {
    const spots = trail(at);
    const holder = spots[Math.min(spots.length, at.length) - 1]?.value;
    // JSON in a text: its parts have no lines.
    if (isScalar(holder) && /^\s*[[{]/.test(String(holder.value))) return undefined;
    const depth = Math.max(1, isScalar(holder) ? spots.length - 1 : Math.min(spots.length, at.length));
    const inner = at
      .slice(depth)
      .reduceRight(
        (within: unknown, part) => (typeof part === "number" ? [within] : { [part]: within }),
        value,
      );
    const last = at[depth - 1];
    if (typeof last === "number") return `- ${flow(inner)}`;
    const key = spots[depth]?.key ?? (depth === 1 && !last.includes(":") ? `${project}:${last}` : last);
    return `${flow(key)}: ${flow(inner)}`;
  }

  function byHand(fix: Fix): string | undefined {
    const written = fix.flatMap(edit => ("at" in edit ? [edit] : []));
    if (written.length > 1) return undefined;
    const isReplaced = (path: Path) => written.some(({ at }) => at.join("\n") === path.join("\n"));
    const gone = fix.flatMap(edit => ("remove" in edit && !isReplaced(edit.remove) ? [edit.remove] : []));
    const steps = [
      ...gone.map(path => `remove ${nounOf(path)} in line ${lineOf(path)}`),
      ...written.map(({ at, value }) => {
        const text = entry(at, value);
        return text && `${has(at) ? "write" : "add"} ${text}`;
      }),
    ];
    return steps.includes(undefined) ? undefined : steps.join(", ");
  }

  const lineOf = (path: Path) => lineAt(trail(path).at(-1)?.start ?? 0);
  return { lineOf, has, byHand };
}

const nounOf = (path: Path): string => {
  const last = path.at(-1)!;
  return typeof last === "number" ? "the entry" : last;
};

/** The first of these keys that a map has, or that item of a list. */
function child({ value }: Spot, keys: readonly (string | number)[], document: Document): Spot | undefined {
  const node = isAlias(value) ? value.resolve(document) : value;
  if (isSeq(node)) {
    const item = node.items[keys[0] as number];
    return isNode(item) ? { value: item, start: startOf(item) } : undefined;
  }
  if (!isMap(node)) return undefined;
  for (const pair of node.items)
    if (isScalar(pair.key) && keys.map(String).includes(String(pair.key.value)))
      return { value: pair.value, start: startOf(pair.key), key: String(pair.key.value) };
  const merged = node.items.find(({ key }) => isScalar(key) && key.value === "<<");
  return merged && child({ value: merged.value, start: 0 }, keys, document);
}

const startOf = (node: Node): number => node.range?.[0] ?? 0;
