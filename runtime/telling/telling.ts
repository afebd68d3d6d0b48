import type { Action } from "../ledger/actions";
import type { Occasion } from "../occasion";
import type { GuardrailConfig } from "../config";
import type { Ledger } from "../ledger/ledger";
import { groupSpan } from "../ledger/waiting";
import type { Severity } from "../guardrail";
import { composeNotices, type Notice } from "./notify";
import type { Post } from "./post";
import type { Sender } from "./sections";
import { nothingTold, readTold, type Told } from "./told";
import { capabilities } from "../modes";
import { type Outcome, provenBy } from "../pipeline/outcome";
import type { RestraintCode } from "../pipeline/restraints";
import type { Result } from "../pipeline/pipeline";
import { callerOf } from "../who/who";

/** From the eleventh notice of a group within an hour on, what is not critical waits for the hour's end. */
const mostAtOnce = 10;
const inTheDigest: readonly RestraintCode[] = ["sweep", "baseline"];
/** At once, whatever was told of the group before: people must act. */
const urgent: readonly Severity[] = ["high", "critical"];

export interface Telling {
  readonly sender: Sender;
  readonly occasion: Occasion;
  readonly config: GuardrailConfig;
  readonly result: Result;
  readonly ledger: Ledger;
  readonly post: Pick<Post, "send" | "leave">;
  readonly now: () => number;
}

/**
 * Tells what must be told, then closes what was told in the ledger, in this order: whoever dies in between tells it
 * again, nobody is left untold. Notices go out without the ledger too.
 */
export async function tell(telling: Telling): Promise<void> {
  const { sender, occasion, config, result, post } = telling;
  const { usesLedger } = capabilities[config.mode];
  const told = await whatWasTold(telling);
  const worth = result.outcomes.filter(
    outcome => isWorthTelling(outcome, occasion) && !told.wasTold(outcome),
  );
  const atOnce: Notice[] = [];
  for (const notice of composeNotices(sender, occasion, worth)) {
    const due = await dueOf(telling, notice);
    if (due === undefined) atOnce.push(notice);
    else await post.leave(notice, due);
  }
  await post.send(atOnce);
  if (!usesLedger) return;
  const refused: unknown[] = [];
  for (const outcome of result.outcomes) {
    const isTold = worth.includes(outcome);
    await close(telling, told, outcome, isTold).catch(error => refused.push(error));
  }
  if (refused.length > 0) throw refused[0];
}

async function whatWasTold({ sender, occasion, config, result, ledger, now }: Telling): Promise<Told> {
  const asking = { guardrail: sender.id, occasion, outcomes: result.outcomes, ledger, now: now() };
  if (!capabilities[config.mode].usesLedger) return nothingTold(asking);
  // An unreadable ledger must not keep anybody from hearing; that it is unreadable is told by the outcomes.
  return readTold(asking).catch(() => nothingTold(asking));
}

/**
 * When a notice is to be told; undefined: at once. At once is what is critical, high, failed or held, and the first of
 * its group, which is what one principal did to one guardrail within an hour, unless it is ordinary work of somebody
 * expected; the rest waits for the next tick. From the eleventh of a group on all but the critical waits for the end of
 * the group's hour.
 */
async function dueOf(
  { sender, occasion, config, ledger, now }: Telling,
  notice: Notice,
): Promise<number | undefined> {
  if (notice.severity === "critical" || !capabilities[config.mode].usesLedger) return undefined;
  const group = occasion.principal?.arn ?? occasion.kind;
  const counted = { group, occasion: occasion.key };
  const place = await ledger.waiting.nth(sender.id, counted, now()).catch(() => undefined);
  // Whoever cannot count tells.
  if (place === undefined) return undefined;
  if (place.nth > mostAtOnce) return place.since + groupSpan;
  const { outcome } = notice.attributes;
  const isUrgent = urgent.includes(notice.severity) || outcome === "failed" || outcome === "held";
  const isExpected = callerOf(config.who, occasion.principal) === "expected";
  return isUrgent || (place.nth === 1 && !isExpected) ? undefined : now();
}

/**
 * Another invocation's lock is no news, and neither is what an operator asked for. What a sweep only tells is in its own
 * digest, but what is critical waits for none.
 */
function isWorthTelling(outcome: Outcome, { kind }: Occasion): boolean {
  if (kind === "sweep" && outcome.kind === "notified" && inTheDigest.includes(outcome.code))
    return outcome.finding.critical === true;
  if (outcome.kind === "held") return outcome.tell;
  if (outcome.kind === "exempt") return outcome.endsSoon === true;
  return outcome.kind !== "failed" || outcome.error.code !== "Locked";
}

async function close(
  { sender, result, ledger, now }: Telling,
  told: Told,
  outcome: Outcome,
  isTold: boolean,
): Promise<void> {
  const { resource, kind } = outcome;
  const action = result.actions[resource.arn] as Action | undefined;
  // What the ledger has refused to keep is tried again: a try must not find that all is done.
  const isKept = result.problems.length === 0;
  const isOver = (kind !== "failed" || outcome.error.final) && isKept;
  // Silence is not prolonged: the time counts from the last notice.
  if (isTold) await told.remember(outcome, now());
  await told.forget(outcome, now());
  switch (outcome.kind) {
    case "remediated":
      // With what was proven, in case the ledger refused to take that before. What is left of a part may not be open yet.
      if (action !== undefined && (isKept || !action.isPart))
        await ledger.advance(action, "notified", provenBy(outcome));
      break;
    case "held":
      if (outcome.retry) return;
      // What an earlier try began keeps its record, and the state before it.
      if (action !== undefined) await ledger.advance(action, "held", { because: outcome.because });
      break;
    case "compliant":
    case "exempt":
    case "observed":
    case "duplicate":
      return;
    case "gone":
      if (action === undefined) return;
      break;
    case "notified":
      // Begun, and now no longer ours to write: the action ends without having changed anything.
      if (action !== undefined) await ledger.advance(action, "failed", { because: outcome.because });
      break;
    case "failed":
      break;
  }
  if (isOver) await ledger.finish(sender.id, resource.arn, outcome.occasionKey, now());
}
