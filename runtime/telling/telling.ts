import type { Action } from "../ledger/actions";
import type { Occasion } from "../occasion";
import type { GuardrailConfig } from "../config";
import { type Key, resourceKey, short } from "../ledger/items";
import type { Ledger } from "../ledger/ledger";
import { composeNotices, type Notice, type Sender } from "./notify";
import { capabilities } from "../modes";
import { type Outcome, provenBy } from "../pipeline/outcome";
import type { Result } from "../pipeline/pipeline";

const slack = 5 * 60_000;
/** The same finding of the same resource is told again only after a day, or an hour where it is loud; ticks come to the minute. */
const quiet = 24 * 3600_000 - slack;
const quietWhereLoud = 3600_000 - slack;
const isLoud = ({ attention }: Outcome): boolean => attention === "critical" || attention === "hourly";

export interface Telling {
  readonly sender: Sender;
  readonly occasion: Occasion;
  readonly config: GuardrailConfig;
  readonly result: Result;
  readonly ledger: Ledger;
  readonly publish: (notice: Notice) => Promise<void>;
  readonly now: () => number;
}

/**
 * Tells what must be told, then closes what was told in the ledger, in this order: whoever dies in between tells it
 * again, nobody is left untold. Notices go out without the ledger too.
 */
export async function tell(telling: Telling): Promise<void> {
  const { sender, occasion, config, result, publish } = telling;
  const known = await toldBefore(telling);
  const worth = result.outcomes.filter(
    outcome => isWorthTelling(outcome) && !known.has(outcome.resource.arn),
  );
  for (const notice of composeNotices(sender, occasion, worth)) await publish(notice);
  if (!capabilities[config.mode].usesLedger) return;
  const refused: unknown[] = [];
  for (const outcome of result.outcomes)
    await close(telling, outcome, worth.includes(outcome)).catch(error => refused.push(error));
  if (refused.length > 0) throw refused[0];
}

/** The resources, by ARN, of whose finding somebody was told within a day. */
async function toldBefore({ sender, occasion, config, result, ledger, now }: Telling): Promise<Set<string>> {
  const keyOf = (outcome: Outcome) => noticeKey(sender.id, outcome, occasion.key);
  const keys = result.outcomes.flatMap(outcome => keyOf(outcome) ?? []);
  if (keys.length === 0 || !capabilities[config.mode].usesLedger) return new Set();
  try {
    const found = await ledger.get(keys);
    const isRecent = (outcome: Outcome): boolean => {
      const key = keyOf(outcome);
      const at = key && found.get(`${key.pk} ${key.sk}`)?.at;
      return typeof at === "number" && at > now() - (isLoud(outcome) ? quietWhereLoud : quiet);
    };
    return new Set(result.outcomes.filter(isRecent).map(outcome => outcome.resource.arn));
  } catch {
    // An unreadable ledger must not keep anybody from hearing; that it is unreadable is told by the outcomes.
    return new Set();
  }
}

/** Another invocation's lock is no news, and neither is what an operator asked for. */
function isWorthTelling(outcome: Outcome): boolean {
  if (outcome.kind === "held") return outcome.tell;
  if (outcome.kind === "exempt") return outcome.endsSoon === true;
  // What a sweep finds is told together, at its end; what is critical waits for no digest.
  if (outcome.kind === "notified" && outcome.finding.critical !== true)
    return outcome.code !== "sweep" && outcome.code !== "baseline";
  return outcome.kind !== "failed" || outcome.error.code !== "Locked";
}

/** Where it is remembered that somebody was told; fixes are always told. */
function noticeKey(guardrail: string, outcome: Outcome, occasionKey: string): Key | undefined {
  const { kind, resource } = outcome;
  // An exemption is mentioned once, however many resources it covers.
  if (kind === "exempt")
    return {
      pk: resourceKey(guardrail, outcome.exemption.resource),
      sk: `notice#exempt#${outcome.exemption.expires}`,
    };
  if (kind !== "notified" && kind !== "held" && kind !== "failed") return undefined;
  const what = kind === "held" && outcome.code === "breaker" ? "breaker" : kind;
  // A failure is told once for each occasion, however often that is tried; a finding once a day.
  const fingerprint = `${outcome.finding?.fingerprint ?? ""}${kind === "failed" ? ` ${occasionKey}` : ""}`;
  return { pk: resourceKey(guardrail, resource.arn), sk: `notice#${what}#${short(fingerprint)}` };
}

async function close(
  { sender, occasion, result, ledger, now }: Telling,
  outcome: Outcome,
  isTold: boolean,
): Promise<void> {
  const { resource, kind } = outcome;
  const action = result.actions[resource.arn] as Action | undefined;
  const isOver = kind !== "failed" || outcome.error.final;
  const key = noticeKey(sender.id, outcome, occasion.key);
  // Silence is not prolonged: the day counts from the last notice.
  if (key !== undefined && isTold) await ledger.remember(key, now());
  switch (outcome.kind) {
    case "remediated":
      // With what was proven, in case the ledger refused to take that before.
      if (action !== undefined) await ledger.advance(action, "notified", provenBy(outcome));
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
  if (isOver) await ledger.finish(sender.id, resource.arn, occasion.key, now());
}
