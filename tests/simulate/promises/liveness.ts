import type { GuardrailConfig } from "../../../runtime/config";
import type { Json } from "../../../runtime/json";
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
  /** By the id of an event: who called, by ARN. */
  readonly callers: ReadonlyMap<string, string>;
  /** The ids of events of which the function has heard. */
  readonly heard: ReadonlySet<string>;
  readonly notices: readonly Notice[];
  /** The events in the dead-letter queue, for which an alarm is on. */
  readonly queue: readonly Json[];
  /** What the last tick said is open, for which an alarm is on too. */
  readonly gauge?: number;
  readonly sweptAt: number;
  /** The ledger's items of open findings. */
  readonly held: readonly Readonly<Record<string, { S?: string; N?: string } | undefined>>[];
}

/** Whether nobody owes anything about it: exempt, undone by an operator, or nobody's business in this mode. */
export function isExcused(
  { thing, arns, cause = "" }: Known,
  { now, config, undone, callers }: Pick<Circumstances, "now" | "config" | "undone" | "callers">,
): boolean {
  const hold = undone.get(thing);
  return (
    !capabilities[config.mode].tells ||
    config.exemptions.some(
      ({ resource, principal }) =>
        arns.includes(resource) && (principal === undefined || principal === callers.get(cause)),
    ) ||
    (hold !== undefined && now < hold.to)
  );
}

/** Whether the function can know of it: by its event, or by a sweep. */
export const isKnowable = ({ cause }: Known, { config, heard }: Circumstances): boolean =>
  config.sweep !== "off" || (cause !== undefined && heard.has(cause));

/** How long after it may be tried again something waits at most, in milliseconds. */
const patience = 2 * 3600_000;

/** In the end all is right, or people know. */
export function liveness(left: readonly Known[], circumstances: Circumstances): Violation[] {
  const { now, notices, queue, config, gauge, sweptAt, held } = circumstances;
  const { acts } = capabilities[config.mode];
  const queued = queue.map(payload => JSON.stringify(payload));
  const overdue = held.filter(({ open, due }) => open?.N === "1" && Number(due?.N) < now - patience);
  const forgotten = overdue.map(({ arn, code }) => ({
    promise: "what is held is taken up when its reason has ended",
    words: `${arn?.S} (${code?.S})`,
  }));
  const wrong = left
    .filter(one => !isExcused(one, circumstances) && isKnowable(one, circumstances))
    .flatMap(({ id, words, since, cause }) => {
      const names = cause === undefined ? [id] : [id, cause];
      const isNamedIn = (text: string): boolean => names.some(name => text.includes(name));
      // Who looks into the queue, as its alarm says, reads of this only where the event is about it.
      const isQueued = queued.some(isNamedIn);
      const isTold = isQueued || notices.some(({ text }) => isNamedIn(text));
      // What was so before the first sweep had ended may be the baseline: told once.
      const isBaseline = since <= sweptAt;
      const isAlarmed = acts === "never" || isBaseline || isQueued || (gauge ?? 0) > 0;
      return [
        ...(isTold
          ? []
          : [{ promise: "nothing stays wrong in silence", words: `${words}, and nobody was told` }]),
        ...(isAlarmed
          ? []
          : [{ promise: "an alarm is on while anything is wrong", words: `${words}, and no alarm is on` }]),
      ];
    });
  return [...forgotten, ...wrong];
}
