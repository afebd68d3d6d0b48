import { parseCidr } from "../../../runtime/aws/cidr";
import { type GuardrailEvent, objectAt, textAt, textsAt, toList } from "../../../runtime/events";
import type { Json, JsonObject } from "../../../runtime/json";
import { members } from "./members";
import { type Admission, protocolOf } from "./rules";

/** What a record of AuthorizeSecurityGroupIngress or ModifySecurityGroupRules says. Anything may be missing. */
export interface IngressChange {
  readonly groupId?: string;
  /** The call named the group by name only, and its answer is missing: a group of the default VPC. */
  readonly groupName?: string;
  readonly ruleIds: string[];
  readonly admissions: Admission[];
}

/** A member in either of CloudTrail's spellings: `groupId`, or `GroupId` in the calls that log what was sent. */
const member = (value: unknown, name: string): Json | undefined => {
  const object = objectAt(value);
  return object[name] ?? object[name[0].toUpperCase() + name.slice(1)];
};
const textOf = (value: unknown, name: string): string | undefined =>
  textAt({ value: member(value, name) ?? null }, "value");
/** CloudTrail writes ports as numbers, in some records as text; without ports a rule means all of them. */
const portOf = (value: unknown, name: string): number => {
  const port = Number(textOf(value, name) ?? -1);
  return Number.isInteger(port) ? port : -1;
};

/** The parameters of a call: at the top, or under the `<Operation>Request` of calls that log what was sent. */
const parametersOf = ({ detail }: GuardrailEvent): JsonObject => {
  const parameters = objectAt(detail, "requestParameters");
  const wrapped = objectAt(parameters, `${textAt(detail, "eventName")}Request`);
  return Object.keys(wrapped).length > 0 ? wrapped : parameters;
};

const isCidr = (text: string): boolean => parseCidr(text) !== undefined;
const isGroupId = (text: string): boolean => /^sg-[0-9a-f]{8,17}$/.test(text);
const isListId = (text: string): boolean => /^pl-[0-9a-f]{8,17}$/.test(text);
/** The members of a rule that say from where it admits, and what each can be: only one of them can be a list. */
const sources = { cidrIpv4: isCidr, cidrIpv6: isCidr, cidrIp: isCidr, prefixListId: isListId };

/** One rule given flat: in a ModifySecurityGroupRules, in an answer, or in the flat form of an Authorize. */
const admissionOf = (rule: unknown): Admission[] => {
  const ports = { fromPort: portOf(rule, "fromPort"), toPort: portOf(rule, "toPort") };
  const protocol = protocolOf(textOf(rule, "ipProtocol"));
  return Object.entries(sources).flatMap(([name, isSource]) => {
    const source = textOf(rule, name);
    return source !== undefined && isSource(source) ? [normal({ protocol, ...ports, source })] : [];
  });
};
const normal = (admission: Admission): Admission =>
  admission.protocol === "-1" ? { ...admission, fromPort: -1, toPort: -1 } : admission;

const listed = { ipRanges: "cidrIp", ipv6Ranges: "cidrIpv6", prefixListIds: "prefixListId" };

/** One permission of an Authorize: protocol and ports, and lists of sources. */
const admissionsOf = (permission: Json): Admission[] =>
  Object.entries(listed).flatMap(([list, name]) =>
    toList(member(permission, list)).flatMap(entry =>
      admissionOf({
        ...objectAt(permission),
        [name]: textOf(entry, name) ?? null,
      }),
    ),
  );

/** Every request shape of AuthorizeSecurityGroupIngress, the answer first: only it has rule ids. */
function authorized(event: GuardrailEvent): IngressChange {
  const parameters = objectAt(event.detail, "requestParameters");
  const rules = toList(objectAt(event.detail, "responseElements").securityGroupRuleSet);
  const asked = [
    ...toList(member(parameters, "ipPermissions")).flatMap(admissionsOf),
    ...admissionOf(parameters),
  ];
  const groupId = textOf(parameters, "groupId") ?? textOf(rules[0], "groupId");
  return {
    groupId,
    groupName: groupId === undefined ? textOf(parameters, "groupName") : undefined,
    ruleIds: rules.map(rule => textOf(rule, "securityGroupRuleId")).filter(id => id !== undefined),
    admissions: asked.length > 0 ? asked : rules.flatMap(admissionOf),
  };
}

