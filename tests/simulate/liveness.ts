import type { GuardrailConfig } from "../../runtime/config";
import type { Wrong } from "../guardrails/simulation";
import type { Span, Violation } from "./safety";
import type { Notice } from "./world";

/** Something that is still wrong in the end. */
export interface Left extends Wrong {
  /** Since when without a break. */
  readonly since: number;
  /** Whether the function has heard of what brought it. */
  readonly isHeard: boolean;
}

/** In the end all is right, or people know. */
export function liveness(
  left: readonly Left[],
  facts: {
    readonly now: number;
    readonly config: GuardrailConfig;
    readonly undone: ReadonlyMap<string, Span>;
    readonly notices: readonly Notice[];
    /** Events in the dead-letter queue, for which an alarm is on. */
    readonly queued: number;
  },
): Violation[] {
  const { now, config, undone, notices, queued } = facts;
  if (config.mode === "observe") return [];
  return left.flatMap(({ thing, arns, id, words, isHeard }) => {
    const hold = undone.get(thing);
    const isExempt = config.exemptions.some(({ resource }) => arns.includes(resource));
    if (!isHeard || isExempt || (hold !== undefined && now < hold.to)) return [];
    const isTold = queued > 0 || notices.some(({ text }) => text.includes(id));
    return isTold
      ? []
      : [{ promise: "nothing stays wrong in silence", words: `${words}, and nobody was told` }];
  });
}
