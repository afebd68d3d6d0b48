import { z } from "zod";
import { type Fix, moveValue, removeValue, setValue, type Path } from "./fixes";
import { closest, didYouMean, shown, type Report } from "./mistakes";

type Issue = z.core.$ZodIssue;
type Values = Readonly<Record<string, unknown>>;

/**
 * Parses a guardrail's own knobs. Text is taken for a number or a boolean where one is expected, and the other way
 * round: which of them arrives depends on how a value was quoted or set.
 * @param path where the knobs are in the config
 * @param others the keys beside the knobs with what they hold, for "did you mean"
 * @returns undefined when there is a mistake, which is reported
 */
export function readKnobs(
  schema: z.ZodObject,
  given: Values,
  path: Path,
  others: Values,
  report: Report,
): Record<string, unknown> | undefined {
  const first = schema.safeParse(given);
  const result = first.success ? first : schema.safeParse(converted(given, first.error.issues));
  if (result.success) return result.data;
  const known = [...Object.keys(schema.shape), ...Object.keys(others)];
  for (const issue of result.error.issues) reportIssue(issue, { ...others, ...given }, path, known, report);
  return undefined;
}

/** A copy in which the values that are of the wrong type, but can only mean one thing, are of the right one. */
function converted(given: Values, issues: readonly Issue[]): Values {
  const copy = structuredClone(given) as Record<string, unknown>;
  for (const issue of issues) {
    const parent = valueAt(copy, issue.path.slice(0, -1)) as Record<PropertyKey, unknown>;
    const key = issue.path.at(-1);
    if (key === undefined || typeof parent !== "object" || parent === null) continue;
    if (issue.code === "invalid_type") parent[key] = convertedTo(issue.expected, parent[key]);
    if (issue.code === "invalid_value")
      parent[key] = issue.values.find(value => String(value) === String(parent[key])) ?? parent[key];
  }
  return copy;
}

function convertedTo(expected: string, value: unknown): unknown {
  if (
    ["number", "int"].includes(expected) &&
    typeof value === "string" &&
    /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value)
  )
    return Number(value);
  if (expected === "boolean" && typeof value === "string") {
    if (/^(true|yes|on)$/i.test(value)) return true;
    if (/^(false|no|off)$/i.test(value)) return false;
  }
  if (expected === "string" && (typeof value === "boolean" || Number.isSafeInteger(value)))
    return String(value);
  return value;
}

const valueAt = (values: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, key) =>
      typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined,
    values,
  );

function reportIssue(
  issue: Issue,
  given: Values,
  base: Path,
  known: readonly string[],
  report: Report,
): void {
  const path: Path = [...base, ...(issue.path as (string | number)[])];
  if (issue.code === "unrecognized_keys") {
    for (const key of issue.keys)
      reportUnknownKey(
        key,
        valueAt(given, issue.path) as Values,
        path,
        issue.path.length === 0 ? known : [],
        report,
      );
    return;
  }
  const value = valueAt(given, issue.path);
  const choices = issue.code === "invalid_value" ? issue.values.map(String) : [];
  const meant = closest(String(value), choices);
  const got = issue.code === "invalid_key" ? shown(issue.path.at(-1)) : shown(value);
  report(
    path,
    `got ${got}, expected ${expectation(issue)}${didYouMean(meant)}`,
    fixOf(issue, value, path, meant),
  );
}

function reportUnknownKey(
  key: string,
  siblings: Values,
  path: Path,
  known: readonly string[],
  report: Report,
): void {
  const meant = closest(key, known);
  const isFree = meant !== undefined && siblings[meant] === undefined;
  const choices = known.length > 0 ? `; there are ${known.join(", ")}` : "";
  report(
    [...path, key],
    `not a setting${didYouMean(meant) || choices}`,
    isFree ? moveValue([...path, key], [...path, meant], siblings[key]) : removeValue([...path, key]),
  );
}

/** Maps and lists fall back to their default; of a single value only the reader knows what it should be. */
function fixOf(issue: Issue, value: unknown, path: Path, meant: string | undefined): Fix {
  if (issue.code === "invalid_value")
    return setValue(path, meant ?? `<${issue.values.map(String).join("|")}>`);
  if (
    issue.code === "invalid_type" &&
    issue.expected === "array" &&
    ["string", "number"].includes(typeof value)
  )
    return moveValue(
      path,
      path,
      String(value)
        .split(",")
        .map(item => item.trim()),
    );
  const isContainer = typeof value === "object" && value !== null;
  const expectsContainer =
    issue.code === "invalid_type" && ["array", "record", "object"].includes(issue.expected);
  if (isContainer || expectsContainer || issue.code === "invalid_key") return removeValue(path);
  return setValue(path, `<${placeholder(issue)}>`);
}

const placeholder = (issue: Issue) =>
  issue.code === "invalid_type"
    ? (nouns[issue.expected] ?? "value").replace(/^an? /, "")
    : "origin" in issue && ["number", "int"].includes(issue.origin)
      ? "number"
      : "value";

const nouns: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
};

/** What would have been right, in words. A message that the schema's author wrote comes first. */
function expectation(issue: Issue): string {
  if (issue.code !== "invalid_type" && issue.message !== defaultMessage(issue))
    return issue.message.replace(/^expected /, "");
  switch (issue.code) {
    case "invalid_type":
      return nouns[issue.expected] ?? issue.expected;
    case "invalid_value":
      return issue.values
        .map(String)
        .join(", ")
        .replace(/, ([^,]*)$/, " or $1");
    case "too_small":
      return `${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}${unitOf(issue.origin, issue.minimum)}`;
    case "too_big":
      return `${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}${unitOf(issue.origin, issue.maximum)}`;
    case "invalid_format":
      return issue.pattern === undefined
        ? `a text in ${issue.format} format`
        : `a text that matches ${issue.pattern}`;
    case "invalid_key":
      return `a key that is ${issue.issues.map(expectation).join(" and ")}`;
    case "invalid_union":
      return issue.errors.map(branch => branch.map(expectation).join(" and ")).join(", or ");
    default:
      return issue.message;
  }
}

function unitOf(origin: string, count: number | bigint): string {
  if (origin === "string") return Number(count) === 1 ? " character" : " characters";
  if (origin !== "array" && origin !== "set") return "";
  return Number(count) === 1 ? " entry" : " entries";
}

const english = z.locales.en().localeError;

function defaultMessage(issue: Issue): string | undefined {
  const message = english(issue as Parameters<typeof english>[0]);
  return typeof message === "string" ? message : message?.message;
}
