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

/** What is remembered of the fixes of one resource's findings. */
export interface Breaker {
  readonly fixes: readonly Fix[];
  /** When it opened last; absent while it is closed. */
  readonly openedAt?: number;
  /** Key of the occasion that opened it. */
  readonly openedBy?: string;
  /** Fingerprint of the finding that it is open for. */
  readonly openedFor?: string;
}

const hour = 3600_000;
/** More fixes of one finding than this within an hour are a fight. */
export const fixesPerHour = 3;
/** More fixes of one resource than this within an hour are one too, whatever the findings. */
export const fixesOfAllKinds = 20;

export const closed: Breaker = { fixes: [] };

const within = (fixes: readonly Fix[], since: number): Fix[] => fixes.filter(({ at }) => at > since);

/**
 * Whether one more fix of this finding may be made now. Open, it refuses for an hour; then, half-open, it lets one fix
 * through, and opens at once if another is needed within the hour; an hour of peace closes it. Other findings of the
 * resource are put right meanwhile, up to a limit of their own.
 */
export function judge(breaker: Breaker, fingerprint: string, now: number): "closed" | "opens" | "open" {
  const { fixes, openedAt, openedFor } = breaker;
  const recent = within(fixes, now - hour);
  if (recent.length >= fixesOfAllKinds) return "opens";
  const isOurs = openedAt !== undefined && openedFor === fingerprint;
  if (isOurs && now < openedAt + hour) return "open";
  const limit = isOurs ? 1 : fixesPerHour;
  const since = Math.max(now - hour, isOurs ? openedAt : 0);
  return within(fixes, since).filter(fix => fix.fingerprint === fingerprint).length >= limit
    ? "opens"
    : "closed";
}

/** The breaker after one more fix: an hour without any since it last let one through closes it. */
export function withFix(breaker: Breaker, fix: Fix): Breaker {
  const fixes = [...within(breaker.fixes, fix.at - 2 * hour), fix];
  const isHalfOpen = breaker.openedAt !== undefined && fix.at < breaker.openedAt + 3 * hour;
  return isHalfOpen ? { ...breaker, fixes } : { fixes };
}

export const opened = (
  { fixes }: Breaker,
  openedAt: number,
  openedBy: string,
  openedFor: string,
): Breaker => ({
  fixes,
  openedAt,
  openedBy,
  openedFor,
});
