import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** One verdict of AWS's engine, as text and read as `JSON.parse` reads it; see README.md beside this file. */
export interface Line {
  text: string;
  id: string;
  stratum: string;
  pattern: unknown;
  event: unknown;
  match: boolean;
  /** `quirk`s by name, `rawNumbers`, `jsonNode`: the verdict is an oddity of the engine, or about digits. */
  marks: string[];
}

const shared = process.env.GUARDRAILS_SHARED ?? join(__dirname, "../../../shared");
const recorded = join(shared, "oracle/patterns-on-recorded-events.jsonl.gz");

/** Whether the verdicts on recorded events, which are not part of the project, are on this machine. */
export const hasRecordedLines = existsSync(recorded);

export const madeUpLines = (): Line[] => read(gunzipSync(readFileSync(join(__dirname, "patterns.jsonl.gz"))));
export const recordedLines = (): Line[] => read(gunzipSync(readFileSync(recorded)));

export const invalidLines = (): { id: string; text: string }[] =>
  textsOf(readFileSync(join(__dirname, "invalid.jsonl"))).map(text => ({
    id: (JSON.parse(text) as Line).id,
    text,
  }));

const textsOf = (content: Buffer): string[] => content.toString("utf8").split("\n").filter(Boolean);

const read = (content: Buffer): Line[] =>
  textsOf(content).map(text => {
    const { id, pattern, event, match, quirk, rawNumbers, jsonNode } = JSON.parse(text) as Line & {
      quirk?: string[];
      rawNumbers?: true;
      jsonNode?: boolean;
    };
    const marks = [
      ...(quirk ?? []),
      ...(rawNumbers ? ["rawNumbers"] : []),
      ...(jsonNode === undefined ? [] : ["jsonNode"]),
    ];
    return { text, id, stratum: id.replace(/\/.*/, ""), pattern, event, match, marks };
  });
