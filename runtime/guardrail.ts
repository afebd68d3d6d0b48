import type { GuardrailEvent } from "./events";
import type { Json, JsonObject } from "./json";

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
  /**
   * Identities, as `remembered` names them, that the event says it has made: rule ids, a bucket's name. What the ledger
   * knew of before the event's time was not made by it.
   */
  readonly fresh?: readonly string[];
  /** Names what the event says it has made where its identity would be the same again: told anew, and no proof. */
  readonly made?: string;
}

/** What is remembered of a resource from one look to the next: identity → value in words. */
export type Known = Readonly<Record<string, string>>;

/**
 * What an event names: resources; `elsewhere`, why the record clearly concerns nothing of this guardrail; or
 * `unreadable`, the members that it needs and that are absent, as in a record whose bodies CloudTrail left out.
 */
export type Naming<Hints = unknown> =
  readonly Resource<Hints>[] | { readonly elsewhere: string } | { readonly unreadable: string };

/** The resources of a naming; none where it has none. */
export const namedIn = <Hints>(naming: Naming<Hints>): readonly Resource<Hints>[] =>
  "elsewhere" in naming || "unreadable" in naming ? [] : naming;

/** Part of an inventory. */
export interface Page<Hints = unknown, S extends State = State> {
  readonly items: readonly { readonly resource: Resource<Hints>; readonly state: S }[];
  /** Where the next part begins; absent on the last. */
  readonly next?: string;
}

/** What tells who runs a resource, as a guardrail reads it from the resource itself. Absent fields are unknown. */
export interface OwnershipFacts {
  readonly tags?: Readonly<Record<string, string>>;
  /** EC2 `Operator.Managed` / `RequesterManaged`, and who. */
  readonly operator?: string;
  readonly requester?: string;
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
  /** Why this finding cannot be written now although it should be, in words: it is held, and written once a later read no longer says so. */
  readonly blocked?: string;
  /** Told as critical, at once and again every hour, until it is gone, narrower or exempted. */
  readonly critical?: true;
  /** Why this finding is told as critical, and not written, where the caller is one of the stack's `expected`. */
  readonly leaveToExpected?: string;
  /** Told once, and not waited for: nothing is wrong yet, or it is told elsewhere. */
  readonly once?: true;
  /** The ARN by which exemptions are looked up, where the event named the resource otherwise. */
  readonly arn?: string;
  /** For callers who use infrastructure code: the attribute to change, e.g. `ingress` of aws_security_group. */
  readonly attribute?: string;
}

/** One resource to put right, as `remediate` receives it. */
export interface Remediation<Hints = unknown, S extends State = State, Data extends Json = Json> {
  readonly resource: Resource<Hints>;
  readonly state: S;
  readonly finding: Finding<Data>;
}

/** Those resources that have a state, with it. */
export const itemsOf = <Hints, S extends State>(
  resources: readonly Resource<Hints>[],
  states: Readonly<Record<string, S>>,
) =>
  resources.flatMap(resource =>
    Object.hasOwn(states, resource.arn) ? [{ resource, state: states[resource.arn] }] : [],
  );

/** The parts of a change. */
export interface Parts<S extends State = State, Data extends Json = Json> {
  /** The finding of about half of the change, which can be put right by itself; undefined: there is no smaller part. */
  half(state: S, finding: Finding<Data>): Finding<Data> | undefined;
  /** Whether anything of the part is still there. */
  isLeft(state: S, part: Finding<Data>): boolean;
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
  /** Pure: every resource that the event names, from named members of the record only, never from free text. */
  resources(event: GuardrailEvent, settings: Settings): Naming<Hints>;
  /**
   * Reads, after an unreadable record: what the event may have concerned, e.g. the instances that were launched around
   * its time. Absent, or undefined as answer: no read can tell, and a sweep is started.
   */
  look?(
    clients: Clients,
    event: GuardrailEvent,
    settings: Settings,
  ): Promise<readonly Resource<Hints>[] | undefined>;
  /** Reads: the state of each by ARN, batched; a resource without an entry is gone. All are of one region. */
  inspect(
    clients: Clients,
    resources: readonly Resource<Hints>[],
    settings: Settings,
  ): Promise<Record<string, S>>;
  /**
   * Pure, no clock, no I/O. Sees the whole resource, blames only what is in scope.
   * @param known what was known of the resource before this occasion; `{}` when a complete sweep did not know it,
   * undefined when there was no complete sweep yet
   */
  assess(state: S, settings: Settings, hints: Hints, known?: Known): Finding<Data> | undefined;
  /** Pure: what is worth remembering of this state, e.g. each rule by its id. Absent: nothing is. */
  remembered?(state: S, settings: Settings): Known;
  /** Identities of `remembered` that only a sweep brings into memory: what one call can bring about is not known for that. */
  readonly sweptOnly?: readonly string[];
  /** Pure: the part of a state that the change of a finding concerns, as the ledger keeps it. Absent: all of it. */
  recorded?(state: S, finding: Finding<Data>): S;
  /** Pure: how a change that is too large to be recorded at once is made in parts. Absent: it is not made. */
  readonly parts?: Parts<S, Data>;
  /** Pure: whether every tick looks at it, because what makes it a breach can change unheard. */
  isWatched?(state: S, settings: Settings): boolean;
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
  /**
   * Reads: all such resources of the clients' account and region with their state, page by page.
   * @param from a page's `next`: where to go on
   */
  inventory(
    clients: Clients,
    scope: { account: string; region: string; partition: string },
    settings: Settings,
    from?: string,
  ): AsyncIterable<Page<Hints, S>>;
}

/** An error that no retry can mend; its message goes to people as it is. */
export const finalError = (code: string, message: string): Error =>
  Object.assign(new Error(message), { code, final: true });
