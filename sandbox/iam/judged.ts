import type { Account } from "../state/account";
import type { Arn } from "../state/stored";
import type { Call, Place } from "../ground/call";
import type { PolicyDocument } from "./policies";
import type { Context } from "./wildcards";

/** Said instead of a member that AWS has and the sandbox has not: what is missing, in words. */
export interface Lacks {
  readonly lacks: string;
}
export const lacks = (what: string): Lacks => ({ lacks: what });
export const isLacking = (member: unknown): member is Lacks =>
  typeof member === "object" && member !== null && "lacks" in member;

export type Input = Call["input"];

/** Finds what only the account's state knows, e.g. the ARN behind "kms:key" alias/data; undefined: there is none. */
export type Find = (kind: Kind, name: string, place: Place, within?: string) => Promise<string | undefined>;

/** "<service>:<what>": the finder of that service. */
export type Kind = `${string}:${string}`;

/** One action of a call, whose resources are asked for. */
export interface Asked {
  readonly call: Call;
  readonly input: Input;
  /** With its prefix, e.g. s3:PutObject. */
  readonly action: string;
  readonly find: Find;
  /** The types of resource that the action has in the Service Authorization Reference. */
  readonly types: readonly { readonly name: string; readonly required: boolean }[];
  readonly isReading: boolean;
  /** The error for a call whose resources cannot be told. */
  refusal(why: string): Error;
}

/**
 * Resource type of the Service Authorization Reference → what the call names: ARNs, or names, which the published
 * ARN is completed with ("t" or "t/index/i" for a table; "*": any).
 */
export type Named = Readonly<Record<string, readonly (string | undefined)[] | undefined>>;

/** In place of a resource: IAM is asked about "*", though the action has resources. */
export const noResource = "arn:none";

type Name = string | readonly string[] | ((input: Input) => string | readonly string[]);
export type Value = string | readonly string[] | undefined;

/** What policies may ask of a resource. */
export interface ResourceFacts {
  readonly tags: Readonly<Record<string, string>>;
  /** Condition keys of the service that the resource answers: the `factKeys` of it that it has. */
  readonly keys?: Context;
}

/** What IAM must know of a service to judge its calls. Every service in sandbox/services is one. */
export interface Judged {
  /** The signing name, or s3-control: what calls and handlers say. */
  readonly name: string;
  /** Of its IAM actions and condition keys, where that is not the name. */
  readonly prefix?: string;
  /** How it answers a refused call; AccessDeniedException, 400 unless said. `says` stands before IAM's words. */
  readonly denial?: { readonly code: string; readonly status: number; readonly says?: string };
  /** The IAM actions of an operation, without prefix, where they are not its own name. */
  readonly actions?: Readonly<Record<string, Name>>;
  /** Operations that need no permission. */
  readonly free?: readonly string[];
  /** Operations that cannot be judged, and why: only the bootstrap key may call them. */
  readonly unjudged?: Readonly<Record<string, string>>;
  /** Operations that the published IAM data does not have yet: refused until it does. */
  readonly newer?: readonly string[];
  /** Where not all operations can be judged but a few: these. */
  readonly judgedOnly?: readonly string[];
  /** The resources that a call touches, by type: see requirements/members.ts for the usual ones. */
  resources(asked: Asked): Named | Promise<Named>;
  /**
   * Condition keys of its own → what a call tells of it. `<key>:*` and `<key>/*` stand for families, whose values are
   * given by their whole keys. What comes from elsewhere (facts, passed roles) is named here as well.
   */
  readonly contextKeys: Readonly<
    Record<string, (call: Call, action: string, find: Find) => Value | Context | Promise<Value | Context>>
  >;
  /** The action that tags given with another call need, without prefix; TagResource unless said. */
  readonly tagging?: string | ((operation: string) => string);
  /** Roles that an operation hands to a service: where their ARNs stand, and the service. */
  readonly passes?: Readonly<Record<string, PassedRole>>;
  /** Further actions that members of a call need, on the same resources, with their prefix. */
  extraActions?(operation: string, input: Input): string[];
  /** Finders by kind, without the service's name. */
  readonly finders?: Readonly<Record<string, Finder>>;
  /** Tags of its resources, and what else is asked of them, for conditions; "none" where AWS has no tags there. */
  readonly facts: FactsReader | Lacks | "none";
  /** Condition keys of its own that facts answer, but for `<prefix>:ResourceTag/*`. */
  readonly factKeys?: readonly string[];
  /** The account that a resource belongs to, where its ARN does not say: undefined, the caller's. */
  owner?(resource: string, find: Find, place: Place): Promise<string | undefined>;
  /** Policies on its resources; "none" where AWS has none. */
  readonly resourcePolicies: ResourcePolicies | Lacks | "none";
}

export const prefixOf = ({ name, prefix }: Judged): string => prefix ?? name;

export interface PassedRole {
  roles(input: Input, find: Find, place: Place): readonly string[] | Promise<readonly string[]>;
  readonly to: string;
}

export type Finder = (
  account: Account,
  name: string,
  place: Place,
  within?: string,
) => Promise<string | undefined>;

export type FactsReader = (account: Account, arn: Arn) => Promise<ResourceFacts | undefined>;

export interface ResourcePolicies {
  /** The ARN whose policy speaks of this resource, e.g. an object's bucket; undefined: none does. */
  holder(resource: string): string | undefined;
  /** Without that policy nobody gets in; "where it is": but for what has none, since it does not exist. */
  readonly decides?: true | "where it is";
  /** Of a holder in the account's state. */
  read(account: Account, arn: Arn): Promise<PolicyDocument | undefined>;
}
