import type { GuardrailEvent } from "../../../runtime/events";
import { type FakeAccount, type Filters, filtered, tagsOf } from "../account";

const web = "sg-0aaaaaaaaaaaaaaaa";
const vpc = "vpc-0123456789abcdef0";
const subnet = "subnet-0123456789abcdef0";

/** Every instance that is asked for, each with one volume and one interface, without tags and in one group. */
export function account({ time }: GuardrailEvent): FakeAccount {
  const tags: Record<string, Record<string, string>> = {};
  const groups: Record<string, string[]> = {};
  const part = (kind: string, id: string) => id.replace(/^[a-z]+-/, `${kind}-`);
  const groupsOf = (eni: string) => (groups[eni] ?? [web]).map(GroupId => ({ GroupId }));
  const launchTime = new Date(time);
  const instance = (id: string) => ({
    InstanceId: id,
    LaunchTime: launchTime,
    VpcId: vpc,
    SubnetId: subnet,
    State: { Name: "running" },
    RootDeviceType: "ebs",
    BlockDeviceMappings: [{ Ebs: { VolumeId: part("vol", id) } }],
    NetworkInterfaces: [
      {
        NetworkInterfaceId: part("eni", id),
        Groups: groupsOf(part("eni", id)),
        Attachment: { DeviceIndex: 0, AttachTime: launchTime },
      },
    ],
    Tags: tagsOf(tags[id] ?? {}),
  });
  return {
    ec2: {
      DescribeInstances: (input: Filters) => ({
        Reservations: [
          {
            Instances: [
              ...filtered(input, "instance-id").map(instance),
              ...(filtered(input, "launch-time").length > 0 ? [instance("i-0123456789abcdef0")] : []),
            ],
          },
        ],
      }),
      DescribeVolumes: (input: Filters) => ({
        Volumes: filtered(input, "volume-id").map(VolumeId => ({
          VolumeId,
          Tags: tagsOf(tags[VolumeId] ?? {}),
          Attachments: [{ InstanceId: part("i", VolumeId) }],
        })),
      }),
      DescribeNetworkInterfaces: (input: Filters) => ({
        NetworkInterfaces: filtered(input, "network-interface-id").map(id => ({
          NetworkInterfaceId: id,
          VpcId: vpc,
          TagSet: tagsOf(tags[id] ?? {}),
          Groups: groupsOf(id),
          Attachment: { InstanceId: part("i", id) },
        })),
      }),
      DescribeSecurityGroups: (input: Filters) => ({
        SecurityGroups: filtered(input, "group-id").map(GroupId => ({ GroupId, VpcId: vpc })),
      }),
      DescribeSubnets: () => ({ Subnets: [{ SubnetId: subnet, Tags: tagsOf({ Owner: "team-net" }) }] }),
      DescribeVpcs: () => ({ Vpcs: [{ VpcId: vpc, Tags: [] }] }),
      CreateTags: (input: { Resources: string[]; Tags: { Key: string; Value: string }[] }) => {
        for (const id of input.Resources)
          for (const { Key, Value } of input.Tags) tags[id] = { ...tags[id], [Key]: Value };
      },
      ModifyNetworkInterfaceAttribute: (input: { NetworkInterfaceId: string; Groups: string[] }) => {
        groups[input.NetworkInterfaceId] = input.Groups;
      },
    },
  };
}
