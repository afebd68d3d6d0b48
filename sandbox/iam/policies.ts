import { awsError } from "../ground/call";

/** Condition operator → condition key → values, as written; keys and operators are compared without case. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** "*" is everybody; otherwise kind (AWS, Service, Federated, CanonicalUser) → values. */
export type Principals = "*" | Readonly<Record<string, readonly string[]>>;

/** One statement with every one-or-many element made a list. Of each pair (Action, NotAction …) at most one is present. */
export interface PolicyStatement {
  readonly sid?: string;
  readonly effect: "Allow" | "Deny";
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
  readonly resources?: readonly string[];
  readonly notResources?: readonly string[];
  readonly principals?: Principals;
  readonly notPrincipals?: Principals;
  readonly conditions: Conditions;
}

/** A policy as `parsePolicy` reads it. Only version 2012-10-17 replaces policy variables. */
export interface PolicyDocument {
  readonly version: "2008-10-17" | "2012-10-17";
  readonly statements: readonly PolicyStatement[];
}

/** What a policy is attached to: it decides which elements a statement must and must not have. */
export type PolicyKind = "identity" | "resource" | "trust";

type Raw = Record<string, unknown>;

const documentElements = ["Version", "Id", "Statement"];
const principalKinds = ["AWS", "Service", "Federated", "CanonicalUser"];
const statementElements = [
  ["Sid"],
  ["Effect"],
  ["Action", "NotAction"],
  ["Resource", "NotResource"],
  ["Principal", "NotPrincipal"],
  ["Condition"],
];

const malformed = (why: string) => awsError("MalformedPolicyDocument", why);
const isObject = (value: unknown): value is Raw =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A policy's text as services answer it; undefined where there is none. */
export const parseIfAny = (text: string | undefined): PolicyDocument | undefined =>
  text === undefined || text === "" ? undefined : parsePolicy(text);

