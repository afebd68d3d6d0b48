import {
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { arnOf } from "../../../runtime/aws/partition";
import { type Breach, compare, says } from "../step";

type LaunchState = { instances: { parts: { groups: string[] }[] }[] };
const groupsIn = (state: unknown): string[] =>
  (state as LaunchState).instances.flatMap(({ parts }) => parts.flatMap(({ groups }) => groups));

export const breach: Breach = {
  service: "ec2",
  writes: ["CreateTags", "ModifyNetworkInterfaceAttribute"],
  play: async stage => {
    const ec2 = stage.client(EC2Client, "ada");
    const launched = await ec2.send(
      new RunInstancesCommand({
        ImageId: stage.imageId,
        InstanceType: "t3.micro",
        MinCount: 1,
        MaxCount: 1,
        TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "Project", Value: "breach" }] }],
      }),
    );
    const id = launched.Instances?.[0]?.InstanceId ?? "";
    return {
      id,
      arn: arnOf("ec2", stage.region, stage.account, `instance/${id}`),
      isFound: state =>
        says(state, id, "Project") && !says(state, "Owner") && !says(groupsIn(state), stage.adminGroupId),
      remove: () => ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })),
      differences: async () => {
        const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
        const instance = Reservations[0]?.Instances?.[0];
        const groups = (instance?.NetworkInterfaces ?? []).map(({ Groups = [] }) =>
          Groups.map(({ GroupId }) => (GroupId === stage.adminGroupId ? "administrators" : "own")).sort(),
        );
        return [
          ...compare("its tags", ["Owner", "Project"], instance?.Tags?.map(({ Key }) => Key).sort()),
          ...compare("the groups of its interfaces", [["administrators", "own"]], groups),
        ];
      },
    };
  },
};
