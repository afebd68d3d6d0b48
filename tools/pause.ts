import { durationOf, minuteOf } from "../operations/durations";
import { guardrailOf } from "../operations/operator";
import { pause as brake } from "../operations/pause";
import { refusal } from "../operations/refusals";
import { operate, type StackOptions, type Streams } from "./operating";

/** The command's options as given. */
export interface PauseOptions extends StackOptions {
  readonly all?: boolean;
  readonly for?: string;
  readonly reason?: string;
}

/** A longer one is a mode: notify. */
const longestPause = 7;

/** `all`, or the id of a guardrail. @throws Refusal when it is neither, or both */
export function scopeOf(id: string | undefined, all = false): string {
  if ((id === undefined) === !all) throw refusal("Give the id of a guardrail, or --all.", 2);
  return id === undefined ? "all" : guardrailOf(id).id;
}

/** Runs `guardrails pause` and returns the exit code. */
export const pause = (id: string | undefined, options: PauseOptions, streams?: Streams): Promise<number> =>
  operate(
    "pause",
    options,
    async (operator, screen) => {
      const scope = scopeOf(id, options.all);
      const { reason = "" } = options;
      if (options.for === undefined) throw refusal("--for is missing: how long, e.g. --for 2h?", 2);
      if (reason.trim() === "") throw refusal("--reason is missing: why is it paused?", 2);
      const { until } = await brake(operator, scope, { reason, ms: durationOf(options.for, longestPause) });
      screen.line(
        `Paused ${scope === "all" ? "every guardrail" : scope} of stack ${operator.place.stack} until ${minuteOf(until)}: nothing is written before; findings are told and held.`,
      );
      screen.line(
        `To go on earlier: npm run guardrails -- resume ${scope === "all" ? "--all" : scope} --stack ${operator.place.stack}`,
      );
      screen.json({ paused: scope, until: new Date(until).toISOString() });
      return 0;
    },
    streams,
  );
