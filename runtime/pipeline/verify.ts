import type { Action } from "../ledger/actions";
import { fixesAtOnce } from "../ledger/breaker";
import {
  type BegunCase,
  type EndedCase,
  isEnded,
  isOpen,
  isWritable,
  type ReadCase,
  unsettled,
} from "./case";
import { provenBy } from "./outcome";
import { readAndAssess } from "./read";
import { factsOf, failCase, record, recorded, type Run, stationFor, waited } from "./run";

/**
 * Whether what a change was to put right is still there, or anything else that is to be written: then nothing is proven.
 * Of a change in parts its own part counts alone.
 */
export function isStillThere({ guardrail }: Run, { finding, state }: ReadCase, action: Action): boolean {
  const { finding: earlier, isPart } = action;
  if (isPart && guardrail.parts !== undefined)
    return state !== undefined && guardrail.parts.isLeft(state, earlier);
  return finding !== undefined && (isWritable(finding) || finding.fingerprint === earlier.fingerprint);
}

/** How long a written resource is read again until the finding is gone: 15 s in all. */
export const verifyPauses = [500, 1_000, 2_000, 4_000, 7_500];

/** The second read: nothing is remediated without it. */
export async function verify(
  run: Run,
  clients: unknown,
  written: readonly (BegunCase | EndedCase)[],
): Promise<EndedCase[]> {
  let cases = written;
  for (const ms of [0, ...verifyPauses]) {
    if (unsettled(cases).length === 0) break;
    if (ms > 0 && !(await waited(run, ms))) break;
    const read = await stationFor(cases, isOpen, open => readAndAssess(run, clients, open));
    cases = read.map(one => (isEnded(one) || isStillThere(run, one, one.action) ? one : proven(run, one)));
  }
  const ended = cases.map(one => (isEnded(one) ? one : notVerified(run, one)));
  await record(run, ended, one => settle(run, one));
  return ended;
}

/** The outcome of a case whose finding is no longer there. */
export function proven(run: Run, begun: BegunCase, recovered?: true): EndedCase {
  const facts = factsOf(run, begun);
  const { state, action } = begun;
  if (state === undefined) return { ...begun, outcome: { ...facts, kind: "gone" } };
  const { finding, before } = action;
  const times = { ...facts.times, verified: run.world.now() };
  return {
    ...begun,
    outcome: {
      ...facts,
      times,
      kind: "remediated",
      finding,
      before,
      after: recorded(run, state, finding),
      // What is broken for the third time in a day is news that must not wait.
      attention: (begun.nth ?? 0) >= fixesAtOnce ? "critical" : undefined,
      remaining: begun.finding,
      recovered,
    },
  };
}

function notVerified(run: Run, begun: BegunCase): EndedCase {
  const message = `Written, but the read-back still shows: ${begun.finding?.summary}`;
  return failCase(run, { ...begun, finding: begun.action.finding }, { code: "NotVerified", message });
}

async function settle({ ledger, world }: Run, ended: EndedCase): Promise<void> {
  const { action, outcome } = ended;
  if (action === undefined) return;
  const lock = { owner: world.invocation, now: world.now() };
  if (outcome.kind === "remediated") return ledger.settle(action, lock, "verified", provenBy(outcome));
  await ledger.settle(action, lock, isUntouched(ended) ? "failed" : "written", {
    because: outcome.kind === "failed" ? outcome.error.message : "the resource is gone",
  });
}

/**
 * Whether AWS refused the change, or the resource is gone, so that the failure is certain. What was perhaps written
 * stays `written`: if the finding is gone at the next try, it was our doing.
 */
const isUntouched = ({ outcome, isRefused }: EndedCase): boolean =>
  outcome.kind === "gone" || isRefused === true || (outcome.kind === "failed" && outcome.error.final);
