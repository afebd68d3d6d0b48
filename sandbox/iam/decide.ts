import { isGlobalKey } from "./global-keys";
import { conditionsHold } from "./conditions";
import type { PolicyDocument, Principals, PolicyStatement } from "./policies";
import { expand, lookupIn, matches, type Context, type Lookup } from "./wildcards";

/** Who asks. A service has only a name, e.g. events.amazonaws.com. */
export type Principal =
  | { readonly kind: "service"; readonly service: string }
  | { readonly kind: "root"; readonly account: string }
  | { readonly kind: "user"; readonly account: string; readonly arn: string }
  | {
      readonly kind: "role";
      readonly account: string;
      /** The session: arn:aws:sts::…:assumed-role/name/session. */
      readonly arn: string;
      /** The role itself, with its path: arn:aws:iam::…:role/path/name. */
      readonly roleArn: string;
    };

export type Decision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly explicit: boolean; readonly reason: string };

/** Policies of one action on one resource. */
export interface Question {
  readonly principal: Principal;
  readonly action: string;
  readonly resource: string;
  readonly context: Context;
  readonly identityPolicies: readonly PolicyDocument[];
  readonly boundary?: PolicyDocument;
  readonly resourcePolicy?: PolicyDocument;
  /** Does the resource belong to the principal's account? */
  readonly sameAccount: boolean;
  /** KMS keys and role trust: without the resource's own policy nobody gets in, the same account included. */
  readonly resourcePolicyDecides?: boolean;
  /** Which condition keys the context can hold at all; asking for another throws NotImplemented. */
  readonly supplies?: (key: string) => boolean;
}

/** How a resource policy grants: to the whole account (which then decides itself), to a role, or straight to the caller. */
type Grant = "none" | "account" | "role" | "caller";

const refuse = (explicit: boolean, reason: string): Decision => ({ allowed: false, explicit, reason });

/**
 * Decides as IAM does: an explicit Deny anywhere wins; within an account an identity policy inside its boundary or a
 * resource policy suffices; across accounts both are needed.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 */
export function evaluate(question: Question): Decision {
  const { action, principal, identityPolicies, boundary, resourcePolicy } = question;
  const lookup = lookupIn(question.context, question.supplies);
  const onResource = lookupOnResource(question);
  const found = (effect: PolicyStatement["effect"], policies: readonly PolicyDocument[]) =>
    policies.some(policy => applying(policy, effect, question, lookup).length > 0);
  const denies = (policies: readonly PolicyDocument[]) => found("Deny", policies);
  if (denies(identityPolicies)) return refuse(true, "with an explicit deny in an identity-based policy");
  if (boundary && denies([boundary])) return refuse(true, "with an explicit deny in a permissions boundary");
  const denied = resourcePolicy
    ? applying(resourcePolicy, "Deny", question, onResource).some(statement => names(statement, principal))
    : false;
  if (denied) return refuse(true, "with an explicit deny in a resource-based policy");

  const grant = resourcePolicy ? granted(resourcePolicy, question, onResource) : "none";
  const inBoundary = !boundary || found("Allow", [boundary]);
  const byIdentity = found("Allow", identityPolicies);
  const outside = () => refuse(false, `because no permissions boundary allows the ${action} action`);
  const noIdentity = () => refuse(false, `because no identity-based policy allows the ${action} action`);
  const noResource = () => refuse(false, `because no resource-based policy allows the ${action} action`);

  if (principal.kind === "root" && question.sameAccount && !question.resourcePolicyDecides)
    return { allowed: true };
  if (principal.kind === "service") return grant === "none" ? noResource() : { allowed: true };
  if (grant === "none" && (question.resourcePolicyDecides || !question.sameAccount))
    return byIdentity || question.resourcePolicyDecides ? noResource() : noIdentity();
  if (question.sameAccount && grant === "caller") return { allowed: true };
  if (question.sameAccount && grant === "role") return inBoundary ? { allowed: true } : outside();
  if (!byIdentity) return noIdentity();
  return inBoundary ? { allowed: true } : outside();
}

/**
 * A policy on a resource cannot ask for the function that the caller's keys were made for.
 * https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
 */
function lookupOnResource({ context, supplies = () => true }: Question): Lookup {
  const isOfKeys = (key: string) => key.toLowerCase() === "lambda:sourcefunctionarn";
  const known = Object.entries(context).filter(([key]) => !isOfKeys(key));
  return lookupIn(Object.fromEntries(known), key => !isOfKeys(key) && supplies(key));
}

/**
 * May an AWS service do this on its own, by the resource's policy? EventBridge to a topic, queue or function, Lambda
 * assuming a role (its trust policy, action sts:AssumeRole, resource the role), an alarm to a topic.
 */
