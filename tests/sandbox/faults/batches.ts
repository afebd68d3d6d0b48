import {
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { breachOf } from "../../guardrails";
import { compare, says } from "../../guardrails/step";
import type { CrashPoint } from "./crash-points";
import type { Work } from "./trial";

/** One more than a function takes at once. */
const instances = 26;
const guardrail = "ec2-launch-baseline";

/** A launch of more instances than one batch has; what is looked at most closely is the last of them. */
export function launchOfBatches(): Work {
  const { service } = breachOf(guardrail);
  return {
    guardrail,
    service,
    // One call tags a batch.
    writes: ["CreateTags", "CreateTags", ...Array<string>(instances).fill("ModifyNetworkInterfaceAttribute")],
    play: async stage => {
      const ec2 = stage.client(EC2Client, "ada");
      const { Instances = [] } = await ec2.send(
        new RunInstancesCommand({
          ImageId: stage.imageId,
          InstanceType: "t3.micro",
          MinCount: instances,
          MaxCount: instances,
        }),
      );
      const InstanceIds = Instances.map(({ InstanceId = "" }) => InstanceId);
      const id = InstanceIds[instances - 1];
      return {
        id,
        arn: `arn:aws:ec2:${stage.region}:${stage.account}:instance/${id}`,
        isFound: state => says(state, id, '"tags":{}') && !says(state, '"key":"Owner"'),
        remove: () => ec2.send(new TerminateInstancesCommand({ InstanceIds })),
        differences: async () => {
          const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds }));
          const all = Reservations.flatMap(({ Instances: some = [] }) => some);
          const lacking = all.filter(
            ({ Tags = [], NetworkInterfaces = [] }) =>
              Tags.length === 0 ||
              !NetworkInterfaces.every(({ Groups = [] }) =>
                Groups.some(({ GroupId }) => GroupId === stage.adminGroupId),
              ),
          );
          return [
            ...compare("how many instances there are", instances, all.length),
            ...compare(
              "those without tags or the group",
              [],
              lacking.map(({ InstanceId }) => InstanceId),
            ),
          ];
        },
      };
    },
  };
}

/** Within a batch one of its instances is as good as another: the first, one in the middle, and the whole second batch. */
export const aroundBatches = (points: readonly CrashPoint[]): CrashPoint[] => {
  const second = points.findIndex(({ call, nth }) => call === "ec2:DescribeInstances" && nth === 3);
  return points.filter(({ nth }, at) => nth === 1 || nth === 13 || at >= second);
};
