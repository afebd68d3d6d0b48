import type { Action } from "../ledger/actions";
import type { GuardrailConfig } from "../config";
import type { GuardrailEvent, Json } from "../events";
import { capabilities } from "../modes";
import type { State } from "../guardrail";
import type { Ledger } from "../ledger/ledger";
import { act, isStillThere, prove } from "./acting";
import type { Outcome } from "./outcome";
import {
  type AnyRemediator,
  type Case,
  common,
  fail,
  open,
  read,
  type Remediator,
  type Run,
  startRun,
  waited,
  type World,
} from "./run";

/** How long a read that contradicts the event is repeated before it is believed: 30 s in all. */
export const claimPauses = [1_000, 2_000, 4_000, 8_000, 15_000];

/** What came of one event. */
export interface Result {
  /** One for each resource that the event names, in its order. */
  readonly outcomes: Outcome[];
  /** The changes under way, by ARN. */
  readonly actions: Readonly<Record<string, Action>>;
  /** What the ledger refused after something was written: a reason to try the invocation again. */
  readonly problems: readonly unknown[];
}

/**
 * The one path from an event to an outcome for each resource that it names. Throws only when the event itself cannot
 * be read; whatever fails for one resource is that resource's outcome.
 */
export async function runPipeline<Settings, Clients, Hints, S extends State, Data extends Json>(
  guardrail: Remediator<Settings, Clients, Hints, S, Data>,
  event: GuardrailEvent,
  config: GuardrailConfig<Settings>,
  world: World,
  ledger: Ledger,
): Promise<Result> {
  const run = startRun(guardrail as unknown as AnyRemediator, event, config, world, ledger);
  const cases = casesOf(run);
  await recall(run, cases);
  for (const region of new Set(open(cases).map(one => one.resource.region))) {
    const clients = run.guardrail.clients(region);
    const here = open(cases).filter(one => one.resource.region === region);
    let group = here;
    const pauses = [...claimPauses];
    for (let ms: number | undefined = 0; ms !== undefined; ms = nextPause(group, pauses)) {
      if (ms > 0 && !(await waited(run, ms))) break;
      await read(run, clients, group);
      open(group).forEach(leaveToOthers);
      await recover(run, open(group));
      await act(
        run,
        clients,
        open(group).filter(one => one.finding !== undefined),
      );
      group = open(group).filter(one => one.isBusy === true || isContradicted(one));
      if (group.length === 0) break;
    }
    for (const one of open(here).filter(({ isBusy }) => isBusy === true)) fail(run, one, locked());
    for (const one of open(here))
      one.outcome = { ...common(run, one), kind: one.state === undefined ? "gone" : "compliant" };
  }
  return {
    outcomes: cases.map(one => one.outcome as Outcome),
    actions: Object.fromEntries(
      cases.flatMap(({ resource, action }) => (action === undefined ? [] : [[resource.arn, action]])),
    ),
    problems: run.problems,
  };
}

function casesOf({ guardrail, event, config }: Run): Case[] {
  const named = guardrail.resources(event, config.settings);
  return named
    .filter((resource, at) => named.findIndex(other => other.arn === resource.arn) === at)
    .map(resource => ({ resource, calls: [], readAt: 0 }));
}

/** While others are at work on a resource, short pauses that differ from theirs; else the next of the claim's. */
const nextPause = (group: readonly Case[], pauses: number[]): number | undefined =>
  group.some(one => one.isBusy === true) ? 500 + Math.round(Math.random() * 2_500) : pauses.shift();

const locked = (): Error =>
  Object.assign(new Error("Other invocations are at work on this resource"), { code: "Locked" });

/** Who held the lock has put it right meanwhile: there is nothing left to do, nor to wait for. */
function leaveToOthers(one: Case): void {
  if (one.isBusy === true && one.finding === undefined) one.resource = { ...one.resource, claim: undefined };
  one.isBusy = false;
}

/** Whether a read contradicts what the event claims, so that it may be stale. */
const isContradicted = ({ resource, state, finding, isGone }: Case): boolean =>
  isGone !== true &&
  ((resource.claim !== undefined && state === undefined) ||
    (resource.claim === "breach" && finding === undefined));

/** What earlier deliveries of the event left: finished ones are duplicates, proven ones need only be told. */
async function recall(run: Run, cases: Case[]): Promise<void> {
  if (!capabilities[run.config.mode].usesLedger) return;
  let recalled: Awaited<ReturnType<Ledger["recall"]>>;
  try {
    recalled = await run.ledger.recall(
      run.guardrail.id,
      run.eventKey,
      cases.map(one => one.resource.arn),
    );
  } catch (error) {
    // Nothing that was begun is begun again without the ledger; but what was begun may wait to be told.
    run.problems.push(error);
    return;
  }
  for (const one of cases) {
    const earlier = recalled[one.resource.arn];
    if (earlier === "finished") one.outcome = { ...common(run, one), kind: "duplicate" };
    else if (earlier !== undefined) {
      one.action = earlier;
      const { state, finding, before, after, verified } = earlier;
      const facts = common(run, one);
      if (state === "verified" && after !== undefined)
        one.outcome = {
          ...facts,
          times: { ...facts.times, verified },
          kind: "remediated",
          finding,
          before,
          after,
          recovered: true,
        };
    }
  }
}

/** A change that an earlier try began and whose finding is gone: it had worked. */
async function recover(run: Run, cases: Case[]): Promise<void> {
  for (const one of cases) {
    const { action } = one;
    // What failed was not written: if it is gone now, that is not our doing.
    if (action === undefined || action.state === "failed" || isStillThere(one, action.finding)) continue;
    prove(run, one, action.finding, true);
    const outcome = one.outcome as Outcome | undefined;
    const after =
      outcome?.kind === "remediated" ? { after: outcome.after, verified: outcome.times.verified } : {};
    try {
      await run.ledger.settle(
        action,
        { owner: run.world.invocation, now: run.world.now() },
        outcome?.kind === "remediated" ? "verified" : "failed",
        after,
      );
    } catch (error) {
      run.problems.push(error);
    }
  }
}
