import type { About, Breach } from "../../guardrails/step";
import { awsError, type AwsError } from "../../../sandbox/ground/call";
import type { DeployedStack } from "../support/stack";
import { attempt, deliver, exhaust, followed, type Trial, untruths } from "./trial";

/** How a call can fail without being served. */
export const ways = ["throttled", "server error", "connection lost", "access denied"] as const;
export type Way = (typeof ways)[number];

const throttling: Record<string, [string, number]> = {
  ec2: ["RequestLimitExceeded", 503],
  s3: ["SlowDown", 503],
  dynamodb: ["ThrottlingException", 400],
  sns: ["Throttling", 400],
};
const denial: Record<string, string> = {
  ec2: "UnauthorizedOperation",
  s3: "AccessDenied",
  dynamodb: "AccessDeniedException",
  sns: "AuthorizationError",
};

export function failure(way: Way, service: string): AwsError | "drop" {
  switch (way) {
    case "throttled":
      return awsError(throttling[service][0], "Rate exceeded", throttling[service][1]);
    case "server error":
      return awsError("InternalError", "An internal error has occurred", 500);
    case "connection lost":
      return "drop";
    case "access denied":
      return awsError(denial[service], "Not authorized", 403);
  }
}

/** An operation as "service:Operation" that fails in one way, for good. */
export interface Refused {
  readonly trial: Trial;
  /** [] when what failed was never called done, was retried, kept, and put right once the event was sent again. */
  readonly wrong: readonly string[];
}

/** Plays a breach while one operation fails for good, then lets it succeed and sends the kept event again. */
export async function refuse(
  stack: DeployedStack,
  breach: About<Breach>,
  operation: string,
  way: Way,
): Promise<Refused> {
  const from = stack.sandbox.journal.happenings.length;
  const trial = await attempt(stack, breach, ({ call }, when, { service }) =>
    when === "before" && call === operation ? failure(way, service) : undefined,
  );
  const wrong: string[] = [];
  const must = (holds: boolean, sentence: string) => holds || wrong.push(sentence);
  const isRight = (await trial.broken.differences()).length === 0;
  must(isRight || !trial.outcomes.includes("remediated"), "it says remediated, and nothing is put right");
  // A lock that cannot be given back is not needed any more: there the first retry ends the work.
  const tries = trial.tries.length;
  must(tries > 1 && tries <= 3, `${tries} tries`);
  must(trial.deadLetters.length === (tries === 3 ? 1 : 0), `${trial.deadLetters.length} events were kept`);
  must(operation === "sns:Publish" || trial.mails.length > 0, "nobody was told");

  const written = [...trial.written];
  for (const { body } of trial.deadLetters) {
    const again = await redelivered(stack, breach, body);
    written.push(...again);
  }
  const { mails } = followed(stack, from, breach.guardrail, trial.broken);
  wrong.push(...(await untruths(stack, breach, { ...trial, written, mails, deadLetters: [] })));
  return { trial, wrong };
}

/** The writes that were served when the event was delivered once more. */
async function redelivered(stack: DeployedStack, breach: About<Breach>, event: string): Promise<string[]> {
  const written: string[] = [];
  stack.faults.after = ({ operation, identity }) => {
    if (identity.kind === "role" && breach.writes.includes(operation)) written.push(operation);
    return undefined;
  };
  deliver(stack, breach.guardrail, event);
  await exhaust(stack);
  stack.faults.after = undefined;
  return written;
}
