import type { z } from "zod";
import type { EventClaim } from "../runtime/events";
import type { Json, JsonObject } from "../runtime/json";
import type { GuardrailRuntime, Severity, State } from "../runtime/guardrail";
import type { Trusted } from "../runtime/who/who";

/** An event pattern in AWS's own spelling; EventBridge gets it as it is, plus the exclusion of the guardrail's own role. */
export type EventPattern = EventClaim & JsonObject & { readonly detail?: JsonObject };

/**
 * What starts a guardrail. `regional`: a rule in every covered region. `global`: a rule in the partition's home of
 * global services (IAM, sign-in). A schedule is an EventBridge schedule expression, e.g. "rate(1 day)".
 */
export type Trigger =
  | { readonly scope: "regional" | "global"; readonly pattern: EventPattern }
  | { readonly scope: "regional"; readonly schedule: string };

/** Spread into `detail` of every pattern on API calls: failed and denied calls, and EC2 dry runs, carry an errorCode. */
export const succeeded = { errorCode: [{ exists: false }] };

/** One IAM statement. `*` as a resource needs a `reason`, quoted in the generated documentation. */
export interface Statement {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  readonly reason?: string;
}

/** A statement that writes, with what it would allow beyond what the code does: IAM has no condition that holds it. */
export interface WriteStatement extends Statement {
  /** A whole sentence for people, e.g. "Any rule of any security group of the account can be removed with it.". */
  readonly unheld: string;
}

/**
 * What each part may call. What the code writes only ever takes access away or adds protection; where a permission
 * reaches further, `unheld` says so. `inventory` finds resources where no event names them and needs `read` besides: for
 * sweeps, so a function holds it unless the stack says `sweep: off` or the mode is `observe`. No function holds `undo`,
 * which may widen access and runs with an operator's credentials.
 */
export interface Permissions {
  readonly read: readonly Statement[];
  readonly write: readonly WriteStatement[];
  readonly undo: readonly Statement[];
  readonly inventory: readonly Statement[];
}

/** Where a stack's permissions apply. */
export interface Scope<Settings> {
  readonly partition: string;
  readonly account: string;
  /** The stack's home region, where its functions run. */
  readonly region: string;
  /** Every region that the stack covers, home among them: what a function inspects and puts right may be in any. */
  readonly regions: readonly string[];
  readonly settings: Settings;
}

/**
 * Stack-wide settings that a guardrail may need, and finds in its own; the stack config refuses to enable it without
 * those that have no default.
 */
export type StackSetting = keyof StackSettings;

/** The administrators' security group: one id, an id per VPC, or the tags by which it is found in a VPC. */
export type AdminSecurityGroup = string | { [vpcId: string]: string } | { tag: { [key: string]: string } };
export interface StackSettings {
  readonly adminSecurityGroupId: AdminSecurityGroup;
  /** Always there; without a word of the stack config it names nobody. */
  readonly trusted: Trusted;
}

interface Words {
  /** kebab-case, the file's name. */
  readonly id: string;
  /** Imperative, at most 60 characters, no full stop. */
  readonly title: string;
  /** One or two sentences: what goes wrong without it. */
  readonly why: string;
  readonly severity: Severity;
  readonly triggers: readonly Trigger[];
}

/** Rule → SNS with an input transformer and no function: pure data. */
export interface DirectDefinition extends Words {
  readonly kind: "direct";
  readonly notice: {
    /** Variable → JSONPath into the event; EventBridge renders an absent path as nothing. */
    readonly paths: Readonly<Record<string, string>>;
    /** Lines of text with `<variable>` places. */
    readonly lines: readonly string[];
  };
}

/** Through a function that inspects and, in `enforce`, repairs. */
export interface InspectingDefinition<
  Knobs extends z.ZodObject = z.ZodObject,
  Needs extends StackSetting = never,
  Clients = unknown,
  Hints = unknown,
  S extends State = State,
  Data extends Json = Json,
>
  extends Words, GuardrailRuntime<z.output<Knobs> & Pick<StackSettings, Needs>, Clients, Hints, S, Data> {
  readonly kind: "inspecting";
  /** The guardrail's own knobs with their defaults, a `z.strictObject`; every field has `.describe("…")`. */
  readonly settings: Knobs;
  /** Names that knobs once had → their names now: an old one is still read, with a warning. */
  readonly formerly?: Readonly<Record<string, keyof z.output<Knobs> & string>>;
  readonly needs: readonly Needs[];
  /** Knobs that name a KMS key which it writes, as ARN or id: `pulumi up` fails where such a key could not be used. */
  readonly keys?: readonly (keyof z.output<Knobs> & string)[];
  /** How many resources it may put right in an hour unless the stack says otherwise; when left out, its kind's number. */
  readonly budget?: number;
  /**
   * Event name → the members of its record that name a resource, from `detail` on, without CloudTrail's wrappers of lists
   * (`items`, `item`, `content`), e.g. `responseElements.instancesSet.instanceId`. `resources` names by nothing else.
   */
  readonly members: Readonly<Record<string, readonly string[]>>;
  readonly permissions: (scope: Scope<z.output<Knobs> & Pick<StackSettings, Needs>>) => Permissions;
}

/* The catalogue holds definitions of many types; only their own members meet their own types. */
/* eslint-disable-next-line @typescript-eslint/no-explicit-any */
export type AnyInspecting = InspectingDefinition<any, StackSetting, any, any, any, any>;
/** What the kinds differ in is in kinds.ts: ask it instead of comparing `kind`. */
export type Definition = DirectDefinition | AnyInspecting;

/** Gives a definition its types; the identity function otherwise. */
export function defineGuardrail<
  const Id extends string,
  Knobs extends z.ZodObject,
  Needs extends StackSetting,
  Clients,
  Hints,
  S extends State,
  Data extends Json,
>(definition: { id: Id } & Omit<InspectingDefinition<Knobs, Needs, Clients, Hints, S, Data>, "kind">) {
  return { kind: "inspecting" as const, ...definition };
}

/** Gives a definition without a function its types. */
export const defineDirect = <const Id extends string>(
  definition: { id: Id } & Omit<DirectDefinition, "kind">,
) => ({
  kind: "direct" as const,
  ...definition,
});
