import type { Severity } from "../guardrail";
import type { Tool } from "../occasion";

/** One fix of a resource, and the call of somebody else that made it necessary. */
export interface Fix {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly principal: string;
  readonly tool: Tool;
  readonly eventId: string;
  /** Of the finding: a fight is about the same one, again and again. */
  readonly fingerprint: string;
}

/** What is remembered of the fixes of one resource's findings within a day. */
export interface Breaker {
  readonly fixes: readonly Fix[];
}

export const closed: Breaker = { fixes: [] };

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** So many fixes of one finding may follow each other at once; the next ones wait. */
export const fixesAtOnce = 3;
/** So many fixes of one finding are made in a day at most. */
export const fixesPerDay = 6;
/** So many fixes of one resource, whatever the findings, may follow each other within the first pause. */
export const fixesOfAllKinds = 20;
/** So many fixes of one resource are made in a day at most: all of them are remembered. */
export const fixesOfAllKindsPerDay = 200;

/** What is waited for before the fourth fix of a finding, the fifth, and so on. */
const pauses: Readonly<Record<Severity, readonly number[]>> = {
  low: [hour, 6 * hour],
  medium: [hour, 6 * hour],
  high: [5 * minute, 30 * minute, 3 * hour, 6 * hour],
  critical: [5 * minute, 30 * minute, 3 * hour, 6 * hour],
};

export interface Verdict {
  /** How often this finding was put right within a day. */
  readonly fixes: number;
  /** Before this time it is not put right again; undefined: it may be now. */
  readonly until?: number;
}

const within = (fixes: readonly Fix[], since: number): Fix[] => fixes.filter(({ at }) => at > since);

/**
 * Whether one more fix of this finding may be made now. What comes back again and again is put right after pauses that
 * grow, and six times a day at most: neither side of a fight may keep the other busy, and what stays wrong is loud.
 */
export function judge(breaker: Breaker, fingerprint: string, now: number, severity: Severity): Verdict {
  const ofDay = within(breaker.fixes, now - day);
  const same = ofDay.filter(fix => fix.fingerprint === fingerprint);
  const [first] = pauses[severity];
  const waits = [
    pauseAfter(same, pauses[severity]),
    fullOf(ofDay, fixesOfAllKinds, first),
    fullOf(ofDay, fixesOfAllKindsPerDay, day),
  ];
  const until = Math.max(...waits);
  return { fixes: same.length, until: until > now ? until : undefined };
}

function pauseAfter(same: readonly Fix[], steps: readonly number[]): number {
  const { length } = same;
  if (length < fixesAtOnce) return 0;
  const step = steps[Math.min(length - fixesAtOnce, steps.length - 1)];
  return Math.max(same[length - 1].at + step, fullOf(same, fixesPerDay, day));
}

/** When fewer than so many are left within a time. */
const fullOf = (fixes: readonly Fix[], most: number, time: number): number =>
  fixes.length < most ? 0 : fixes[fixes.length - most].at + time;

/** The breaker after one more fix. */
export const withFix = ({ fixes }: Breaker, fix: Fix): Breaker => ({
  fixes: [...within(fixes, fix.at - day), fix].slice(-fixesOfAllKindsPerDay),
});

/** Whether the resource was put right after this principal already, since that time. */
export const wasFixedAfter = ({ fixes }: Breaker, principal: string, since: number): boolean =>
  fixes.some(fix => fix.principal === principal && fix.at >= since);
