import { type GuardrailEvent, textAt } from "../../../runtime/events";
import type { Resource } from "../../../runtime/guardrail";
import { attachment, ingressChange, listChange } from "./changes";
import { type IngressHints, isOpenAlone, isWorldwide, type OpenIngressSettings } from "./assess";
import { arnOf } from "../../../runtime/aws/partition";

type Found = Resource<IngressHints>;

/** A sweep knows of no change. */
export const nothingNew: IngressHints = {
  route: "sweep",
  ruleIds: [],
  admissions: [],
  byName: false,
  attachedTo: [],
};

export const groupAt = (id: string, account: string, region: string, hints: IngressHints): Found => {
  const arn = arnOf("ec2", region, account, `security-group/${id}`);
  return { arn, type: "AWS::EC2::SecurityGroup", id, region, account, hints };
};

/** Every group, and every prefix list, that an event may have opened; for each what the event says about it. */
export function ingressResources(event: GuardrailEvent, settings: OpenIngressSettings): Found[] {
  const { account, region } = event;
  switch (textAt(event.detail, "eventName")) {
    case "AuthorizeSecurityGroupIngress":
    case "ModifySecurityGroupRules":
      return changedGroup(event, settings);
    case "ModifyManagedPrefixList":
    case "RestoreManagedPrefixListVersion":
      return changedLists(event, settings);
    default: {
      // A service repeats a launch for every instance: what it attaches stands in its template.
      if (textAt(event.detail, "userIdentity", "invokedBy")?.endsWith(".amazonaws.com")) return [];
      const { groupIds, attachedTo } = attachment(event);
      const hints: IngressHints = { ...nothingNew, route: "group-attached", attachedTo };
      return groupIds.map(id => groupAt(id, account, region, hints));
    }
  }
}

function changedGroup(event: GuardrailEvent, settings: OpenIngressSettings): Found[] {
  const { groupId, groupName, ruleIds, admissions } = ingressChange(event);
  const id = groupId ?? groupName;
  if (id === undefined) return [];
  const isChange = event.detail.eventName === "ModifySecurityGroupRules";
  const route = isChange ? "rule-changed" : "rule-added";
  const hints: IngressHints = { ...nothingNew, route, ruleIds, admissions, byName: groupId === undefined };
  const group = groupAt(id, event.account, event.region, hints);
  return [admissions.some(one => isOpenAlone(one, settings)) ? { ...group, claim: "breach" } : group];
}

function changedLists(event: GuardrailEvent, settings: OpenIngressSettings): Found[] {
  const { listIds, added } = listChange(event);
  const { account, region } = event;
  // EC2 changes a list after it has answered, and a restore does not say what comes back: the first read may be early.
  const mayOpen =
    event.detail.eventName === "RestoreManagedPrefixListVersion" || isWorldwide(added, settings);
  return listIds.map(id => ({
    arn: arnOf("ec2", region, account, `prefix-list/${id}`),
    type: "AWS::EC2::PrefixList",
    id,
    region,
    account,
    hints: { ...nothingNew, route: "prefix-list-widened" as const },
    ...(mayOpen && { claim: "breach" as const }),
  }));
}

export const isList = ({ type }: Found): boolean => type === "AWS::EC2::PrefixList";
