import { describe, type Failure, readFailures, release } from "../operations/failures";
import { operate, type StackOptions, type Streams } from "./operating";

/** What scripts get of one message. */
export const asJson = ({ id, kind, since, target, why, event, body }: Failure) => ({
  id,
  kind,
  since: new Date(since).toISOString(),
  target,
  why,
  event,
  ...(event === undefined && { body }),
});

/** Runs `guardrails failures` and returns the exit code: 0 when the queue could be read, whatever is in it. */
export const failures = (options: StackOptions, streams?: Streams): Promise<number> =>
  operate(
    "failures",
    options,
    async (operator, { line, json }) => {
      const { queueUrl, failures: found, approximately } = await readFailures(operator);
      await release(operator, queueUrl, found);
      found.flatMap(describe).forEach(line);
      if (found.length === 0) line("The dead-letter queue is empty: every event was handled.");
      else
        line(
          `${found.length} ${found.length === 1 ? "event" : "events"}. To send them again: npm run guardrails -- redrive --all --stack ${operator.place.stack}`,
        );
      if (approximately > found.length)
        line(`The queue may hold more (about ${approximately}): somebody else may be reading it.`);
      json({ failures: found.map(asJson), approximately });
      return 0;
    },
    streams,
  );
