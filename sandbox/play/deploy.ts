import { catalogue, defaultPack } from "../../components/guardrails";
import { readSettings } from "../../components/settings";
import type { RunResult } from "../pulumi/engine";
import { type Sandbox } from "../sandbox";
import { makeBoundary } from "./boundary";
import { isDue, planOf, type Planned } from "./plan";
import { placeOf, prepareAccount, type Prepared } from "./prepare";
import { playBefore, type Stage, type Step } from "./scenario";
import { createStage } from "./stage";

/** A stack that stands in the sandbox, with what it promises of the steps. */
export interface Standing {
  readonly prepared: Prepared;
  readonly plan: readonly Planned[];
  readonly deployed: RunResult;
  readonly stage: Stage;
}

export interface DeployOptions {
  readonly stack: string;
  /** What is to be played; what somebody did before the stack was there is done. */
  readonly steps: readonly Step[];
  /** Hears when the account is ready, before the program runs, and what the stack gets beside its file, in words. */
  readonly ready?: (additions: readonly string[]) => void;
}

/**
 * Deploys the unmodified program, with what must exist before as `pulumi config set` would give it.
 * @param given the stack's config, as Pulumi would read it
 * @throws Error that lists every mistake in the config
 */
export async function deployStack(
  sandbox: Sandbox,
  given: Readonly<Record<string, string>>,
  { stack, steps, ready }: DeployOptions,
): Promise<Standing> {
  const prepared = await prepareAccount(sandbox, stack);
  const config = prepared.configure(given);
  const now = sandbox.clock.now();
  const settings = readSettings(config, catalogue, defaultPack, { stack, now });
  const plan = planOf(steps, settings.guardrails);
  await playBefore(plan.filter(isDue), prepared);
  const boundary = await makeBoundary(sandbox, placeOf(sandbox, stack), settings, given);
  ready?.([...prepared.additions(given), ...boundary]);
  const deployed = await sandbox.deploy({ config, stack });
  await sandbox.idle();
  const stage = createStage(sandbox, stack, prepared, settings.recipients);
  // Otherwise the guardrails' first look would come into whichever step lets time go by.
  if (steps.length > 0 && !plan.some(one => isDue(one) && one.step.chapter === "first look")) {
    await stage.pass(15);
    await stage.settle();
  }
  return { prepared, plan, deployed, stage };
}
