import {
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  ModifyNetworkInterfaceAttributeCommand,
  type Instance,
  type IpPermission,
  type SecurityGroup,
} from "@aws-sdk/client-ec2";
import type { Account } from "../../state/account";
import { awsError, type Handler, type Handlers } from "../../ground/call";
import { splitFilters } from "./filters";
import { alsoOnInstance, alsoOnInterfaces, checkOwn, readInterface } from "./interfaces";
import { madeElsewhere } from "./made-elsewhere";

/** https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html, security groups per network interface */
const groupLimit = 5;

/** Which security groups an instance and its interfaces have: always the same on the primary interface. */
export function groupHandlers(account: Account): Handlers {
  return {
    ModifyNetworkInterfaceAttribute: modifyInterface(account),
    ModifyInstanceAttribute: modifyInstance(account),
    CreateNetworkInterface: createInterface(account),
    CreateSecurityGroup: createGroup,
    DeleteSecurityGroup: deleteGroup(account),
    DescribeSecurityGroups: describeGroups,
  };
}

const modifyInterface =
  (account: Account): Handler =>
  async ({ call, forward }) => {
    const {
      NetworkInterfaceId: id = "",
      Groups: groups,
      SourceDestCheck,
    } = call.input as {
      NetworkInterfaceId?: string;
      Groups?: string[];
      SourceDestCheck?: { Value?: boolean };
    };
    checkOwn(id, madeElsewhere(account));
    const ec2 = account.client(EC2Client, call);
    const eni = await readInterface(ec2, id);
    if (groups?.length) await checkGroups(ec2, groups, eni.VpcId);
    const answer = await forward();
    const instanceId = eni.Attachment?.InstanceId;
    if (groups?.length && instanceId !== undefined && eni.Attachment?.DeviceIndex === 0)
      await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: instanceId, Groups: groups }));
    await alsoOnInstance(ec2, eni, SourceDestCheck);
    return answer;
  };

const modifyInstance =
  (account: Account): Handler =>
  async ({ call, forward }) => {
    const {
      InstanceId: id = "",
      Groups: groups = [],
      SourceDestCheck,
    } = call.input as {
      InstanceId?: string;
      Groups?: string[];
      SourceDestCheck?: { Value?: boolean };
    };
    if (groups.length === 0 && SourceDestCheck === undefined) return forward();
    const ec2 = account.client(EC2Client, call);
    const instance = await readInstance(ec2, id);
    const interfaces = instance.NetworkInterfaces ?? [];
    if (interfaces.length > 1)
      throw awsError(
        "InvalidInstanceID",
        `There are multiple interfaces attached to instance '${id}'. Please specify an interface ID for the operation instead.`,
      );
    if (groups.length > 0) await checkGroups(ec2, groups, instance.VpcId);
    const answer = await forward();
    const ids = interfaces.map(({ NetworkInterfaceId }) => NetworkInterfaceId);
    await alsoOnInterfaces(ec2, ids, SourceDestCheck);
    if (groups.length === 0) return answer;
    for (const NetworkInterfaceId of ids)
      await ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: groups }));
    return answer;
  };

const createInterface =
  (account: Account): Handler =>
  async ({ call, forward }) => {
    const groups = call.input.Groups as string[] | undefined;
    if (groups?.length) await checkGroups(account.client(EC2Client, call), groups);
    return forward();
  };

async function readInstance(ec2: EC2Client, id: string): Promise<Instance> {
  const Filters = [{ Name: "instance-id", Values: [id] }];
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
  const found = Reservations[0]?.Instances?.[0];
  if (found) return found;
  throw awsError("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
}

/** All groups exist, in the VPC if one is given, and are not too many for one interface. */
export async function checkGroups(ec2: EC2Client, ids: readonly string[], vpcId?: string): Promise<void> {
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({}));
  const byId = new Map<string | undefined, SecurityGroup>(
    SecurityGroups.map(group => [group.GroupId, group]),
  );
  for (const id of ids) {
    const group = byId.get(id);
    if (!group) throw awsError("InvalidGroup.NotFound", `The security group '${id}' does not exist`);
    if (vpcId !== undefined && group.VpcId !== vpcId)
      throw awsError("InvalidGroup.NotFound", `The security group '${id}' does not exist in VPC '${vpcId}'`);
  }
  if (new Set(ids).size > groupLimit)
    throw awsError(
      "SecurityGroupsPerInterfaceLimitExceeded",
      `The maximum number of security groups per interface has been reached.`,
    );
}

/** The answer repeats the tags, which the account's state leaves out. */
const createGroup: Handler = async ({ call, forward }) => {
  const { output } = await forward();
  const specifications = (call.input.TagSpecifications ?? []) as { ResourceType?: string; Tags?: object[] }[];
  const tags = specifications.flatMap(one => (one.ResourceType === "security-group" ? (one.Tags ?? []) : []));
  return { output: tags.length > 0 ? { ...output, Tags: tags } : output };
};

const deleteGroup =
  (account: Account): Handler =>
  async ({ call, forward }) => {
    const { GroupId: id, GroupName: name } = call.input as { GroupId?: string; GroupName?: string };
    const ec2 = account.client(EC2Client, call);
    const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({}));
    const group = SecurityGroups.find(one =>
      id === undefined ? one.GroupName === name : one.GroupId === id,
    );
    if (!group?.GroupId)
      throw awsError("InvalidGroup.NotFound", `The security group '${id ?? name}' does not exist`);
    const Filters = [{ Name: "group-id", Values: [group.GroupId] }];
    const { NetworkInterfaces = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
    const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand({}));
    const referenced = SecurityGroupRules.some(
      rule => rule.ReferencedGroupInfo?.GroupId === group.GroupId && rule.GroupId !== group.GroupId,
    );
    if (NetworkInterfaces.length > 0 || referenced)
      throw awsError("DependencyViolation", `resource ${group.GroupId} has a dependent object`);
    return forward();
  };

const sources =
  (permissions: "IpPermissions" | "IpPermissionsEgress", of: (permission: IpPermission) => string[]) =>
  (group: SecurityGroup): string[] =>
    (group[permissions] ?? []).flatMap(of);
const lists = ({ PrefixListIds = [] }: IpPermission) => PrefixListIds.flatMap(one => one.PrefixListId ?? []);
const ranges = ({ Ipv6Ranges = [] }: IpPermission) => Ipv6Ranges.flatMap(one => one.CidrIpv6 ?? []);

/** The account's state knows neither prefix lists nor IPv6 ranges in filters. */
const describeGroups: Handler = async ({ call, forward }) => {
  const asked = splitFilters<SecurityGroup>(call.input, {
    "ip-permission.prefix-list-id": sources("IpPermissions", lists),
    "ip-permission.ipv6-cidr": sources("IpPermissions", ranges),
    "egress.ip-permission.prefix-list-id": sources("IpPermissionsEgress", lists),
    "egress.ip-permission.ipv6-cidr": sources("IpPermissionsEgress", ranges),
  });
  if (asked.input === undefined) return forward();
  const { output } = await forward(asked.input);
  const groups = (output.SecurityGroups ?? []) as SecurityGroup[];
  return { output: { ...output, SecurityGroups: groups.filter(asked.passes) } };
};
