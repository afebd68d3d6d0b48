import type { IpPermission, SecurityGroupRule } from "@aws-sdk/client-ec2";
import { awsError, type Call } from "../../ground/call";
import { canonicalCidr } from "../../iam/cidr";

/** The rules of a call in either of its forms, one source each. */
export interface Asked {
  readonly permission: IpPermission;
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
  readonly source: string;
}

/** The flat form (CidrIp, FromPort …) names one rule. */
export function permissionsOf({ input }: Call): IpPermission[] {
  const given = input as {
    IpPermissions?: IpPermission[];
    IpProtocol?: string;
    FromPort?: number;
    ToPort?: number;
    CidrIp?: string;
    SourceSecurityGroupName?: string;
  };
  if (given.IpPermissions?.length) return given.IpPermissions;
  if (given.IpProtocol === undefined && given.CidrIp === undefined) return [];
  if (given.SourceSecurityGroupName !== undefined)
    throw awsError(
      "InvalidParameterCombination",
      "The parameter SourceSecurityGroupName may not be used in a VPC",
    );
  const { IpProtocol, FromPort, ToPort, CidrIp } = given;
  if (CidrIp === undefined)
    throw awsError("MissingParameter", "The request must contain the parameter cidrIp");
  return [{ IpProtocol, FromPort, ToPort, IpRanges: [{ CidrIp }] }];
}

export function normalised(permission: IpPermission): IpPermission {
  if (permission.IpProtocol === undefined)
    throw awsError(
      "InvalidParameterValue",
      "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly.",
    );
  const protocol = protocolOf(permission.IpProtocol);
  const { FromPort = -1, ToPort = -1 } = permission;
  const ported = protocol === "tcp" || protocol === "udp";
  if (ported && (permission.FromPort === undefined || permission.ToPort === undefined))
    throw awsError(
      "InvalidParameterValue",
      "Invalid value for portRange. Must specify both from and to ports with TCP/UDP.",
    );
  if (ported && (FromPort < 0 || ToPort > 65_535 || FromPort > ToPort))
    throw awsError("InvalidParameterValue", `Invalid value '${FromPort}-${ToPort}' for portRange.`);
  return {
    ...permission,
    IpProtocol: protocol,
    ...(protocol === "-1" ? { FromPort: undefined, ToPort: undefined } : { FromPort, ToPort }),
    IpRanges: permission.IpRanges?.map(range => ({ ...range, CidrIp: canonicalCidr(range.CidrIp ?? "") })),
    Ipv6Ranges: permission.Ipv6Ranges?.map(range => ({
      ...range,
      CidrIpv6: canonicalCidr(range.CidrIpv6 ?? ""),
    })),
  };
}

export const protocolOf = (name: string): string => {
  const known: Record<string, string> = { "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", all: "-1" };
  return known[name.toLowerCase()] ?? name.toLowerCase();
};

export function split(permission: IpPermission): Asked[] {
  const list = [
    ...(permission.IpRanges ?? []).map(range => range.CidrIp),
    ...(permission.Ipv6Ranges ?? []).map(range => range.CidrIpv6),
    ...(permission.PrefixListIds ?? []).map(list => list.PrefixListId),
    ...(permission.UserIdGroupPairs ?? []).map(pair => pair.GroupId),
  ];
  const { IpProtocol = "", FromPort = -1, ToPort = -1 } = permission;
  return list.map(source => ({
    permission,
    protocol: IpProtocol,
    from: FromPort,
    to: ToPort,
    source: source ?? "",
  }));
}

export const keyOf = ({ protocol, from, to, source }: Asked): string => `${protocol} ${from} ${to} ${source}`;

export function keyOfRule(rule: SecurityGroupRule & { ReferencedGroupId?: string }): string {
  const protocol = protocolOf(rule.IpProtocol ?? "");
  const source =
    rule.CidrIpv4 ??
    rule.CidrIpv6 ??
    rule.PrefixListId ??
    rule.ReferencedGroupInfo?.GroupId ??
    rule.ReferencedGroupId;
  const [from, to] = protocol === "-1" ? [-1, -1] : [rule.FromPort ?? -1, rule.ToPort ?? -1];
  return `${protocol} ${from} ${to} ${source ?? ""}`;
}

export function duplicate(one: Asked) {
  const ports =
    one.protocol === "-1"
      ? "ALL"
      : `${one.protocol.toUpperCase()}, from port: ${one.from}, to port: ${one.to}, ALLOW`;
  return awsError(
    "InvalidPermission.Duplicate",
    `the specified rule "peer: ${one.source}, ${ports}" already exists`,
  );
}

/** Rules for every protocol have no ports; answers say -1. */
export const withUnsetPorts = (rule: SecurityGroupRule): SecurityGroupRule => ({
  ...rule,
  FromPort: rule.FromPort ?? -1,
  ToPort: rule.ToPort ?? -1,
});
