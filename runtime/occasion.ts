/**
 * Why a guardrail looks: a call was heard of; an operator takes up what was held; existing resources are gone through;
 * somebody said yes; the guardrail's own timer.
 */
export type OccasionKind = "event" | "resume" | "sweep" | "approval" | "tick";

export type Tool =
  "console" | "cli" | "sdk" | "terraform" | "pulumi" | "cloudformation" | "aws-service" | "unknown";

/** Who made a call, and through which tool, from the user agent (which the caller chooses). */
export interface Principal {
  /**
   * The role, user or root ARN without a session name; a service name for a service's own call; where the record leaves
   * the ARN out, the ids that it has instead, in words; "unknown" when it has none.
   */
  readonly arn: string;
  /** The session or user name: the person behind a role, as far as the record says. */
  readonly name?: string;
  /** `userIdentity.type`, e.g. AssumedRole, IAMUser, Root, AWSService. */
  readonly type?: string;
  /** Who a chain of roles began with, where the first session named them; no later session can change it. */
  readonly sourceIdentity?: string;
  /** The AWS service that called on somebody's behalf, e.g. autoscaling.amazonaws.com. */
  readonly invokedBy?: string;
  readonly tool: Tool;
}

/** A call's record in CloudTrail's event history. */
export interface CallRecord {
  /** CloudTrail's own id of the event. */
  readonly id: string;
  readonly region: string;
}

/** One reason to look at resources, as plain data. All that pipeline, telling, audit and ledger know of what started them. */
export interface Occasion {
  readonly kind: OccasionKind;
  /** The same however often the occasion is delivered: what duplicates are told by, and changes are named after. */
  readonly key: string;
  /** By which people find it in the logs. */
  readonly id: string;
  /** ISO 8601. */
  readonly time: string;
  readonly account: string;
  readonly region: string;
  /** Who caused it; absent where nobody did, as in a sweep. */
  readonly principal?: Principal;
  /** The call in CloudTrail's event history, where that has it. */
  readonly record?: CallRecord;
  /** The call's name, for the audit line; absent where there was none. */
  readonly name?: string;
  /** What happened, as a notice says it: a verb and its object, e.g. "called CreateBucket", "swept 40 buckets". */
  readonly words: string;
}

/** How people hear of what is not put right: as critical and again every hour; every hour; every day. */
export type Attention = "critical" | "hourly" | "daily";
