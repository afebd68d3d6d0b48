import { type Guarded, type History, play } from "./history";
import type { Plan, Step } from "./plan";

/** The smallest history found that breaks the same promise: fewer steps, faults and outages, and plainer ones. */
export async function shrink(
  plan: Plan,
  promise: string,
  guarded: Guarded,
): Promise<{ plan: Plan; history: History }> {
  let least = { plan, history: await play(plan, guarded) };
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false;
    for (const candidate of smaller(least.plan)) {
      const history = await play(candidate, guarded);
      if (!history.violations.some(violation => violation.promise === promise)) continue;
      least = { plan: candidate, history };
      isSmaller = true;
      break;
    }
  }
  return least;
}

function* smaller(plan: Plan): Generator<Plan> {
  const { steps, faults, outages } = plan;
  for (const half of halves(steps)) yield { ...plan, steps: half };
  for (let at = steps.length - 1; at >= 0; at--) yield { ...plan, steps: without(steps, at) };
  if (faults.length > 0) yield { ...plan, faults: [] };
  for (let at = 0; at < faults.length; at++) yield { ...plan, faults: without(faults, at) };
  for (let at = 0; at < outages.length; at++) yield { ...plan, outages: without(outages, at) };
  for (const [at, step] of steps.entries())
    for (const plainer of plainerThan(step)) yield { ...plan, steps: steps.with(at, plainer) };
}

const without = <T>(list: readonly T[], at: number): T[] => list.filter((_, place) => place !== at);
const halves = <T>(list: readonly T[]): T[][] => {
  const middle = list.length >> 1;
  return list.length < 4 ? [] : [list.slice(0, middle), list.slice(middle)];
};

/** What an event takes where nothing is the matter. */
const usual = 5_000;

function* plainerThan(step: Step): Generator<Step> {
  const { isBodyless, delays, ...rest } = step;
  if (isBodyless) yield { ...rest, delays };
  if (delays.length > 1)
    for (let at = 0; at < delays.length; at++) yield { ...step, delays: without(delays, at) };
  if (delays.length !== 1 || delays[0] !== usual) yield { ...step, delays: [usual] };
}
