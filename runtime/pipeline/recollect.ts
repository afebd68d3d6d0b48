import { failureOf } from "../aws/errors";
import type { Known, State } from "../guardrail";
import {
  type Asking,
  isKnownBefore,
  knownBefore,
  remembering,
  seenBefore,
  type Seen,
  type Verdict,
} from "../ledger/seen";
import { sweptSince } from "../ledger/sweeps";
import { capabilities } from "../modes";
import { type EndedCase, isEnded, type NamedCase, type ReadCase } from "./case";
import type { RestraintCode } from "./restraints";
import { causeOf, type Run } from "./run";

/** What an occasion asks of the memory: an event's time is a claim, which the time of the first look bounds. */
function askingOf(run: Run, one: NamedCase): Asking {
  const { kind, key, time } = causeOf(run, one);
  const claimedAt = one.taken?.item.since ?? run.world.now();
  return { key, time: Date.parse(time), ...(kind === "event" && { claimedAt }) };
}

/**
 * What was known of each resource before this occasion, from sweeps and earlier events; and whether what an event says
 * that it has made was there before: then the event is a replay, or forged.
 */
export async function recollect(
  run: Run,
  cases: readonly (NamedCase | EndedCase)[],
): Promise<(NamedCase | EndedCase)[]> {
  const open = cases.filter(one => !isEnded(one));
  if (!mayRemember(run) || open.length === 0) return [...cases];
  const { guardrail, ledger, config, world } = run;
  try {
    const seen = await ledger.seen.get(
      guardrail.id,
      open.map(({ resource }) => resource.arn),
    );
    const swept: Record<string, number | undefined> = {};
    for (const region of new Set(open.map(({ resource }) => resource.region)))
      swept[region] = sweptSince(await ledger.sweeps.get(guardrail.id, region), config.settings, world.now());
    return cases.map(one =>
      isEnded(one)
        ? one
        : recollected(one, seen[one.resource.arn], swept[one.resource.region], askingOf(run, one)),
    );
  } catch (error) {
    // What an event says it has made is not believed where nobody can say what was there before.
    const { message } = failureOf(error);
    run.problems.push(error);
    return cases.map(one => (isEnded(one) ? one : { ...one, forgotten: message }));
  }
}

/** Observing leaves no trace; a guardrail without a memory has none. */
const mayRemember = ({ guardrail, config }: Run): boolean =>
  guardrail.remembered !== undefined && capabilities[config.mode].usesLedger;

function recollected(
  one: NamedCase,
  seen: Seen | undefined,
  sweptHere: number | undefined,
  asking: Asking,
): NamedCase {
  const known = one.taken?.item.known ?? knownBefore(seen, sweptHere, asking);
  if (asking.claimedAt === undefined) return { ...one, known };
  const glimpsed = known === undefined ? seenBefore(seen, asking) : undefined;
  const old = (one.resource.fresh ?? []).filter(identity => isKnownBefore(seen?.values[identity], asking));
  if (seen === undefined || old.length === 0) return { ...one, known, glimpsed };
  const [first] = old;
  const since = new Date(seen.values[first].since).toISOString().slice(0, 19);
  return { ...one, known, replayed: `${first} is known since ${since}Z: this event did not make it` };
}

/** What a look that is no sweep's may remember of a resource. */
function lookOf({ guardrail, config }: Run, state: State | undefined, seen: Seen | undefined): Known {
  const { remembered, sweptOnly = [] } = guardrail;
  if (state === undefined || remembered === undefined) return {};
  const isKept = (identity: string): boolean =>
    !sweptOnly.includes(identity) || seen?.values[identity] !== undefined;
  const values = Object.entries(remembered(state, config.settings)).filter(([identity]) => isKept(identity));
  return Object.fromEntries(values);
}

/**
 * What the last sweep found is right from now on where just that was put right: broken again the same way it is new. What
 * an operator had put right of the baseline is of it no more, whatever is left of it.
 */
function verdictAfter({ outcome, taken }: EndedCase, verdict: Verdict | undefined): Verdict | undefined {
  if (verdict?.kind !== "wrong" || outcome.kind !== "remediated") return verdict;
  const isAsked = taken?.item.code === ("baseline" satisfies RestraintCode);
  const isSame = isAsked || outcome.finding.fingerprint === verdict.fingerprint;
  if (isSame && outcome.remaining === undefined) return { kind: "right", sweep: verdict.sweep };
  return isAsked ? { ...verdict, baseline: undefined } : verdict;
}

/**
 * Remembers what an event's resources looked like, so that the event, told again, has made nothing; and what a tick or
 * an operator's request has put right, so that what is broken again the same way is new.
 */
export async function remember(run: Run, ended: readonly (EndedCase & Partial<ReadCase>)[]): Promise<void> {
  const { guardrail, occasion, ledger, world, problems } = run;
  if (!mayRemember(run) || occasion.kind === "sweep") return;
  const isEvent = occasion.kind === "event";
  const looked = ended.filter(
    ({ state, outcome }) =>
      state !== undefined && (isEvent ? outcome.kind !== "duplicate" : outcome.kind === "remediated"),
  );
  if (looked.length === 0) return;
  try {
    const arns = looked.map(({ resource }) => resource.arn);
    const before = await ledger.seen.get(guardrail.id, arns);
    const now = world.now();
    const { key, time } = occasion;
    const next = looked.flatMap((one): [string, Seen][] => {
      const { arn, fresh = [] } = one.resource;
      const seen = before[arn] as Seen | undefined;
      const look = lookOf(run, one.state, seen);
      const brought = isEvent ? { key, time: Date.parse(time), fresh } : undefined;
      const values = remembering(seen, look, now, brought);
      const verdict = verdictAfter(one, seen?.verdict);
      const isChanged = JSON.stringify(values) !== JSON.stringify(seen?.values) || verdict !== seen?.verdict;
      return isChanged ? [[arn, { values, at: now, verdict }]] : [];
    });
    await ledger.seen.put(guardrail.id, next);
  } catch (error) {
    problems.push(error);
  }
}
