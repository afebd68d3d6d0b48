import type { Tool } from "./events";

/** One fix of a resource, and the call of somebody else that made it necessary. */
export interface Fix {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly principal: string;
  readonly tool: Tool;
  readonly eventId: string;
}

/** What is remembered of the fixes of one resource's findings. */
export interface Breaker {
  readonly fixes: readonly Fix[];
  /** When it opened last; absent while it is closed. */
  readonly openedAt?: number;
  /** Key of the event that opened it. */
  readonly openedBy?: string;
}

const hour = 3600_000;
/** More fixes than this within an hour are a fight. */
export const fixesPerHour = 3;

export const closed: Breaker = { fixes: [] };

const within = (fixes: readonly Fix[], since: number): Fix[] => fixes.filter(({ at }) => at > since);

/**
 * Whether one more fix may be made now. Open, it refuses for an hour; then, half-open, it lets one fix through, and
 * opens at once if another is needed within the hour; an hour of peace closes it.
 */
export function judge(breaker: Breaker, now: number): "closed" | "opens" | "open" {
  const { fixes, openedAt } = breaker;
  if (openedAt !== undefined && now < openedAt + hour) return "open";
  const limit = openedAt === undefined ? fixesPerHour : 1;
  const since = Math.max(now - hour, openedAt === undefined ? 0 : openedAt);
  return within(fixes, since).length >= limit ? "opens" : "closed";
}

/** The breaker after one more fix: an hour without any since it last let one through closes it. */
export function withFix(breaker: Breaker, fix: Fix): Breaker {
  const fixes = [...within(breaker.fixes, fix.at - 2 * hour), fix];
  const isHalfOpen = breaker.openedAt !== undefined && fix.at < breaker.openedAt + 3 * hour;
  return isHalfOpen ? { ...breaker, fixes } : { fixes };
}

export const opened = ({ fixes }: Breaker, openedAt: number, openedBy: string): Breaker => ({
  fixes,
  openedAt,
  openedBy,
});
