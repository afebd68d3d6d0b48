import type { Definition, Trigger } from "./definition";
import { capabilitiesOf } from "./kinds";
import { periodOf, scheduleOf } from "./timer";
import { type Mode, modes } from "../runtime/modes";
import { partName, timerName, type StackPlace } from "../runtime/names";

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
  /** The rule by which its function looks again at what is open; at home alone. Its mode may have none. */
  readonly timer?: { readonly name: string; readonly schedule: string; readonly minutes: number };
  /** Whether the rules publish to the topic by themselves. */
  readonly publishes: boolean;
  /** The name of its function, if it has one. Functions alone send metrics. */
  readonly functionName?: string;
  /** Whether the function may touch the ledger. */
  readonly usesLedger: boolean;
}

/** @param mode of the guardrail in this stack; without one it has no timer */
export function partsOf(definition: Definition, { stack }: Pick<StackPlace, "stack">, mode?: Mode): Parts {
  const { id, triggers } = definition;
  const schedule = mode && scheduleOf(definition, mode);
  const minutes = mode && periodOf(definition, mode);
  const { hasFunction, hasLedger, target } = capabilitiesOf(definition);
  return {
    id,
    rules: triggers.map((trigger, at) => ({
      name: partName(stack, at === 0 ? id : `${id}-${at + 1}`),
      trigger,
    })),
    timer:
      schedule === undefined || minutes === undefined
        ? undefined
        : { name: timerName(stack, id), schedule, minutes },
    publishes: target === "topic",
    functionName: hasFunction ? partName(stack, id) : undefined,
    usesLedger: hasLedger,
  };
}

/** How often the timers of all of them ring in an hour. */
export const ticksAnHourOf = (parts: readonly Parts[]): number =>
  parts.reduce((sum, { timer }) => sum + (timer === undefined ? 0 : 60 / timer.minutes), 0);

/** What a guardrail's role says of itself: whoever operates a stack reads the mode there. */
export const roleDescription = (id: string, mode: Mode): string => `Guardrail ${id} in mode ${mode}`;

/** The mode in a role's description; undefined where it is none of ours. */
export const modeIn = (id: string, description = ""): Mode | undefined =>
  modes.find(mode => description === roleDescription(id, mode));
