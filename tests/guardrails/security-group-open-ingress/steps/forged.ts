import { DescribeSecurityGroupRulesCommand, EC2Client } from "@aws-sdk/client-ec2";
import type { Stage } from "../../step";
import truthful from "../events/AuthorizeSecurityGroupIngress-by-iam-user.json";
import { groupId } from "./groups";

/** The event of a call that nobody has made: Ada has just opened the first rule of this group, which is older. */
export async function forgedOpening(stage: Stage, group: string): Promise<object> {
  const GroupId = await groupId(stage, group);
  const { SecurityGroupRules = [] } = await stage
    .client(EC2Client, "ada")
    .send(new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: "group-id", Values: [GroupId] }] }));
  const rule = SecurityGroupRules.find(({ IsEgress }) => !IsEgress)?.SecurityGroupRuleId ?? "";
  const answered = truthful.detail.responseElements.securityGroupRuleSet.items[0];
  const changes: readonly (readonly [string, string])[] = [
    ["user/ben", "user/ada"],
    ['"userName":"ben"', '"userName":"ada"'],
    [truthful.account, stage.account],
    [truthful.region, stage.region],
    [answered.groupId, GroupId],
    [answered.securityGroupRuleId, rule],
    [truthful.time, `${new Date(stage.now()).toISOString().slice(0, 19)}Z`],
  ];
  const text = changes.reduce((rest, [from, to]) => rest.replaceAll(from, to), JSON.stringify(truthful));
  return JSON.parse(text) as object;
}