export function serviceMay(request: {
  readonly service:
    | "events.amazonaws.com"
    | "sns.amazonaws.com"
    | "lambda.amazonaws.com"
    | "cloudwatch.amazonaws.com"
    | (string & {});
  readonly action: string;
  readonly resource: string;
  readonly policy?: PolicyDocument;
  /** The rule, topic, alarm … on whose behalf the service acts. */
  readonly sourceArn?: string;
  readonly sourceAccount?: string;
  readonly context?: Context;
}): Decision {
  const { service, action, resource, policy, sourceArn, sourceAccount } = request;
  const sources = { "aws:SourceArn": sourceArn, "aws:SourceAccount": sourceAccount };
  // An old key that CloudWatch still sends; EventBridge never did, so a topic's default policy does not admit it.
  const owner = service === "cloudwatch.amazonaws.com" ? { "aws:SourceOwner": sourceAccount } : {};
  const context = {
    "aws:PrincipalIsAWSService": "true",
    "aws:PrincipalServiceName": service,
    "aws:SecureTransport": "true",
    ...Object.fromEntries(
      Object.entries({ ...sources, ...owner }).filter(
        (pair): pair is [string, string] => pair[1] !== undefined,
      ),
    ),
    ...request.context,
  };
  return evaluate({
    principal: { kind: "service", service },
    action,
    resource,
    context,
    identityPolicies: [],
    resourcePolicy: policy,
    sameAccount: true,
    resourcePolicyDecides: true,
    supplies: isGlobalKey,
  });
}

/** The statements of a policy with that effect that speak of the action and the resource and whose conditions hold. */
function applying(
  policy: PolicyDocument,
  effect: PolicyStatement["effect"],
  { action, resource }: Pick<Question, "action" | "resource">,
  lookup: Lookup,
): PolicyStatement[] {
  return policy.statements.filter(
    statement =>
      statement.effect === effect &&
      actionMatches(statement, action) &&
      resourceMatches(statement, resource, policy.version, lookup) &&
      conditionsHold(statement.conditions, policy.version, lookup),
  );
}

/** Does the statement speak of the action? Case does not count. */
export function actionMatches(statement: PolicyStatement, action: string): boolean {
  const isNamed = (patterns: readonly string[]) =>
    patterns.some(pattern =>
      matches(expand(pattern.toLowerCase(), "", lookupIn({})) as string, action.toLowerCase()),
    );
  return statement.actions ? isNamed(statement.actions) : !isNamed(statement.notActions ?? ["*"]);
}

/** Does the statement speak of the resource? Case counts; a trust policy, which names none, always does. */
export function resourceMatches(
  statement: PolicyStatement,
  resource: string,
  version: string,
  lookup: Lookup,
): boolean {
  const patterns = statement.resources ?? statement.notResources;
  if (!patterns) return true;
  const expanded = patterns.map(pattern => expand(pattern, version, lookup));
  if (expanded.some(pattern => pattern === undefined) && statement.notResources) return false;
  const isNamed = expanded.some(pattern => pattern !== undefined && matches(pattern, resource));
  return statement.resources ? isNamed : !isNamed;
}

function granted(policy: PolicyDocument, question: Question, lookup: Lookup): Grant {
  const grants = applying(policy, "Allow", question, lookup).map(({ principals }) =>
    principals ? grantOf(principals, question.principal) : "none",
  );
  return (["caller", "role", "account"] as const).find(grant => grants.includes(grant)) ?? "none";
}

function grantOf(principals: Principals, principal: Principal): Grant {
  // Through a wildcard a role's session stays inside the role's boundary.
  const throughWildcard = principal.kind === "role" ? "role" : "caller";
  if (principals === "*") return throughWildcard;
  if (principal.kind === "service") {
    const isNamed = principals.Service?.includes(principal.service) || principals.AWS?.includes("*");
    return isNamed ? "caller" : "none";
  }
  const aws = principals.AWS ?? [];
  const isAccount = (value: string) =>
    value === principal.account || new RegExp(`^arn:[^:]+:iam::${principal.account}:root$`).test(value);
  if (aws.includes("*")) return throughWildcard;
  if (principal.kind === "root") return aws.some(isAccount) ? "caller" : "none";
  if (aws.includes(principal.arn)) return "caller";
  if (principal.kind === "role" && aws.includes(principal.roleArn)) return "role";
  return aws.some(isAccount) ? "account" : "none";
}

/** Does a Deny in a resource policy speak of the principal? */
function names(statement: PolicyStatement, principal: Principal): boolean {
  if (statement.principals) return grantOf(statement.principals, principal) !== "none";
  if (!statement.notPrincipals) return true;
  return !isSpared(statement.notPrincipals, principal);
}

/**
 * NotPrincipal spares a caller only if each of its names is listed: account, role and session.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
function isSpared(spared: Principals, principal: Principal): boolean {
  if (spared === "*" || spared.AWS?.includes("*")) return true;
  if (principal.kind === "service") return spared.Service?.includes(principal.service) ?? false;
  const aws = spared.AWS ?? [];
  const account =
    aws.includes(principal.account) || aws.some(value => value.endsWith(`:iam::${principal.account}:root`));
  if (principal.kind === "root") return account;
  const itself = aws.includes(principal.arn);
  return account && itself && (principal.kind === "user" || aws.includes(principal.roleArn));
}
