import { parseCidr } from "../../../runtime/aws/cidr";
import { type GuardrailEvent, objectAt, textAt, toList } from "../../../runtime/events";
import type { Json, JsonObject } from "../../../runtime/json";
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

/** One rule given flat: in a ModifySecurityGroupRules, in an answer, or in the flat form of an Authorize. */
const admissionOf = (rule: unknown): Admission[] => {
  const sources = ["cidrIpv4", "cidrIpv6", "cidrIp", "prefixListId"].map(name => textOf(rule, name));
  const ports = { fromPort: portOf(rule, "fromPort"), toPort: portOf(rule, "toPort") };
  return sources
    .filter(source => source !== undefined)
    .map(source => normal({ protocol: protocolOf(textOf(rule, "ipProtocol")), ...ports, source }));
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
  const parameters = parametersOf(event);
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

/** Every text in a record that matches, wherever it stands; tags are the caller's own words and left out. */
function textsIn(value: Json | undefined, pattern: RegExp): string[] {
  if (typeof value === "string") return pattern.test(value) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap(item => textsIn(item, pattern));
  return Object.entries(objectAt(value))
    .filter(([name]) => !/^tag(Specification)?s?(Set)?$/i.test(name))
    .flatMap(([, item]) => textsIn(item, pattern));
}
const distinct = (texts: string[]): string[] => texts.filter((text, at) => texts.indexOf(text) === at);

const bodies = ({ detail }: GuardrailEvent): Json[] => [
  detail.requestParameters ?? null,
  detail.responseElements ?? null,
];

/**
 * The groups that a launch or an attribute change puts on interfaces, and what they are put on. How the two attribute
 * calls log their group list was never seen, so ids are taken wherever they stand.
 */
export const attachment = (event: GuardrailEvent): { groupIds: string[]; attachedTo: string[] } => ({
  groupIds: distinct(textsIn(bodies(event), /^sg-[0-9a-f]{8,}$/)),
  attachedTo: distinct(textsIn(bodies(event), /^(i|eni)-[0-9a-f]{8,}$/)),
});

/** The prefix list that a call changes, and the blocks that it adds as far as the record says. */
export const listChange = (event: GuardrailEvent): { listIds: string[]; added: string[] } => {
  const parameters = parametersOf(event);
  const added = Object.entries(parameters)
    .filter(([name]) => /^add/i.test(name))
    .flatMap(([, entries]) => textsIn(entries, /^[0-9a-f.:]+\/\d+$/i))
    .filter(text => parseCidr(text) !== undefined);
  return { listIds: distinct(textsIn(bodies(event), /^pl-[0-9a-f]{8,}$/)), added };
};
