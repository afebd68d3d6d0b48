import type { Invocation } from "../invocation/invocation";
import { unreadable } from "../invocation/hear";
import { report } from "../invocation/settle";
import { isToldAgain, type OpenFinding } from "../ledger/open";
import type { Occasion } from "../occasion";
import type { EndedCase } from "../pipeline/case";
import { keepOpen } from "../pipeline/remain";
import { factsOf, type Run } from "../pipeline/run";

/**
 * What is open without the records that nobody could read, of which there is nothing to look at again. They are told
 * every hour, and end when the guardrail has looked itself, when a person says so, or when a sweep that began after them
 * has ended and could tell what is new: after a baseline nobody can say that the call has broken nothing.
 */
export async function withoutRecords(
  invocation: Invocation,
  occasion: Occasion,
  open: readonly OpenFinding[],
): Promise<OpenFinding[]> {
  const { guardrail, ledger, environment, world } = invocation;
  const records = open.filter(({ code }) => code === unreadable);
  if (records.length > 0) {
    const { completed } = await ledger.sweeps.get(guardrail.id, environment.region);
    const isAnswered = ({ due, since }: OpenFinding): boolean =>
      due !== undefined || (completed !== undefined && completed.since <= since && since < completed.started);
    for (const one of records.filter(isAnswered)) await ledger.revise(one, undefined, world.now());
    const waiting = records.filter(one => !isAnswered(one) && isToldAgain(one, world.now()));
    if (waiting.length > 0) await tellAgain(invocation, occasion, waiting);
  }
  return open.filter(({ code }) => code !== unreadable);
}

async function tellAgain(
  invocation: Invocation,
  occasion: Occasion,
  records: readonly OpenFinding[],
): Promise<void> {
  const { guardrail, config, world, ledger } = invocation;
  const problems: unknown[] = [];
  const run: Run = { guardrail, occasion, received: world.now(), config, world, ledger, problems };
  const cases = records.map((item): EndedCase => {
    const { resource, finding, because, attention } = item;
    const named = { resource, calls: [], taken: { item, isDue: false } };
    const facts = { ...factsOf(run, named), finding, before: {}, because, attention };
    return { ...named, outcome: { ...facts, kind: "held", code: unreadable, tell: true } };
  });
  await keepOpen(run, cases);
  const outcomes = cases.map(({ outcome }) => outcome);
  await report(invocation, occasion, { outcomes, actions: {}, closing: [], problems });
  if (problems.length > 0) throw problems[0];
}
