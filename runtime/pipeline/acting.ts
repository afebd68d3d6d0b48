import { type Action, actionId } from "../ledger/actions";
import { opened, withFix } from "../ledger/breaker";
import { codeOf, failureOf, isRefusal } from "../aws/errors";
import type { Json } from "../events";
import { exemptionFor } from "../exemptions";
import type { Circumstances, Refusal } from "../ledger/ledger";
import { capabilities } from "../modes";
import { managedBy } from "../managed-by";
import { ownerOf } from "../owner";
import { type Restraint, restraintOf } from "./restraints";
import { type Case, common, fail, isThrottled, open, read, type Run, together, waited } from "./run";
import type { Finding, State } from "../guardrail";

/** How long a written resource is read again until the finding is gone: 15 s in all. */
export const verifyPauses = [500, 1_000, 2_000, 4_000, 7_500];
/** How long a write waits for a resource that was just created: 15 s in all. */
export const notYetPauses = [500, 1_000, 2_000, 4_000, 7_500];

type Known = { circumstances?: Record<string, Circumstances>; error?: string };
const foundOf = (one: Case): Finding => one.finding as Finding;
const stateOf = (one: Case): State => one.state as State;
/** Whether there is something that the guardrail may write. */
export const isWritable = (finding: Finding | undefined): boolean =>
  finding !== undefined && finding.notifyOnly === undefined;

/** Whether this finding is still there, or another that is to be written: then nothing is proven. */
export const isStillThere = ({ finding }: Case, earlier: Finding): boolean =>
  finding !== undefined && (isWritable(finding) || finding.fingerprint === earlier.fingerprint);

/** Brings every finding of the group to its outcome: told, held, or put right and proven. */
export async function act(run: Run, clients: unknown, group: Case[]): Promise<void> {
  if (group.length === 0) return;
  const known = await askLedger(run, group);
  for (const one of group) await together(run, [one], () => decide(run, clients, one, known));
  const size = run.guardrail.batch ?? 1;
  const toWrite = open(group);
  for (let at = 0; at < toWrite.length; at += size) {
    const part = toWrite.slice(at, at + size);
    for (const one of part) await together(run, [one], () => begin(run, one, known));
    const begun = open(part).filter(({ isBusy }) => isBusy !== true);
    await writeTogether(run, clients, begun);
    await record(run, open(begun), (_, action) => run.ledger.advance(action, "written"));
    await verify(run, clients, open(begun));
    await record(run, begun, settle);
  }

  async function settle(one: Case, action: Action): Promise<void> {
    const { outcome } = one;
    const lock = { owner: run.world.invocation, now: run.world.now() };
    if (outcome?.kind === "remediated")
      await run.ledger.settle(action, lock, "verified", {
        after: outcome.after,
        verified: outcome.times.verified,
      });
    else
      await run.ledger.settle(action, lock, isUntouched(one) ? "failed" : "written", {
        because: outcome?.kind === "failed" ? outcome.error.message : "the resource is gone",
      });
  }
}

/**
 * Whether AWS refused the change, or the resource is gone, so that the failure is certain. What was perhaps written
 * stays `written`: if the finding is gone at the next try, it was our doing.
 */
const isUntouched = ({ outcome, isRefused }: Case): boolean =>
  outcome?.kind === "gone" || isRefused === true || (outcome?.kind === "failed" && outcome.error.final);

/** After a write the truth is in the account: what the ledger refuses then is remembered, and the invocation fails. */
async function record(
  run: Run,
  cases: Case[],
  step: (one: Case, action: Action) => Promise<void>,
): Promise<void> {
  for (const one of cases) {
    try {
      if (one.action !== undefined) await step(one, one.action);
    } catch (error) {
      run.problems.push(error);
    }
  }
}

async function askLedger({ guardrail, config, ledger, world }: Run, group: Case[]): Promise<Known> {
  if (!capabilities[config.mode].writes) return {};
  try {
    const asked = group.map(one => ({ arn: one.resource.arn, fingerprint: foundOf(one).fingerprint }));
    return { circumstances: await ledger.circumstances(guardrail.id, asked, world.now()) };
  } catch (error) {
    return { error: failureOf(error).message };
  }
}

async function decide(run: Run, clients: unknown, one: Case, known: Known): Promise<void> {
  const { guardrail, config, principal, world } = run;
  const { resource } = one;
  const now = world.now();
  if (capabilities[config.mode].tells) {
    const facts = await guardrail.ownership(clients, resource, stateOf(one));
    one.manager = managedBy({ ...facts, principalArn: principal.arn, invokedBy: principal.invokedBy });
    one.owner = ownerOf(facts.tags ?? {});
  }
  const { exempt, expired, soon } = exemptionFor(
    config.exemptions,
    { guardrail: guardrail.id, resource, principal },
    now,
  );
  one.expired = expired;
  const restraint = restraintOf({
    finding: foundOf(one),
    mode: config.mode,
    managed: config.managed,
    manager: one.manager,
    exemption: exempt,
    circumstances: known.circumstances?.[resource.arn],
    ledgerError: known.error,
    eventKey: run.eventKey,
    now,
  });
  if (restraint === undefined) return;
  if (restraint.kind === "exempt" && soon !== undefined && capabilities[config.mode].tells)
    return restrain(run, one, { ...restraint, endsSoon: true });
  if (restraint.kind === "held" && restraint.opens) {
    const { breaker } = (known.circumstances as Record<string, Circumstances>)[resource.arn];
    if (breaker.openedBy !== run.eventKey)
      await run.ledger.openBreaker(
        guardrail.id,
        resource.arn,
        opened(breaker, now, run.eventKey, foundOf(one).fingerprint),
        now,
      );
  }
  restrain(run, one, restraint);
}

