import { judge } from "../ledger/breaker";
import type { Exemption } from "../exemptions";
import type { Finding, Severity } from "../guardrail";
import { type Acts, capabilities, type Mode } from "../modes";
import type { Circumstances } from "../ledger/ledger";
import type { Attention } from "../occasion";
import { deploymentTime, type Management, type Manager } from "../who/managed-by";
import { minuteOf } from "../plain";

/** Why a finding is not written: the same whatever the words say. */
export type RestraintCode =
  | "mode"
  | "left-to-people"
  | "expected"
  | "blocked"
  | "unconfirmed"
  | "sweep"
  | "baseline"
  | "managed"
  | "ledger"
  | "undone"
  | "paused"
  | "deployment"
  | "contested"
  | "breaker"
  | "too-large"
  | "budget"
  | "principal-budget"
  | "controller-budget"
  | "failed"
  | "unreadable";

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
      /** When it may be tried again; absent: not before a person says so. */
      readonly due?: number;
      readonly opens?: true;
      /** The command by which the stack lists the caller as a controller. */
      readonly listing?: string;
      readonly retry?: true;
    };

export interface Facts {
  readonly finding: Finding;
  readonly severity: Severity;
  readonly mode: Mode;
  readonly managed: "notify" | "act";
  readonly management?: Management;
  readonly exemption?: Exemption;
  /** Undefined when the ledger cannot be read; `ledgerError` says why. */
  readonly circumstances?: Circumstances;
  readonly ledgerError?: string;
  /** Why the event is not believed to have made what it says. */
  readonly replayed?: string;
  /** Who wants it tried again whatever was said before. */
  readonly resumed?: string;
  /** The line by which the stack would list the caller as a controller. */
  readonly listing?: string;
  readonly now: number;
}

const until = (time: number): string => `until ${minuteOf(time)}`;

/**
 * How loudly people hear of what is not put right, where the mode would: what comes back again and again, or is not for
 * this guardrail to judge, every hour and as critical.
 */
export function attentionTo(
  { critical }: Finding,
  { kind, code }: { readonly kind: "held" | "notified"; readonly code: RestraintCode },
): Attention {
  if (critical || code === "contested" || code === "breaker" || code === "expected") return "critical";
  return kind === "held" ? "hourly" : "daily";
}

/** Whether a mode that acts so only tells. */
const leavesToPeople: Readonly<Record<Acts, boolean>> = { never: true, itself: false };

/** The one place that decides whether a finding may be written: undefined, or the first reason why not. Pure. */
export function restraintOf(facts: Facts): Restraint | undefined {
  const { finding, mode, exemption, circumstances, management, now } = facts;
  const manager = management?.manager;
  if (exemption !== undefined) return { kind: "exempt", exemption };
  const { tells, acts } = capabilities[mode];
  if (!tells) return { kind: "observed", code: "mode", because: `mode ${mode}` };
  if (leavesToPeople[acts]) return { kind: "notified", code: "mode", because: `mode ${mode}`, manager };
  if (facts.replayed !== undefined && facts.resumed === undefined)
    return { kind: "notified", code: "unconfirmed", because: `unconfirmed: ${facts.replayed}` };
  if (finding.notifyOnly !== undefined)
    return { kind: "notified", code: "left-to-people", because: finding.notifyOnly, manager };
  if (finding.leaveToExpected !== undefined && management?.caller === "expected")
    return { kind: "notified", code: "expected", because: finding.leaveToExpected, manager };
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
  return (
    decided(circumstances) ??
    blocked(finding, now) ??
    (facts.resumed === undefined ? awaited(facts, circumstances, now) : undefined)
  );
}

/** What stands in the way of the write itself: every tick looks whether it is still there. */
const blocked = ({ blocked: because }: Finding, now: number): Restraint | undefined =>
  because === undefined ? undefined : { kind: "held", code: "blocked", because, tell: true, due: now };

/** What an operator has decided. */
function decided({ hold, pause }: Circumstances): Restraint | undefined {
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
      due: pause.until,
    };
  return undefined;
}

/** What an operator may overrule by `resume`. */
function awaited(
  { finding, severity, management, listing }: Facts,
  { breaker, open }: Circumstances,
  now: number,
): Restraint | undefined {
  const { cloudformation, manager, mark } = management ?? {};
  // A deployment is waited for once: calls that break the same again meanwhile do not begin the wait anew.
  const waitUntil = Math.min(
    management?.waitUntil ?? 0,
    open?.code === "deployment" ? open.since + deploymentTime : Infinity,
  );
  if (waitUntil > now)
    return {
      kind: "held",
      code: "deployment",
      because: `${cloudformation?.words ?? "CloudFormation"} is being deployed, which would break half-way; it is put right after ${minuteOf(waitUntil)}`,
      tell: true,
      due: waitUntil,
    };
  const { fixes, until: paused } = judge(breaker, finding.fingerprint, now, severity);
  const other = manager ?? mark;
  if (other !== undefined && (fixes > 0 || open?.code === "contested"))
    return {
      kind: "held",
      code: "contested",
      because: [
        `this guardrail has put it right once, and it came back: ${other.name} seems to manage it, so it is not written again`,
        `change ${other.changeAt}`,
      ].join("; "),
      tell: true,
      opens: open?.code === "contested" ? undefined : true,
      listing,
    };
  if (paused === undefined) return undefined;
  const same = breaker.fixes
    .filter(({ fingerprint }) => fingerprint === finding.fingerprint)
    .slice(-fixes || undefined);
  const theirs = (fixes > 0 ? same : breaker.fixes.slice(-3)).map(
    ({ principal, tool, eventId }) => `${principal} through ${tool} (event ${eventId})`,
  );
  const whatWasFixed =
    fixes > 0
      ? `this guardrail has put it right ${fixes} times within a day, and each time it was broken again`
      : `this guardrail has put this resource right ${breaker.fixes.length} times within a day, and each time it was broken in another way, at last`;
  return {
    kind: "held",
    code: "breaker",
    because: `${whatWasFixed}, by ${[...new Set(theirs)].join(", ")}; it tries again after ${minuteOf(paused)}`,
    tell: true,
    due: paused,
    opens: open?.code === "breaker" ? undefined : true,
  };
}
