import type { IpPermission, SecurityGroupRule } from "@aws-sdk/client-ec2";
import { isSameSource } from "../../../runtime/aws/cidr";
import { tagsRead } from "../../../runtime/aws/tags";

/**
 * What an ingress rule admits. `protocol` in EC2's canonical spelling (tcp, udp, icmp, …, "-1" for all); the ports of
 * "-1" are -1. `source` is a CIDR block, a prefix list's id or a security group's id.
 */
export type Admission = { protocol: string; fromPort: number; toPort: number; source: string };

/** An ingress rule as read from EC2: plain JSON, complete enough to be made again. */
export type IngressRule = Admission & { ruleId: string; description: string; tags: Record<string, string> };

/** The ingress side of a security group, and what is in the prefix lists that guarded ports depend on. */
export type IngressState = {
  kind: "security-group";
  groupId: string;
  rules: IngressRule[];
  /** Prefix list id → CIDR blocks, sorted. */
  lists: Record<string, string[]>;
  /** Its interfaces that route or balance for others, where a rule for all protocols, or a sweep, makes it worth a read. */
  appliances?: Appliance[];
  /** How many interfaces have it, where an event put it on one more. */
  uses?: number;
};

/** An interface that carries traffic for others, and what shows it. */
export type Appliance = { id: string; what: string };

/** EC2 takes protocols by name and by number, and answers with names for these two. */
export function protocolOf(text: string | undefined): string {
  const protocol = (text ?? "-1").toLowerCase();
  return protocol === "6" ? "tcp" : protocol === "17" ? "udp" : protocol === "all" ? "-1" : protocol;
}

/** A rule of DescribeSecurityGroupRules, as we keep it. */
export const ruleRead = (rule: SecurityGroupRule): IngressRule => ({
  ruleId: rule.SecurityGroupRuleId ?? "",
  protocol: protocolOf(rule.IpProtocol),
  fromPort: rule.FromPort ?? -1,
  toPort: rule.ToPort ?? -1,
  source: rule.CidrIpv4 ?? rule.CidrIpv6 ?? rule.PrefixListId ?? rule.ReferencedGroupInfo?.GroupId ?? "",
  description: rule.Description ?? "",
  tags: tagsRead(rule.Tags),
});

/** EC2 refuses a second rule that admits the same, so what a rule admits identifies it within its group. */
export const isSameAdmission = (one: Admission, other: Admission): boolean =>
  one.protocol === other.protocol &&
  one.fromPort === other.fromPort &&
  one.toPort === other.toPort &&
  isSameSource(one.source, other.source);

/** Whether a rule lets this transport protocol in on this port, from wherever. */
export const admitsPort = (rule: Admission, transport: string, port: number): boolean =>
  rule.protocol === "-1" || (rule.protocol === transport && rule.fromPort <= port && port <= rule.toPort);

export const isPrefixList = (source: string): boolean => source.startsWith("pl-");
export const isGroup = (source: string): boolean => source.startsWith("sg-");

/** The permission by which a rule that admitted CIDR blocks or a prefix list is made again. */
export function permissionOf(rule: IngressRule): IpPermission {
  const Description = rule.description === "" ? undefined : rule.description;
  const ports = rule.protocol === "-1" ? {} : { FromPort: rule.fromPort, ToPort: rule.toPort };
  const permission = { IpProtocol: rule.protocol, ...ports };
  if (isPrefixList(rule.source))
    return { ...permission, PrefixListIds: [{ PrefixListId: rule.source, Description }] };
  return rule.source.includes(":")
    ? { ...permission, Ipv6Ranges: [{ CidrIpv6: rule.source, Description }] }
    : { ...permission, IpRanges: [{ CidrIp: rule.source, Description }] };
}
