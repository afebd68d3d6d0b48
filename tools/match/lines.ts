import { StringDecoder } from "node:string_decoder";
import type { Readable } from "node:stream";

/**
 * The lines of a stream of UTF-8, without their line feeds, read no faster than they are taken. Unlike
 * `node:readline` it splits at line feeds only: JSON may hold U+2028 and U+2029 as they are.
 */
export async function* linesOf(stream: Readable): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  let started: string[] = [];
  for await (const chunk of stream) {
    const [first, ...others] = (typeof chunk === "string" ? chunk : decoder.write(chunk as Buffer)).split(
      "\n",
    );
    started.push(first);
    for (const next of others) {
      yield started.join("");
      started = [next];
    }
  }
  started.push(decoder.end());
  const last = started.join("");
  if (last !== "") yield last;
}
