import { objects, text, textsOf } from "../../../iam/requirements/members";
import type { Asked, Find, Input, Named } from "../../../iam/judged";
import type { Call } from "../../../ground/call";

/** Prefix of an EC2 id → resource type, for the calls that take ids of any kind. */
const prefixes: Readonly<Record<string, string>> = {
  acl: "network-acl",
  ami: "image",
  dopt: "dhcp-options",
  eigw: "egress-only-internet-gateway",
  eipalloc: "elastic-ip",
  eni: "network-interface",
  fl: "vpc-flow-log",
  i: "instance",
  igw: "internet-gateway",
  key: "key-pair",
  lt: "launch-template",
  nat: "natgateway",
  pcx: "vpc-peering-connection",
  pl: "prefix-list",
  rtb: "route-table",
  sg: "security-group",
  sgr: "security-group-rule",
  snap: "snapshot",
  subnet: "subnet",
  tgw: "transit-gateway",
  vgw: "vpn-gateway",
  vol: "volume",
  vpc: "vpc",
  vpce: "vpc-endpoint",
};

/** Members whose name does not say the resource type; the others are read from their name, e.g. VolumeIds → volume. */
const members: Readonly<Record<string, readonly string[]>> = {
  "dedicated-host": ["HostId", "HostIds"],
  "elastic-ip": ["AllocationId", "AllocationIds"],
  natgateway: ["NatGatewayId"],
  "placement-group": ["GroupName"],
  "reserved-instances": ["ReservedInstanceIds"],
  "security-group": ["GroupId", "GroupIds", "SecurityGroupId", "SecurityGroupIds", "Groups"],
  snapshot: ["SnapshotId", "SnapshotIds", "SourceSnapshotId", "SourceSnapshotIds"],
  "spot-instances-request": ["SpotInstanceRequestIds"],
  volume: ["VolumeId", "VolumeIds"],
  "vpc-block-public-access-exclusion": ["ExclusionId"],
  "vpc-endpoint-service": ["ServiceId", "ServiceIds"],
  "vpc-flow-log": ["FlowLogId", "FlowLogIds"],
};

/** Creating calls: IAM is asked about <type>/* for what does not exist yet. */
const creates = /^(Create|Run|Allocate|Copy|Import|Register|Request|Provision|Purchase|Associate\w*Cidr)/;

/** Read from the names of members, for every type that the action has. */
export async function ec2Resources({ call, find, types, isReading, refusal }: Asked): Promise<Named> {
  const isTagging = /^(Create|Delete)Tags$/.test(call.operation);
  const unknown = isTagging ? textsOf(call.input.Resources).find(id => !typeOfId(id)) : undefined;
  if (unknown !== undefined) throw refusal(`the kind of ${unknown} is not known here`);
  const found = types.map(async ({ name, required }) => {
    const ids = await idsOf(call, name, find);
    const isMade = required || (call.operation === "RunInstances" && name === "volume");
    if (ids.length > 0 || !isMade || isReading) return [name, ids] as const;
    if (!creates.test(call.operation)) throw refusal(`its ${name} is not known here`);
    return [name, ["*"]] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

/** The type that an id's prefix says, e.g. sgr-… → security-group-rule; undefined for an unknown prefix. */
export function typeOfId(id: string): string | undefined {
  const [prefix = ""] = id.split("-");
  return Object.hasOwn(prefixes, prefix) ? prefixes[prefix] : undefined;
}

const byName = (input: Input, type: string): string[] => {
  const stem = type.replaceAll("-", "");
  const own = Object.keys(input).filter(member => member.replace(/Ids?$/, "").toLowerCase() === stem);
  return [...new Set([...own, ...(members[type] ?? [])])].flatMap(member => textsOf(input[member]));
};

/** The ids of one type that an EC2 call names anywhere in its input. */
async function idsOf(call: Call, type: string, find: Find): Promise<string[]> {
  const { input, operation } = call;
  if (/^(Create|Delete)Tags$/.test(operation))
    return textsOf(input.Resources).filter(id => typeOfId(id) === type);
  const interfaces = objects(input.NetworkInterfaces);
  const nested: Readonly<Record<string, () => string[] | Promise<string[]>>> = {
    "security-group": async () => [
      ...interfaces.flatMap(item => textsOf(item.Groups)),
      ...(await groupsByName(call, find)),
    ],
    subnet: () => interfaces.flatMap(item => textsOf(item.SubnetId)),
    "network-interface": () => interfaces.flatMap(item => textsOf(item.NetworkInterfaceId)),
    "key-pair": () => textsOf([input.KeyName, input.KeyPairId]),
    "launch-template": () => textsOf((input.LaunchTemplate as Input | undefined)?.LaunchTemplateId),
    "placement-group": () => textsOf((input.Placement as Input | undefined)?.GroupName),
    "security-group-rule": () => [
      ...textsOf(input.SecurityGroupRuleIds),
      ...objects(input.SecurityGroupRules).flatMap(rule => textsOf(rule.SecurityGroupRuleId)),
    ],
    snapshot: () =>
      objects(input.BlockDeviceMappings).flatMap(item =>
        textsOf((item.Ebs as Input | undefined)?.SnapshotId),
      ),
    instance: () => objects(input.InstanceCreditSpecifications).flatMap(item => textsOf(item.InstanceId)),
  };
  const named = type === "security-group-rule" || type === "key-pair" ? [] : byName(input, type);
  return [...new Set([...named, ...((await nested[type]?.()) ?? [])])];
}

async function groupsByName(call: Call, find: Find): Promise<string[]> {
  const { input, operation } = call;
  const names = [
    ...textsOf(input.SecurityGroups),
    // CreateSecurityGroup names the group that it makes, a placement group's call its placement group.
    ...(/SecurityGroup(?!s?$)|^DeleteSecurityGroup$/.test(operation) ? textsOf(input.GroupName) : []),
  ].filter(name => typeOfId(name) !== "security-group");
  const ids = await Promise.all(names.map(name => find("ec2:security-group", name, call, text(input.VpcId))));
  // A group that does not exist is refused by EC2 itself; IAM is asked about what could be it.
  return ids.map(id => id ?? "*");
}
