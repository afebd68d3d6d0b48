import type { Proof } from "../proof";
import { account, isOpen, type Rules } from "./account";
import { breach } from "./breach";
import { mutations } from "./mutations";
import { simulation } from "./simulation";
import { steps } from "./steps";

export const proof: Proof = {
  kind: "writing",
  settings: {},
  alone: { trusted: { accounts: [] } },
  account,
  confirms: {
    RevokeSecurityGroupIngress: (
      input: { GroupId: string; SecurityGroupRuleIds: string[] },
      { holds, ask },
    ) => {
      const Filters = [{ Name: "group-id", Values: [input.GroupId] }];
      const { SecurityGroupRules } = ask("ec2", "DescribeSecurityGroupRules", { Filters }) as Rules;
      const open = SecurityGroupRules.filter(isOpen).map(({ SecurityGroupRuleId: id }) => id);
      return holds(input.GroupId) && input.SecurityGroupRuleIds.every(id => open.includes(id));
    },
  },
  breach,
  simulation,
  writes: { "ec2:RevokeSecurityGroupIngress": { reason: "takes access away" } },
  steps,
  unused: { "ec2:GetManagedPrefixListEntries": "a rule that lets in a prefix list" },
  mutations,
};
