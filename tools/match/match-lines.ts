import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import type { Mistake } from "../../patterns";
import { compile, parseJson } from "../../patterns";
import { linesOf } from "./lines";

/** JSON that was read, or in a sentence why it cannot be. */
export type Read = { value: unknown } | { mistake: string };

/** Reads JSON with its numbers as they are written; `what` begins the sentence if it is none. */
export const parse = (text: string, what: string): Read => {
  try {
    return { value: parseJson(text.replace(/^\ufeff/, "")) };
  } catch (error) {
    return { mistake: `${what} is not JSON: ${harmless((error as Error).message)}.` };
  }
};

/** What a terminal would obey or could not show is written as its code: the message quotes whatever it was given. */
const harmless = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\ufffd]/gu,
    one => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const bufferedCharacters = 65_536;

/**
 * Judges lines `{"id", "pattern", "event"}` and writes `{"id", "match"}` or `{"id", "error"}` for each, in order and no
 * faster than they are taken. Returns 2 when some line was not usable, otherwise 0.
 */
export async function matchLines(input: Readable, output: Writable): Promise<number> {
  const compiledOf = compileOnce();
  let code = 0;
  let number = 0;
  let pending = "";
  const flush = async (): Promise<void> => {
    const isTaken = output.write(pending);
    pending = "";
    if (!isTaken) await once(output, "drain");
  };
  for await (const line of linesOf(input)) {
    number++;
    if (line.trim() === "") continue;
    const { text, isUsable } = judge(line, `Line ${number}`, compiledOf);
    if (!isUsable) code = 2;
    pending += `${text}\n`;
    if (pending.length > bufferedCharacters) await flush();
  }
  await flush();
  return code;
}

/** A compiled pattern, or what is wrong with it. */
type Compiled = ((event: unknown) => boolean) | string;

const judge = (
  line: string,
  place: string,
  compiledOf: (pattern: unknown) => Compiled,
): { text: string; isUsable: boolean } => {
  const refuse = (id: unknown, error: string) => ({ text: answer(id, { error }), isUsable: false });
  const read = parse(line, place);
  if ("mistake" in read) return refuse(idIn(line), read.mistake);
  if (!isObject(read.value))
    return refuse(null, `${place} is not an object with "id", "pattern" and "event".`);
  const { id, pattern, event } = read.value;
  if (pattern === undefined) return refuse(id, `${place} has no "pattern".`);
  try {
    const compiled = compiledOf(pattern);
    if (typeof compiled === "string") return { text: answer(id, { error: compiled }), isUsable: true };
    if (!isObject(event)) return refuse(id, `${place} has no "event" that is an object.`);
    return { text: answer(id, { match: compiled(event) }), isUsable: true };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return refuse(id, `${place} is nested too deeply.`);
  }
};

const mostPatterns = 1000;

/** Compiles a pattern that comes again only once, as long as few others come between. */
const compileOnce = (): ((pattern: unknown) => Compiled) => {
  const known = new Map<string, Compiled>();
  return pattern => {
    let isText = true;
    const key = JSON.stringify(pattern, (_key, value: unknown) => {
      // A number that no double holds is a symbol, which has no JSON.
      if (typeof value === "symbol") isText = false;
      return value;
    });
    if (!isText) return compileOrTell(pattern);
    const compiled = known.get(key) ?? compileOrTell(pattern);
    known.delete(key);
    known.set(key, compiled);
    const [oldest] = known.keys();
    if (known.size > mostPatterns) known.delete(oldest);
    return compiled;
  };
};

const compileOrTell = (pattern: unknown): Compiled => {
  try {
    return compile(pattern);
  } catch (error) {
    const { code, mistakes } = error as { code?: string; mistakes: Mistake[] };
    if (code !== "invalid-pattern") throw error;
    return `Invalid event pattern: ${mistakes.map(({ message }) => message).join("; ")}.`;
  }
};

// An id that no double holds is written as it came.
const answer = (id: unknown, result: { match: boolean } | { error: string }): string => {
  const text = typeof id === "symbol" ? id.description : JSON.stringify(id ?? null);
  return `{"id":${text},${JSON.stringify(result).slice(1)}`;
};

/** The id of a line that is not JSON as a whole, if it can be told. */
const idIn = (line: string): unknown => {
  const [, text] = /^\s*\{\s*"id"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?)\s*[,}]/.exec(line) ?? [];
  const read = text === undefined ? { value: null } : parse(text, "The id");
  return "value" in read ? read.value : null;
};
