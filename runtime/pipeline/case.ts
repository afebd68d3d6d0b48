import type { Action } from "../ledger/actions";
import type { Exemption } from "../exemptions";
import type { Finding, Known, Resource, State } from "../guardrail";
import type { OpenFinding } from "../ledger/open";
import type { Management } from "../who/managed-by";
import type { Outcome } from "./outcome";

/** An open finding that is taken up. */
export interface Taken {
  readonly item: OpenFinding;
  /** Whether it may be written now; otherwise it is only looked at. */
  readonly isDue: boolean;
  /** What else is open of the resource and is not taken up: what the read shows to be gone is closed. */
  readonly others?: readonly OpenFinding[];
}

/** One resource that the occasion names, on its way to its outcome. Each station takes a stage and gives the next. */
export interface NamedCase {
  readonly resource: Resource;
  /** The AWS operations made for it so far; every stage of a case adds to the same list. */
  readonly calls: string[];
  /** The open finding that it is looked at for. */
  readonly taken?: Taken;
  /** The change under way, of this delivery or of an earlier one that did not end. */
  readonly action?: Action;
  /** Who owns the resource, once that was asked. */
  readonly owner?: string;
  /** An exemption that covered the finding and has expired. */
  readonly expired?: Exemption;
  /** Another invocation held the resource's lock: it is read and tried again. */
  readonly isBusy?: boolean;
  /** How often in a row a read showed the resource without anything that the event says it has made. */
  readonly absences?: number;
  /** What was known of the resource before this occasion, as `assess` takes it. */
  readonly known?: Known;
  /** What looks have seen of it before this occasion, where nobody can say that they had seen all. */
  readonly glimpsed?: Known;
  /** What the event says it has made was there before: the words that say so. Then nothing is written on its word. */
  readonly replayed?: string;
  /** Why nobody can say what was known before: the ledger did not answer. */
  readonly forgotten?: string;
  /** The finding as it is open already, where the ledger was asked. */
  readonly open?: OpenFinding;
  /** How often the finding was put right within a day, this time included. */
  readonly nth?: number;
}

/** Its state as of now, and what is wrong with it. */
export interface ReadCase extends NamedCase {
  /** When the read began. */
  readonly readAt: number;
  readonly state?: State;
  /** Seen to be gone: no stale read. */
  readonly isGone: boolean;
  readonly finding?: Finding;
}

/** Something is wrong with it. */
export interface FoundCase extends ReadCase {
  readonly state: State;
  readonly finding: Finding;
}

/** Nothing speaks against putting it right. */
export interface DecidedCase extends FoundCase {
  readonly management?: Management;
}

/** The intent is in the ledger, with the state before it, and the lock is ours. */
export interface BegunCase extends ReadCase {
  readonly action: Action;
}

/** Another invocation is at work on it: it is read and tried again. */
export interface BusyCase extends FoundCase {
  readonly isBusy: true;
}

/** It has its outcome. */
export interface EndedCase extends NamedCase {
  readonly outcome: Outcome;
  /** AWS has refused the change: it was certainly not made. */
  readonly isRefused?: boolean;
}

export const isEnded = (one: NamedCase): one is EndedCase => "outcome" in one;
export const isOpen = <Stage extends NamedCase>(one: Stage | EndedCase): one is Stage => !isEnded(one);
export const isFound = (one: ReadCase | EndedCase): one is FoundCase =>
  !isEnded(one) && one.finding !== undefined && one.state !== undefined;
export const isBegun = (one: (BegunCase & FoundCase) | BusyCase | EndedCase): one is BegunCase & FoundCase =>
  !isEnded(one) && one.isBusy !== true;

/** Those that have no outcome yet. */
export const unsettled = <Stage extends NamedCase>(cases: readonly (Stage | EndedCase)[]): Stage[] =>
  cases.filter(one => isOpen<Stage>(one));
export const endedOf = (cases: readonly NamedCase[]): EndedCase[] => cases.filter(isEnded);

/** Whether there is something that the guardrail may write. */
export const isWritable = (finding: Finding | undefined): boolean =>
  finding !== undefined && finding.notifyOnly === undefined && finding.blocked === undefined;
