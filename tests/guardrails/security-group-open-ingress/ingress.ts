import type { StackSettings } from "../../../components/definition";
import type { SecurityGroupRule } from "@aws-sdk/client-ec2";
import { securityGroupOpenIngress as guardrail } from "../../../components/guardrails/security-group-open-ingress";
import { nothingNew } from "../../../components/guardrails/security-group-open-ingress/resources";
import {
  type IngressState,
  ruleRead,
} from "../../../components/guardrails/security-group-open-ingress/rules";
import type { IngressHints } from "../../../components/guardrails/security-group-open-ingress/assess";
import { writtenEvents } from "../../support/events/written";
import { type Known, namedIn } from "../../../runtime/guardrail";

type Settings = ReturnType<typeof guardrail.settings.parse> & Pick<StackSettings, "trusted">;

export const events = writtenEvents("security-group-open-ingress");
export const set = (knobs: Record<string, unknown> = {}): Settings => ({
  ...guardrail.settings.parse(knobs),
  trusted: { accounts: [] },
});
export const group = "sg-0a1b2c3d4e5f60718";
export const list = "pl-0a1b2c3d4e5f60718";
export const ruleId = (n: number): string => `sgr-0${String(n).padStart(16, "0")}`;
export const arn = (id: string): string =>
  `arn:aws:ec2:eu-west-1:123456789012:${id.startsWith("pl-") ? "prefix-list" : "security-group"}/${id}`;
export const named = (name: string, settings = set()) => namedIn(guardrail.resources(events[name], settings));
export const hintsOf = (name: string): IngressHints => named(name)[0].hints;

/** A rule as EC2 answers it: "tcp 22", or "tcp 20-25", or "-1". */
export function rule(
  n: number,
  ports: string,
  source: string,
  rest: Partial<SecurityGroupRule> = {},
): SecurityGroupRule {
  const [IpProtocol, span = "-1"] = ports.split(" ");
  const [from, to = from] = span === "-1" ? ["-1"] : span.split("-");
  const kind = source.startsWith("pl-") ? "PrefixListId" : source.includes(":") ? "CidrIpv6" : "CidrIpv4";
  return {
    SecurityGroupRuleId: ruleId(n),
    GroupId: group,
    GroupOwnerId: "123456789012",
    IsEgress: false,
    IpProtocol,
    FromPort: Number(from),
    ToPort: Number(to),
    [kind]: source,
    ...rest,
  };
}
export const stateOf = (...rules: SecurityGroupRule[]): IngressState => ({
  kind: "security-group",
  groupId: group,
  rules: rules.map(ruleRead),
  lists: {},
});
/** What an event that brought the rules with these numbers knows. */
export const brought = (state: IngressState, ...numbers: number[]): IngressHints => {
  const ids = numbers.map(ruleId);
  const admissions = state.rules.filter(one => ids.includes(one.ruleId));
  return { ...nothingNew, route: "rule-added", ruleIds: ids, admissions };
};
export const assessed = (state: IngressState, hints: IngressHints, settings = set(), known?: Known) =>
  guardrail.assess(state, settings, hints, known);
export const removed = (finding: ReturnType<typeof assessed>): string[] =>
  (finding?.data.remove ?? []).map(one => one.ruleId);
export const leftAlone = (finding: ReturnType<typeof assessed>): string[] =>
  (finding?.data.leave ?? []).map(one => one.ruleId);
export const egress = rule(99, "-1", "0.0.0.0/0", { IsEgress: true });
export const only = (rules: SecurityGroupRule[]) => ({
  DescribeSecurityGroupRules: () => ({ SecurityGroupRules: rules }),
});
