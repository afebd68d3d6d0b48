import type { Finding } from "../guardrail";
import type { OpenFinding } from "../ledger/open";
import { capabilities } from "../modes";
import { type EndedCase, isWritable, type ReadCase } from "./case";
import { attentionTo, type RestraintCode } from "./restraints";
import { causeOf, type Run } from "./run";

const minute = 60_000;
/** What is waited for after each try that failed: Lambda's own retries come first. */
const pauses = [10 * minute, 30 * minute, 180 * minute, 360 * minute];

/** What is said of an open finding besides what is known of its resource. */
type Reason = Pick<OpenFinding, "kind" | "code" | "because" | "attention" | "due"> & {
  readonly finding: Finding;
  readonly isFailure?: true;
};

/**
 * Keeps in the ledger what stays wrong as open, and closes what no longer is. It comes before anybody is told: whoever
 * dies in between tells it again. What was put right stays open until it is told, or a tick's retry would not find it.
 * @returns what was put right, to be closed when it is told
 */
export async function keepOpen(run: Run, cases: readonly EndedCase[]): Promise<OpenFinding[]> {
  const done: OpenFinding[] = [];
  if (!capabilities[run.config.mode].usesLedger) return done;
  for (const one of cases) {
    try {
      await closeOthers(run, one);
      done.push(...(await keepOne(run, one)));
    } catch (error) {
      run.problems.push(error);
    }
  }
  return done;
}

/** So many open findings of one resource end with one look; the others with the next. */
const mostClosed = 500;

/**
 * Closes every other open finding of a resource that the same read shows to be gone: whoever breaks one resource in a
 * thousand ways costs one read.
 */
async function closeOthers(
  { guardrail, config, ledger, world }: Run,
  { taken, state, isGone }: EndedCase & Partial<ReadCase>,
): Promise<void> {
  if (taken === undefined || (state === undefined && isGone !== true)) return;
  const isThere = ({ resource: { hints }, known }: OpenFinding): boolean =>
    state !== undefined && guardrail.assess(state, config.settings, hints, known) !== undefined;
  const gone = (taken.others ?? []).filter(other => !isThere(other));
  for (const other of gone.slice(0, mostClosed)) await ledger.revise(other, undefined, world.now());
}

/** @returns what was put right and is still to be told */
async function keepOne(run: Run, ended: EndedCase): Promise<OpenFinding[]> {
  const { ledger, world } = run;
  const { outcome, taken, open } = ended;
  if (outcome.again) return [];
  const reason = reasonOf(run, ended);
  const item = taken?.item;
  const isSame = item !== undefined && item.finding.fingerprint === reason?.finding.fingerprint;
  if (reason !== undefined) {
    const prior = isSame ? item : open;
    const next = openOf(
      run,
      ended,
      reason,
      prior?.finding.fingerprint === reason.finding.fingerprint ? prior : undefined,
    );
    // Whoever changed it since it was read knows better.
    if (isSame) await ledger.revise(item, next, world.now());
    else if (isBreach(run, reason)) await ledger.open(next);
    else await ledger.openUnlessLouder(next);
  }
  if (!saysWhatIsThere(ended) || isSame) return [];
  if (outcome.kind === "remediated") {
    const isEnded = open?.finding.fingerprint === outcome.finding.fingerprint;
    return [item, isEnded ? open : undefined].filter(one => one !== undefined);
  }
  if (item !== undefined) await ledger.revise(item, undefined, world.now());
  return [];
}

/**
 * Whether the occasion is itself a breach that is to be put right: what it brought takes the place of what was open.
 * Anything else, such as a call that leaves the finding as it is, a sweep, or a call of somebody who is exempt, must
 * not make what is held be forgotten, or less loud.
 */
const isBreach = ({ occasion }: Run, { kind, isFailure }: Reason): boolean =>
  occasion.kind === "event" && kind === "held" && isFailure !== true;

/** Whether the outcome tells what is wrong now, so that what it does not tell is no longer so. */
function saysWhatIsThere({ outcome }: EndedCase): boolean {
  if (outcome.kind === "duplicate") return false;
  if (outcome.kind === "failed") return outcome.finding !== undefined;
  return outcome.kind !== "held" || outcome.retry !== true;
}

/** Why something stays wrong, or undefined where nothing does or nobody waits for it. */
function reasonOf(run: Run, { outcome, taken }: EndedCase): Reason | undefined {
  const isActing = capabilities[run.config.mode].acts !== "never";
  const isAwaited = (finding: Finding): boolean =>
    finding.once === undefined && (isActing || finding.critical === true);
  switch (outcome.kind) {
    case "held":
      if (outcome.retry || outcome.code === "undone") return undefined;
      return { ...outcome, attention: outcome.attention ?? "hourly" };
    case "notified":
      if (!isAwaited(outcome.finding)) return undefined;
      return { ...outcome, kind: "notified", attention: outcome.attention ?? "daily" };
    case "failed": {
      if (outcome.finding === undefined || !isActing) return undefined;
      const tries = taken === undefined ? 0 : taken.item.tries + 1;
      return {
        kind: "held",
        code: "failed",
        because: `putting it right failed: ${outcome.error.message}`,
        attention: outcome.finding.critical ? "critical" : "hourly",
        due: run.world.now() + pauses[Math.min(tries, pauses.length - 1)],
        finding: outcome.finding,
        isFailure: true,
      };
    }
    case "remediated": {
      const { remaining } = outcome;
      if (remaining === undefined || !isAwaited(remaining)) return undefined;
      if (isWritable(remaining))
        return {
          kind: "held",
          code: "too-large",
          because: "all of it is too large to be recorded at once: it is put right part by part",
          attention: "hourly",
          due: run.world.now(),
          finding: remaining,
        };
      const code: RestraintCode = "left-to-people";
      const because = remaining.notifyOnly ?? "it is left to people";
      const attention = attentionTo(remaining, { kind: "notified", code });
      return { kind: "notified", code, because, attention, finding: remaining };
    }
    default:
      return undefined;
  }
}

function openOf(run: Run, ended: EndedCase, reason: Reason, prior: OpenFinding | undefined): OpenFinding {
  const { guardrail, world } = run;
  const { taken, resource } = ended;
  const now = world.now();
  const { kind, code, because, attention, due, finding } = reason;
  return {
    guardrail: guardrail.id,
    // A read that is late must not be waited for again at each look.
    resource: { ...(taken?.item.resource ?? resource), claim: undefined },
    finding,
    kind,
    code,
    because,
    cause: prior?.cause ?? causeOf(run, ended),
    since: prior?.since ?? now,
    attention,
    due,
    told: now,
    tries: (prior?.tries ?? 0) + (reason.isFailure && taken !== undefined ? 1 : 0),
    known: prior?.known,
    revision: `${now} ${world.invocation}`,
  };
}
