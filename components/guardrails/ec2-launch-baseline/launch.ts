import { objectAt, textAt, toList, type GuardrailEvent } from "../../../runtime/events";
import type { Json } from "../../../runtime/json";

const pattern = /^(i|vol|eni)-[0-9a-f]{8,17}$/;

/** The ids of instances, volumes and interfaces anywhere in a value, each once, whatever its shape. */
export function idsIn(value: Json | undefined): string[] {
  if (typeof value === "string") return pattern.test(value) ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return [...new Set(Object.values(value).flatMap(idsIn))];
}

/** What an id names. Whatever is neither volume nor interface stands for an instance: its id, or a launch's token. */
export const partOf = (id: string): { kind: "instance" | "volume" | "network-interface"; type: string } =>
  !pattern.test(id) || id.startsWith("i-")
    ? { kind: "instance", type: "AWS::EC2::Instance" }
    : id.startsWith("vol-")
      ? { kind: "volume", type: "AWS::EC2::Volume" }
      : { kind: "network-interface", type: "AWS::EC2::NetworkInterface" };

const launches = ["RunInstances", "CreateFleet", "RequestSpotFleet", "RequestSpotInstances"];
export const isLaunch = (event: GuardrailEvent): boolean => launches.includes(String(event.detail.eventName));

const requestOf = (event: GuardrailEvent): Json => objectAt(event.detail, "requestParameters");

/**
 * The instances of a launch. A response of more than 100 KB is left out of the record; then the launch's client
 * token stands for them, by which DescribeInstances finds them.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export function launchedIn(event: GuardrailEvent): string[] {
  const response = objectAt(event.detail, "responseElements");
  if (event.detail.eventName !== "RunInstances") return idsIn(response).filter(id => id.startsWith("i-"));
  const ids = toList(response.instancesSet).flatMap(item => textAt(item, "instanceId") ?? []);
  const token = textAt(requestOf(event), "clientToken");
  if (ids.length > 0 || token === undefined || !/^[\w:.-]{1,64}$/.test(token)) return [...new Set(ids)];
  return [token];
}

/** What ModifyInstanceAttribute and ModifyNetworkInterfaceAttribute change besides groups, in any spelling. */
const otherAttributes =
  /^(attachment|associatePublicIpAddress|blockDeviceMapping|connectionTrackingSpecification|description|disableApiStop|disableApiTermination|ebsOptimized|enaSrdSpecification|enaSupport|enablePrimaryIpv6|instanceInitiatedShutdownBehavior|instanceType|kernel|ramdisk|sourceDestCheck|sriovNetSupport|userData|associatedSubnetIdSet)$/i;

/**
 * What a call may have taken out of the baseline afterwards: ids of instances, volumes and interfaces. A call that
 * surely changed something else names none; where the record leaves room for doubt, the ids are named and a read
 * decides.
 */
export function changedIn(event: GuardrailEvent): string[] {
  const request = requestOf(event);
  const ids = idsIn(request);
  const { eventName } = event.detail;
  if (eventName === "AttachNetworkInterface") {
    const interfaces = ids.filter(id => id.startsWith("eni-"));
    return interfaces.length > 0 ? interfaces : ids;
  }
  if (eventName === "DeleteTags") return ids;
  const attributes = attributesIn(request).filter(name => !/^(instanceId|networkInterfaceId)$/i.test(name));
  return attributes.length > 0 && attributes.every(name => otherAttributes.test(name)) ? [] : ids;
}

/** The members of a request, also of one that is wrapped in `<Name>Request`; `attribute` names its value's member. */
function attributesIn(request: Json): string[] {
  return Object.entries(objectAt(request)).flatMap(([name, value]) => {
    if (name.endsWith("Request")) return attributesIn(value);
    if (name === "attribute") return typeof value === "string" ? [value] : [];
    return name === "value" || name === "xmlns" ? [] : [name];
  });
}

/**
 * Whether the record itself says that the baseline is broken: a required tag deleted, or a set of groups that holds
 * none of those named. A read that shows the contrary may then be stale.
 */
export function claimsBreach(
  event: GuardrailEvent,
  requiredTags: readonly string[],
  allowedGroups: readonly string[],
): boolean {
  const request = requestOf(event);
  if (event.detail.eventName === "DeleteTags") {
    const keys = textsUnder(request, /^key$/i);
    return keys.length === 0 || keys.some(key => requiredTags.includes(key));
  }
  const groups = textsUnder(request, /./).filter(text => /^sg-[0-9a-f]{8,17}$/.test(text));
  return allowedGroups.length > 0 && groups.length > 0 && !groups.some(id => allowedGroups.includes(id));
}

/** All text of members whose name matches, at any depth; `{tag, content}` holds the text of a member in `content`. */
function textsUnder(value: Json, name: RegExp, isNamed = false): string[] {
  if (typeof value === "string") return isNamed ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(item => textsUnder(item, name, isNamed));
  return Object.entries(value).flatMap(([key, member]) =>
    textsUnder(member, name, name.test(key) || (isNamed && key === "content")),
  );
}
