/** One decision of the authorizer about one action on one resource. */
export interface AuditRow {
  /** Sandbox time, epoch milliseconds. */
  readonly at: number;
  /** The role's or user's ARN (of a role session: the role's), or the service, e.g. events.amazonaws.com. */
  readonly principal: string;
  /** The IAM action, e.g. ec2:CreateTags. */
  readonly action: string;
  /** The resource's ARN, or "*". */
  readonly resource: string;
  readonly allowed: boolean;
  /** Refusals: why, in AWS's words. */
  readonly reason?: string;
}
