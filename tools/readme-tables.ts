import { z } from "zod";
import type {
  AnyInspecting,
  Definition,
  StackSetting,
  StackSettings,
  Statement,
} from "../components/definition";
import { stackKeys } from "../components/settings";
import { defaultBudget } from "../components/settings/guardrails";
import { modes } from "../runtime/modes";

/** The stack settings, as `components/settings/index.ts` declares them. */
export const stackTable = (): string =>
  table(
    ["setting", "value", "default", "meaning"],
    stackKeys.map(({ key, type, default: fallback, description }) => [
      code(key),
      type,
      fallback,
      description,
    ]),
  );

/** One line for each guardrail of the catalogue. */
export const guardrailTable = (catalogue: readonly Definition[], defaultPack: readonly string[]): string =>
  table(
    ["guardrail", "what it does", "severity", "modes", "budget an hour", "default pack"],
    catalogue.map(definition => [
      `[${code(definition.id)}](#${definition.id})`,
      definition.title,
      definition.severity,
      modesOf(definition).join(", "),
      definition.kind === "notice" ? "" : String(definition.budget ?? defaultBudget),
      defaultPack.includes(definition.id) ? "yes" : "",
    ]),
  );

/** A section for each guardrail: why, what it hears, its settings, and what it may call. */
export const guardrailSections = (catalogue: readonly Definition[]): string =>
  catalogue.map(section).join("\n\n");

function section(definition: Definition): string {
  const { id, title, why } = definition;
  const parts = [`### ${id}`, `${title}. ${why}`, heard(definition)];
  if (definition.kind === "notice")
    return [...parts, "No function, no settings: the rule publishes to the topic itself."].join("\n\n");
  const needs = definition.needs as readonly StackSetting[];
  if (needs.length > 0) parts.push(`Needs the stack setting ${needs.map(code).join(", ")}.`);
  return [...parts, knobTable(definition), permissionTable(definition), ...moreWith(definition)].join("\n\n");
}

const modesOf = ({ kind }: Definition): readonly string[] => (kind === "notice" ? ["notify"] : modes);

const heard = ({ triggers }: Definition): string =>
  `Hears ${triggers
    .map(trigger => {
      if ("schedule" in trigger) return `a schedule, ${code(trigger.schedule)}`;
      const { source, detail } = trigger.pattern;
      const names = detail?.eventName ?? trigger.pattern["detail-type"];
      return `${names.map(code).join(", ")} of ${source.map(code).join(", ")}`;
    })
    .join("; ")}.`;

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

function knobTable(definition: AnyInspecting): string {
  const rows = shapesOf(definition).map(([knob, shape]) => {
    if (shape.description === undefined)
      throw new Error(`${definition.id}: the setting ${knob} has no .describe("…")`);
    const fallback = shape.default === undefined ? "none" : code(valueInWords(shape.default));
    return [code(knob), typeInWords(definition.id, knob, shape), fallback, shape.description];
  });
  return table(["setting", "value", "default", "meaning"], rows);
}

const valueInWords = (value: unknown): string =>
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

/** Stand-ins with which permissions are shown; forms of a stack setting that ask for other permissions come after. */
const examples: { readonly [Key in StackSetting]: readonly StackSettings[Key][] } = {
  adminSecurityGroupId: ["sg-0123456789abcdef0", { tag: { Key: "value" } }],
};

type Values = Readonly<Record<string, unknown>>;
type Lists = Readonly<Record<"read" | "write" | "undo" | "inventory", readonly Statement[]>>;

const permissionsWith = (definition: AnyInspecting, settings: Values): Lists =>
  definition.permissions({ partition: "aws", account: "<account>", region: "<region>", settings });

const defaultsOf = (definition: AnyInspecting): Values => ({
  ...(definition.settings.parse({}) as Values),
  ...Object.fromEntries((definition.needs as readonly StackSetting[]).map(key => [key, examples[key][0]])),
});

function permissionTable(definition: AnyInspecting): string {
  const lists = permissionsWith(definition, defaultsOf(definition));
  const holders = {
    read: "the function, in every mode",
    write: "the function, in enforce",
    undo: "an operator",
    inventory: "an operator",
  };
  const rows = (Object.keys(holders) as (keyof Lists)[]).flatMap(list =>
    lists[list].map(statement => [
      list,
      holders[list],
      statement.actions.map(code).join(", "),
      `${statement.resources.map(code).join(", ")}${reservations(statement)}`,
    ]),
  );
  return table(["permissions", "held by", "actions", "on"], rows);
}

function reservations({ conditions, reason }: Statement): string {
  const wanted = Object.entries(conditions ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(
      ([key, values]) => `; only if ${operator} ${key} = ${[values].flat().join(", ")}`,
    ),
  );
  return `${wanted.join("")}${reason === undefined ? "" : ` (${reason})`}`;
}

/**
 * What a function gets beyond the table with other settings, one at a time: every choice where there are choices, some
 * text where any text may stand.
 */
function moreWith(definition: AnyInspecting): string[] {
  const defaults = defaultsOf(definition);
  const usual = actionsIn(permissionsWith(definition, defaults));
  const lines = choicesOf(definition, defaults).flatMap(([key, value]) => {
    const all = actionsIn(permissionsWith(definition, { ...defaults, [key]: value }));
    const more = all.filter(action => !usual.includes(action));
    return more.length > 0
      ? [`- ${code(`${key}: ${valueInWords(value)}`)}: ${more.map(code).join(", ")}`]
      : [];
  });
  return lines.length > 0 ? [`The function also gets, with other settings:\n\n${lines.join("\n")}`] : [];
}

const actionsIn = ({ read, write }: Lists): string[] => [...read, ...write].flatMap(({ actions }) => actions);

function choicesOf(definition: AnyInspecting, defaults: Values): [string, unknown][] {
  const own = shapesOf(definition).flatMap(([knob, shape]): [string, unknown][] => {
    if (shape.type === "array") return (shape.items?.enum ?? []).map(value => [knob, [value]]);
    if (shape.type === "boolean") return [true, false].map(value => [knob, value]);
    return (shape.enum ?? (shape.type === "string" ? ["…"] : [])).map(value => [knob, value]);
  });
  const needed = (definition.needs as readonly StackSetting[]).flatMap(key =>
    examples[key].map((value): [string, unknown] => [key, value]),
  );
  return [...own, ...needed].filter(([key, value]) => defaults[key] !== value);
}

const code = (text: string): string => `\`${text}\``;
const cell = (text: string): string => text.replaceAll("|", "\\|");

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map(row => `| ${row.map(cell).join(" | ")} |`).join("\n");
