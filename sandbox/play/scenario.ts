import { steps } from "../../tests/guardrails";
import type { Mode } from "../../runtime/modes";
import {
  type About,
  compare,
  type Difference,
  type Early,
  type Expected,
  type Observed,
  type Person,
  type Stage,
  type Step as OwnStep,
} from "../../tests/guardrails/step";
import type { Clock } from "../ground/clock";

/*
 * The one arrow from the sandbox into tests/: what each guardrail's proof plays. The steps know nothing of the sandbox,
 * because they are played in accounts of AWS too.
 */
export { steps };
export type { Difference, Early, Expected, Observed, Person, Stage };
export type Step = About<OwnStep>;

/** A step, and what a stack promises about it. */
export interface Due {
  readonly step: Step;
  readonly mode: Mode;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly expected: Expected;
}

export interface StepResult extends Pick<Due, "step" | "expected"> {
  readonly observed: Observed;
  readonly differences: readonly Difference[];
  /** From the first call to the end of all that it set off, without the reading of the end state and what the clock jumped. */
  readonly ms: number;
  /** Milliseconds that the clock was advanced by meanwhile. */
  readonly jumped: number;
}

/** Plays what somebody did before the stack was deployed. */
export async function playBefore(due: readonly Pick<Due, "step">[], early: Early): Promise<void> {
  for (const { step } of due) await step.before?.(early);
}

/** Plays one step: does it, waits for all that follows, and compares the end state as read from the account. */
export async function playStep(
  due: Due,
  stage: Stage,
  clock: Pick<Clock, "now" | "offset">,
): Promise<StepResult> {
  const { step, expected, mode, settings } = due;
  const [started, offset] = [clock.now(), clock.offset];
  let observed: Observed = { outcomes: [], mails: [] };
  let times: Pick<StepResult, "ms" | "jumped"> | undefined;
  const timesNow = (): Pick<StepResult, "ms" | "jumped"> => {
    const jumped = clock.offset - offset;
    return { ms: clock.now() - started - jumped, jumped };
  };
  const settle = async (): Promise<Observed> => {
    const { outcomes, mails } = await stage.settle();
    observed = { outcomes: [...observed.outcomes, ...outcomes], mails: [...observed.mails, ...mails] };
    return observed;
  };
  try {
    const check = await step.play({ ...stage, settle, mode, settings });
    await settle();
    times = timesNow();
    // Other guardrails may look at what the step touched, and must find nothing wrong with it.
    const own = observed.outcomes.filter(({ guardrail }) => guardrail === step.guardrail);
    const others = observed.outcomes.filter(({ guardrail }) => guardrail !== step.guardrail);
    const wanted = stage.recipients.flatMap(to => Array<string>(expected.notices).fill(to)).sort();
    const differences = [
      ...compare("the outcomes", [...expected.outcomes].sort(), own.map(({ kind }) => kind).sort()),
      ...compare(
        "what other guardrails did",
        [],
        others.filter(({ kind }) => kind !== "compliant"),
      ),
      ...compare("who got mail", wanted, observed.mails.map(({ to }) => to).sort()),
      ...(await check(observed)),
    ];
    return { step, expected, observed, differences, ...times };
  } catch (error) {
    const got = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return {
      step,
      expected,
      observed,
      differences: [{ what: "the step", wanted: "to be played to its end", got }],
      ...(times ?? timesNow()),
    };
  }
}
