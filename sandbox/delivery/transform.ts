import type { JsonObject } from "../../records";

/** What a target asks to be sent instead of the event: at most one of the three. */
export interface TargetInput {
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: {
    readonly InputPathsMap?: Readonly<Record<string, string>>;
    readonly InputTemplate?: string;
  };
}

interface RuleName {
  readonly arn: string;
  readonly name: string;
}

/**
 * The text that a target receives for an event.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
export function targetInput(target: TargetInput, event: JsonObject, rule: RuleName, time: number): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(valueAt(event, target.InputPath)) ?? "";
  const { InputTransformer: transformer } = target;
  return transformer === undefined
    ? JSON.stringify(event)
    : render(transformer.InputTemplate ?? "", variables(transformer.InputPathsMap ?? {}, event, rule, time));
}

/** Why EventBridge refuses an input transformer when the target is put, or undefined. */
export function transformerMistake(
  transformer: NonNullable<TargetInput["InputTransformer"]>,
): string | undefined {
  const { InputPathsMap: paths = {}, InputTemplate: template = "" } = transformer;
  const names = Object.keys(paths);
  if (names.length > 100) return "InputPathsMap has more than 100 entries";
  const badName = names.find(name => !/^[A-Za-z0-9_-]{1,256}$/.test(name) || /^aws/i.test(name));
  if (badName !== undefined) return `"${badName}" cannot be the name of a variable`;
  const badPath = Object.values(paths).find(path => steps(path) === undefined);
  if (badPath !== undefined) return `"${badPath}" is no JSON path that EventBridge takes`;
  if (template === "" || template.length > 8192) return "InputTemplate must have 1 to 8192 characters";
  const unknown = placeholders(template).find(name => !names.includes(name) && !predefined.includes(name));
  if (unknown !== undefined) return `InputTemplate contains invalid placeholder <${unknown}>`;
  const sample = render(template, Object.fromEntries([...names, ...predefined].map(name => [name, 0])));
  const lines = sample.split("\n").filter(line => line.trim() !== "");
  if (isJson(sample) || lines.every(isJson)) return undefined;
  return "InputTemplate must be JSON, or text with each line in double quotes";
}

const predefined = [
  "aws.events.rule-arn",
  "aws.events.rule-name",
  "aws.events.event.ingestion-time",
  "aws.events.event",
  "aws.events.event.json",
];

function variables(
  paths: Readonly<Record<string, string>>,
  event: JsonObject,
  rule: RuleName,
  time: number,
): Record<string, unknown> {
  const { detail: _detail, ...envelope } = event;
  return {
    ...Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, valueAt(event, path)])),
    "aws.events.rule-arn": rule.arn,
    "aws.events.rule-name": rule.name,
    "aws.events.event.ingestion-time": new Date(time).toISOString(),
    "aws.events.event": envelope,
    "aws.events.event.json": event,
  };
}

const placeholder = /<([A-Za-z0-9_.-]+)>/g;
const placeholders = (template: string) => [...template.matchAll(placeholder)].map(([, name = ""]) => name);

/**
 * Fills a template in. A variable whose path is absent leaves nothing; inside quotes a value goes in as it is, without
 * escapes. JSON arrives minified, quoted text as it stands.
 */
function render(template: string, values: Readonly<Record<string, unknown>>): string {
  let text = "";
  let inString = false;
  let from = 0;
  for (const found of template.matchAll(placeholder)) {
    const before = template.slice(from, found.index);
    inString = endsInString(before, inString);
    const value = Object.hasOwn(values, found[1] ?? "") ? values[found[1] ?? ""] : undefined;
    text += before + textOf(value, inString);
    from = found.index + found[0].length;
  }
  text += template.slice(from);
  return /^\s*[[{]/.test(text) && isJson(text) ? JSON.stringify(JSON.parse(text)) : text;
}

function textOf(value: unknown, inString: boolean): string {
  if (value === undefined) return "";
  return inString && typeof value === "string" ? value : JSON.stringify(value);
}

/** Whether a double-quoted string is still open at the end of the text. */
function endsInString(text: string, startsInString: boolean): boolean {
  const quotes = text.match(/\\.|"/gs)?.filter(found => found === '"').length ?? 0;
  return quotes % 2 === 1 ? !startsInString : startsInString;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

type Step = string | number | "*";

/** `$.detail.items[0].id`, `$.detail.items[*]`: dots, array indices and wildcards, nothing else. */
function steps(path: string): Step[] | undefined {
  const match = /^\$((?:\.[\w\-/:*]+|\[(?:\d+|\*)\])*)$/.exec(path);
  return (
    match?.[1]
      ?.match(/[\w\-/:*]+/g)
      ?.map(step => (/^\d+$/.test(step) && path.includes(`[${step}]`) ? Number(step) : step)) ??
    (match ? [] : undefined)
  );
}

/** The value at a JSON path; a wildcard gives the list of what it finds. Undefined when the path leads nowhere. */
function valueAt(event: JsonObject, path: string): unknown {
  let found: unknown[] = [event];
  const way = steps(path) ?? [];
  for (const step of way) found = found.flatMap(value => childrenOf(value, step));
  return way.includes("*") && found.length > 0 ? found : found[0];
}

function childrenOf(value: unknown, step: Step): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  if (step === "*") return Object.values(value);
  if (Array.isArray(value)) return typeof step === "number" && step in value ? [value[step]] : [];
  return Object.hasOwn(value, step) ? [(value as Record<string, unknown>)[step]] : [];
}
