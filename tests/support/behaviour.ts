import { expect } from "chai";
import type { Definition } from "../../components/definition";
import type { Publishing } from "../../components/kinds";
import { type GuardrailEvent, textAt } from "../../runtime/events";
import type { JsonObject } from "../../runtime/json";
import { actsOn } from "./events/acting";
import { writtenEvents } from "./events/written";

/** The name of an event in tests/guardrails/<id>/events, or one of them with other members of its record. */
type Line = string | readonly [event: string, detail: JsonObject];

/** On what a guardrail acts: what it is in words → the event, one line a case. */
export interface Behaviour {
  readonly "must act": Readonly<Record<string, Line>>;
  readonly "must not act": Readonly<Record<string, Line>>;
}

/**
 * Holds the rule, and the function's first look with the settings of the guardrail's proof, to the table; each event of
 * the folder has a line.
 */
export function behaves(definition: Definition, table: Behaviour): void {
  const { id } = definition;
  const events = writtenEvents(id);
  const eventOf = (line: Line): GuardrailEvent => {
    const [name, detail] = typeof line === "string" ? [line, {}] : line;
    const event = events[name];
    if (event === undefined) throw new Error(`Write tests/guardrails/${id}/events/${name}.json`);
    return { ...event, detail: { ...event.detail, ...detail } };
  };

  describe(`${id}: on what it acts`, () => {
    for (const [what, line] of Object.entries(table["must act"]))
      it(`acts: ${what}`, () => {
        expect(actsOn(definition, eventOf(line)), what).to.equal(true);
      });

    for (const [what, line] of Object.entries(table["must not act"]))
      it(`does not act: ${what}`, () => {
        expect(actsOn(definition, eventOf(line)), what).to.equal(false);
      });

    it("has a line for each of its events", () => {
      const lines = [...Object.values(table["must act"]), ...Object.values(table["must not act"])];
      const named = lines.map(line => (typeof line === "string" ? line : line[0]));

      for (const name of Object.keys(events))
        expect(named, `${name} is in no line of tests/guardrails/${id}/guardrail.test.ts`).to.include(name);
    });
  });
}

/** What EventBridge makes of the lines of a notice: a variable whose path the event lacks is left out. */
export const rendered = ({ notice: { lines, paths } }: Publishing, event: GuardrailEvent): string[] =>
  lines.map(line =>
    line.replace(/<(\w+)>/g, (_, name: string) => textAt(event, ...paths[name].split(".").slice(1)) ?? ""),
  );
