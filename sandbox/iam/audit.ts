import { actionMatches, resourceMatches } from "./decide";
import type { PolicyDocument, PolicyStatement } from "./policies";
import { lookupIn } from "./wildcards";

/** One decision of the authorizer about one action on one resource. */
export interface AuditRow {
  /** Sandbox time, epoch milliseconds. */
  readonly at: number;
  /** The role's or user's ARN (of a role session: the role's), or the service, e.g. events.amazonaws.com. */
  readonly principal: string;
  /** The IAM action, e.g. ec2:CreateTags. */
  readonly action: string;
  /** The resource's ARN, or "*". */
  readonly resource: string;
  readonly allowed: boolean;
  /** Refusals: why, in AWS's words. */
  readonly reason?: string;
}

/** One action that a role's policies grant, as written, on the resource patterns of its statement. */
export interface GrantUse {
  readonly action: string;
  readonly resources: readonly string[];
  /** How many allowed checks fall under it; 0: granted and never used. */
  readonly checks: number;
}

export interface RoleUse {
  readonly role: string;
  readonly granted: readonly GrantUse[];
  readonly denied: readonly { readonly action: string; readonly resource: string; readonly checks: number }[];
}

/** A role and what its policies say. */
export interface RolePolicies {
  readonly arn: string;
  readonly policies: readonly PolicyDocument[];
}

/**
 * What each role was granted, and what of it was used. A check counts for every grant that covers its action and
 * resource; conditions are not looked at again.
 */
export function useOf(roles: readonly RolePolicies[], audit: readonly AuditRow[]): RoleUse[] {
  return roles.map(({ arn, policies }) => {
    const rows = audit.filter(row => row.principal === arn);
    const allowed = rows.filter(row => row.allowed);
    const granted = policies.flatMap(({ version, statements }) =>
      statements
        .filter(statement => statement.effect === "Allow")
        .flatMap(statement =>
          grantsOf(statement).map(grant => useOfGrant(grant, statement, version, allowed)),
        ),
    );
    return { role: arn, granted: merge(granted), denied: deniedOf(rows) };
  });
}

interface Grant {
  readonly action: string;
  readonly covers: Pick<PolicyStatement, "actions" | "notActions">;
}

function grantsOf({ actions, notActions }: PolicyStatement): Grant[] {
  if (actions) return actions.map(action => ({ action, covers: { actions: [action] } }));
  return [{ action: `all but ${(notActions ?? []).join(", ")}`, covers: { notActions } }];
}

function useOfGrant(
  { action, covers }: Grant,
  statement: PolicyStatement,
  version: string,
  allowed: readonly AuditRow[],
): GrantUse {
  const resources = statement.resources ?? [`all but ${(statement.notResources ?? []).join(", ")}`];
  const used = allowed.filter(
    row =>
      actionMatches({ effect: "Allow", conditions: {}, ...covers }, row.action) &&
      resourceMatches(statement, row.resource, version, lookupIn({})),
  );
  return { action, resources, checks: used.length };
}

/** The same action on the same resources in two statements is one grant. */
function merge(grants: readonly GrantUse[]): GrantUse[] {
  const merged = new Map<string, GrantUse>();
  for (const grant of grants) {
    const key = JSON.stringify([grant.action.toLowerCase(), [...grant.resources].sort()]);
    const known = merged.get(key);
    merged.set(key, known ? { ...known, checks: Math.max(known.checks, grant.checks) } : grant);
  }
  return [...merged.values()];
}

function deniedOf(rows: readonly AuditRow[]): RoleUse["denied"] {
  const counts = new Map<string, { action: string; resource: string; checks: number }>();
  for (const { action, resource, allowed } of rows) {
    if (allowed) continue;
    const key = `${action} ${resource}`;
    const checks = (counts.get(key)?.checks ?? 0) + 1;
    counts.set(key, { action, resource, checks });
  }
  return [...counts.values()];
}

/** "ec2:security-group/*": an ARN without its partition, region and account, which are the stack's. */
const shortened = (resource: string): string => resource.replace(/^arn:[\w-]+:([\w-]+):[\w-]*:\d*:/, "$1:");

/** The report for people: per role the grants that were used, those that never were, and what was refused. */
export function printUse(roles: readonly RoleUse[]): string {
  const rows = roles.flatMap(({ role, granted, denied }) => [
    ...granted
      .filter(({ checks }) => checks > 0)
      .map(({ action, resources, checks }) => ({
        role,
        state: "used",
        count: `${checks}×`,
        action,
        resources,
      })),
    ...granted
      .filter(({ checks }) => checks === 0)
      .map(({ action, resources }) => ({ role, state: "never used", count: "", action, resources })),
    ...denied.map(({ action, resource, checks }) => ({
      role,
      state: "REFUSED",
      count: `${checks}×`,
      action,
      resources: [resource],
    })),
  ]);
  const width = (texts: string[]) => Math.max(0, ...texts.map(text => text.length));
  const [states, counts, actions] = [
    width(rows.map(({ state }) => state)),
    width(rows.map(({ count }) => count)),
    width(rows.map(({ action }) => action)),
  ];
  const line = ({ state, count, action, resources }: (typeof rows)[number]) => {
    const [first = "", ...others] = resources.map(shortened);
    const left = `  ${state.padEnd(states)}  ${count.padStart(counts)}  ${action.padEnd(actions)}  `;
    return [left + first, ...others.map(other => " ".repeat(left.length) + other)].join("\n");
  };
  return roles
    .map(({ role }) => {
      const own = rows.filter(row => row.role === role);
      const name = role.split("/").pop() ?? role;
      return [name, ...(own.length > 0 ? own.map(line) : ["  nothing granted, nothing asked"])].join("\n");
    })
    .join("\n\n");
}
