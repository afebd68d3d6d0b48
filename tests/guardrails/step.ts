import { randomBytes } from "node:crypto";
import { inspect, isDeepStrictEqual } from "node:util";
import type { Mode } from "../../runtime/modes";
import type { OutcomeKind } from "../../runtime/pipeline/outcome";

/**
 * What the guardrails did since the step began, whoever tells it. What a step prepares counts too: make a resource and
 * break it by calls of which only one is heard, or settle in between.
 */
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

export type Person = "ada" | "eve" | "mallory";

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
  /** An SDK client with the credentials of somebody who may do everything in EC2 and S3 (ada), only read (eve), or only invoke functions (mallory). */
  client<C>(make: new (config: never) => C, person: Person): C;
  /** A client with the credentials that a guardrail's function has in its environment. */
  ownRoleClient<C>(make: new (config: never) => C, guardrail: string): Promise<C>;
  /** The name of the guardrail's function. */
  functionOf(guardrail: string): string;
  /** Epoch milliseconds. */
  now(): number;
  /** Runs `guardrails <arguments>` with the keys of an operator of the stack. */
  operate(...args: string[]): Promise<{ readonly code: number; readonly text: string }>;
  /** Delivers the newest event of the guardrail's rules again, so many times at once, as EventBridge does at times. */
  redeliver(guardrail: string, times: number): Promise<void>;
  /** Kills the guardrail's function once, when the operation was served and not answered; asks whether it happened. */
  crashAfter(guardrail: string, operation: string): () => boolean;
  /** Lets minutes go by in which nobody calls and the guardrails' timers tick; at other times they need not. */
  pass(minutes: number): Promise<void>;
  /** Waits until everything that the calls so far have set off has ended, retries too; a step may do so on its way. @throws Error when that takes too long. */
  settle(): Promise<Observed>;
}

/** What there is of a stage before the stack is deployed. */
export type Early = Pick<Stage, "client" | "nonce">;

/** A stage on which one step is played, with what the stack says of the step's guardrail. */
export interface Playing extends Stage {
  readonly mode: Mode;
  /** Its knobs and the stack settings that it has, with `sweep`. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A wrong end state, in words: what was looked at, what was wanted, what is there. */
export interface Difference {
  readonly what: string;
  readonly wanted: unknown;
  readonly got: unknown;
}

/** What a scenario is about, in the order in which it is played. */
export const chapters = [
  "first look",
  "breach",
  "refused call",
  "own change",
  "fight",
  "exemption",
  "undo",
  "delivery",
  "crash",
  "attack",
] as const;

/** What must follow a step. */
export interface Expected {
  /** The kinds of outcomes, in any order; [] when nothing may happen. */
  readonly outcomes: readonly OutcomeKind[];
  /** How many notices, each to every recipient. */
  readonly notices: number;
}

/** A setting of the guardrail without whose value a step shows nothing. */
export interface Need {
  readonly setting: string;
  /** What it must be, in words that follow "needs <setting>". */
  readonly words: string;
  holds(value: unknown): boolean;
}

/** Something that somebody does, and what one guardrail must do about it. */
export interface Step {
  /** For scripts: kebab-case, unique. */
  readonly name: string;
  /** For people: what somebody does. */
  readonly title: string;
  readonly chapter: (typeof chapters)[number];
  /** What must follow, in each mode in which the step shows something; in any other it is not played. */
  readonly expected: Readonly<Partial<Record<Mode, Expected>>>;
  readonly needs?: readonly Need[];
  /** The name of the step that it goes on from. */
  readonly after?: string;
  /** What somebody did before the stack was deployed. */
  readonly before?: (early: Early) => Promise<void>;
  /** Does it. Returns what to check once all has settled. */
  readonly play: (stage: Playing) => Promise<(observed: Observed) => Promise<Difference[]>>;
}

/** A resource that somebody has just broken. */
export interface Broken {
  readonly id: string;
  readonly arn: string;
  /** How the account differs from what it must be once the guardrail is done; [] when it is. */
  differences(): Promise<Difference[]>;
  /** Whether a recorded state is the one that the guardrail found. */
  isFound(state: unknown): boolean;
  /** Takes the resource away again. */
  remove(): Promise<unknown>;
}

/** The plainest thing that one guardrail puts right, done to a new resource each time. */
export interface Breach {
  /** The guarded service. */
  readonly service: string;
  /** The operations that put it right, each once. */
  readonly writes: readonly string[];
  play(stage: Stage): Promise<Broken>;
}

/** With the id of the guardrail that it is about. */
export type About<T> = T & { readonly guardrail: string };

/** The same in every mode. */
export const always = (expected: Expected): Step["expected"] => ({
  observe: expected,
  notify: expected,
  enforce: expected,
});

/** What follows a breach of so many resources in one call: as far as the mode goes, in one notice. */
export const broken = (count = 1): Step["expected"] => ({
  observe: { outcomes: Array<OutcomeKind>(count).fill("observed"), notices: 0 },
  notify: { outcomes: Array<OutcomeKind>(count).fill("notified"), notices: 1 },
  enforce: { outcomes: Array<OutcomeKind>(count).fill("remediated"), notices: 1 },
});

/** A need of exactly this value. */
export const is = (setting: string, wanted: unknown): Need => ({
  setting,
  words: inspect(wanted),
  holds: value => isDeepStrictEqual(value, wanted),
});

/** A need of anything but this value. */
export const isNot = (setting: string, unwanted: unknown): Need => ({
  setting,
  words: `other than ${inspect(unwanted)}`,
  holds: value => !isDeepStrictEqual(value, unwanted),
});

/** A need of a list with this item, or of a map with this key. */
export const has = (setting: string, item: unknown): Need => ({
  setting,
  words: `with ${inspect(item)}`,
  holds: value => itemsIn(value).includes(item),
});

/** A need of a list without this item. */
export const lacks = (setting: string, item: unknown): Need => ({
  setting,
  words: `without ${inspect(item)}`,
  holds: value => !itemsIn(value).includes(item),
});

const itemsIn = (value: unknown): unknown[] => (Array.isArray(value) ? value : Object.keys(value ?? {}));

/** [] when both are deeply equal. */
export const compare = (what: string, wanted: unknown, got: unknown): Difference[] =>
  isDeepStrictEqual(got, wanted) ? [] : [{ what, wanted, got }];

/** Whether all of these words stand somewhere in a recorded state. */
export const says = (state: unknown, ...words: string[]): boolean =>
  words.every(word => JSON.stringify(state).includes(word));

/** Part of the name of a new resource. */
export const fresh = (): string => randomBytes(5).toString("hex");

/** The error's name that a call must end with. @throws Error when it succeeds. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  const answer = await call.then(
    () => undefined,
    (error: Error) => error.name,
  );
  if (answer === undefined) throw new Error("The call was expected to fail, and succeeded");
  return answer;
}
