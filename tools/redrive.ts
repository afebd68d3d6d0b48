import { describe, readFailures, release } from "../operations/failures";
import { redrive as sendAgain } from "../operations/redrive";
import { refusal } from "../operations/refusals";
import { plain } from "../runtime/plain";
import { operate, type StackOptions, type Streams } from "./operating";

/** The command's options as given. */
export interface RedriveOptions extends StackOptions {
  readonly all?: boolean;
  readonly id?: string;
  readonly unconfirmed?: boolean;
}

/** Runs `guardrails redrive` and returns the exit code: 1 when a message that was asked for stays in the queue. */
export const redrive = (options: RedriveOptions, streams?: Streams): Promise<number> =>
  operate(
    "redrive",
    options,
    async (operator, { line, json }) => {
      const { id, all = false, unconfirmed = false } = options;
      if (unconfirmed && id === undefined)
        throw refusal(
          "--unconfirmed needs --id: what CloudTrail does not know may be forged, and is believed one by one.",
          2,
        );
      if ((id === undefined) === !all) throw refusal("Give --id <message id>, or --all.", 2);
      const { queueUrl, failures } = await readFailures(operator);
      const asked = failures.filter(failure => all || failure.id === id);
      const results = [];
      try {
        if (id !== undefined && asked.length === 0)
          throw refusal(`The queue has no message ${plain(id, 60)}: failures lists what it has.`);
        for (const failure of asked) {
          const result = await sendAgain(operator, queueUrl, failure, { believes: unconfirmed });
          results.push(result);
          describe(failure).forEach(text => line(text));
          line(`  ${result.sent ? "Redriven" : "Not redriven"}: ${result.said}`);
        }
      } finally {
        const sent = results.filter(result => result.sent).map(result => result.failure);
        await release(
          operator,
          queueUrl,
          failures.filter(failure => !sent.includes(failure)),
        );
      }
      if (asked.length === 0) line("The dead-letter queue is empty: there is nothing to send again.");
      json({
        redriven: results.map(({ failure, sent, said }) => ({ id: failure.id, sent, said })),
      });
      return results.every(({ sent }) => sent) ? 0 : 1;
    },
    streams,
  );
