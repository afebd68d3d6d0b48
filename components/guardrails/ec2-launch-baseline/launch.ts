import { objectAt, principalOf, textAt, textsAt, toList, type GuardrailEvent } from "../../../runtime/events";
import type { Json } from "../../../runtime/json";
import type { Tags } from "../../../runtime/aws/tags";
import { type LaunchTags, launchTagsIn, personTags } from "./tags";

const pattern = /^(i|vol|eni)-[0-9a-f]{8,17}$/;

/** What an id of an instance, a volume or an interface names. */
export const partOf = (id: string): { kind: "instance" | "volume" | "network-interface"; type: string } =>
  id.startsWith("vol-")
    ? { kind: "volume", type: "AWS::EC2::Volume" }
    : id.startsWith("eni-")
      ? { kind: "network-interface", type: "AWS::EC2::NetworkInterface" }
      : { kind: "instance", type: "AWS::EC2::Instance" };

/**
 * Event name → the members of its record that name an instance or a part of one. Nothing else in a record does: names,
 * tags, descriptions and tokens are whatever a caller writes there. A request for spot instances names none: what it
 * launches comes as RunInstances.
 */
export const members = {
  RunInstances: ["responseElements.instancesSet.instanceId"],
  CreateFleet: ["responseElements.CreateFleetResponse.fleetInstanceSet.instanceIds"],
  AttachNetworkInterface: [
    "requestParameters.networkInterfaceId",
    "requestParameters.AttachNetworkInterfaceRequest.NetworkInterfaceId",
  ],
  DeleteTags: [
    "requestParameters.resourcesSet.resourceId",
    "requestParameters.resourcesSet",
    "requestParameters.DeleteTagsRequest.ResourceId",
  ],
  ModifyInstanceAttribute: [
    "requestParameters.instanceId",
    "requestParameters.ModifyInstanceAttributeRequest.InstanceId",
  ],
  ModifyNetworkInterfaceAttribute: [
    "requestParameters.networkInterfaceId",
    "requestParameters.ModifyNetworkInterfaceAttributeRequest.NetworkInterfaceId",
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

const nameOf = ({ detail }: GuardrailEvent): string => textAt(detail, "eventName") ?? "";

/** The texts of the members that may name something. */
const namedBy = (event: GuardrailEvent): string[] => {
  const paths: readonly string[] = Object.hasOwn(members, nameOf(event))
    ? members[nameOf(event) as keyof typeof members]
    : [];
  return paths.flatMap(path => textsAt(event.detail, path));
};
const idsOf = (texts: string[]): string[] => [...new Set(texts.filter(text => pattern.test(text)))];

export const isLaunch = (event: GuardrailEvent): boolean =>
  ["RunInstances", "CreateFleet"].includes(nameOf(event));

/** What a launch says of what it made. */
export type Launch = {
  /** When it was called, ISO 8601. */
  at: string;
  /** The tags that it asked for, by the type of resource that they are for. */
  tags: LaunchTags;
  /** Who called, as tags for those required keys that ask for a person. */
  personTags: Tags;
  /** The groups that its answer gives each interface, sorted; none for an interface that it does not mention. */
  groups: { [interfaceId: string]: string[] };
};

/** Ids, or why a record has none: see `Naming`. */
type Ids = readonly string[] | { readonly elsewhere: string } | { readonly unreadable: string };

/**
 * The instances of a launch. CloudTrail leaves out an answer of more than 100 KB.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export function launchedIn(event: GuardrailEvent): Ids {
  const ids = idsOf(namedBy(event)).filter(id => id.startsWith("i-"));
  if (ids.length > 0) return ids;
  if (nameOf(event) !== "CreateFleet") return { unreadable: members.RunInstances[0] };
  const type = textAt(event.detail, "requestParameters", "CreateFleetRequest", "Type");
  const answer = objectAt(event.detail, "responseElements", "CreateFleetResponse");
  return (type !== undefined && type !== "instant") || Object.keys(answer).length > 0
    ? { elsewhere: "the fleet launched nothing by this call: what it launches later comes as RunInstances" }
    : { unreadable: members.CreateFleet[0] };
}

/** What the launch says of one of its instances. */
export function launchOf(event: GuardrailEvent, id: string, requiredTags: Tags): Launch {
  const instances = toList(objectAt(event.detail, "responseElements").instancesSet);
  const own = instances.find(instance => textAt(instance, "instanceId") === id);
  const interfaces = toList(objectAt(own).networkInterfaceSet).flatMap((one): [string, string[]][] => {
    const interfaceId = textAt(one, "networkInterfaceId");
    return interfaceId === undefined ? [] : [[interfaceId, textsAt(one, "groupSet.groupId").sort()]];
  });
  return {
    at: event.time,
    tags: launchTagsIn(event),
    personTags: personTags(principalOf(event), requiredTags),
    groups: Object.fromEntries(interfaces),
  };
}

/** What ModifyInstanceAttribute and ModifyNetworkInterfaceAttribute change besides groups, in any spelling. */
const otherAttributes =
  /^(attachment|associatePublicIpAddress|blockDeviceMapping|connectionTrackingSpecification|description|disableApiStop|disableApiTermination|ebsOptimized|enaSrdSpecification|enaSupport|enablePrimaryIpv6|instanceInitiatedShutdownBehavior|instanceType|kernel|ramdisk|sourceDestCheck|sriovNetSupport|userData|associatedSubnetIdSet)$/i;

/**
 * What a call may have taken out of the baseline afterwards. A call that surely changed something else is elsewhere;
 * where the record leaves room for doubt, the ids are named and a read decides.
 */
export function changedIn(event: GuardrailEvent): Ids {
  const named = namedBy(event);
  const name = nameOf(event);
  if (named.length === 0) return { unreadable: members[name as keyof typeof members][0] };
  const ids = idsOf(named);
  if (ids.length === 0) return { elsewhere: "it names no instance, volume or network interface" };
  const attributes = name.startsWith("Modify")
    ? attributesIn(objectAt(event.detail, "requestParameters")).filter(
        attribute => !/^(instanceId|networkInterfaceId)$/i.test(attribute),
      )
    : [];
  return attributes.length > 0 && attributes.every(attribute => otherAttributes.test(attribute))
    ? { elsewhere: `it changed ${attributes.join(", ")}, which is not of the baseline` }
    : ids;
}

/** The members of a request, also of one that is wrapped in `<Name>Request`; `attribute` names its value's member. */
function attributesIn(request: Json): string[] {
  return Object.entries(objectAt(request)).flatMap(([name, value]) => {
    if (name.endsWith("Request")) return attributesIn(value);
    if (name === "attribute") return typeof value === "string" ? [value] : [];
    return name === "value" || name === "xmlns" ? [] : [name];
  });
}

const keyPaths = ["requestParameters.tagSet.key", "requestParameters.DeleteTagsRequest.Tag.Key"];
const groupPaths = [
  "requestParameters.groupSet.groupId",
  "requestParameters.ModifyInstanceAttributeRequest.GroupId",
  "requestParameters.ModifyNetworkInterfaceAttributeRequest.SecurityGroupId",
];

/**
 * Whether the record itself says that the baseline is broken: a required tag deleted, or a set of groups that holds
 * none of those named. A read that shows the contrary may then be stale.
 */
export function claimsBreach(
  event: GuardrailEvent,
  requiredTags: readonly string[],
  allowedGroups: readonly string[],
): boolean {
  const texts = (paths: readonly string[]) => paths.flatMap(path => textsAt(event.detail, path));
  if (nameOf(event) === "DeleteTags") {
    const keys = texts(keyPaths);
    return keys.length === 0 || keys.some(key => requiredTags.includes(key));
  }
  const groups = texts(groupPaths);
  return allowedGroups.length > 0 && groups.length > 0 && !groups.some(id => allowedGroups.includes(id));
}
