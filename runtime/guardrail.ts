import type { GuardrailEvent } from "./events";
import type { Json, JsonObject } from "./json";
import type { OwnershipFacts } from "./managed-by";

export const severities = ["low", "medium", "high", "critical"] as const;
export type Severity = (typeof severities)[number];

/**
 * A resource's configuration as read from AWS: canonical plain JSON (sorted lists) that can be compared and stored.
 * With `gone: true` the resource was seen to be ended, e.g. a terminated instance: no read will show it alive again.
 */
export type State = JsonObject;

/** One AWS resource that an event names. */
export interface Resource<Hints = unknown> {
  readonly arn: string;
  /** CloudFormation's type name, e.g. AWS::EC2::SecurityGroup. */
  readonly type: string;
  readonly id: string;
  /** Where the resource lives: clients are built for this region. */
  readonly region: string;
  readonly account: string;
  /** What only the event knows: the principal's tags, the rules just added. Plain JSON. */
  readonly hints: Hints;
  /**
   * What the event asserts. A read that contradicts it may be stale, so it is repeated for a bounded time
   * before it is believed: "exists" (the call made the resource), "breach" (the call broke the rule).
   */
  readonly claim?: "exists" | "breach";
}

/** A resource that breaks the guardrail. */
export interface Finding<Data extends Json = Json> {
  /** The same breach of the same resource has the same fingerprint; anything new has another. */
  readonly fingerprint: string;
  /** One sentence for a person: what is wrong, with ids and values. */
  readonly summary: string;
  /** What `remediate` needs to end it. */
  readonly data: Data;
  /** Why this finding is told and never written, in words. Absent: `remediate` can end it. */
  readonly notifyOnly?: string;
  /** For callers who use infrastructure code: the attribute to change, e.g. `ingress` of aws_security_group. */
  readonly attribute?: string;
}

/** One resource to put right, as `remediate` receives it. */
export interface Remediation<Hints = unknown, S extends State = State, Data extends Json = Json> {
  readonly resource: Resource<Hints>;
  readonly state: S;
  readonly finding: Finding<Data>;
}

/**
 * The half of a definition that runs in Lambda. Every member is a plain function over plain data, because Pulumi
 * serializes it (docs/architecture.md, "What may run in Lambda"). `Settings` is what `config.json` carries. Written as
 * methods, so that a definition of any types is one of unknown types: the pipeline never looks into them.
 */
export interface GuardrailRuntime<Settings, Clients, Hints, S extends State, Data extends Json> {
  readonly id: string;
  /** Imperative, at most 60 characters, e.g. "Close administration ports that are open to the world". */
  readonly title: string;
  readonly severity: Severity;
  /** SDK clients for one region; called once per region and container. */
  clients(region: string): Clients;
  /** Pure: every resource that the event names; [] when the event, on a closer look, concerns none. */
  resources(event: GuardrailEvent, settings: Settings): Resource<Hints>[];
  /** Reads: the state of each by ARN, batched; a resource without an entry is gone. All are of one region. */
  inspect(
    clients: Clients,
    resources: readonly Resource<Hints>[],
    settings: Settings,
  ): Promise<Record<string, S>>;
  /** Pure, no clock, no I/O. Sees the whole resource, blames only what is in scope. */
  assess(state: S, settings: Settings, hints: Hints): Finding<Data> | undefined;
  /** Reads, only once there is a finding: the facts by which a manager is recognised. */
  ownership(clients: Clients, resource: Resource<Hints>, state: S): Promise<OwnershipFacts>;
  /**
   * Writes: the smallest change that ends the findings; idempotent. Receives one resource, or up to `batch` of one
   * region; when a batch throws, each is tried alone. An error with `final: true` (see `finalError`) is not retried.
   */
  remediate(
    clients: Clients,
    work: readonly Remediation<Hints, S, Data>[],
    settings: Settings,
  ): Promise<void>;
  readonly batch?: number;
  /** Error codes that mean "not there yet" right after a create; `remediate` is repeated on them for a bounded time. */
  readonly notYet: readonly string[];
  /** Writes, by an operator with the `undo` permissions: restores exactly what `remediate` changed from `before` to `after`. */
  undo(clients: Clients, resource: Resource<Hints>, before: S, after: S): Promise<void>;
  /**
   * Pure: each resource as the events of `undo`'s own calls name it, in a state in which it is then read. What `assess`
   * finds in them is held with the undone finding; the first shows whether the undo worked. Absent: the resource before.
   */
  undone?(
    resource: Resource<Hints>,
    before: S,
    after: S,
  ): { readonly resource: Resource<Hints>; readonly state: S }[];
  /** Reads: all such resources of the clients' account and region with their state, page by page. */
  inventory(
    clients: Clients,
    scope: { account: string; region: string; partition: string },
    settings: Settings,
  ): AsyncIterable<{ resource: Resource<Hints>; state: S }>;
}

/** An error that no retry can mend; its message goes to people as it is. */
export const finalError = (code: string, message: string): Error =>
  Object.assign(new Error(message), { code, final: true });
