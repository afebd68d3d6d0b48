import { z } from "zod";
import type { AnyInspecting } from "../../components/definition";
import { code, table } from "./table";

/** What `z.toJSONSchema` says of one setting, as far as settings use it. */
interface Shape {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly items?: Shape;
  readonly additionalProperties?: Shape;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly description?: string;
}

const shapesOf = ({ settings }: AnyInspecting): [string, Shape][] =>
  Object.entries((z.toJSONSchema(settings, { io: "input" }).properties ?? {}) as Record<string, Shape>);

/**
 * The guardrail's own settings, or a sentence where it has none.
 * @throws Error naming a setting without a description, or of a type that the table has no words for.
 */
export function knobTable(definition: AnyInspecting): string {
  const rows = shapesOf(definition).map(([knob, shape]) => {
    if (shape.description === undefined)
      throw new Error(`${definition.id}: the setting ${knob} has no .describe("…")`);
    const fallback = shape.default === undefined ? "none" : code(valueInWords(shape.default));
    return [code(knob), typeInWords(definition.id, knob, shape), fallback, shape.description];
  });
  return rows.length > 0
    ? table(["setting", "value", "default", "meaning"], rows)
    : "No settings of its own beside those that every guardrail has.";
}

/** A setting's value as it may stand in the stack config. */
export const valueInWords = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value).replaceAll(/([,:])(?=\S)/g, "$1 ");

function typeInWords(id: string, knob: string, shape: Shape): string {
  const inner = (part: Shape): string => typeInWords(id, knob, part);
  if (shape.enum !== undefined) return shape.enum.map(value => code(valueInWords(value))).join(" or ");
  switch (shape.type) {
    case "string":
      return "text";
    case "boolean":
      return "true or false";
    case "integer":
      return `whole number, ${shape.minimum} to ${shape.maximum}`;
    case "array":
      return `list of: ${inner(shape.items ?? {})}`;
    case "object":
      return `map of name to ${inner(shape.additionalProperties ?? {})}`;
    default:
      throw new Error(`${id}: the table has no words for the type of the setting ${knob}`);
  }
}

/** Other values of the guardrail's own settings, one at a time: every choice, and some text where any may stand. */
export const choicesOf = (definition: AnyInspecting): [knob: string, value: unknown][] =>
  shapesOf(definition).flatMap(([knob, shape]): [string, unknown][] => {
    if (shape.type === "array") return (shape.items?.enum ?? []).map(value => [knob, [value]]);
    if (shape.type === "boolean") return [true, false].map(value => [knob, value]);
    return (shape.enum ?? (shape.type === "string" ? ["…"] : [])).map(value => [knob, value]);
  });
