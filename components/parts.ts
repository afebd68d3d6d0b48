import type { Definition, Trigger } from "./definition";
import { capabilitiesOf } from "./kinds";
import { regionsOf, type Place } from "./regions";
import { partName, ruleArn, type StackPlace } from "../runtime/names";

/** The rule that a trigger becomes. */
export interface Rule {
  readonly name: string;
  readonly trigger: Trigger;
}

/** What one definition is in a stack, by name: all that the shared parts have to know of it. */
export interface Parts {
  readonly id: string;
  /** One for each trigger. */
  readonly rules: readonly Rule[];
  /** Whether the rules publish to the topic by themselves. */
  readonly publishes: boolean;
  /** The name of its function and of the function's role, if it has one. Functions alone send metrics. */
  readonly functionName?: string;
  /** Whether the function may touch the ledger. */
  readonly usesLedger: boolean;
}

export function partsOf(definition: Definition, { stack }: Pick<StackPlace, "stack">): Parts {
  const { id, triggers } = definition;
  const { hasFunction, hasLedger, target } = capabilitiesOf(definition);
  return {
    id,
    rules: triggers.map((trigger, at) => ({
      name: partName(stack, at === 0 ? id : `${id}-${at + 1}`),
      trigger,
    })),
    publishes: target === "topic",
    functionName: hasFunction ? partName(stack, id) : undefined,
    usesLedger: hasLedger,
  };
}

/** The ARNs of all their rules. @throws Error for a rule in a region that is not covered */
export const ruleArnsOf = (parts: readonly Parts[], place: Place): string[] =>
  parts.flatMap(({ id, rules }) =>
    rules.flatMap(({ name, trigger }) =>
      regionsOf(id, trigger, place).map(region => ruleArn(place, region, name)),
    ),
  );
