import { judge } from "../ledger/breaker";
import type { Exemption } from "../exemptions";
import type { Finding } from "../guardrail";
import { type Acts, capabilities, type Mode } from "../modes";
import type { Circumstances } from "../ledger/ledger";
import type { Manager } from "../who/managed-by";

/** Why a finding is not written: the same whatever the words say. */
export type RestraintCode =
  | "mode"
  | "left-to-people"
  | "unconfirmed"
  | "sweep"
  | "baseline"
  | "managed"
  | "ledger"
  | "undone"
  | "paused"
  | "breaker"
  | "budget"
  | "principal-budget"
  | "controller-budget";

/** Why a finding is not written now, and what becomes of it. */
export type Restraint =
  | { readonly kind: "exempt"; readonly exemption: Exemption; readonly endsSoon?: true }
  | {
      readonly kind: "observed" | "notified";
      readonly code: RestraintCode;
      readonly because: string;
      readonly manager?: Manager;
    }
  | {
      readonly kind: "held";
      readonly code: RestraintCode;
      readonly because: string;
      readonly tell: boolean;
      readonly opens?: true;
      readonly retry?: true;
    };

export interface Facts {
  readonly finding: Finding;
  readonly mode: Mode;
  readonly managed: "notify" | "act";
  readonly manager?: Manager;
  /** The event's claim is contradicted by what was known before it, in words. */
  readonly replayed?: string;
  readonly exemption?: Exemption;
  /** Undefined when the ledger cannot be read; `ledgerError` says why. */
  readonly circumstances?: Circumstances;
  readonly ledgerError?: string;
  readonly occasionKey: string;
  readonly now: number;
}

const until = (time: number): string => `until ${new Date(time).toISOString().slice(0, 16)}Z`;

/** Whether a mode that acts so only tells. */
const leavesToPeople: Readonly<Record<Acts, boolean>> = { never: true, itself: false };

/** The one place that decides whether a finding may be written: undefined, or the first reason why not. Pure. */
export function restraintOf(facts: Facts): Restraint | undefined {
  const { finding, mode, manager, exemption, circumstances, now } = facts;
  if (exemption !== undefined) return { kind: "exempt", exemption };
  const { tells, acts } = capabilities[mode];
  if (!tells) return { kind: "observed", code: "mode", because: `mode ${mode}` };
  if (leavesToPeople[acts]) return { kind: "notified", code: "mode", because: `mode ${mode}`, manager };
  if (finding.notifyOnly !== undefined)
    return { kind: "notified", code: "left-to-people", because: finding.notifyOnly, manager };
  if (facts.replayed !== undefined)
    return { kind: "notified", code: "unconfirmed", because: `unconfirmed: ${facts.replayed}`, manager };
  if (manager !== undefined && facts.managed !== "act")
    return {
      kind: "notified",
      code: "managed",
      because: `${manager.name} manages it and would put it back: change ${manager.changeAt}`,
      manager,
    };
  if (circumstances === undefined)
    return {
      kind: "held",
      code: "ledger",
      because: `the ledger cannot be read: ${facts.ledgerError}`,
      tell: true,
      retry: true,
    };
  const { hold, pause, breaker } = circumstances;
  if (hold !== undefined)
    return {
      kind: "held",
      code: "undone",
      because: `${hold.by} has undone exactly this, ${until(hold.until)}: ${hold.reason}`,
      tell: false,
    };
  if (pause !== undefined)
    return {
      kind: "held",
      code: "paused",
      because: `${pause.by} has paused ${pause.scope === "all" ? "every guardrail" : "this guardrail"} ${until(pause.until)}: ${pause.reason}`,
      tell: true,
    };
  const verdict = judge(breaker, finding.fingerprint, now);
  if (verdict === "closed") return undefined;
  // The occasion that opened it is told of it, however often it is delivered; the next ones are not.
  const opens = verdict === "opens" || breaker.openedBy === facts.occasionKey;
  const same = breaker.fixes.filter(({ fingerprint }) => fingerprint === finding.fingerprint);
  const fixes = same.length > 0 ? same : breaker.fixes;
  const theirs = fixes.map(
    ({ principal, tool, eventId }) => `${principal} through ${tool} (event ${eventId})`,
  );
  const because = `this guardrail has put it right ${fixes.length} times within an hour or two, and each time it was broken again, by ${[...new Set(theirs)].join(", ")}; it stops for an hour`;
  const held = { kind: "held", code: "breaker", because } as const;
  return opens ? { ...held, tell: true, opens } : { ...held, tell: false };
}
