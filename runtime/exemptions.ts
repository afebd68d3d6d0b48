import type { Principal } from "./occasion";
import type { Resource } from "./guardrail";

/** An approved, expiring decision to leave a guardrail's findings alone. */
export interface Exemption {
  readonly guardrail: string;
  /** ARN pattern: `*` (any characters) and `?` (one) stay within one part of the ARN, and never cover ":" or "/". */
  readonly resource: string;
  /** Where the resource is: 12 digits; a region's name. */
  readonly account?: string;
  readonly region?: string;
  /** ARN pattern of who made the call: a role or user of an account that is spelled out, or its root. */
  readonly principal?: string;
  readonly reason: string;
  readonly owner: string;
  /** YYYY-MM-DD, the last day (UTC) on which it holds. */
  readonly expires: string;
}

/** A finding, as far as exemptions ask about it. */
export interface Exemptible {
  readonly guardrail: string;
  readonly resource: Pick<Resource, "arn" | "account" | "region">;
  /** Who caused the occasion; an exemption for a principal covers nothing where nobody did. */
  readonly principal?: Pick<Principal, "arn">;
}

export const requiredKeys = ["guardrail", "resource", "reason", "owner", "expires"] as const;
export const optionalKeys = ["account", "region", "principal"] as const;

/** Milliseconds. */
export const day = 24 * 60 * 60 * 1000;
/** How long before its end an exemption is mentioned, in days. */
export const mentionedDays = 14;

/**
 * What the exemptions say of a finding at `now` (epoch milliseconds). `exempt`: the first that covers it and holds.
 * `soon`: the same one, when it ends within 14 days. `expired`: when none holds, the one that covered it last.
 */
export function exemptionFor(
  exemptions: readonly Exemption[],
  about: Exemptible,
  now: number,
): { exempt?: Exemption; expired?: Exemption; soon?: Exemption } {
  const covering = exemptions.filter(exemption => covers(exemption, about));
  const exempt = covering.find(exemption => validity(exemption.expires, now) !== "expired");
  if (exempt !== undefined)
    return validity(exempt.expires, now) === "soon" ? { exempt, soon: exempt } : { exempt };
  const last = covering
    .map(({ expires }) => expires)
    .sort()
    .pop();
  const expired = covering.find(({ expires }) => expires === last);
  return expired === undefined ? {} : { expired };
}

/** Whether an exemption holds at `now`, and whether it ends within 14 days. What is no date never holds. */
export function validity(expires: string, now: number): "valid" | "soon" | "expired" {
  const left = endOf(expires) - now;
  if (left > mentionedDays * day) return "valid";
  return left > 0 ? "soon" : "expired";
}

/** The first moment after the last day, in epoch milliseconds; NaN for what is no date of the calendar. */
export function endOf(expires: string): number {
  const start = /^\d{4}-\d\d-\d\d$/.test(expires) ? Date.parse(`${expires}T00:00:00Z`) : NaN;
  // February 30 parses as March 2.
  return !Number.isNaN(start) && dateOf(start) === expires ? start + day : NaN;
}

/** The UTC day of a moment, YYYY-MM-DD. */
export const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** What each optional key restricts an exemption to. */
const restrictions: Readonly<
  Record<(typeof optionalKeys)[number], (wanted: string, about: Exemptible) => boolean>
> = {
  account: (wanted, { resource }) => wanted === resource.account,
  region: (wanted, { resource }) => wanted === resource.region,
  principal: (wanted, { principal }) => principal !== undefined && matchesArn(wanted, principal.arn),
};

function covers(exemption: Exemption, about: Exemptible): boolean {
  return (
    exemption.guardrail === about.guardrail &&
    matchesArn(exemption.resource, about.resource.arn) &&
    optionalKeys.every(key => {
      const wanted = exemption[key];
      return wanted === undefined || restrictions[key](wanted, about);
    })
  );
}

/** Whether a whole ARN matches a pattern, part by part. Case counts: AWS tells `Admin` from `admin`. */
export function matchesArn(pattern: string, arn: string): boolean {
  const wanted = pattern.split(/([:/])/);
  const parts = arn.split(/([:/])/);
  return wanted.length === parts.length && wanted.every((part, at) => matchesPart(part, parts[at]));
}

/** Walks back to the last `*` only, so that no pattern takes longer than the product of both lengths. */
export function matchesPart(pattern: string, text: string): boolean {
  let from = 0;
  let at = 0;
  let star = -1;
  let retry = 0;
  while (at < text.length) {
    if (pattern[from] === "*") {
      star = from++;
      retry = at;
    } else if (pattern[from] === "?" || pattern[from] === text[at]) {
      from++;
      at++;
    } else if (star >= 0) {
      from = star + 1;
      at = ++retry;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(from));
}

/** An ARN pattern with its six parts, the service spelled out, in ASCII: a look-alike letter is another letter. */
export const isResourcePattern = (text: string): boolean =>
  /^arn:[a-z*?-]+:[a-z0-9-]+:[a-z0-9*?-]*:[0-9*?]*:[!-~]+$/.test(text) && !text.includes("**");

/** A role of the same name in another account is somebody else: the account has no wildcard. */
export const isPrincipalPattern = (text: string): boolean =>
  /^arn:[a-z*?-]+:iam::\d{12}:(root|(role|user)\/[!-~]+)$/.test(text) && !text.includes("**");

/** Text that stays on one line wherever it is shown. */
export const isLine = (text: string): boolean =>
  text.trim() !== "" && text.length <= 200 && !/[\p{C}\p{Zl}\p{Zp}]/u.test(text);

const forms: { readonly [Key in keyof Exemption]-?: (text: string) => boolean } = {
  guardrail: isLine,
  resource: isResourcePattern,
  account: text => /^\d{12}$/.test(text),
  region: text => /^[a-z0-9-]+$/.test(text),
  principal: isPrincipalPattern,
  reason: isLine,
  owner: isLine,
  expires: text => !Number.isNaN(endOf(text)),
};

/**
 * Checks that parsed text is a list of exemptions, expired ones among them.
 * @throws Error naming the first that is malformed; callers must then write nothing and tell somebody.
 */
export function checkExemptions(value: unknown): Exemption[] {
  if (!Array.isArray(value)) throw new Error(`config.json has no list of exemptions`);
  value.forEach((item: unknown, at) => {
    if (typeof item !== "object" || item === null || Array.isArray(item))
      throw new Error(`config.json has no map in exemptions[${at}], but ${JSON.stringify(item)}`);
    const missing = requiredKeys.find(key => !Object.hasOwn(item, key));
    if (missing !== undefined) throw new Error(`config.json has no ${missing} in exemptions[${at}]`);
    for (const [key, given] of Object.entries(item)) {
      // An unknown key may be a restriction: to pass over it would cover more than was approved.
      const isWellFormed = Object.hasOwn(forms, key) ? forms[key as keyof Exemption] : undefined;
      if (isWellFormed === undefined || typeof given !== "string" || !isWellFormed(given))
        throw new Error(`config.json has ${key} ${JSON.stringify(given)} in exemptions[${at}]`);
    }
  });
  return value as Exemption[];
}
