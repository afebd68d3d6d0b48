/** What tells who runs a resource, as a guardrail reads it from the resource itself. Absent fields are unknown. */
export interface OwnershipFacts {
  readonly tags?: Readonly<Record<string, string>>;
  /** EC2 `Operator.Managed` / `RequesterManaged`, and who. */
  readonly operator?: string;
  readonly requester?: string;
}
export interface Manager {
  /** e.g. "Auto Scaling group web" */
  readonly name: string;
  /** Where the change belongs instead, e.g. "its launch template". */
  readonly changeAt: string;
}
