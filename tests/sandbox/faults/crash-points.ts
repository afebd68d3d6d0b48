import type { DeployedStack } from "../support/stack";
import { type Asked, attempt, nameOf, type Trial, untruths, type Work } from "./trial";

/** Where the function's process dies: before a call is served, or after it was and before the answer. */
export interface CrashPoint extends Asked {
  readonly when: "before" | "after";
}

export interface Crash extends CrashPoint {
  readonly trial: Trial;
  /** [] when all is as if it had not died. */
  readonly wrong: readonly string[];
}

/**
 * Every place to die in, from an undisturbed fix. A call that AWS refuses (no tags, no policy) leaves nothing behind:
 * to die after it is to die before the next.
 */
export async function pointsOf(stack: DeployedStack, breach: Work): Promise<CrashPoint[]> {
  const trial = await attempt(stack, breach);
  const wrong = await untruths(stack, breach, trial);
  await trial.broken.remove();
  if (wrong.length > 0) throw new Error(`Undisturbed, ${breach.guardrail} went wrong: ${wrong.join("; ")}`);
  return trial.asked.flatMap((asked): CrashPoint[] => {
    const before = { ...asked, when: "before" as const };
    return trial.served.includes(asked) ? [before, { ...asked, when: "after" }] : [before];
  });
}

/** @throws Error when the function did not die: then nothing was tried. */
export async function crashAt(stack: DeployedStack, breach: Work, point: CrashPoint): Promise<Crash> {
  const name = nameOf(breach.guardrail);
  let hasDied = false;
  const trial = await attempt(stack, breach, ({ call, nth }, when) => {
    if (hasDied || call !== point.call || nth !== point.nth || when !== point.when) return undefined;
    hasDied = true;
    if (!stack.sandbox.functions.crash(name)) throw new Error(`${name} was not at work`);
    return "drop";
  });
  const deaths = trial.tries.filter(({ error }) => error?.includes("signal: killed")).length;
  if (deaths !== 1)
    throw new Error(`${name} was to die ${point.when} ${point.call} ${point.nth}, and died ${deaths} times`);
  const wrong = await untruths(stack, breach, trial);
  // A sweep of the next trial is to look at one broken resource, as that of this one did.
  await trial.broken.remove();
  return { ...point, trial, wrong };
}

/**
 * What is enough of many points: before every call, and after what others see of it. To die after another call is to die
 * before the next.
 */
export const enough = (points: readonly CrashPoint[], { service }: Work): CrashPoint[] =>
  points.filter(
    ({ call, when }) =>
      when === "before" ||
      call === "sns:Publish" ||
      (call.startsWith(`${service}:`) && !/:(Get|List|Describe)/.test(call)),
  );
