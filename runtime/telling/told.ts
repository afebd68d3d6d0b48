import { type Key, resourceKey, short } from "../ledger/items";
import type { Ledger } from "../ledger/ledger";
import type { Occasion } from "../occasion";
import type { Outcome } from "../pipeline/outcome";

/** Ticks come to the minute, and are not to make two hours of one. */
const slack = 5 * 60_000;
/** The same finding of the same resource is told again only after a day, or an hour where it is loud. */
const quiet = 24 * 3600_000 - slack;
const quietWhereLoud = 3600_000 - slack;

/** What was told before of the resources of an occasion, and what is to be remembered of it now. */
export interface Told {
  /** Whether somebody heard of this within the time in which they need not hear of it again. */
  wasTold(outcome: Outcome): boolean;
  /** Remembers that somebody was told. */
  remember(outcome: Outcome, now: number): Promise<void>;
  /** Remembers that it was seen right: what is told of it next is news. */
  forget(outcome: Outcome, now: number): Promise<void>;
}

interface Asking {
  readonly guardrail: string;
  readonly occasion: Occasion;
  readonly outcomes: readonly Outcome[];
  readonly ledger: Ledger;
  readonly now: number;
}

/** Reads it for all outcomes at once. @throws Error when the ledger cannot be read */
export async function readTold(asking: Asking): Promise<Told> {
  const keys = asking.outcomes.flatMap(outcome => keysOf(asking, outcome));
  return keys.length === 0 ? nothingTold(asking) : toldIn(asking, await asking.ledger.get(keys));
}

/** Where nothing is known of what was told, nobody is left untold for that. */
export const nothingTold = (asking: Asking): Told => toldIn(asking, new Map());

function toldIn(asking: Asking, found: Awaited<ReturnType<Ledger["get"]>>): Told {
  const { guardrail, occasion, ledger, now } = asking;
  const item = ({ pk, sk }: Key) => found.get(`${pk} ${sk}`);
  const timeOf = (key: Key): number => Number(item(key)?.at ?? 0);
  return {
    wasTold(outcome) {
      const key = noticeKey(asking, outcome);
      if (key === undefined) return false;
      const at = timeOf(key);
      const made = madeBy(occasion, outcome);
      const isNew = made !== undefined && item(key)?.made !== made;
      return at > now - quietOf(outcome) && at > timeOf(goneKey(guardrail, outcome)) && !isNew;
    },
    async remember(outcome, at) {
      const key = noticeKey(asking, outcome);
      if (key === undefined) return;
      const isForGood = quietOf(outcome) === Infinity;
      await ledger.remember(key, { at, made: madeBy(occasion, outcome), isForGood });
      await ledger.remember(toldKey(guardrail, outcome), { at });
    },
    async forget(outcome, at) {
      if (isRight(outcome) && timeOf(toldKey(guardrail, outcome)) > timeOf(goneKey(guardrail, outcome)))
        await ledger.remember(goneKey(guardrail, outcome), { at });
    },
  };
}

/** When somebody was told of any finding of the resource, and when it was seen right after that. */
const toldKey = (guardrail: string, { resource }: Outcome): Key => ({
  pk: resourceKey(guardrail, resource.arn),
  sk: "notice#told",
});
const goneKey = (guardrail: string, outcome: Outcome): Key => ({
  ...toldKey(guardrail, outcome),
  sk: "notice#gone",
});

function keysOf(asking: Asking, outcome: Outcome): Key[] {
  const { guardrail } = asking;
  const own = noticeKey(asking, outcome);
  if (own !== undefined) return [own, goneKey(guardrail, outcome)];
  return isRight(outcome) ? [toldKey(guardrail, outcome), goneKey(guardrail, outcome)] : [];
}

/** Whether the resource was read and nothing was wrong with it, or is wrong no more. */
const isRight = ({ kind }: Outcome): boolean =>
  kind === "compliant" || kind === "gone" || kind === "remediated";

/** What an event says that it has made: the same again is another rule, or another bucket. */
const madeBy = ({ kind }: Occasion, outcome: Outcome): string | undefined => {
  const { fresh = [], made } = outcome.resource;
  const all = [...fresh, ...(made === undefined ? [] : [made])];
  return kind === "event" && quietOf(outcome) !== Infinity && all.length > 0
    ? short(all.sort().join(" "))
    : undefined;
};

function quietOf(outcome: Outcome): number {
  const finding = "finding" in outcome ? outcome.finding : undefined;
  if (finding?.once === true) return Infinity;
  const { attention } = outcome;
  const isLoud = attention === "critical" || attention === "hourly" || finding?.critical === true;
  return isLoud || outcome.kind === "held" ? quietWhereLoud : quiet;
}

/** Where it is remembered that somebody was told; fixes are always told. */
function noticeKey({ guardrail, occasion }: Asking, outcome: Outcome): Key | undefined {
  const { kind, resource } = outcome;
  // An exemption is mentioned once, however many resources it covers.
  if (kind === "exempt")
    return {
      pk: resourceKey(guardrail, outcome.exemption.resource),
      sk: `notice#exempt#${outcome.exemption.expires}`,
    };
  if (kind !== "notified" && kind !== "held" && kind !== "failed") return undefined;
  const what = kind === "held" && outcome.code === "breaker" ? "breaker" : kind;
  // A failure is told once for all tries of what somebody did; what a timer finds to fail, as any finding.
  const isTried = kind === "failed" && occasion.kind !== "tick" && occasion.kind !== "sweep";
  const fingerprint = `${outcome.finding?.fingerprint ?? ""}${isTried ? ` ${outcome.occasionKey}` : ""}`;
  return { pk: resourceKey(guardrail, resource.arn), sk: `notice#${what}#${short(fingerprint)}` };
}
