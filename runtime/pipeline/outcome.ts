import type { Failure } from "../aws/errors";
import type { Exemption } from "../exemptions";
import type { Finding, Resource, State } from "../guardrail";
import type { Manager } from "../who/managed-by";
import type { Attention, Occasion, Principal } from "../occasion";
import type { RestraintCode } from "./restraints";

export const outcomeKinds = [
  "compliant",
  "gone",
  "exempt",
  "observed",
  "notified",
  "remediated",
  "held",
  "duplicate",
  "failed",
] as const satisfies readonly OutcomeKind[];

/** Times in epoch milliseconds. */
export interface Times {
  /** Of the occasion: when the call was made, the sweep began. */
  readonly event: number;
  readonly received: number;
  readonly decided: number;
  readonly verified?: number;
}

interface Common {
  readonly resource: Resource;
  /** Who caused the occasion, where somebody did. */
  readonly principal?: Principal;
  readonly occasionId: string;
  /** Under what the ledger knows it, together with the resource. */
  readonly occasionKey: string;
  /** Of what is taken up: how it was heard of first. */
  readonly first?: Occasion;
  readonly times: Times;
  /** AWS operations made for this resource, in order, e.g. ["DescribeSecurityGroupRules", "RevokeSecurityGroupIngress"]. A batched call counts for each of its resources. */
  readonly calls: readonly string[];
  /** Who owns the resource, from its tags. */
  readonly owner?: string;
  /** An exemption that covered the finding and has expired. */
  readonly expired?: Exemption;
  /** How loudly people hear of it; absent: once. */
  readonly attention?: Attention;
  /** Still as it was when it was looked at last: told again when it is time, and otherwise no news. */
  readonly again?: true;
  /** The change in the ledger: what `guardrails undo` takes. */
  readonly actionId?: string;
}

/** What one invocation did about one resource: exactly one of these for each resource that the occasion names. */
export type Outcome = Common &
  (
    | { readonly kind: "compliant" | "gone" | "duplicate" }
    | {
        readonly kind: "exempt";
        readonly finding: Finding;
        readonly before: State;
        readonly exemption: Exemption;
        /** Whether the exemption is about to expire, so that somebody must hear of it. */
        readonly endsSoon?: true;
      }
    | {
        readonly kind: "held";
        readonly code: RestraintCode;
        readonly finding: Finding;
        readonly before: State;
        readonly because: string;
        /** Whether somebody must hear of it at once. */
        readonly tell: boolean;
        /** When it may be tried again, in epoch milliseconds; absent: not before a person says so. */
        readonly due?: number;
        /** Whether this is what opens the breaker. */
        readonly opens?: true;
        /** The command by which the stack lists the caller as a controller, ready to paste. */
        readonly listing?: string;
        /** Whether the invocation is to be tried again, because the ledger could not be asked. */
        readonly retry?: true;
      }
    | {
        readonly kind: "observed" | "notified";
        readonly code: RestraintCode;
        readonly finding: Finding;
        readonly before: State;
        /** Why it was only told, e.g. the mode, or the manager that would put it back. */
        readonly because: string;
        readonly manager?: Manager;
      }
    | {
        readonly kind: "remediated";
        readonly finding: Finding;
        readonly before: State;
        /** The state of the second read. A resource that vanished meanwhile is `gone`, never `remediated`. */
        readonly after: State;
        /** What the second read still shows: not ours to write, or what is left of a change in parts. */
        readonly remaining?: Finding;
        /** Begun by an earlier invocation that did not end. */
        readonly recovered?: true;
      }
    | {
        readonly kind: "failed";
        readonly finding?: Finding;
        readonly before?: State;
        readonly error: Failure;
      }
  );

export type OutcomeKind = Outcome["kind"];
export type OutcomeOf<K extends Outcome["kind"]> = Extract<Outcome, { kind: K }>;

/** What the ledger keeps of a proven change. */
export const provenBy = ({ after, times }: OutcomeOf<"remediated">) => ({ after, verified: times.verified });
