import { judge } from "../ledger/breaker";
import type { Exemption } from "../exemptions";
import type { Finding } from "../guardrail";
import { capabilities, type Mode } from "../modes";
import type { Circumstances } from "../ledger/ledger";
import type { Manager } from "../managed-by";

/** Why a finding is not written now, and what becomes of it. */
export type Restraint =
  | { readonly kind: "exempt"; readonly exemption: Exemption; readonly endsSoon?: true }
  | { readonly kind: "observed" | "notified"; readonly because: string; readonly manager?: Manager }
  | {
      readonly kind: "held";
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
  readonly exemption?: Exemption;
  /** Undefined when the ledger cannot be read; `ledgerError` says why. */
  readonly circumstances?: Circumstances;
  readonly ledgerError?: string;
  readonly eventKey: string;
  readonly now: number;
}

const until = (time: number): string => `until ${new Date(time).toISOString().slice(0, 16)}Z`;

/** The one place that decides whether a finding may be written: undefined, or the first reason why not. Pure. */
export function restraintOf(facts: Facts): Restraint | undefined {
  const { finding, mode, manager, exemption, circumstances, now } = facts;
  if (exemption !== undefined) return { kind: "exempt", exemption };
  const { tells, writes } = capabilities[mode];
  if (!tells) return { kind: "observed", because: `mode ${mode}` };
  if (!writes) return { kind: "notified", because: `mode ${mode}`, manager };
  if (finding.notifyOnly !== undefined) return { kind: "notified", because: finding.notifyOnly, manager };
  if (manager !== undefined && facts.managed !== "act")
    return {
      kind: "notified",
      because: `${manager.name} manages it and would put it back: change ${manager.changeAt}`,
      manager,
    };
  if (circumstances === undefined)
    return {
      kind: "held",
      because: `the ledger cannot be read: ${facts.ledgerError}`,
      tell: true,
      retry: true,
    };
  const { hold, pause, breaker } = circumstances;
  if (hold !== undefined)
    return {
      kind: "held",
      because: `${hold.by} has undone exactly this, ${until(hold.until)}: ${hold.reason}`,
      tell: false,
    };
  if (pause !== undefined)
    return {
      kind: "held",
      because: `${pause.by} has paused ${pause.scope === "all" ? "every guardrail" : "this guardrail"} ${until(pause.until)}: ${pause.reason}`,
      tell: true,
    };
  const verdict = judge(breaker, finding.fingerprint, now);
  if (verdict === "closed") return undefined;
  // The event that opened it is told of it, however often it is delivered; the next ones are not.
  const opens = verdict === "opens" || breaker.openedBy === facts.eventKey;
  const same = breaker.fixes.filter(({ fingerprint }) => fingerprint === finding.fingerprint);
  const fixes = same.length > 0 ? same : breaker.fixes;
  const theirs = fixes.map(
    ({ principal, tool, eventId }) => `${principal} through ${tool} (event ${eventId})`,
  );
  const because = `this guardrail has put it right ${fixes.length} times within an hour or two, and each time it was broken again, by ${[...new Set(theirs)].join(", ")}; it stops for an hour`;
  return opens ? { kind: "held", because, tell: true, opens } : { kind: "held", because, tell: false };
}
