import { readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { explain, validate } from "../patterns";
import { linesOf } from "./match/lines";
import type { Read } from "./match/match-lines";
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
  const pattern = readJson("pattern", options.pattern);
  if ("mistake" in pattern) return refuse(pattern.mistake);
  const { errors, warnings } = validate(pattern.value);
  if (errors.length > 0) {
    return refuse(
      [`The pattern in ${options.pattern} is invalid:`, ...errors.map(error => `- ${error.message}`)].join(
        "\n",
      ),
    );
  }
  const event = options.event === "-" ? await readStream(streams.stdin) : readJson("event", options.event);
  if ("mistake" in event) return refuse(event.mistake);
  if (!isObject(event.value)) {
    return refuse(`The event in ${options.event} is not a JSON object, as every event is.`);
  }
  for (const { message } of warnings) streams.stderr.write(`Warning: ${message}.\n`);
  const { matches, reasons } = explain(pattern.value, event.value);
  const text = [matches ? "yes" : "no", ...reasons.map(reason => `  ${reason}`)].join("\n");
  streams.stdout.write(`${options.json ? JSON.stringify({ match: matches, reasons }) : text}\n`);
  return matches ? 0 : 1;
}

const readJson = (what: string, file: string): Read => {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return {
      mistake: `The ${what} cannot be read: ${code === "ENOENT" ? `there is no file ${file}` : message}.`,
    };
  }
  return parse(text, `The ${what} in ${file}`);
};

const readStream = async (stdin: Readable): Promise<Read> => {
  let text = "";
  for await (const line of linesOf(stdin)) text += `${line}\n`;
  return parse(text, "The event on standard input");
};
