import { readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { explain, validate } from "../patterns";
import { linesOf } from "./match/lines";
import type { Read } from "./match/match-lines";
import { misspelt } from "./match/misspelt";
import { isObject, matchLines, parse } from "./match/match-lines";

/** The command's options as given. */
export interface MatchOptions {
  pattern?: string;
  event?: string;
  json?: boolean;
  jsonl?: boolean;
}

/** Where the command reads and writes. */
export interface Streams {
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
}

/** Runs `guardrails match` and returns the exit code: 0 yes, 1 no, 2 unusable input, which is told on `stderr`. */
export async function match(options: MatchOptions, streams: Streams = process): Promise<number> {
  const refuse = (message: string): number => {
    streams.stderr.write(`${message}\n`);
    return 2;
  };
  if (options.jsonl) {
    if (options.pattern ?? options.event)
      return refuse("--jsonl reads patterns and events from standard input only.");
    return matchLines(streams.stdin, streams.stdout);
  }
  if (!options.pattern || !options.event) {
    return refuse("Give --pattern <file> and --event <file>, or --jsonl to judge lines of standard input.");
  }
  if (options.pattern === "-" && options.event === "-")
    return refuse("Standard input holds one of the two: give the other one as a file.");
  const read = async (what: "pattern" | "event", file: string): Promise<Read> =>
    file === "-" ? readStream(what, streams.stdin) : readJson(what, file);
  const pattern = await read("pattern", options.pattern);
  if ("mistake" in pattern) return refuse(pattern.mistake);
  const { errors, warnings } = validate(pattern.value);
  if (errors.length > 0) {
    return refuse(
      [
        `${nameOf("pattern", options.pattern)} is invalid:`,
        ...errors.map(error => `- ${error.message}`),
      ].join("\n"),
    );
  }
  const event = await read("event", options.event);
  if ("mistake" in event) return refuse(event.mistake);
  if (!isObject(event.value)) {
    return refuse(`${nameOf("event", options.event)} is not a JSON object, as every event is.`);
  }
  for (const { message } of warnings) streams.stderr.write(`Warning: ${message}.\n`);
  for (const hint of misspelt(pattern.value, event.value)) streams.stderr.write(`Hint: ${hint}\n`);
  const { matches, reasons } = explain(pattern.value, event.value);
  const text = [matches ? "yes" : "no", ...reasons.map(reason => `  ${reason}`)].join("\n");
  streams.stdout.write(`${options.json ? JSON.stringify({ match: matches, reasons }) : text}\n`);
  return matches ? 0 : 1;
}

const nameOf = (what: string, file: string): string =>
  `The ${what} ${file === "-" ? "on standard input" : `in ${file}`}`;

const readJson = (what: string, file: string): Read => {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    const why: Record<string, string> = { ENOENT: `there is no file ${file}`, EISDIR: `${file} is a folder` };
    return { mistake: `The ${what} cannot be read: ${why[code] ?? message}.` };
  }
  return parse(text, nameOf(what, file));
};

const readStream = async (what: string, stdin: Readable): Promise<Read> => {
  let text = "";
  for await (const line of linesOf(stdin)) text += `${line}\n`;
  return parse(text, nameOf(what, "-"));
};
