import type { AnyInspecting, Permissions, Statement } from "./definition";
import { capabilitiesOf, hasFunction } from "./kinds";
import { type Place, scopeOf } from "./regions";
import { ledgerStatements, onlyFrom, trailStatement } from "./statements";
import type { EnabledGuardrail } from "./settings/guardrails";
import { type Acts, capabilities } from "../runtime/modes";
import { functionArn, ledgerArn, logGroupArn, queueArn, topicArn } from "../runtime/names";

export type Inspected = EnabledGuardrail & { readonly definition: AnyInspecting };

/** The ARNs of what the guardrails of a stack share. */
export interface SharedArns {
  readonly topic: string;
  readonly queue: string;
  readonly logGroup: string;
  readonly ledger: string;
}

/** As they are in this place. */
export const sharedArns = (place: Place): SharedArns => ({
  topic: topicArn(place),
  queue: queueArn(place),
  logGroup: logGroupArn(place),
  ledger: ledgerArn(place),
});

/** What the function that looks may write, by how its mode acts. */
const writable: Record<Acts, (write: readonly Statement[]) => readonly Statement[]> = {
  never: () => [],
  itself: write => write,
};

/**
 * What the role of a guardrail's function may do, usable only from its own function but for what Lambda itself calls
 * with it: log lines, and what failed finally. Below `enforce` it has none of `permissions.write`: IAM itself proves that
 * nothing changes.
 */
export function roleStatements(
  { definition, mode, settings, sweep }: Pick<Inspected, "definition" | "mode" | "settings" | "sweep">,
  place: Place,
  { topic, queue, logGroup, ledger }: SharedArns,
): Statement[] {
  const { usesLedger, acts } = capabilities[mode];
  const { read, write, inventory }: Permissions = definition.permissions(scopeOf(place, settings));
  const byLambda: Statement[] = [
    { actions: ["sqs:SendMessage"], resources: [queue] },
    { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [`${logGroup}:*`] },
  ];
  const own: Statement[] = [
    { actions: ["sns:Publish"], resources: [topic] },
    // Observing leaves no trace but its log lines, and has no timer.
    ...(usesLedger
      ? [
          // Whether CloudTrail knows the calls that brought writes, those of before the mode was lowered too.
          trailStatement,
          { actions: ["sns:GetTopicAttributes"], resources: [topic] },
          ...ledgerStatements(ledger, definition.id),
        ]
      : []),
  ];
  const swept = sweep !== "off" && usesLedger ? inventory : [];
  const byFunction = [...own, ...read, ...swept, ...writable[acts](write)];
  return [...byLambda, ...onlyFrom(functionArn(place, definition.id), byFunction)];
}

/**
 * The least permissions boundary under which the functions of these guardrails can do all that their roles say in
 * whichever mode; none where no guardrail has a function, and so a role. A boundary gives nothing, so it goes without
 * the roles' conditions: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
 */
export function boundaryStatements(guardrails: readonly EnabledGuardrail[], place: Place): Statement[] {
  const shared = sharedArns(place);
  // The highest, so that a boundary need not change with a mode.
  const inspected = guardrails.flatMap(({ definition, ...enabled }) => {
    const mode = capabilitiesOf(definition).modes.at(-1) ?? enabled.mode;
    return hasFunction(definition) ? [{ ...enabled, definition, mode }] : [];
  });
  const actionsOf = new Map<string, Set<string>>();
  for (const { actions, resources } of inspected.flatMap(one => roleStatements(one, place, shared)))
    for (const resource of resources) {
      const known = actionsOf.get(resource) ?? new Set();
      actions.forEach(action => known.add(action));
      actionsOf.set(resource, known);
    }
  const resourcesOf = new Map<string, string[]>();
  for (const [resource, actions] of actionsOf) {
    const key = [...actions].sort().join(" ");
    resourcesOf.set(key, [...(resourcesOf.get(key) ?? []), resource]);
  }
  return [...resourcesOf].map(([actions, resources]) => ({
    actions: actions.split(" "),
    resources: resources.sort(),
  }));
}
