import { inspectingGuardrails, guardrailOf } from "../../operations/operator";
import { refusal } from "../../operations/refusals";
import { baselineOf, fixBaseline, type Standing } from "../../operations/sweep/baseline";
import { minuteOf, plain } from "../../runtime/plain";
import { operate, type StackOptions, type Streams } from "../operating";

/** The command's options as given. */
export interface BaselineOptions extends StackOptions {
  readonly limit?: string;
}

/** Runs `guardrails baseline list` and `fix`, and returns the exit code: 0 also when there is none. */
export const baseline = (
  what: string,
  options: BaselineOptions,
  streams: Streams = process,
): Promise<number> =>
  operate(
    "baseline",
    options,
    async (operator, { line, json, confirm }) => {
      if (what !== "list" && what !== "fix") throw refusal(`"${what}": expected list or fix.`, 2);
      if (what === "fix" && options.guardrail === undefined)
        throw refusal("Whose baseline is to be put right? Give --guardrail <id>.", 2);
      const limit = limitOf(options.limit);
      const guardrails =
        options.guardrail === undefined
          ? inspectingGuardrails().map(({ id }) => id)
          : [guardrailOf(options.guardrail).id];
      const standing = await baselineOf(operator, guardrails);
      const fixable = standing.filter(({ left }) => left === undefined);
      const chosen = what === "list" ? standing : fixable.slice(0, limit);
      for (const { guardrail, resource, words, since, left } of chosen)
        line(
          [
            `${guardrail}: ${plain(resource.arn)}, seen in the sweep of ${minuteOf(since)}`,
            plain(words, 300),
            ...(left === undefined ? [] : [`left to people: ${plain(left, 300)}`]),
          ].join("\n  "),
        );
      if (standing.length === 0) line("No baseline: no sweep has found anything that was wrong before.");
      else {
        const skipped = standing.length - fixable.length;
        const left = skipped === 0 ? "" : `, ${skipped} left to people, which no guardrail puts right`;
        line(
          `${standing.length} in the baseline${what === "fix" ? `, ${chosen.length} chosen` : ""}${left}.`,
        );
      }
      if (what === "fix" && chosen.length > 0) {
        await confirm(
          `Have the guardrail put ${chosen.length === 1 ? "this" : `these ${chosen.length}`} right, in your name?`,
        );
        await fixBaseline(operator, chosen);
        line(
          "Asked for. The guardrail reads each afresh, and tells what it did; below enforce it writes nothing.",
        );
      }
      json({ baseline: chosen.map(asJson), of: standing.length, asked: what === "fix" });
      return 0;
    },
    streams,
  );

const asJson = ({ guardrail, resource, words, since, left }: Standing) => ({
  guardrail,
  resource: resource.arn,
  words,
  since: new Date(since).toISOString(),
  ...(left !== undefined && { left }),
});

function limitOf(text = "5"): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw refusal(`--limit "${text}": expected a number from 1 to 999.`, 2);
  return Number(text);
}
