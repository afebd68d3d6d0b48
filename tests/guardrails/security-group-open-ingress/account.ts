import type { SecurityGroupRule } from "@aws-sdk/client-ec2";
import type { GuardrailEvent } from "../../../runtime/events";
import { awsError } from "../../support/fakes/client";
import { type FakeAccount, type Filters, filtered, tagsOf } from "../account";

const web = "sg-0aaaaaaaaaaaaaaaa";
const vpc = "vpc-0123456789abcdef0";

export type Rules = { SecurityGroupRules: SecurityGroupRule[] };
/** EC2 takes no rule twice, so that rules which differ by their ids alone differ by their sources here. */
const wide = ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "0.0.0.0/2", "64.0.0.0/2"];
const sourceOf = (id: string): string => wide[Number(`0x${id.slice(-1)}`) % wide.length];
export const isOpen = ({ CidrIpv4, PrefixListId }: SecurityGroupRule): boolean =>
  wide.includes(CidrIpv4 ?? "") || PrefixListId !== undefined;

/** Every security group that is asked for; the first has the event's rules, each SSH from everywhere. */
export function account(event: GuardrailEvent): FakeAccount {
  const record = JSON.stringify(event.detail);
  const named = [...new Set(record.match(/sgr-[0-9a-f]{17}/g) ?? ["sgr-0ffffffffffffffff"])];
  const [list] = record.match(/pl-[0-9a-f]{17}/) ?? [];
  const rules: Record<string, SecurityGroupRule[]> = {};
  const ssh = { IsEgress: false, IpProtocol: "tcp", FromPort: 22, ToPort: 22 };
  const rulesOf = (GroupId: string): SecurityGroupRule[] => {
    const ids = Object.keys(rules).length > 0 ? [GroupId.replace("sg-", "sgr-")] : named;
    return (rules[GroupId] ??= [
      ...ids.map((SecurityGroupRuleId, at) => ({
        ...ssh,
        SecurityGroupRuleId,
        GroupId,
        ...(list !== undefined && at === 0
          ? { PrefixListId: list }
          : { CidrIpv4: sourceOf(SecurityGroupRuleId) }),
      })),
      { ...ssh, SecurityGroupRuleId: "sgr-0eeeeeeeeeeeeeeee", GroupId, CidrIpv4: "198.51.100.0/24" },
    ]);
  };
  const group = (GroupId: string) => ({ GroupId, VpcId: vpc, Tags: tagsOf({ Owner: "team-net" }) });
  return {
    ec2: {
      DescribeSecurityGroupRules: (input: Filters) => ({
        SecurityGroupRules: filtered(input, "group-id").flatMap(rulesOf),
      }),
      DescribeSecurityGroups: (input: Filters & { GroupNames?: string[] }) => ({
        SecurityGroups: (input.GroupNames !== undefined ||
        filtered(input, "ip-permission.prefix-list-id").length > 0
          ? [web]
          : filtered(input, "group-id")
        ).map(group),
      }),
      DescribeManagedPrefixLists: (input: Filters) => ({
        PrefixLists: filtered(input, "prefix-list-id").map(PrefixListId => ({
          PrefixListId,
          OwnerId: event.account,
        })),
      }),
      DescribeNetworkInterfaces: () => ({ NetworkInterfaces: [] }),
      GetManagedPrefixListEntries: () => ({ Entries: [{ Cidr: "0.0.0.0/1" }, { Cidr: "128.0.0.0/1" }] }),
      RevokeSecurityGroupIngress: (input: { GroupId: string; SecurityGroupRuleIds: string[] }) => {
        const ids = rulesOf(input.GroupId).map(rule => rule.SecurityGroupRuleId);
        if (!input.SecurityGroupRuleIds.every(id => ids.includes(id)))
          throw awsError("InvalidSecurityGroupRuleId.NotFound");
        rules[input.GroupId] = rulesOf(input.GroupId).filter(
          ({ SecurityGroupRuleId: id = "" }) => !input.SecurityGroupRuleIds.includes(id),
        );
        return { Return: true };
      },
    },
  };
}
