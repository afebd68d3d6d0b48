import {
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import type { Account } from "../../state/account";
import { awsError, type Handler, type Handlers } from "../../ground/call";

type Exists = (ec2: EC2Client, id: string) => Promise<boolean>;

const by = (name: string, id: string) => ({ Filters: [{ Name: name, Values: [id] }] });
const any = (list: readonly unknown[] | undefined): boolean => (list?.length ?? 0) > 0;

/** Ids by their beginning: EC2's error when there is no such thing, and how to know. */
const kinds: Readonly<Record<string, readonly [code: string, exists: Exists]>> = {
  i: [
    "InvalidInstanceID.NotFound",
    async (ec2, id) =>
      any((await ec2.send(new DescribeInstancesCommand(by("instance-id", id)))).Reservations),
  ],
  sg: [
    "InvalidGroup.NotFound",
    async (ec2, id) =>
      any((await ec2.send(new DescribeSecurityGroupsCommand(by("group-id", id)))).SecurityGroups),
  ],
  vol: [
    "InvalidVolume.NotFound",
    async (ec2, id) => any((await ec2.send(new DescribeVolumesCommand(by("volume-id", id)))).Volumes),
  ],
  eni: [
    "InvalidNetworkInterfaceID.NotFound",
    async (ec2, id) =>
      any(
        (await ec2.send(new DescribeNetworkInterfacesCommand(by("network-interface-id", id))))
          .NetworkInterfaces,
      ),
  ],
  vpc: [
    "InvalidVpcID.NotFound",
    async (ec2, id) => any((await ec2.send(new DescribeVpcsCommand(by("vpc-id", id)))).Vpcs),
  ],
  subnet: [
    "InvalidSubnetID.NotFound",
    async (ec2, id) => any((await ec2.send(new DescribeSubnetsCommand(by("subnet-id", id)))).Subnets),
  ],
  snap: [
    "InvalidSnapshot.NotFound",
    async (ec2, id) => any((await ec2.send(new DescribeSnapshotsCommand(by("snapshot-id", id)))).Snapshots),
  ],
};

/** Tags of what exists, with keys that are the caller's to write. */
export function tagHandlers(account: Account): Handlers {
  return { CreateTags: tag(account), DeleteTags: tag(account) };
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html, tag restrictions */
const tag =
  (account: Account): Handler =>
  async ({ call, forward }) => {
    const { Resources = [], Tags = [] } = call.input as {
      Resources?: string[];
      Tags?: { Key?: string; Value?: string }[];
    };
    const invalid = (message: string) => awsError("InvalidParameterValue", message);
    for (const { Key = "", Value = "" } of Tags) {
      if (/^aws:/i.test(Key))
        throw invalid(
          `Value ( ${Key} ) for parameter key is invalid. Tag keys starting with 'aws:' are reserved for internal use`,
        );
      if (Key.length > 127) throw invalid(`Tag key exceeds the maximum length of 127 characters`);
      if (Value.length > 255) throw invalid(`Tag value exceeds the maximum length of 255 characters`);
    }
    const ec2 = account.client(EC2Client, call);
    for (const id of Resources) {
      const kind = kinds[id.split("-")[0] ?? ""];
      if (kind && !(await kind[1](ec2, id))) throw awsError(kind[0], `The ID '${id}' does not exist`);
    }
    if (call.operation === "DeleteTags")
      return Tags.length > 0 ? forward() : forward({ ...call.input, Tags: await ownTags(ec2, Resources) });
    return forward({ ...call.input, Tags: Tags.map(({ Key, Value = "" }) => ({ Key, Value })) });
  };

/**
 * All tags that are the owner's to delete: what DeleteTags without tags deletes.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTags.html
 */
async function ownTags(ec2: EC2Client, ids: readonly string[]): Promise<{ Key: string }[]> {
  const { Tags = [] } = await ec2.send(
    new DescribeTagsCommand({ Filters: [{ Name: "resource-id", Values: [...ids] }] }),
  );
  const keys = Tags.flatMap(({ Key }) => (Key === undefined || Key.startsWith("aws:") ? [] : [Key]));
  return [...new Set(keys)].map(Key => ({ Key }));
}
