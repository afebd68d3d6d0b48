import { type GuardrailEvent, objectAt, textAt } from "../../../runtime/events";
import type { Naming, Resource } from "../../../runtime/guardrail";
import {
  attachment,
  closedGroupId,
  type IngressChange,
  ingressChange,
  isOtherAttribute,
  listChange,
  listsNamed,
  mayAttachUnnamed,
} from "./changes";
import type { IngressHints } from "./assess";
import { guardedPorts, isGuarded, isOpenAlone, isWorldwide, type OpeningSettings } from "./openings";
import { arnOf } from "../../../runtime/aws/partition";

type Found = Resource<IngressHints>;
type Named = Naming<IngressHints>;

/** A sweep knows of no change. */
export const nothingNew: IngressHints = {
  route: "sweep",
  ruleIds: [],
  admissions: [],
  byName: "",
  attachedTo: [],
};

export const groupAt = (id: string, account: string, region: string, hints: IngressHints): Found => {
  const arn = arnOf("ec2", region, account, `security-group/${id}`);
  return { arn, type: "AWS::EC2::SecurityGroup", id, region, account, hints };
};
export const listAt = (id: string, account: string, region: string, hints: IngressHints): Found => {
  const arn = arnOf("ec2", region, account, `prefix-list/${id}`);
  return { arn, type: "AWS::EC2::PrefixList", id, region, account, hints };
};

/** Every group, and every prefix list, that an event may have opened; for each what the event says about it. */
export function ingressResources(event: GuardrailEvent, settings: OpeningSettings): Named {
  switch (textAt(event.detail, "eventName")) {
    case "AuthorizeSecurityGroupIngress":
    case "ModifySecurityGroupRules":
      return changedGroup(event, settings);
    case "RevokeSecurityGroupIngress":
      return closedGroup(event);
    case "ModifyManagedPrefixList":
    case "RestoreManagedPrefixListVersion":
      return changedLists(event, settings);
    default:
      return attachedGroups(event);
  }
}

function changedGroup(event: GuardrailEvent, settings: OpeningSettings): Named {
  const change = ingressChange(event);
  const { groupId, groupName, ruleIds, admissions } = change;
  const { account, region } = event;
  const id = groupId ?? groupName;
  if (id === undefined) return { unreadable: "the group's id" };
  const isChange = event.detail.eventName === "ModifySecurityGroupRules";
  const route = isChange ? "rule-changed" : "rule-added";
  const byName = groupId === undefined ? arnOf("ec2", region, account, "security-group/") : "";
  const hints: IngressHints = { ...nothingNew, route, ruleIds, admissions, byName };
  const group: Found = {
    ...groupAt(id, account, region, hints),
    ...(!isChange && ruleIds.length > 0 && { fresh: ruleIds }),
    ...(admissions.some(one => isOpenAlone(one, settings)) && { claim: "breach" as const }),
  };
  return [group, ...referredLists(event, change, settings)];
}

/** The prefix lists by which a new rule lets somebody reach a guarded port: whoever owns one decides who that is. */
function referredLists(
  event: GuardrailEvent,
  { admissions }: IngressChange,
  settings: OpeningSettings,
): Found[] {
  const { account, region } = event;
  const lists = listsNamed(event);
  const rules = admissions.filter(
    rule => lists.includes(rule.source) && isGuarded(rule, guardedPorts(settings)),
  );
  return [...new Set(rules.map(({ source }) => source))].map(id =>
    listAt(id, account, region, { ...nothingNew, route: "prefix-list-widened" }),
  );
}

/** A call that only closes is heard so that what comes back is told again. */
function closedGroup(event: GuardrailEvent): Named {
  const groupId = closedGroupId(event);
  return groupId === undefined
    ? { elsewhere: "a call that only takes access away" }
    : [groupAt(groupId, event.account, event.region, { ...nothingNew, route: "closed" })];
}

function changedLists(event: GuardrailEvent, settings: OpeningSettings): Named {
  const { listIds, added } = listChange(event);
  if (listIds.length === 0) return { unreadable: "the prefix list's id" };
  const { account, region } = event;
  // EC2 changes a list after it has answered, and a restore does not say what comes back: the first read may be early.
  const mayOpen =
    event.detail.eventName === "RestoreManagedPrefixListVersion" || isWorldwide(added, settings);
  return listIds.map(id => ({
    ...listAt(id, account, region, { ...nothingNew, route: "prefix-list-widened" }),
    ...(mayOpen && { claim: "breach" as const }),
  }));
}

function attachedGroups(event: GuardrailEvent): Named {
  const { groupIds, attachedTo } = attachment(event);
  const hints: IngressHints = { ...nothingNew, route: "group-attached", attachedTo };
  const groups = groupIds.map(id => groupAt(id, event.account, event.region, hints));
  // Of a body that is too long CloudTrail says that it is omitted, which is no answer.
  const answer = objectAt(event.detail, "responseElements");
  const isAnswered = Object.keys(answer).length > 0 && answer.omitted !== true;
  if (groups.length > 0 && (isAnswered || !mayAttachUnnamed(event))) return groups;
  const isAttribute = (textAt(event.detail, "eventName") ?? "").startsWith("Modify");
  return (isAttribute ? isOtherAttribute(event) : isAnswered)
    ? { elsewhere: "it puts no group on an interface" }
    : { unreadable: "the ids of the groups" };
}

export const isList = ({ type }: Found): boolean => type === "AWS::EC2::PrefixList";
export const isInterface = ({ type }: Found): boolean => type === "AWS::EC2::NetworkInterface";
