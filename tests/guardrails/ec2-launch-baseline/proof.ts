import type { Proof, World } from "../proof";
import { account } from "./account";
import { breach } from "./breach";
import { mutations } from "./mutations";
import { simulation } from "./simulation";
import { steps } from "./steps";

type Tags = { Key?: string }[];

/** The tags that an instance, a volume or an interface has now. */
function tagsNow(id: string, { ask }: World): Tags {
  const [kind] = id.split("-");
  const find = (operation: string, name: string) =>
    ask("ec2", operation, { Filters: [{ Name: name, Values: [id] }] }) as Record<string, never[]>;
  if (kind === "vol") {
    const [{ Tags }] = find("DescribeVolumes", "volume-id").Volumes as { Tags: Tags }[];
    return Tags;
  }
  if (kind === "eni") {
    const found = find("DescribeNetworkInterfaces", "network-interface-id");
    const [{ TagSet }] = found.NetworkInterfaces as { TagSet: Tags }[];
    return TagSet;
  }
  const [{ Instances }] = find("DescribeInstances", "instance-id").Reservations as {
    Instances: { Tags: Tags }[];
  }[];
  return Instances[0].Tags;
}

export const proof: Proof = {
  kind: "writing",
  settings: { when: "always" },
  alone: { infer: ["launch", "subnet", "vpc"], adminSecurityGroupId: "sg-0ad314ad314ad314a" },
  account,
  confirms: {
    CreateTags: (input: { Resources: string[]; Tags: Tags }, world) =>
      input.Resources.every(id => {
        const now = tagsNow(id, world);
        return world.holds(id) && input.Tags.some(({ Key }) => !now.some(tag => tag.Key === Key));
      }),
    ModifyNetworkInterfaceAttribute: (
      { NetworkInterfaceId: id, Groups }: { NetworkInterfaceId: string; Groups: string[] },
      { holds, ask },
    ) => {
      const Filters = [{ Name: "network-interface-id", Values: [id] }];
      const { NetworkInterfaces } = ask("ec2", "DescribeNetworkInterfaces", { Filters }) as {
        NetworkInterfaces: { Groups: { GroupId: string }[] }[];
      };
      const now = NetworkInterfaces[0].Groups;
      const isKept = now.every(({ GroupId }) => Groups.includes(GroupId));
      return holds(id) && isKept && Groups.length === now.length + 1;
    },
  },
  breach,
  simulation,
  writes: {
    "ec2:CreateTags": {
      reason: "adds tags; held to the required keys by a condition, since a tag can also grant access",
      conditions: { "ForAllValues:StringEquals": ["aws:TagKeys"] },
    },
    "ec2:ModifyNetworkInterfaceAttribute": {
      reason:
        "puts the administrators' group on an interface; EC2 has no narrower action, so tests hold it to keep the other groups",
    },
  },
  steps,
  unused: {},
  mutations,
};
