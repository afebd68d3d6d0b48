import type { AuditRow } from "./audit";
import type { Call, Identity, Place } from "./call";
import type { Decision } from "./decide";
import type { PolicyDocument } from "./policies";
import type { Context } from "./wildcards";

export { evaluate, serviceMay, type Decision, type Principal, type Question } from "./decide";
export type { Context } from "./wildcards";

/** What the gateway is told: `code` and `status` are the service's own for a refused call. */
export type AuthorizeResult =
  | { readonly allowed: true }
  | {
      readonly allowed: false;
      readonly message: string;
      readonly explicit: boolean;
      readonly code: string;
      readonly status: number;
    };

export type Authorize = (call: Call) => Promise<AuthorizeResult>;

/** What a principal has attached: inline, attached and group policies alike. */
export interface PrincipalPolicies {
  readonly policies: readonly PolicyDocument[];
  readonly boundary?: PolicyDocument;
  /** The role's or user's tags, for aws:PrincipalTag. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Reads the account's state, straight, never through the gateway. Whatever does not exist answers undefined. */
export interface PolicyStore {
  /** Of a role session or a user. */
  principal(identity: Identity): Promise<PrincipalPolicies>;
  /**
   * The policy on a resource, by ARN without sub-resource: bucket, topic, queue, function, KMS key, table, event bus,
   * and for a role its trust policy.
   */
  resourcePolicy(arn: string): Promise<PolicyDocument | undefined>;
  /** The tags of any resource by its ARN; `vpcId` of security groups, subnets and interfaces. */
  resourceFacts(
    arn: string,
  ): Promise<{ readonly tags: Readonly<Record<string, string>>; readonly vpcId?: string } | undefined>;
  /** The full ARN, path included, of a role, user, group, policy or instance profile by its name. */
  iamArn(
    kind: "role" | "user" | "group" | "instance-profile",
    name: string,
    place: Place,
  ): Promise<string | undefined>;
  /** The key ARN behind a KMS key id, alias name, alias ARN or key ARN. */
  kmsKeyArn(keyId: string, place: Place): Promise<string | undefined>;
  /** The id of a security group by its name, in a VPC or the default VPC. */
  securityGroupId(name: string, place: Place, vpcId?: string): Promise<string | undefined>;
  /** The role that an instance profile passes on, by the profile's name or ARN. */
  instanceProfileRole(profile: string, place: Place): Promise<string | undefined>;
}

export interface Authorizer {
  readonly authorize: Authorize;
  /** May this identity do this, whatever the call? For what a service does with a role's permissions. */
  may(request: {
    identity: Identity;
    action: string;
    resources: readonly string[];
    place: Place;
    time: number;
    context?: Context;
  }): Promise<Decision>;
  /** May this identity or service assume the role (sts:AssumeRole)? */
  mayAssume(request: {
    by: Identity | string;
    roleArn: string;
    place: Place;
    time: number;
    context?: Context;
  }): Promise<Decision>;
  readonly audit: readonly AuditRow[];
  /** Forgets the audit rows, for a reset of the account. */
  reset(): void;
}