/** Each changed rule comes with its id beside the rule that it became; in one record seen in part, in upper case. */
function modified(event: GuardrailEvent): IngressChange {
  const parameters = parametersOf(event);
  const lists = ["securityGroupRule", "securityGroupRules", "securityGroupRuleSet"];
  const updates = lists.flatMap(name => toList(member(parameters, name)));
  return {
    groupId: textOf(parameters, "groupId"),
    ruleIds: updates.map(one => textOf(one, "securityGroupRuleId")).filter(id => id !== undefined),
    admissions: updates.flatMap(one => admissionOf(member(one, "securityGroupRule"))),
  };
}

/** What was asked for, and which rules it made or changed. */
export const ingressChange = (event: GuardrailEvent): IngressChange =>
  textAt(event.detail, "eventName") === "ModifySecurityGroupRules" ? modified(event) : authorized(event);

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)];

/** The texts of those members of a record that name something of this kind. */
const namedIn = (
  event: GuardrailEvent,
  paths: readonly string[],
  isOne: (text: string) => boolean,
): string[] => distinct(paths.flatMap(path => textsAt(event.detail, path)).filter(isOne));

const nameOf = ({ detail }: GuardrailEvent): string => textAt(detail, "eventName") ?? "";
const membersOf = (event: GuardrailEvent): readonly string[] =>
  Object.hasOwn(members, nameOf(event)) ? members[nameOf(event) as keyof typeof members] : [];

/** What a launch or an attribute change puts groups on. */
const carriers = [
  "responseElements.instancesSet.instanceId",
  "responseElements.instancesSet.networkInterfaceSet.networkInterfaceId",
  "responseElements.networkInterface.networkInterfaceId",
  "requestParameters.instanceId",
  "requestParameters.networkInterfaceId",
  "requestParameters.ModifyInstanceAttributeRequest.InstanceId",
  "requestParameters.ModifyNetworkInterfaceAttributeRequest.NetworkInterfaceId",
];

/** The group in which a call removed rules. */
export const closedGroupId = (event: GuardrailEvent): string | undefined =>
  namedIn(event, membersOf(event), isGroupId)[0];

/** The prefix lists that a call names in the rules that it makes or changes. */
export const listsNamed = (event: GuardrailEvent): string[] => namedIn(event, membersOf(event), isListId);

/** The groups that a launch or an attribute change puts on interfaces, and what they are put on. */
export const attachment = (event: GuardrailEvent): { groupIds: string[]; attachedTo: string[] } => ({
  groupIds: namedIn(event, membersOf(event), isGroupId),
  attachedTo: namedIn(event, carriers, text => /^(i|eni)-[0-9a-f]{8,17}$/.test(text)),
});

/** Whether a call may put other groups on interfaces than it names: its template's, or those of an interface without any. */
export const mayAttachUnnamed = (event: GuardrailEvent): boolean => {
  const parameters = parametersOf(event);
  const interfaces = toList(member(parameters, "networkInterfaceSet"));
  return (
    member(parameters, "launchTemplate") !== undefined ||
    interfaces.some(one => toList(member(one, "groupSet")).length === 0)
  );
};

/** Every other attribute that the two attribute calls change: one per call. */
const otherAttributes =
  /^(attachment|associatePublicIpAddress|associatedSubnetIdSet|attribute|blockDeviceMapping|connectionTrackingSpecification|description|disableApiStop|disableApiTermination|ebsOptimized|enaSrdSpecification|enaSupport|enablePrimaryIpv6|instanceInitiatedShutdownBehavior|instanceType|kernel|ramdisk|sourceDestCheck|sriovNetSupport|userData|value)$/i;

/** Whether an attribute call surely changed something other than groups. */
export const isOtherAttribute = (event: GuardrailEvent): boolean =>
  Object.keys(parametersOf(event)).some(name => otherAttributes.test(name));

/** The prefix list that a call changes, and the blocks that it adds as far as the record says. */
export function listChange(event: GuardrailEvent): { listIds: string[]; added: string[] } {
  const parameters = parametersOf(event);
  const entries = ["addEntrySet", "addEntries", "addEntry"].flatMap(name => toList(member(parameters, name)));
  const added = entries.flatMap(entry => textOf(entry, "cidr") ?? []);
  return {
    listIds: listsNamed(event),
    added: added.filter(isCidr),
  };
}
