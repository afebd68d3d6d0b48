import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readEvent, type GuardrailEvent } from "../../../runtime/events";

const guardrails = join(__dirname, "../../guardrails");

/**
 * A guardrail's events in tests/guardrails/<id>/events by case, [] where it has none; each call reads them anew, so that
 * a test may change them.
 */
export function writtenEvents(guardrail: string): Record<string, GuardrailEvent> {
  const folder = join(guardrails, guardrail, "events");
  const files = existsSync(folder) ? readdirSync(folder).filter(file => file.endsWith(".json")) : [];
  return Object.fromEntries(
    files.map(file => [
      file.replace(/\.json$/, ""),
      readEvent(JSON.parse(readFileSync(join(folder, file), "utf8"))),
    ]),
  );
}
