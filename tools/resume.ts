import { inspectingGuardrails } from "../operations/operator";
import { planResume, resume as goOn } from "../operations/resume";
import type { OpenFinding } from "../runtime/ledger/open";
import { minuteOf, plain } from "../runtime/plain";
import { operate, type StackOptions, type Streams } from "./operating";
import { scopeOf } from "./pause";

/** The command's options as given. */
export interface ResumeOptions extends StackOptions {
  readonly all?: boolean;
  readonly dryRun?: boolean;
}

const namesOf = ({ guardrail, resource, finding }: OpenFinding) => ({
  guardrail,
  resource: resource.arn,
  fingerprint: finding.fingerprint,
});

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
      for (const { finding: open, left } of plan.findings) {
        const what = `${open.guardrail}: ${plain(open.resource.arn)}, open since ${minuteOf(open.since)}`;
        if (left !== undefined) line(`Left open: ${what}: ${left}`);
        else
          line(`${isDry ? "Would take up" : "Took up"} again: ${what}: ${plain(open.finding.summary, 300)}`);
      }
      if (plan.lifted.length + plan.findings.length === 0) line("Nothing is paused, and nothing is open.");
      problems.forEach(problem => line(`But: ${problem}`));
      json({
        dryRun: isDry,
        lifted: plan.lifted.map(one => one.scope),
        resumed: plan.findings.flatMap(({ finding, left }) => (left === undefined ? [namesOf(finding)] : [])),
        left: plan.findings.flatMap(({ finding, left }) =>
          left === undefined ? [] : [{ ...namesOf(finding), because: left }],
        ),
        problems,
      });
      return problems.length === 0 ? 0 : 1;
    },
    streams,
  );
