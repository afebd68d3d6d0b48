import { awsError } from "../ground/call";

/** Condition key → value or values. Keys are compared without case. */
export type Context = Readonly<Record<string, string | readonly string[]>>;

/** A request's context as policies ask it. */
export interface Lookup {
  /** undefined: the request has no such key. Throws for a key that the sandbox never supplies. */
  (key: string): readonly string[] | undefined;
}

/**
 * Builds a lookup. Without `supplies` every absent key is just absent; with it, asking for an absent key that the
 * sandbox cannot supply throws NotImplemented: such a condition would otherwise decide silently and wrongly.
 */
export function lookupIn(context: Context, supplies?: (key: string) => boolean): Lookup {
  const values = new Map(
    Object.entries(context).map(([key, value]) => [
      key.toLowerCase(),
      typeof value === "string" ? [value] : value,
    ]),
  );
  return key => {
    const found = values.get(key.toLowerCase());
    // AWS treats a key with an empty value list as absent.
    if (found && found.length > 0) return found;
    if (supplies && !supplies(key))
      throw awsError(
        "NotImplemented",
        `The sandbox does not supply the condition key ${key}${whereToAdd(key)}.`,
        501,
      );
    return undefined;
  };
}

/** What to do about a condition key that the sandbox does not supply, after its name. */
export const whereToAdd = (key: string): string =>
  /^aws:ResourceTag\//i.test(key)
    ? " of this resource: its service in sandbox/services/ reads no facts"
    : /^aws:/i.test(key)
      ? ": see sandbox/iam/global-keys.ts"
      : `: add it to contextKeys of ${key.split(":")[0]} in sandbox/services/`;

// Wildcards that were written in the policy, apart from the same characters in a variable's value.
const many = "\uE000";
const one = "\uE001";

const escapes: Record<string, string> = { "*": "*", "?": "?", $: "$" };

/**
 * Replaces policy variables and marks the policy's own wildcards, for `matches` and `literal`. undefined: a variable
 * has no value, so the text matches nothing. Documents before 2012-10-17 have no variables.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function expand(pattern: string, version: string, lookup: Lookup): string | undefined {
  const marked = (text: string) => text.replaceAll("*", many).replaceAll("?", one);
  if (version !== "2012-10-17" || !pattern.includes("${")) return marked(pattern);
  let expanded = "";
  let rest = pattern;
  for (let at = rest.indexOf("${"); at >= 0; at = rest.indexOf("${")) {
    const end = rest.indexOf("}", at);
    if (end < 0) throw awsError("MalformedPolicyDocument", `Unclosed policy variable in ${pattern}.`);
    const value = variable(rest.slice(at + 2, end), lookup);
    if (value === undefined) return undefined;
    expanded += marked(rest.slice(0, at)) + value;
    rest = rest.slice(end + 1);
  }
  return expanded + marked(rest);
}

function variable(text: string, lookup: Lookup): string | undefined {
  if (text in escapes) return escapes[text];
  const parts = /^\s*([^,']+?)\s*(?:,\s*'([^']*)'\s*)?$/.exec(text);
  if (!parts) throw awsError("MalformedPolicyDocument", `Unknown policy variable \${${text}}.`);
  const values = lookup(parts[1]);
  if (values && values.length > 1)
    throw awsError(
      "MalformedPolicyDocument",
      `\${${parts[1]}} has many values and cannot be a policy variable.`,
    );
  return values?.[0] ?? parts[2];
}

/** An expanded text with its wildcards as ordinary characters. */
export const literal = (expanded: string): string => expanded.replaceAll(many, "*").replaceAll(one, "?");

/** Does the whole value match an expanded pattern? `*` spans everything, slashes and colons too. Case counts. */
export function matches(expanded: string, value: string): boolean {
  let at = 0;
  let from = 0;
  let star = -1;
  let retry = 0;
  while (at < value.length) {
    if (expanded[from] === many) {
      star = from++;
      retry = at;
    } else if (expanded[from] === one || (from < expanded.length && expanded[from] === value[at])) {
      at++;
      from++;
    } else if (star >= 0) {
      from = star + 1;
      at = ++retry;
    } else return false;
  }
  while (expanded[from] === many) from++;
  return from === expanded.length;
}

/**
 * Does an ARN match, each of its six parts against the pattern's? Only `*` alone matches across parts.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function matchesArn(expanded: string, arn: string): boolean {
  if (expanded === many) return true;
  const [patterns, parts] = [sixParts(expanded), sixParts(arn)];
  return (
    patterns.length === 6 && parts.length === 6 && patterns.every((part, at) => matches(part, parts[at]))
  );
}

function sixParts(arn: string): string[] {
  const parts = arn.split(":");
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(":")];
}
