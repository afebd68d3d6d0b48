import { isResourceTag } from "./global-keys";
import { isLacking, type Find, type Judged, type ResourceFacts, type ResourcePolicies } from "./judged";
import type { Requirement, Requirements } from "./requirements";
import { publishedContext } from "./requirements/published";
import { asksFacts, callContext, factContext, identityContext, principalTags } from "./requirements/known";
import type { AuditRow } from "./audit";
import type { Call, Identity, Place } from "../ground/call";
import { evaluate, serviceMay, type Decision, type Principal } from "./decide";
import type { PolicyDocument } from "./policies";
import type { Context } from "./wildcards";

export { evaluate, serviceMay, type Decision, type Principal, type Question } from "./decide";
export type { Context } from "./wildcards";

/** What the gateway is told: `code` and `status` are those that the service answers a refused call with. */
export type AuthorizeResult =
  | { readonly allowed: true }
  | {
      readonly allowed: false;
      readonly message: string;
      readonly explicit: boolean;
      readonly code: string;
      readonly status: number;
    };

export type Authorize = (call: Call) => Promise<AuthorizeResult>;

/** What a principal has attached: inline, attached and group policies alike. */
export interface PrincipalPolicies {
  readonly policies: readonly PolicyDocument[];
  readonly boundary?: PolicyDocument;
  /** The role's or user's tags, for aws:PrincipalTag. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Reads the account's state, straight, never through the gateway. Whatever does not exist answers undefined. */
export interface PolicyStore {
  readonly find: Find;
  /** Of a role session or a user. */
  principal(identity: Identity): Promise<PrincipalPolicies>;
  /**
   * The policy on a resource, by ARN without sub-resource: bucket, topic, queue, function, KMS key, table, event bus,
   * and for a role its trust policy.
   */
  resourcePolicy(arn: string): Promise<PolicyDocument | undefined>;
  resourceFacts(arn: string): Promise<ResourceFacts | undefined>;
}

export interface Authorizer {
  /** Throws NotImplemented for a call or a condition that the sandbox cannot judge. The bootstrap key may do all. */
  readonly authorize: Authorize;
  /** May this identity do this, whatever the call? For what a service does with a role's permissions. */
  may(request: {
    readonly identity: Identity;
    readonly action: string;
    readonly resource: string;
    readonly place: Place;
    /** Sandbox time, epoch milliseconds. */
    readonly time: number;
    readonly context?: Context;
  }): Promise<Decision>;
  /**
   * May this identity, or this service (e.g. lambda.amazonaws.com), assume the role? Its trust policy decides. Unlike
   * on AWS the bootstrap key may, where the role trusts its account: it is all that a sandbox's user has at first.
   */
  mayAssume(request: {
    readonly by: Identity | string;
    readonly roleArn: string;
    readonly place: Place;
    readonly time: number;
    readonly context?: Context;
  }): Promise<Decision>;
  /** Every decision so far, oldest first; the bootstrap key's calls are not decided. */
  readonly audit: readonly AuditRow[];
  /** Forgets the audit rows, for a reset of the account. */
  reset(): void;
}

interface Checked {
  readonly action: string;
  readonly resource: string;
  readonly decision: Decision;
}

/** The check that the gateway makes before a call, by the policies that the account really holds. */
export function createAuthorizer(options: {
  readonly policies: PolicyStore;
  readonly requirements: Requirements;
}): Authorizer {
  const { policies: store, requirements } = options;
  const audit: AuditRow[] = [];

  const record = (at: number, principal: string, { action, resource, decision }: Checked) =>
    void audit.push({
      at,
      principal,
      action,
      resource,
      allowed: decision.allowed,
      ...(decision.allowed ? {} : { reason: decision.reason }),
    });

  const check = async (
    asked: Requirement,
    who: { identity: Identity; place: Place; known: Context; time: number },
  ): Promise<Checked[]> => {
    const { action } = asked;
    const service = requirements.prefixed(action.split(":")[0] ?? "");
    const canReadTags = service?.facts === "none" || typeof service?.facts === "function";
    const supplies = (key: string) => requirements.supplies(key) && (canReadTags || !isResourceTag(key));
    const attached = await store.principal(who.identity);
    const principal = principalOf(who.identity);
    const known = { ...who.known, ...principalTags(attached.tags), ...asked.context };
    const checked: Checked[] = [];
    for (const resource of asked.resources) {
      const policies = policiesOf(service);
      const holder = policies?.holder(resource);
      const resourcePolicy = holder === undefined ? undefined : await store.resourcePolicy(holder);
      const owner =
        resource.split(":")[4] ||
        ((await service?.owner?.(resource, store.find, who.place)) ?? who.place.account);
      const sameAccount = owner === who.identity.account;
      const all = [...attached.policies, attached.boundary, resourcePolicy];
      const facts = asksFacts(all, service?.factKeys) ? await store.resourceFacts(resource) : undefined;
      const told = { ...known, "aws:ResourceAccount": owner };
      const context = service && facts ? { ...told, ...factContext(service, facts) } : told;
      const decision = evaluate({
        principal,
        action,
        resource,
        context: await publishedContext(action, resource, context),
        identityPolicies: attached.policies,
        boundary: attached.boundary,
        resourcePolicy,
        sameAccount,
        resourcePolicyDecides: holder !== undefined && decides(policies, resourcePolicy, sameAccount),
        supplies,
      });
      checked.push({ action, resource, decision });
      record(who.time, who.identity.role?.arn ?? who.identity.arn, { action, resource, decision });
    }
    return checked;
  };

  return {
    audit,
    reset: () => void audit.splice(0),
    authorize: async call => {
      const { identity, service, operation } = call;
      if (identity.kind === "root" || identity.kind === "service") return { allowed: true };
      const judged = requirements.named(service);
      if (judged?.free?.includes(operation)) return { allowed: true };
      const who = { identity, place: call, known: callContext(call), time: call.time };
      const checked: Checked[] = [];
      for (const asked of await requirements.of(call, store.find)) checked.push(...(await check(asked, who)));
      const refused = checked.filter(({ decision }) => !decision.allowed);
      const worst = refused.find(({ decision }) => !decision.allowed && decision.explicit) ?? refused[0];
      return worst ? refusal(call, judged, worst) : { allowed: true };
    },
    may: async ({ identity, action, resource, place, time, context = {} }) => {
      if (identity.kind === "root") return { allowed: true };
      const known = identityContext(identity, place, time);
      const [{ decision }] = await check(
        { action, resources: [resource], context },
        { identity, place, known, time },
      );
      return decision;
    },
    mayAssume: async ({ by, roleArn, place, time, context = {} }) => {
      const asked = { action: "sts:AssumeRole", resources: [roleArn], context };
      if (typeof by !== "string") {
        const who = { identity: by, place, known: identityContext(by, place, time), time };
        return (await check(asked, who))[0].decision;
      }
      const [action, resource] = [asked.action, roleArn];
      const policy = await store.resourcePolicy(roleArn);
      const decision = serviceMay({ service: by, action, resource, policy, context });
      record(time, by, { action, resource, decision });
      return decision;
    },
  };
}

function principalOf({ kind, account, arn, role }: Identity): Principal {
  if (kind === "role" && role) return { kind, account, arn, roleArn: role.arn };
  if (kind === "user") return { kind, account, arn };
  return { kind: "root", account };
}

function policiesOf(service: Judged | undefined) {
  const policies = service?.resourcePolicies;
  return policies === undefined || policies === "none" || isLacking(policies) ? undefined : policies;
}

/** Must the resource's own policy admit the caller? What does not exist in the own account is not kept closed by one. */
const decides = (
  policies: ResourcePolicies | undefined,
  found: PolicyDocument | undefined,
  sameAccount: boolean,
): boolean =>
  policies?.decides === "where it is" ? found !== undefined || !sameAccount : policies?.decides === true;

/** How most services answer a refused call. */
const usual = { code: "AccessDeniedException", status: 400, says: "" };

function refusal({ identity }: Call, service: Judged | undefined, checked: Checked): AuthorizeResult {
  const { action, resource, decision } = checked;
  const { code, status, says } = { ...usual, ...service?.denial };
  const { explicit, reason } = decision.allowed ? { explicit: false, reason: "" } : decision;
  const on = resource === "*" ? "" : ` on resource: ${resource}`;
  const message = `${says}User: ${identity.arn} is not authorized to perform: ${action}${on} ${reason}`;
  return { allowed: false, message, explicit, code, status };
}
