import { inspect } from "node:util";
import type { EnabledGuardrail } from "../../components/settings/guardrails";
import type { Due, Expected, Step } from "./scenario";

/** A step as one stack plays it: what must follow there, or why it shows nothing there. */
export type Planned = Due | Skipped;

export interface Skipped {
  readonly step: Step;
  /** Why, in words that follow "skipped: ". */
  readonly skipped: string;
}

export const isDue = (planned: Planned): planned is Due => "expected" in planned;

/**
 * What a stack promises about each step, in their order.
 * @param guardrails those that the stack has on
 */
export function planOf(steps: readonly Step[], guardrails: readonly EnabledGuardrail[]): Planned[] {
  const planned: Planned[] = [];
  for (const step of steps) planned.push(plan(step, guardrails, planned));
  return planned;
}

function plan(step: Step, guardrails: readonly EnabledGuardrail[], earlier: readonly Planned[]): Planned {
  const enabled = guardrails.find(({ definition }) => definition.id === step.guardrail);
  if (enabled === undefined) return { step, skipped: `${step.guardrail} is off` };
  const { mode, sweep, budget } = enabled;
  const expected = step.expected[mode];
  if (expected === undefined)
    return { step, skipped: `it needs ${namesOf(step)}, and ${step.guardrail} is in ${mode}` };
  const settings: Due["settings"] = { ...enabled.settings, sweep };
  const need = step.needs?.find(({ setting, holds }) => !holds(settings[setting]));
  if (need !== undefined) return { step, skipped: unmet(need, settings) };
  const before = earlier.find(one => one.step.name === step.after);
  if (before !== undefined && !isDue(before))
    return { step, skipped: `it goes on from ${before.step.name}, which is skipped` };
  // All steps may come within one hour.
  const own = earlier.filter(isDue).filter(one => one.step.guardrail === step.guardrail);
  const written = [...own.map(one => one.expected), expected].reduce((sum, one) => sum + writesOf(one), 0);
  if (writesOf(expected) > 0 && written > budget)
    return { step, skipped: `the steps before use up its budget of ${budget} an hour` };
  return { step, mode, settings, expected };
}

/** The steps of these names, in their order, with all that they go on from; none named: all. */
export function chosen(steps: readonly Step[], names: readonly string[]): readonly Step[] {
  if (names.length === 0) return steps;
  const wanted = new Set(names);
  // What a step goes on from comes before it.
  for (const { name, after } of [...steps].reverse())
    if (after !== undefined && wanted.has(name)) wanted.add(after);
  return steps.filter(({ name }) => wanted.has(name));
}

const namesOf = ({ expected }: Step): string => Object.keys(expected).join(" or ");
const writesOf = ({ outcomes }: Expected): number => outcomes.filter(kind => kind === "remediated").length;

const unmet = (
  { setting, words }: { readonly setting: string; readonly words: string },
  settings: Readonly<Record<string, unknown>>,
): string =>
  `it needs ${setting} ${words}, and the stack has ${inspect(settings[setting], { breakLength: Infinity })}`;
