import type { Ledger } from "../ledger/ledger";
import { capabilities } from "../modes";
import { type EndedCase, type NamedCase, type ReadCase } from "./case";
import { provenBy } from "./outcome";
import { factsOf, keyOf, type Run } from "./run";
import { isStillThere, proven } from "./verify";

/** What earlier deliveries of the occasion left: finished ones are duplicates, proven ones need only be told. */
export async function recall(run: Run, cases: readonly NamedCase[]): Promise<(NamedCase | EndedCase)[]> {
  const { guardrail, config, ledger } = run;
  if (!capabilities[config.mode].usesLedger) return [...cases];
  const asked = cases.map(one => ({ arn: one.resource.arn, occasionKey: keyOf(run, one) }));
  let recalled: Awaited<ReturnType<Ledger["recall"]>>;
  try {
    recalled = await ledger.recall(guardrail.id, asked);
  } catch (error) {
    // Nothing that was begun is begun again without the ledger; but what was begun may wait to be told.
    run.problems.push(error);
    return [...cases];
  }
  return cases.map(named => {
    const earlier = recalled[named.resource.arn];
    if (earlier === undefined) return named;
    if (earlier === "finished") return { ...named, outcome: { ...factsOf(run, named), kind: "duplicate" } };
    const begun = { ...named, action: earlier };
    const { state, finding, isPart, before, after, verified } = earlier;
    // Of a change in parts only a read can tell what is left.
    if (state !== "verified" || after === undefined || isPart) return begun;
    const facts = factsOf(run, begun);
    const times = { ...facts.times, verified };
    return {
      ...begun,
      outcome: { ...facts, times, kind: "remediated", finding, before, after, recovered: true },
    };
  });
}

/** A change that an earlier try began and whose finding is gone: it had worked. */
export async function recover(run: Run, cases: readonly ReadCase[]): Promise<(ReadCase | EndedCase)[]> {
  const { ledger, world, problems } = run;
  const recovered: (ReadCase | EndedCase)[] = [];
  for (const read of cases) {
    const { action } = read;
    // What failed was not written: if it is gone now, that is not our doing.
    if (action === undefined || action.state === "failed" || isStillThere(run, read, action)) {
      recovered.push(read);
      continue;
    }
    const ended = proven(run, { ...read, action }, true);
    const { outcome } = ended;
    recovered.push(ended);
    const lock = { owner: world.invocation, now: world.now() };
    try {
      if (outcome.kind === "remediated") await ledger.settle(action, lock, "verified", provenBy(outcome));
      else await ledger.settle(action, lock, "failed");
    } catch (error) {
      problems.push(error);
    }
  }
  return recovered;
}
