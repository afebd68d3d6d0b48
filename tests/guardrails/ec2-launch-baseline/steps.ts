import {
  DeleteTagsCommand,
  DescribeInstancesCommand,
  EC2Client,
  type Instance,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { compare, type Difference, type Stage, type Step } from "../step";

const project = "demo";

async function launched(stage: Stage): Promise<Instance[]> {
  const Filters = [{ Name: "tag:Project", Values: [`${project}-${stage.nonce}`] }];
  const { Reservations = [] } = await stage
    .client(EC2Client, "ada")
    .send(new DescribeInstancesCommand({ Filters }));
  return Reservations.flatMap(({ Instances = [] }) => Instances);
}

const keysOf = ({ Tags = [] }: Instance): string[] => Tags.map(({ Key = "" }) => Key).sort();

/** What an instance lacks of the baseline: each must keep its own tag and group, and get the rest. */
async function baseline(stage: Stage, count: number): Promise<Difference[]> {
  const instances = await launched(stage);
  const groups = instances.map(({ NetworkInterfaces = [] }) =>
    NetworkInterfaces.map(
      ({ Groups = [] }) => Groups.some(({ GroupId }) => GroupId === stage.adminGroupId) && Groups.length > 1,
    ),
  );
  return [
    ...compare("the number of instances", count, instances.length),
    ...compare(
      "the tags of each instance",
      instances.map(() => ["Owner", "Project"]),
      instances.map(keysOf),
    ),
    ...compare(
      "each interface is in the administrators' group beside its own",
      instances.map(() => [true]),
      groups,
    ),
  ];
}

export const steps: readonly Step[] = [
  {
    name: "instances-launched",
    title: "Ada launches three instances in one call, without the tags and outside the administrators' group",
    chapter: "breach",
    outcomes: ["remediated", "remediated", "remediated"],
    notices: 1,
    play: async stage => {
      await stage.client(EC2Client, "ada").send(
        new RunInstancesCommand({
          ImageId: stage.imageId,
          InstanceType: "t3.micro",
          MinCount: 3,
          MaxCount: 3,
          TagSpecifications: [
            { ResourceType: "instance", Tags: [{ Key: "Project", Value: `${project}-${stage.nonce}` }] },
          ],
        }),
      );
      return () => baseline(stage, 3);
    },
  },
  {
    name: "tag-deleted",
    title: "Ada deletes the owner tag of one of them",
    chapter: "breach",
    outcomes: ["remediated"],
    notices: 1,
    play: async stage => {
      const [{ InstanceId = "" }] = await launched(stage);
      await stage
        .client(EC2Client, "ada")
        .send(new DeleteTagsCommand({ Resources: [InstanceId], Tags: [{ Key: "Owner" }] }));
      return () => baseline(stage, 3);
    },
  },
];
