import { codeOf, failureOf } from "../aws/errors";
import type { GuardrailConfig } from "../config";
import type { Finding, GuardrailRuntime, State } from "../guardrail";
import type { Json } from "../json";
import type { Ledger } from "../ledger/ledger";
import type { Machine } from "../machine";
import { capabilities } from "../modes";
import { openName } from "../ledger/open";
import type { Occasion } from "../occasion";
import type { EndedCase, NamedCase, ReadCase } from "./case";

type Erased = GuardrailRuntime<unknown, unknown, unknown, State, Json>;

/**
 * A definition's run-time half without what only operators call, its own types erased: the pipeline only hands them
 * from one member to the next. Without an inventory it is not swept.
 */
export type Remediator = Omit<Erased, "undo" | "undone" | "inventory"> & Partial<Pick<Erased, "inventory">>;

/** What a run takes from the outside. Times in milliseconds. */
export interface World extends Pick<Machine, "now" | "random" | "pause"> {
  /** The AWS operations made since the last call. */
  takeCalls(): string[];
  /** How long the invocation may still run. */
  remaining(): number;
  /** The invocation: the same for Lambda's own retries of it, another for every other delivery. */
  readonly invocation: string;
}

/** One invocation's handling of one occasion. */
export interface Run {
  readonly guardrail: Remediator;
  readonly occasion: Occasion;
  readonly received: number;
  readonly config: GuardrailConfig;
  readonly world: World;
  readonly ledger: Ledger;
  /** What the ledger refused after something was written; the invocation must then be tried again. */
  readonly problems: unknown[];
}

/** Kept free at the end of an invocation for the notice, the metrics and the audit lines. */
const reserve = 10_000;

/** What brought a resource here: of what is taken up, the occasion by which it was heard of first. */
export const causeOf = ({ occasion }: Run, { taken }: Pick<NamedCase, "taken">): Occasion =>
  taken?.item.cause ?? occasion;

/** Under what the ledger knows what comes of it: several open findings of one resource are taken up by one tick. */
export const keyOf = ({ occasion }: Run, { taken }: Pick<NamedCase, "taken">): string =>
  taken === undefined
    ? occasion.key
    : `${occasion.key}#${openName(taken.item.resource.arn, taken.item.finding.fingerprint)}`;

/** What every outcome says. */
export const factsOf = (run: Run, { resource, calls, ...known }: NamedCase) => ({
  resource,
  occasionKey: keyOf(run, known),
  principal: causeOf(run, known).principal,
  occasionId: run.occasion.id,
  first: known.taken?.item.cause,
  times: { event: Date.parse(run.occasion.time), received: run.received, decided: run.world.now() },
  calls,
  owner: known.owner,
  expired: known.expired,
  actionId: known.action?.id,
});

/** What the ledger keeps of a state: the part that the change of this finding concerns. */
export const recorded = ({ guardrail }: Run, state: State, finding: Finding): State =>
  guardrail.recorded?.(state, finding) ?? state;

/** Ends a case with an error. */
export function failCase(run: Run, failed: NamedCase & Partial<ReadCase>, error: unknown): EndedCase {
  const { finding, state, action } = failed;
  const before = action?.before ?? state;
  const outcome = {
    ...factsOf(run, failed),
    kind: "failed" as const,
    finding,
    before,
    error: failureOf(error),
    attention: finding && capabilities[run.config.mode].acts !== "never" ? ("hourly" as const) : undefined,
  };
  return { ...failed, outcome };
}

/** Waits, unless the invocation would end before its work is told: then false. */
export async function waited({ world }: Run, ms: number): Promise<boolean> {
  if (world.remaining() < ms + reserve) return false;
  if (ms > 0) await world.pause(ms);
  return true;
}

/** AWS asks for fewer calls: trying each resource alone would make more. */
export const isThrottled = (error: unknown): boolean =>
  /Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|ProvisionedThroughputExceeded/.test(codeOf(error));

/** Runs a step whose calls are made for all of these cases. */
export async function traced<T>(
  { world }: Run,
  cases: readonly NamedCase[],
  step: () => Promise<T>,
): Promise<T> {
  world.takeCalls();
  try {
    return await step();
  } finally {
    const calls = world.takeCalls();
    cases.forEach(({ calls: made }) => made.push(...calls));
  }
}

/**
 * Runs one step for several cases, which gives the next stage of each in their order; on an error tries each alone,
 * so that one cannot fail the others.
 */
export async function tryEach<Stage extends NamedCase, Next extends NamedCase>(
  run: Run,
  cases: readonly Stage[],
  step: (part: readonly Stage[]) => Promise<(Next | EndedCase)[]>,
): Promise<(Next | EndedCase)[]> {
  if (cases.length === 0) return [];
  try {
    return await traced(run, cases, () => step(cases));
  } catch (error) {
    if (cases.length === 1 || isThrottled(error)) return cases.map(one => failCase(run, one, error));
  }
  const tried: (Next | EndedCase)[] = [];
  for (const one of cases) tried.push(...(await tryEach(run, [one], step)));
  return tried;
}

/** Runs one station for those cases that it takes; the others pass it by, and the order stays. */
export async function stationFor<All extends NamedCase, Stage extends All, Next extends NamedCase>(
  cases: readonly All[],
  takes: (one: All) => one is Stage,
  station: (taken: readonly Stage[]) => Promise<Next[]>,
): Promise<(Exclude<All, Stage> | Next)[]> {
  const next = await station(cases.filter(takes));
  return cases.map(one => (takes(one) ? (next.shift() as Next) : (one as Exclude<All, Stage>)));
}

/** After a write the truth is in the account: what the ledger refuses then is remembered, and the invocation fails. */
export async function record<Stage>(
  { problems }: Run,
  cases: readonly Stage[],
  step: (one: Stage) => Promise<void>,
): Promise<void> {
  for (const one of cases) await step(one).catch((error: unknown) => void problems.push(error));
}
