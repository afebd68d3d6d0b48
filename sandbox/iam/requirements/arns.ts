import { partitionOf } from "../../../runtime/aws/partition";
import type { Call, Place } from "../../ground/call";

/** What only the account's state knows about a call's resources. Whatever does not exist answers undefined. */
export interface Lookups {
  /** The full ARN, path included, of a role, user, group or instance profile by its name. */
  iamArn(
    kind: "role" | "user" | "group" | "instance-profile",
    name: string,
    place: Place,
  ): Promise<string | undefined>;
  /** The key ARN behind a KMS key id, alias name, alias ARN or key ARN. */
  kmsKeyArn(keyId: string, place: Place): Promise<string | undefined>;
  /** The id of a security group by its name, in a VPC or the default VPC. */
  securityGroupId(name: string, place: Place, vpcId?: string): Promise<string | undefined>;
  /** The ARN of the role that an instance profile passes on, by the profile's name or ARN. */
  instanceProfileRole(profile: string, place: Place): Promise<string | undefined>;
}

/** Resource type of the Service Authorization Reference → the ARNs that the call names. */
export type Named = Readonly<Record<string, readonly (string | undefined)[] | undefined>>;

export type Input = Call["input"];
export type Reader = (call: Call, lookups: Lookups, action: string) => Named | Promise<Named>;

export const text = (value: unknown): string | undefined =>
  typeof value === "string" && value ? value : undefined;
export const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter(
    (item): item is string => typeof item === "string" && item !== "",
  );
export const objects = (value: unknown): Input[] =>
  (Array.isArray(value) ? value : [value]).filter(
    item => typeof item === "object" && item !== null,
  ) as Input[];
export const when = <T>(value: T | undefined, make: (value: T) => string) =>
  value === undefined ? [] : [make(value)];

/** An ARN of the call's partition; leave region or account empty for those services that have none. */
export const arn = (
  place: Place,
  service: string,
  resource: string,
  region = place.region,
  account = place.account,
) => `arn:${partitionOf(place.region).id}:${service}:${region}:${account}:${resource}`;

/** A name, or the ARN that already is one. */
export const named = (call: Place, value: unknown, service: string, prefix: string) =>
  textsOf(value).map(name => (name.startsWith("arn:") ? name : arn(call, service, `${prefix}${name}`)));