function restrain(run: Run, one: Case, restraint: Restraint): void {
  one.outcome = { ...common(run, one), finding: foundOf(one), before: stateOf(one), ...restraint };
}

/** Records the intent with the state before: no record, no write. */
async function begin(run: Run, one: Case, known: Known): Promise<void> {
  const { guardrail, config, event, eventKey, ledger, principal, world } = run;
  const now = world.now();
  const earlier = one.action;
  const action: Action = earlier ?? {
    id: actionId(guardrail.id, eventKey, one.resource.arn),
    state: "intended",
    guardrail: guardrail.id,
    resource: one.resource,
    eventKey,
    event: event as unknown as Json,
    eventId: event.id,
    principal,
    finding: foundOf(one),
    before: stateOf(one),
    opened: now,
    settings: config.settings as Json,
    code: config.code,
  };
  const { fingerprint } = foundOf(one);
  const fix = { at: now, principal: principal.arn, tool: principal.tool, eventId: event.id, fingerprint };
  const before = known.circumstances?.[one.resource.arn]?.breaker ?? { fixes: [] };
  const { budget } = config;
  const refusal = await ledger.begin(action, {
    owner: world.invocation,
    until: now + world.remaining(),
    since: one.readAt,
    now,
    breaker: { seen: before, now: withFix(before, fix) },
    limits: { budget, principal: Math.ceil(budget / 2), controller: Math.ceil(budget / 2) },
    controller: one.manager?.name,
    continued: earlier !== undefined,
  });
  if (refusal === undefined) one.action = action;
  else refuse(run, one, refusal, budget);
}

const limits: Partial<Record<Refusal, (run: Run, one: Case) => string>> = {
  budget: () => "this guardrail's budget for an hour is used up",
  principal: ({ principal }) =>
    `${principal.arn} has used up its share of this guardrail's budget for an hour`,
  controller: (_, { manager }) =>
    `${manager?.name} puts back what this guardrail changes, and has used up its share of the budget for an hour: change ${manager?.changeAt}`,
};

function refuse(run: Run, one: Case, refusal: Refusal, budget: number): void {
  const reached = limits[refusal];
  if (reached !== undefined)
    restrain(run, one, {
      kind: "held",
      because: `${reached(run, one)} (${budget} resources in all)`,
      tell: true,
    });
  else if (refusal === "paused")
    restrain(run, one, { kind: "held", because: "it has just been paused", tell: true });
  else one.isBusy = true;
}

/** Writes a batch at once. When that fails, reads what it left, and tries each of those alone. */
async function writeTogether(run: Run, clients: unknown, begun: Case[]): Promise<void> {
  if (begun.length > 1) {
    run.world.takeCalls();
    const error = await write(run, clients, begun).then(
      () => undefined,
      (failure: unknown) => ({ failure }),
    );
    const calls = run.world.takeCalls();
    begun.forEach(one => one.calls.push(...calls));
    // The error is not lost: what it kept from being written fails again alone, and says so.
    if (error === undefined) return;
    if (isThrottled(error.failure)) return begun.forEach(one => fail(run, one, error.failure));
    await read(run, clients, begun);
  }
  for (const one of open(begun))
    if (isWritable(one.finding))
      await together(run, [one], async () => {
        try {
          await write(run, clients, [one]);
        } catch (error) {
          one.isRefused = isRefusal(error);
          throw error;
        }
      });
}

async function write(run: Run, clients: unknown, part: Case[]): Promise<void> {
  const { guardrail, config } = run;
  const work = part.map(one => ({ resource: one.resource, state: stateOf(one), finding: foundOf(one) }));
  for (const ms of [...notYetPauses, undefined]) {
    try {
      return await guardrail.remediate(clients, work, config.settings);
    } catch (error) {
      const mayRepeat = ms !== undefined && guardrail.notYet.includes(codeOf(error));
      if (!mayRepeat || !(await waited(run, ms))) throw error;
    }
  }
}

/** The second read: nothing is remediated without it. */
async function verify(run: Run, clients: unknown, part: Case[]): Promise<void> {
  const written = part.map(one => ({ one, finding: (one.action as Action).finding }));
  for (const ms of [0, ...verifyPauses]) {
    const unproven = written.filter(({ one }) => one.outcome === undefined);
    if (unproven.length === 0) return;
    if (ms > 0 && !(await waited(run, ms))) break;
    await read(
      run,
      clients,
      unproven.map(({ one }) => one),
    );
    for (const { one, finding } of unproven)
      if (one.outcome === undefined && !isStillThere(one, finding)) prove(run, one, finding);
  }
  for (const { one, finding } of written)
    if (one.outcome === undefined) {
      const message = `Written, but the read-back still shows: ${one.finding?.summary}`;
      one.finding = finding;
      fail(run, one, { code: "NotVerified", message });
    }
}

/** The outcome of a case whose finding is no longer there. */
export function prove(run: Run, one: Case, finding: Finding, recovered?: true): void {
  const facts = common(run, one);
  const times = { ...facts.times, verified: run.world.now() };
  if (one.state === undefined) one.outcome = { ...facts, kind: "gone" };
  else
    one.outcome = {
      ...facts,
      times,
      kind: "remediated",
      finding,
      before: (one.action as Action).before,
      after: one.state,
      remaining: one.finding,
      recovered,
    };
}
