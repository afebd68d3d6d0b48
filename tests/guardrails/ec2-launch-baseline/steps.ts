import {
  DeleteTagsCommand,
  DescribeInstancesCommand,
  EC2Client,
  type Instance,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { broken, compare, type Difference, has, is, type Playing, type Stage, type Step } from "../step";

const project = "demo";

async function launched(stage: Stage): Promise<Instance[]> {
  const Filters = [{ Name: "tag:Project", Values: [`${project}-${stage.nonce}`] }];
  const { Reservations = [] } = await stage
    .client(EC2Client, "ada")
    .send(new DescribeInstancesCommand({ Filters }));
  return Reservations.flatMap(({ Instances = [] }) => Instances);
}

const keysOf = ({ Tags = [] }: Instance): string[] => Tags.map(({ Key = "" }) => Key).sort();

/** How instances differ from what they must be: each keeps its own tag and group, and gets the rest where the guardrail writes. */
async function baseline(stage: Playing, count: number): Promise<Difference[]> {
  const instances = await launched(stage);
  const isWritten = stage.mode === "enforce";
  const required = isWritten ? Object.keys(stage.settings.requiredTags as object) : [];
  const groups = instances.map(({ NetworkInterfaces = [] }) =>
    NetworkInterfaces.map(
      ({ Groups = [] }) => Groups.some(({ GroupId }) => GroupId === stage.adminGroupId) && Groups.length > 1,
    ),
  );
  return [
    ...compare("the number of instances", count, instances.length),
    ...compare(
      "the tags of each instance",
      instances.map(() => [...new Set([...required, "Project"])].sort()),
      instances.map(keysOf),
    ),
    ...compare(
      "whether each interface is in the administrators' group beside its own",
      instances.map(() => [isWritten]),
      groups,
    ),
  ];
}

export const steps: readonly Step[] = [
  {
    name: "instances-launched",
    title: "Ada launches three instances in one call, without the tags and outside the administrators' group",
    chapter: "breach",
    expected: broken(3),
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
    expected: { enforce: { outcomes: ["remediated"], notices: 1 } },
    needs: [is("when", "always"), has("requiredTags", "Owner")],
    after: "instances-launched",
    play: async stage => {
      const [{ InstanceId = "" }] = await launched(stage);
      await stage
        .client(EC2Client, "ada")
        .send(new DeleteTagsCommand({ Resources: [InstanceId], Tags: [{ Key: "Owner" }] }));
      return () => baseline(stage, 3);
    },
  },
];
