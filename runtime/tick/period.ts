import type { Severity } from "../guardrail";
import type { Acts } from "../modes";

/** Whether something that is wrong and of this severity is not to wait for a quarter of an hour. */
const isUrgent: Readonly<Record<Severity, boolean>> = {
  low: false,
  medium: false,
  high: true,
  critical: true,
};

/** The most minutes between two ticks of any guardrail. */
export const longest = 15;

/** The minutes between two ticks, in a mode that remembers. */
export const periodOf = (severity: Severity, acts: Acts): number =>
  acts !== "never" && isUrgent[severity] ? 5 : longest;
