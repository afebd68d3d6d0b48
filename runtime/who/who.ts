import type { Principal } from "../occasion";

/** Every role that IAM Identity Center makes of a permission set in one account, whatever digits its name ends in. */
export interface PermissionSet {
  readonly permissionSet: string;
  readonly partition: string;
  readonly account: string;
}

/** Somebody whom the stack config lists: the exact ARN of a role or user, or a permission set of the stack's account. */
export type Listed = string | PermissionSet;

/** Whom guardrails do not call foreign beside the stack's own account. */
export interface Trusted {
  /** An organization's id, as `aws:PrincipalOrgID` has it. */
  readonly organization?: string;
  readonly accounts: readonly string[];
}

/** Who is who, as `config.json` carries it. No list implies another. */
export interface Who {
  readonly trusted: Trusted;
  /** They put their own resources back, so what they do is told and not written. */
  readonly controllers: readonly Listed[];
  /** They do ordinary work. */
  readonly expected: readonly Listed[];
}

/** What a call's principal is to the stack; a controller is never also expected. */
export type Caller = "controller" | "expected" | "other";

/**
 * A path that IAM keeps for AWS: nobody else can make a role there, or take one of its name anywhere else for one.
 * https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
 */
const reservedPath = "role/aws-reserved/sso.amazonaws.com/";
const reservedName = "AWSReservedSSO_";

/** What an ARN says of the permission set that its role was made of. The region's part is missing in us-east-1. */
const reservedRole =
  /^arn:([a-z-]+):iam::(\d{12}):role\/aws-reserved\/sso\.amazonaws\.com\/(?:[a-z0-9-]+\/)?AWSReservedSSO_([\w+=,.@-]+)_[0-9a-f]{16}$/;

/** The permission set of a role's ARN; undefined for every other principal. */
export function permissionSetOf(principalArn: string): PermissionSet | undefined {
  const [, partition, account, permissionSet] = reservedRole.exec(principalArn) ?? [];
  return permissionSet === undefined ? undefined : { permissionSet, partition, account };
}

/**
 * Whether an entry names a principal. Nothing in an entry is a wildcard.
 * @param principalArn of a role (without a session), a user or anything else, such as a service's name
 */
export function isListed(entry: Listed, principalArn: string): boolean {
  if (typeof entry === "string") return entry === principalArn;
  const of = permissionSetOf(principalArn);
  return (
    of?.permissionSet === entry.permissionSet &&
    of.partition === entry.partition &&
    of.account === entry.account
  );
}

/**
 * An entry as the values of `ArnLike` in a policy, which admit nobody beside it: `*` there reaches over the region's
 * part of a path that only AWS makes roles in, and each `?` is one of the 16 digits.
 */
export function arnPatterns(entry: Listed): string[] {
  if (typeof entry === "string") return [entry];
  const path = `arn:${entry.partition}:iam::${entry.account}:${reservedPath}`;
  const name = `${reservedName}${entry.permissionSet}_${"?".repeat(16)}`;
  return [`${path}${name}`, `${path}*/${name}`];
}

export function callerOf(
  { controllers, expected }: Who,
  principal: Pick<Principal, "arn"> | undefined,
): Caller {
  if (principal === undefined) return "other";
  if (controllers.some(entry => isListed(entry, principal.arn))) return "controller";
  return expected.some(entry => isListed(entry, principal.arn)) ? "expected" : "other";
}

/**
 * The command that adds a principal to one of the lists, ready to paste; undefined for whoever cannot be listed: a
 * service, the root user, an ARN that a shell or a policy would read otherwise.
 * @param account the stack's own, to which an entry with a permission set's name refers
 */
export function listingCommand(
  list: "controllers" | "expected",
  who: Who,
  principalArn: string,
  account: string,
): string | undefined {
  const at = `${list}[${who[list].length}]`;
  const set = permissionSetOf(principalArn);
  if (set?.account === account) return `pulumi config set --path '${at}.permissionSet' ${set.permissionSet}`;
  return /^arn:[a-z-]+:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/.test(principalArn)
    ? `pulumi config set --path '${at}' ${principalArn}`
    : undefined;
}

/** @throws Error naming the first that is malformed; callers must then write nothing and tell somebody. */
export function checkWho(value: unknown): Who {
  const who = objectOf(value, "who");
  const { organization, accounts } = objectOf(who.trusted, "who.trusted");
  if (organization !== undefined && typeof organization !== "string")
    throw new Error(`config.json has who.trusted.organization ${JSON.stringify(organization)}`);
  for (const [name, list, isRight] of [
    ["trusted.accounts", accounts, isAccount],
    ["controllers", who.controllers, isEntry],
    ["expected", who.expected, isEntry],
  ] as const) {
    if (!Array.isArray(list)) throw new Error(`config.json has no list who.${name}`);
    const wrong = list.findIndex(one => !isRight(one));
    if (wrong >= 0)
      throw new Error(`config.json has ${JSON.stringify(list[wrong])} in who.${name}[${wrong}]`);
  }
  return value as Who;
}

const objectOf = (value: unknown, name: string): Record<string, unknown> => {
  if (typeof value !== "object" || value === null) throw new Error(`config.json has no ${name}`);
  return value as Record<string, unknown>;
};
const isAccount = (one: unknown): boolean => typeof one === "string" && /^\d{12}$/.test(one);
const isEntry = (one: unknown): boolean =>
  typeof one === "string"
    ? /^arn:[a-z-]+:iam::\d{12}:(role|user)\/[^*?]+$/.test(one)
    : typeof one === "object" &&
      one !== null &&
      ["permissionSet", "partition", "account"].every(
        key => typeof (one as Record<string, unknown>)[key] === "string",
      );
