import { minuteOf } from "../operations/durations";
import { inspectingGuardrails } from "../operations/operator";
import { lookBack, planResume, resume as goOn } from "../operations/resume";
import { plain } from "../runtime/plain";
import { operate, type StackOptions, type Streams } from "./operating";
import { scopeOf } from "./pause";

/** The command's options as given. */
export interface ResumeOptions extends StackOptions {
  readonly all?: boolean;
  readonly dryRun?: boolean;
}

/** Runs `guardrails resume` and returns the exit code: 0 also when nothing was paused or held. */
export const resume = (id: string | undefined, options: ResumeOptions, streams?: Streams): Promise<number> =>
  operate(
    "resume",
    options,
    async (operator, { line, json }) => {
      const scope = scopeOf(id, options.all);
      const guardrails = scope === "all" ? inspectingGuardrails().map(one => one.id) : [scope];
      const isDry = options.dryRun === true;
      const plan = await planResume(operator, scope, guardrails);
      const problems = isDry ? [] : await goOn(operator, plan);
      for (const { scope: paused, by, reason, ends } of plan.lifted)
        line(
          `${isDry ? "Would lift" : "Lifted"} the pause of ${paused === "all" ? "every guardrail" : paused} (${plain(by)}, until ${minuteOf(ends)}: ${plain(reason, 300)})`,
        );
      for (const { action, left } of plan.actions) {
        const what = `${action.guardrail}: ${plain(action.resource.arn)}, held since ${minuteOf(action.opened)}`;
        if (left !== undefined) line(`Left held: ${what}: ${left}`);
        else
          line(
            `${isDry ? "Would take up" : "Took up"} again: ${what}: ${plain(action.finding.summary, 300)}`,
          );
      }
      if (plan.lifted.length + plan.actions.length === 0)
        line(`Nothing is paused, and nothing was held in the last ${lookBack} days.`);
      problems.forEach(problem => line(`But: ${problem}`));
      json({
        dryRun: isDry,
        lifted: plan.lifted.map(one => one.scope),
        resumed: plan.actions.flatMap(({ action, left }) => (left === undefined ? [action.id] : [])),
        left: plan.actions.flatMap(({ action, left }) =>
          left === undefined ? [] : [{ action: action.id, because: left }],
        ),
        problems,
      });
      return problems.length === 0 ? 0 : 1;
    },
    streams,
  );
