import { printUse, useOf } from "../iam/audit";
import { deployedRoles } from "../iam/deployed-roles";
import type { Sandbox } from "../sandbox";
import { isDue, type Planned } from "./plan";
import type { Observed, Step, StepResult } from "./scenario";
import type { Screen } from "./screen";

/** The end of a play: which permissions were used, and how all steps ended. */
export async function finish(
  sandbox: Sandbox,
  plan: readonly Planned[],
  results: readonly StepResult[],
  { timeline, json }: Screen,
): Promise<void> {
  timeline.heading("Permissions: what each function was granted, and what it used");
  const use = printUse(useOf(await deployedRoles(sandbox.account), sandbox.authorizer.audit));
  use.split("\n").forEach(timeline.line);
  const wrong = results.filter(({ differences }) => differences.length > 0);
  const skipped = plan.flatMap(one => (isDue(one) ? [] : [one]));
  const also =
    skipped.length === 0
      ? ""
      : ` ${skipped.length} ${skipped.length === 1 ? "was" : "were"} skipped: the stack does not promise that.`;
  timeline.verdict(
    wrong.length === 0
      ? `${results.length === 1 ? "The step ended as it" : `All ${results.length} steps ended as they`} should, read from the account itself.${also}`
      : `${wrong.length} of ${results.length} steps ended wrong: ${wrong.map(({ step }) => step.name).join(", ")}.${also}`,
  );
  json({ kind: "result", steps: [...results.map(played), ...skipped.map(left)] });
}

const played = ({ step, observed, differences, ms, jumped }: StepResult): object => ({
  name: step.name,
  ok: differences.length === 0,
  guardrail: step.guardrail,
  outcomes: ownOutcomes(step, observed).map(({ kind }) => kind),
  calls: callsOf(step, observed),
  ms: Math.round(ms),
  clockAdvancedMs: Math.round(jumped),
  ...(differences.length > 0 && { differences }),
});

const left = ({ step, skipped }: { readonly step: Step; readonly skipped: string }): object => ({
  name: step.name,
  guardrail: step.guardrail,
  skipped,
});

const ownOutcomes = ({ guardrail }: Step, { outcomes }: Observed) =>
  outcomes.filter(one => one.guardrail === guardrail);

/** Calls that the guardrail made for one resource; a batched call counts for each of its resources, so not their sum. */
const callsOf = (step: Step, observed: Observed): number =>
  Math.max(0, ...ownOutcomes(step, observed).map(({ calls }) => calls.length));
