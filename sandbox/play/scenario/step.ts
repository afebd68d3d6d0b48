import { isDeepStrictEqual } from "node:util";
import type { OutcomeKind } from "../../../runtime/pipeline/outcome";

/** What the guardrails did since the step began, whoever tells it. */
export interface Observed {
  /** One per resource and invocation, in the order in which they were decided. */
  readonly outcomes: readonly {
    readonly guardrail: string;
    readonly kind: OutcomeKind;
    readonly resource: string;
    readonly calls: readonly string[];
  }[];
  readonly mails: readonly { readonly to: string; readonly subject: string; readonly body: string }[];
}

export type Person = "ada" | "eve";

/** The account that a scenario plays in: a sandbox, or a throw-away account of AWS. The steps know nothing else of it. */
export interface Stage {
  readonly account: string;
  readonly region: string;
  readonly adminGroupId: string;
  readonly imageId: string;
  readonly recipients: readonly string[];
  /** What the names of the buckets begin with that the stack config exempts. */
  readonly exemptBuckets: string;
  /** Part of the names of whatever is made, so that two plays do not meet. */
  readonly nonce: string;
  /** An SDK client with the credentials of somebody who may do everything in EC2 and S3 (ada) or only read (eve). */
  client<C>(make: new (config: never) => C, person: Person): C;
  /** A client with the credentials of a guardrail's own role. */
  ownRoleClient<C>(make: new (config: never) => C, guardrail: string): Promise<C>;
  /** Runs `guardrails <arguments>` with the keys of an operator of the stack. */
  operate(...args: string[]): Promise<{ readonly code: number; readonly text: string }>;
  /** Delivers the newest event of the guardrail's rules again, so many times at once, as EventBridge does at times. */
  redeliver(guardrail: string, times: number): Promise<void>;
  /** Kills the guardrail's function once, when the operation was served and not answered; asks whether it happened. */
  crashAfter(guardrail: string, operation: string): () => boolean;
  /** Waits until everything that the calls so far have set off has ended, retries too; a step may do so on its way. @throws Error when that takes too long. */
  settle(): Promise<Observed>;
}

/** A wrong end state, in words: what was looked at, what was wanted, what is there. */
export interface Difference {
  readonly what: string;
  readonly wanted: unknown;
  readonly got: unknown;
}

export interface Step {
  /** For scripts: kebab-case, unique. */
  readonly name: string;
  /** For people: what somebody does. */
  readonly title: string;
  readonly guardrail: string;
  /** The kinds of outcomes that must follow, in any order; [] when nothing may happen. */
  readonly outcomes: readonly OutcomeKind[];
  /** How many notices must follow, each to every recipient. */
  readonly notices: number;
  /** Does it. Returns what to check once all has settled. */
  readonly play: (stage: Stage) => Promise<(observed: Observed) => Promise<Difference[]>>;
}

/** [] when both are deeply equal. */
export const compare = (what: string, wanted: unknown, got: unknown): Difference[] =>
  isDeepStrictEqual(got, wanted) ? [] : [{ what, wanted, got }];

/** The error's name that a call must end with. @throws Error when it succeeds. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  const answer = await call.then(
    () => undefined,
    (error: Error) => error.name,
  );
  if (answer === undefined) throw new Error("The call was expected to fail, and succeeded");
  return answer;
}
