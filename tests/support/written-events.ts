import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readEvent, type GuardrailEvent } from "../../runtime/events";

const folder = join(__dirname, "../events");

/** A guardrail's events in tests/events by case; each call reads them anew, so that a test may change them. */
export function writtenEvents(guardrail: string): Record<string, GuardrailEvent> {
  const files = readdirSync(join(folder, guardrail)).filter(file => file.endsWith(".json"));
  return Object.fromEntries(
    files.map(file => [
      file.replace(/\.json$/, ""),
      readEvent(JSON.parse(readFileSync(join(folder, guardrail, file), "utf8"))),
    ]),
  );
}
