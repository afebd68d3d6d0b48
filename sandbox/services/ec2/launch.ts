import {
  DescribeInstancesCommand,
  CreateTagsCommand,
  EC2Client,
  GetEbsEncryptionByDefaultCommand,
  type BlockDeviceMapping,
  type Instance,
  type InstanceNetworkInterfaceSpecification,
  type TagSpecification,
} from "@aws-sdk/client-ec2";
import type { Account } from "../../state/account";
import { awsError, type Answer, type Handler, type Handlers } from "../../ground/call";
import { checkGroups } from "./groups";
import type { Launches } from "./instances";

/** Launching, stopping and terminating instances, and making volumes. */
export function launchHandlers(account: Account, launches: Launches): Handlers {
  return {
    RunInstances: runInstances(account, launches),
    StopInstances: notTerminated(account),
    StartInstances: startInstances(account, launches),
    CreateVolume: createVolume(account),
  };
}

type Launch = {
  readonly MinCount?: number;
  readonly MaxCount?: number;
  readonly SecurityGroupIds?: string[];
  readonly NetworkInterfaces?: InstanceNetworkInterfaceSpecification[];
  readonly BlockDeviceMappings?: BlockDeviceMapping[];
  readonly TagSpecifications?: TagSpecification[];
};

const runInstances =
  (account: Account, launches: Launches): Handler =>
  async ({ call, forward }) => {
    const input = call.input as Launch;
    const { MinCount = 1, MaxCount = MinCount } = input;
    if (MinCount < 1 || MaxCount < MinCount)
      throw awsError("InvalidParameterValue", `Value (${MinCount}) for parameter minCount is invalid.`);
    const ec2 = account.client(EC2Client, call);
    const groups = [
      ...(input.SecurityGroupIds ?? []),
      ...(input.NetworkInterfaces ?? []).flatMap(one => one.Groups ?? []),
    ];
    if (groups.length > 0) await checkGroups(ec2, groups);
    // The account's state launches the least, AWS the most that was asked for.
    const mappings = await encryptedMappings(ec2, input);
    const { output } = await forward({ ...input, MinCount: MaxCount, ...mappings });
    const tagged = await tagInterfaces(ec2, input, output);
    const made = (tagged.Instances ?? []) as Instance[];
    await launches.note(
      call,
      made.flatMap(one => one.InstanceId ?? []),
    );
    const Instances = made.map(launches.timed);
    return { output: { ...tagged, Instances } };
  };

/** Interfaces are tagged like the rest of a launch; the account's state forgets them. */
async function tagInterfaces(
  ec2: EC2Client,
  input: Launch,
  output: Answer["output"],
): Promise<Answer["output"]> {
  const specification = input.TagSpecifications?.find(one => one.ResourceType === "network-interface");
  const TagSet = specification?.Tags ?? [];
  const instances = (output.Instances ?? []) as Instance[];
  const ids = instances
    .flatMap(one => one.NetworkInterfaces ?? [])
    .flatMap(one => one.NetworkInterfaceId ?? []);
  if (TagSet.length === 0 || ids.length === 0) return output;
  await ec2.send(new CreateTagsCommand({ Resources: ids, Tags: TagSet }));
  const Instances = instances.map(one => ({
    ...one,
    NetworkInterfaces: one.NetworkInterfaces?.map(eni => ({ ...eni, TagSet })),
  }));
  return { ...output, Instances };
}

/** With encryption by default every volume is encrypted; with any mapping the account's state drops the root volume. */
async function encryptedMappings(ec2: EC2Client, input: Launch) {
  const { EbsEncryptionByDefault } = await ec2.send(new GetEbsEncryptionByDefaultCommand({}));
  if (!EbsEncryptionByDefault) return {};
  const root: BlockDeviceMapping = {
    DeviceName: "/dev/sda1",
    Ebs: { VolumeSize: 8, DeleteOnTermination: true },
  };
  const given = input.BlockDeviceMappings?.length ? input.BlockDeviceMappings : [root];
  return {
    BlockDeviceMappings: given.map(one => (one.Ebs ? { ...one, Ebs: { ...one.Ebs, Encrypted: true } } : one)),
  };
}

const createVolume =
  (account: Account): Handler =>
  async ({ call, forward }) => {
    const ec2 = account.client(EC2Client, call);
    const { EbsEncryptionByDefault } = await ec2.send(new GetEbsEncryptionByDefaultCommand({}));
    return EbsEncryptionByDefault ? forward({ ...call.input, Encrypted: true }) : forward();
  };

const startInstances =
  (account: Account, launches: Launches): Handler =>
  async exchange => {
    const answer = await notTerminated(account)(exchange);
    launches.again(exchange.call, exchange.call.input.InstanceIds as string[]);
    return answer;
  };

const notTerminated =
  (account: Account): Handler =>
  async ({ call, forward }) => {
    const ec2 = account.client(EC2Client, call);
    const Filters = [{ Name: "instance-id", Values: call.input.InstanceIds as string[] }];
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
    const ended = Reservations.flatMap(one => one.Instances ?? []).find(
      one => one.State?.Name === "terminated",
    );
    if (ended)
      throw awsError(
        "IncorrectInstanceState",
        `The instance '${ended.InstanceId}' is not in a state from which it can be ${call.operation === "StopInstances" ? "stopped" : "started"}.`,
      );
    return forward();
  };
