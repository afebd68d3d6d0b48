import { durationOf } from "../operations/durations";
import { planUndo, type Plan, type Reference, undo as takeBack } from "../operations/undo";
import { refusal } from "../operations/refusals";
import { minuteOf, plain } from "../runtime/plain";
import { undoCommand } from "../runtime/telling/sections";
import { operate, type Screen, type StackOptions, type Streams } from "./operating";

/** The command's options as given. */
export interface UndoOptions extends StackOptions {
  readonly last?: string;
  readonly for?: string;
  readonly reason?: string;
  readonly force?: boolean;
}

/** A longer decision belongs into the stack config, where it is reviewed: an exemption. */
const longestHold = 30;

/** Runs `guardrails undo` and returns the exit code. */
export const undo = (id: string | undefined, options: UndoOptions, streams?: Streams): Promise<number> =>
  operate(
    "undo",
    options,
    async (operator, screen) => {
      const { force = false, for: time = "24h" } = options;
      const ms = durationOf(time, longestHold);
      const plan = await planUndo(operator, referenceOf(id, options.last), { force });
      show(plan, screen, force);
      const command = [undoCommand(plan.action.id, operator.place.stack), `--for ${time}`];
      if (options.region !== undefined) command.push(`--region ${options.region}`);
      if (force) command.push("--force");
      const reason = await screen.reason(options.reason, [...command, "--yes"].join(" "));
      await screen.confirm("Take it back?");
      const { heldUntil, warnings } = await takeBack(operator, plan, { reason, ms });
      const { action } = plan;
      screen.line(`Taken back, and proven by a fresh read: ${plain(action.resource.arn)}`);
      screen.line(`Exactly this is left alone until ${minuteOf(heldUntil)}.`);
      warnings.forEach(text => screen.line(`But: ${text}`));
      screen.json({
        undone: action.id,
        guardrail: action.guardrail,
        resource: action.resource.arn,
        changed: plan.changed,
        since: plan.since,
        heldUntil: new Date(heldUntil).toISOString(),
        warnings,
      });
      return warnings.length === 0 ? 0 : 1;
    },
    streams,
  );

function referenceOf(id: string | undefined, last: string | undefined): Reference {
  if (id !== undefined && last === undefined) return { id };
  if (id !== undefined || last === undefined)
    throw refusal("Give the id of an action, or --last <ARN of a resource>.", 2);
  if (!/^arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:\d*:./.test(last))
    throw refusal(
      `--last "${plain(last)}" is not an ARN, such as arn:aws:s3:::name-of-a-bucket: the mail names the resource's.`,
      2,
    );
  return { last };
}

function show({ action, definition, changed, since, isBack }: Plan, { line }: Screen, force: boolean): void {
  const indent = (lines: readonly string[]): void => lines.forEach(text => line(`    ${text}`));
  line(`${definition.title} (${action.guardrail}), action ${action.id} of ${minuteOf(action.opened)}`);
  line(`  on ${plain(action.resource.arn)}`);
  line(`  found: ${plain(action.finding.summary, 600)}`);
  line(
    `  ${action.principal === undefined ? "looked at" : `after a call of ${plain(action.principal.arn)}`} (event ${plain(action.occasionId, 60)}), state ${action.state}`,
  );
  line("  The guardrail changed, from before (-) to after (+):");
  indent(changed.length > 0 ? changed : ["nothing"]);
  line("  Since then, from after (-) to now (+):");
  indent(since.length > 0 ? since : ["nothing"]);
  if (isBack) line("  It is as before again already: only the hold is written and the action marked.");
  else if (since.length > 0 && force)
    line("  --force: what the guardrail changed is restored over what was done since.");
}
