import { durationOf } from "../operations/durations";
import { guardrailOf } from "../operations/operator";
import { pause as brake } from "../operations/pause";
import { refusal } from "../operations/refusals";
import { operate, type StackOptions, type Streams } from "./operating";
import { minuteOf } from "../runtime/plain";

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
      if (options.for === undefined) throw refusal("--for is missing: how long, e.g. --for 2h?", 2);
      const ms = durationOf(options.for, longestPause);
      const { stack } = operator.place;
      const named = scope === "all" ? "--all" : scope;
      const command = `npm run guardrails -- pause ${named} --stack ${stack} --for ${options.for} --reason "..."`;
      const reason = await screen.reason(options.reason, command);
      const { until } = await brake(operator, scope, { reason, ms });
      screen.line(
        `Paused ${scope === "all" ? "every guardrail" : scope} of stack ${stack} until ${minuteOf(until)}: nothing is written before; findings are told and held.`,
      );
      screen.line(`To go on earlier: npm run guardrails -- resume ${named} --stack ${stack}`);
      screen.json({ paused: scope, until: new Date(until).toISOString() });
      return 0;
    },
    streams,
  );
