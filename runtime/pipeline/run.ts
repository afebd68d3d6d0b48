import type { Action } from "../ledger/actions";
import type { GuardrailConfig } from "../config";
import { codeOf, failureOf } from "../aws/errors";
import { eventKey, type GuardrailEvent, type Json, type Principal, principalOf } from "../events";
import type { Exemption } from "../exemptions";
import type { Finding, GuardrailRuntime, Resource, State } from "../guardrail";
import type { Ledger } from "../ledger/ledger";
import type { Manager } from "../managed-by";
import type { Outcome } from "./outcome";

/** A definition's run-time half without what only operators call. */
export type Remediator<Settings, Clients, Hints, S extends State, Data extends Json> = Omit<
  GuardrailRuntime<Settings, Clients, Hints, S, Data>,
  "undo" | "undone" | "inventory"
>;
/** The same once its own types no longer matter: the pipeline only hands them from one member to the next. */
export type AnyRemediator = Remediator<unknown, unknown, unknown, State, Json>;

/** What a run takes from the outside. Times in milliseconds. */
export interface World {
  now(): number;
  pause(ms: number): Promise<void>;
  /** The AWS operations made since the last call. */
  takeCalls(): string[];
  /** How long the invocation may still run. */
  remaining(): number;
  /** The invocation: the same for Lambda's own retries of it, another for every other delivery. */
  readonly invocation: string;
}

/** One invocation's handling of one event. */
export interface Run {
  readonly guardrail: AnyRemediator;
  readonly event: GuardrailEvent;
  readonly eventKey: string;
  readonly principal: Principal;
  readonly received: number;
  readonly config: GuardrailConfig;
  readonly world: World;
  readonly ledger: Ledger;
  /** What the ledger refused after something was written; the invocation must then be tried again. */
  readonly problems: unknown[];
}

/** One resource on its way to its outcome. */
export interface Case {
  resource: Resource;
  readonly calls: string[];
  state?: State;
  /** When the read of `state` began. */
  readAt: number;
  finding?: Finding;
  /** The change under way, of this delivery or of an earlier one that did not end. */
  action?: Action;
  manager?: Manager;
  owner?: string;
  expired?: Exemption;
  /** Seen to be gone: no stale read. */
  isGone?: boolean;
  /** Another invocation holds the resource's lock: it is read and tried again. */
  isBusy?: boolean;
  /** AWS has refused the change: it was not made. */
  isRefused?: boolean;
  outcome?: Outcome;
}

/** Kept free at the end of an invocation for the notice, the metrics and the audit lines. */
const reserve = 10_000;

export const startRun = (
  guardrail: AnyRemediator,
  event: GuardrailEvent,
  config: GuardrailConfig,
  world: World,
  ledger: Ledger,
): Run => ({
  guardrail,
  event,
  eventKey: eventKey(event),
  principal: principalOf(event),
  received: world.now(),
  config,
  world,
  ledger,
  problems: [],
});

export const open = (cases: readonly Case[]): Case[] => cases.filter(one => one.outcome === undefined);

/** What every outcome says. */
export const common = ({ event, principal, received, world }: Run, one: Case) => ({
  resource: one.resource,
  principal,
  eventId: event.id,
  times: { event: Date.parse(event.time), received, decided: world.now() },
  calls: one.calls,
  owner: one.owner,
  expired: one.expired,
  actionId: one.action?.id,
});

export function fail(run: Run, one: Case, error: unknown): void {
  const { finding, state } = one;
  one.outcome = {
    ...common(run, one),
    kind: "failed",
    finding,
    before: one.action?.before ?? state,
    error: failureOf(error),
  };
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

/** Runs one step for several resources; on an error tries each alone, so that one cannot fail the others. */
export async function together(
  run: Run,
  group: Case[],
  step: (part: Case[]) => Promise<void>,
): Promise<void> {
  if (group.length === 0) return;
  run.world.takeCalls();
  let failure: { error: unknown } | undefined;
  try {
    await step(group);
  } catch (error) {
    failure = { error };
  }
  const calls = run.world.takeCalls();
  group.forEach(one => one.calls.push(...calls));
  if (failure === undefined) return;
  const { error } = failure;
  if (group.length === 1 || isThrottled(error)) group.forEach(one => fail(run, one, error));
  else for (const one of group) await together(run, [one], step);
}

/** Reads the group's state and judges it. All are of the clients' region. */
export const read = (run: Run, clients: unknown, group: Case[]): Promise<void> =>
  together(run, group, async part => {
    const { guardrail, config, world } = run;
    for (const one of part) one.readAt = world.now();
    const states = await guardrail.inspect(
      clients,
      part.map(one => one.resource),
      config.settings,
    );
    for (const one of part) {
      const seen = states[one.resource.arn];
      one.isGone = seen?.gone === true;
      one.state = one.isGone ? undefined : seen;
      one.finding = one.state && guardrail.assess(one.state, config.settings, one.resource.hints);
    }
  });
