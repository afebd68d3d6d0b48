import { objectAt, textAt, toList } from "../events";
import type { Json } from "../json";

/**
 * Who, beside principals of the account itself, a resource policy admits: AWS services, other accounts, federated
 * and canonical users, and "*" for everybody; sorted. Conditions are not weighed, so that the answer may name too
 * many and never too few. A policy that cannot be read as one answers "*".
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function outsidersIn(policy: string, account: string): string[] {
  const statements = statementsOf(policy);
  if (statements === undefined) return ["*"];
  const admitted = statements
    .filter(statement => textAt(statement, "Effect") !== "Deny")
    .flatMap(principalsOf)
    .filter(principal => accountIn(principal) !== account);
  return [...new Set(admitted)].sort();
}

function statementsOf(policy: string): Json[] | undefined {
  try {
    const statements = toList(objectAt(JSON.parse(policy)).Statement);
    return statements.every(statement => Object.keys(objectAt(statement)).length > 0)
      ? statements
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function principalsOf(statement: Json): string[] {
  const { Principal: principal } = objectAt(statement);
  // An Allow that names whom it leaves out admits everybody else.
  if (principal === undefined || principal === "*") return ["*"];
  return Object.values(objectAt(principal)).flatMap(toList).map(String);
}

/** The account of an ARN, or of a bare account id. */
const accountIn = (principal: string): string | undefined =>
  /^\d{12}$/.test(principal) ? principal : principal.split(":")[4];
