import type { GuardrailConfig } from "../../../runtime/config";
import { capabilities } from "../../../runtime/modes";
import type { Span, Violation } from "./safety";
import type { Known } from "./truth";
import type { Notice } from "../world";

/** What bears on what is still wrong. */
export interface Circumstances {
  readonly now: number;
  /** When the stack began. */
  readonly begin: number;
  readonly config: GuardrailConfig;
  readonly undone: ReadonlyMap<string, Span>;
  /** The ids of events of which the function has heard. */
  readonly heard: ReadonlySet<string>;
  readonly notices: readonly Notice[];
  /** Events in the dead-letter queue, for which an alarm is on. */
  readonly queued: number;
}

/** Whether nobody owes anything about it: exempt, undone by an operator, or nobody's business in this mode. */
export function isExcused(
  { thing, arns }: Known,
  { now, config, undone }: Pick<Circumstances, "now" | "config" | "undone">,
): boolean {
  const hold = undone.get(thing);
  return (
    !capabilities[config.mode].tells ||
    config.exemptions.some(({ resource }) => arns.includes(resource)) ||
    (hold !== undefined && now < hold.to)
  );
}

/** Whether the function can know of it: by its event, or by a sweep. */
export const isKnowable = ({ cause }: Known, { config, heard }: Circumstances): boolean =>
  config.sweep !== "off" || (cause !== undefined && heard.has(cause));

/** In the end all is right, or people know. */
export function liveness(left: readonly Known[], circumstances: Circumstances): Violation[] {
  const { notices, queued } = circumstances;
  return left
    .filter(one => !isExcused(one, circumstances) && isKnowable(one, circumstances))
    .flatMap(({ id, words }) => {
      const isTold = queued > 0 || notices.some(({ text }) => text.includes(id));
      return isTold
        ? []
        : [{ promise: "nothing stays wrong in silence", words: `${words}, and nobody was told` }];
    });
}
