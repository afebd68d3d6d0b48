/** Where a stack hears, and where its guardrails may act. No Pulumi import: operators' policies are made of it, too. */
import { partitionOf } from "../runtime/aws/partition";
import type { StackPlace } from "../runtime/names";
import type { Scope, Trigger } from "./definition";

/** Where a stack is deployed. */
export interface Place extends StackPlace {
  /** Every region whose events are heard, home among them. */
  readonly regions: readonly string[];
}

/** With the regions that the stack covers: no other than home yet. */
export const covering = (place: StackPlace): Place => ({ ...place, regions: [place.home] });

/** What a guardrail's permissions depend on, those of its function and those of whoever undoes what it did. */
export const scopeOf = <Settings>(
  { partition, account, home, regions }: Place,
  settings: Settings,
): Scope<Settings> => ({ partition, account, region: home, regions, settings });

/**
 * The regions in which a guardrail's trigger needs a rule.
 * @throws Error when one of them is not covered: a rule elsewhere would never hear of anything.
 */
export function regionsOf(id: string, { scope }: Trigger, { home, regions }: Place): readonly string[] {
  if (scope === "regional") return regions;
  const only = partitionOf(home).home;
  if (!regions.includes(only))
    throw new Error(
      `${id} hears of global services, which tell of their calls in ${only} only, and this stack covers ${regions.join(", ")}: ` +
        `switch it off here (pulumi config set --path guardrails.${id} off), and on in a stack in ${only}`,
    );
  return [only];
}
