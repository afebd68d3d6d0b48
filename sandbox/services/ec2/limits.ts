import type { ManagedPrefixList, SecurityGroupRule } from "@aws-sdk/client-ec2";
import { awsError } from "../../ground/call";

/** A rule's or an asked permission's source: a range, sg-… or pl-…. */
export const sourceOf = (rule: SecurityGroupRule): string =>
  rule.CidrIpv4 ?? rule.CidrIpv6 ?? rule.PrefixListId ?? rule.ReferencedGroupInfo?.GroupId ?? "";

/**
 * Sixty rules in a direction, for each address family by itself: a group counts in both, a prefix list with as many
 * entries as it may have in its family, AWS's own lists by weights of theirs (here one).
 * https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html, inbound or outbound rules per security group
 * @throws RulesPerSecurityGroupLimitExceeded
 */
export function checkRuleLimit(sources: readonly string[], lists: readonly ManagedPrefixList[]): void {
  const counts = { IPv4: 0, IPv6: 0 };
  for (const source of sources) {
    const list = lists.find(({ PrefixListId }) => PrefixListId === source);
    const weight = list?.MaxEntries ?? 1;
    const isEither = source.startsWith("sg-");
    if (isEither || (list ? list.AddressFamily !== "IPv6" : !source.includes(":"))) counts.IPv4 += weight;
    if (isEither || (list ? list.AddressFamily === "IPv6" : source.includes(":"))) counts.IPv6 += weight;
  }
  if (Math.max(counts.IPv4, counts.IPv6) > 60)
    throw awsError(
      "RulesPerSecurityGroupLimitExceeded",
      "The maximum number of rules per security group has been reached.",
    );
}
