import { DescribeNetworkInterfacesCommand, type EC2Client, type NetworkInterface } from "@aws-sdk/client-ec2";
import { describeAll } from "../../../runtime/aws/describe";
import type { Finding } from "../../../runtime/guardrail";
import { left, type OpenIngress } from "./assess";
import { guardedPorts, isOpen, openings, type OpeningSettings } from "./openings";
import type { Appliance, IngressState } from "./rules";
import { fingerprintOf, inWords, ruleInWords, some } from "./words";

/** The groups of one interface, whose rules count together. */
export type InterfaceState = { kind: "network-interface"; interfaceId: string; groups: IngressState[] };

/** The interfaces that this filter selects. */
export const interfacesBy = (
  ec2: EC2Client,
  filter: "group-id" | "network-interface-id",
  values: readonly string[],
): Promise<NetworkInterface[]> =>
  describeAll(filter, values, async query => {
    const page = await ec2.send(new DescribeNetworkInterfacesCommand({ ...query, MaxResults: 1000 }));
    return { items: page.NetworkInterfaces, NextToken: page.NextToken };
  });

export const groupsOn = ({ Groups = [] }: NetworkInterface): string[] =>
  Groups.flatMap(({ GroupId }) => GroupId ?? []);

/**
 * What EC2 answers for the interfaces of load balancers, NAT gateways and gateway endpoints.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html
 */
const carrying: readonly string[] = [
  "gateway_load_balancer",
  "gateway_load_balancer_endpoint",
  "load_balancer",
  "nat_gateway",
  "natGateway",
  "network_load_balancer",
  "transit_gateway",
];

/** What shows that an interface carries traffic for others, or undefined. */
function carriesFor({
  SourceDestCheck,
  InterfaceType,
  RequesterId = "",
}: NetworkInterface): string | undefined {
  if (InterfaceType !== undefined && carrying.includes(InterfaceType))
    return InterfaceType.replace(/_/g, " ");
  // Application and classic load balancers have interfaces of the ordinary type, requested by their service.
  if (RequesterId === "amazon-elb" || RequesterId === "amazon-elasticloadbalancing") return "load balancer";
  return SourceDestCheck === false ? "source/destination check off" : undefined;
}

/** Those of the interfaces that have the group and carry traffic for others. */
export const appliancesWith = (groupId: string, interfaces: readonly NetworkInterface[]): Appliance[] =>
  interfaces
    .filter(one => groupsOn(one).includes(groupId))
    .flatMap(one => {
      const what = carriesFor(one);
      return what === undefined ? [] : [{ id: one.NetworkInterfaceId ?? "", what }];
    })
    .sort((one, other) => (one.id < other.id ? -1 : 1));

/** What the groups of an interface open together, and none of them alone: told, never written. */
export function assessInterface(
  { interfaceId, groups }: InterfaceState,
  settings: OpeningSettings,
): Finding<OpenIngress> | undefined {
  const lists = Object.assign({}, ...groups.map(group => group.lists)) as Record<string, string[]>;
  const rules = groups.flatMap(group => group.rules);
  const opened = openings({ rules, lists }, settings, guardedPorts(settings)).filter(opening =>
    groups.every(
      group =>
        !isOpen(
          opening.rules.filter(rule => group.rules.includes(rule)),
          group,
          settings,
          opening.family,
        ),
    ),
  );
  if (opened.length === 0) return undefined;
  const why = "no group is open by itself: which of them has to change is for people to say";
  const leave = groups.flatMap(group =>
    group.rules
      .filter(rule => opened.some(opening => opening.rules.includes(rule)))
      .map(rule => left(rule, group.groupId, why)),
  );
  return {
    fingerprint: fingerprintOf(leave.map(rule => `${rule.groupId} ${inWords(rule)}`)),
    summary: `The groups of network interface ${interfaceId} together open it to the world: ${some(leave.map(rule => `${rule.groupId} ${ruleInWords(rule)}`))}.`,
    data: { remove: [], leave },
    notifyOnly: why,
    attribute: "ingress of aws_security_group",
  };
}
