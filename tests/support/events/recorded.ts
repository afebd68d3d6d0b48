import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readEvent, type GuardrailEvent } from "../../../runtime/events";

const folder = resolve(process.env.GUARDRAILS_SHARED ?? join(__dirname, "../../../../shared"), "events");

/** Why no recorded events can be read here, for the title of a skipped test; undefined where they can. */
export const recordingsAreMissing: string | undefined = existsSync(folder)
  ? undefined
  : `no recorded events: set GUARDRAILS_SHARED to a folder that holds events/<event name>/*.json`;

export interface RecordedEvent {
  /** e.g. RunInstances/console-1.json, for messages. */
  readonly file: string;
  readonly event: GuardrailEvent;
}

/** All recorded events of these names, which are other people's data and no part of the project. */
export function recordedEvents(names: readonly string[]): RecordedEvent[] {
  return names
    .filter(name => existsSync(join(folder, name)))
    .flatMap(name =>
      readdirSync(join(folder, name))
        .filter(file => file.endsWith(".json"))
        .map(file => `${name}/${file}`),
    )
    .sort()
    .map(file => ({ file, event: readEvent(JSON.parse(readFileSync(join(folder, file), "utf8"))) }));
}