/**
 * Reads a policy: JSON text, URL-encoded JSON text (as IAM answers it) or an object. A `kind` also checks what AWS
 * checks when the policy is attached. Throws MalformedPolicyDocument, naming the element.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function parsePolicy(source: string | object, kind?: PolicyKind): PolicyDocument {
  const document = typeof source === "string" ? parseText(source) : source;
  if (!isObject(document)) throw malformed("A policy document must be a JSON object.");
  refuseUnknown(document, documentElements, "policy document");
  const version = document.Version ?? "2008-10-17";
  if (version !== "2012-10-17" && version !== "2008-10-17")
    throw malformed(`Policy version ${JSON.stringify(version)} is not 2012-10-17 or 2008-10-17.`);
  const statements = Array.isArray(document.Statement) ? document.Statement : [document.Statement];
  if (statements.length === 0) throw malformed("A policy document needs at least one statement.");
  const parsed = statements.map(statement => parseStatement(statement, kind));
  const sids = parsed.flatMap(statement => statement.sid ?? []);
  const twice = sids.find((sid, index) => sids.indexOf(sid) !== index);
  if (twice !== undefined)
    throw malformed(`Statement IDs (SID) in a single policy must be unique: ${twice}.`);
  return { version, statements: parsed };
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text.trimStart().startsWith("%7B") ? decodeURIComponent(text) : text);
  } catch (error) {
    throw malformed(`The policy is not valid JSON: ${(error as Error).message}.`);
  }
}

function parseStatement(raw: unknown, kind?: PolicyKind): PolicyStatement {
  if (!isObject(raw)) throw malformed("A statement must be a JSON object.");
  refuseUnknown(raw, statementElements.flat(), "statement");
  for (const pair of statementElements)
    if (pair.every(element => element in raw) && pair.length > 1)
      throw malformed(`A statement has either ${pair.join(" or ")}, not both.`);
  const { Sid: sid, Effect: effect } = raw;
  if (effect !== "Allow" && effect !== "Deny")
    throw malformed(`Effect ${JSON.stringify(effect)} is not Allow or Deny.`);
  if (sid !== undefined && typeof sid !== "string") throw malformed("Sid must be text.");
  if ("NotPrincipal" in raw && effect === "Allow")
    throw malformed("NotPrincipal with Effect Allow is not supported.");
  const statement: PolicyStatement = {
    ...(sid ? { sid } : {}),
    effect,
    ...list(raw, "Action", "actions"),
    ...list(raw, "NotAction", "notActions"),
    ...list(raw, "Resource", "resources"),
    ...list(raw, "NotResource", "notResources"),
    ...principals(raw, "Principal", "principals"),
    ...principals(raw, "NotPrincipal", "notPrincipals"),
    conditions: parseConditions(raw.Condition ?? {}),
  };
  checkKind(statement, kind);
  return statement;
}

function checkKind(statement: PolicyStatement, kind?: PolicyKind): void {
  const actions = statement.actions ?? statement.notActions;
  const resources = statement.resources ?? statement.notResources;
  const hasPrincipal = Boolean(statement.principals ?? statement.notPrincipals);
  if (!actions) throw malformed("A statement needs Action or NotAction.");
  const bad = actions.find(action => action !== "*" && !/^[a-z0-9-]+:[A-Za-z0-9*?]+$/i.test(action));
  if (bad !== undefined) throw malformed(`Action ${JSON.stringify(bad)} is not "*" or service:Name.`);
  if (kind === "identity") {
    if (!resources) throw malformed("Policy statement must contain resources.");
    if (hasPrincipal) throw malformed("Policy document should not specify a principal.");
    const notArn = resources.find(text => text !== "*" && !/^arn:[^:]*:[^:]*:[^:]*:[^:]*:./.test(text));
    if (notArn !== undefined) throw malformed(`Resource ${notArn} must be in ARN format or "*".`);
  }
  if (kind === "resource" && !resources) throw malformed("Missing required field Resource.");
  if (kind === "trust" && resources) throw malformed("Has prohibited field Resource.");
  if (kind !== "identity" && kind !== undefined && !hasPrincipal)
    throw malformed("Missing required field Principal.");
}

function refuseUnknown(raw: Raw, known: readonly string[], where: string): void {
  const unknown = Object.keys(raw).find(key => !known.includes(key));
  if (unknown !== undefined) throw malformed(`Unknown element ${JSON.stringify(unknown)} in a ${where}.`);
}

function texts(value: unknown, element: string): string[] {
  const values = Array.isArray(value) ? value : [value];
  if (!values.every(text => typeof text === "string"))
    throw malformed(`${element} must be text or a list of text.`);
  return values;
}

function list(raw: Raw, element: string, name: keyof PolicyStatement): object {
  if (!(element in raw)) return {};
  const values = texts(raw[element], element);
  if (values.length === 0) throw malformed(`${element} must not be an empty list.`);
  return { [name]: values };
}

function principals(raw: Raw, element: string, name: keyof PolicyStatement): object {
  if (!(element in raw)) return {};
  const value = raw[element];
  if (value === "*") return { [name]: "*" };
  if (!isObject(value)) throw malformed(`${element} must be "*" or an object.`);
  refuseUnknown(value, principalKinds, element);
  return {
    [name]: Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, texts(entry, key)])),
  };
}

function parseConditions(raw: unknown): Conditions {
  if (!isObject(raw)) throw malformed("Condition must be an object.");
  const values = (value: unknown, key: string) =>
    texts(
      (Array.isArray(value) ? value : [value]).map(item =>
        typeof item === "boolean" || typeof item === "number" ? String(item) : item,
      ),
      key,
    );
  return Object.fromEntries(
    Object.entries(raw).map(([operator, block]) => {
      if (!isObject(block)) throw malformed(`Condition ${operator} must be an object.`);
      return [
        operator,
        Object.fromEntries(Object.entries(block).map(([key, value]) => [key, values(value, key)])),
      ];
    }),
  );
}
