import {
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
  type EC2Client,
  type Filter,
  type Instance,
} from "@aws-sdk/client-ec2";
import { adminGroupsOf, groupFilters } from "./admin-groups";
import type { AdminSecurityGroup } from "../../definition";
import { describeAll, type Query } from "../../../runtime/aws/describe";
import {
  byId,
  idOf,
  interfaceIdsOf,
  isStillForming,
  stateOf,
  subnetOf,
  volumeIdsOf,
  vpcOf,
  type BaselineState,
  type InstanceState,
} from "./instances";
import { isNear, tolerance } from "./belief";
import { partOf } from "./launch";
import type { TagSource } from "./tags";
import { tagsRead, type Tags } from "../../../runtime/aws/tags";

/** What a reader of instances has to know of the settings. */
export interface ReadSettings {
  readonly infer: readonly TagSource[];
  readonly quarantineGroups: readonly string[];
  readonly adminSecurityGroupId: AdminSecurityGroup;
}

/**
 * The state behind each id that an event names: an instance, or an attached volume or interface. Ids of which nothing
 * complete can be said yet, or any more, are missing.
 */
export async function readBehind(
  ec2: EC2Client,
  ids: readonly string[],
  settings: ReadSettings,
): Promise<Record<string, BaselineState>> {
  const owners = await ownersOf(ec2, ids);
  const states = await readInstances(ec2, Object.values(owners).flat(), settings);
  const found: Record<string, BaselineState> = {};
  for (const [id, owned] of Object.entries(owners)) {
    const instances = owned.flatMap(instance => states[instance] ?? []);
    const only = partOf(id).kind === "instance" ? "" : id;
    if (owned.length > 0 && instances.length === owned.length) found[id] = { instances, only };
  }
  return found;
}

/**
 * The state of these instances, by id. One that is gone is missing, and so is one that EC2 is still putting together
 * and says nothing complete of. Each kind of thing is asked for once, in batches.
 */
async function readInstances(
  ec2: EC2Client,
  ids: readonly string[],
  settings: ReadSettings,
): Promise<Record<string, InstanceState>> {
  const found = await instances(ec2, "instance-id", ids);
  const [itsVolumes, itsInterfaces] = await Promise.all([
    volumes(ec2, found.flatMap(volumeIdsOf)),
    interfaces(ec2, found.flatMap(interfaceIdsOf)),
  ]);
  const vpcIds = [...new Set(found.map(vpcOf))].filter(id => id !== "").sort();
  const described = {
    volumes: byId(itsVolumes, one => one.VolumeId),
    interfaces: byId(itsInterfaces, one => one.NetworkInterfaceId),
    subnetTags: settings.infer.includes("subnet") ? await subnetTags(ec2, found.map(subnetOf)) : {},
    vpcTags: settings.infer.includes("vpc") ? await vpcTags(ec2, vpcIds) : {},
    adminGroups: adminGroupsOf(
      settings.adminSecurityGroupId,
      vpcIds,
      await groups(ec2, vpcIds.length > 0 ? groupFilters(settings.adminSecurityGroupId, vpcIds) : undefined),
    ),
  };
  const formed = found.filter(instance => !isStillForming(instance, described));
  return byId(
    formed.map(instance => stateOf(instance, described, settings.quarantineGroups)),
    state => state.id,
  );
}

/** The instances behind each id: an instance is its own, a part belongs to what it is attached to. */
async function ownersOf(ec2: EC2Client, ids: readonly string[]): Promise<Record<string, string[]>> {
  const of = (kind: string): string[] => ids.filter(id => partOf(id).kind === kind);
  const owners: Record<string, string[]> = Object.fromEntries(of("instance").map(id => [id, [id]]));
  for (const one of await volumes(ec2, of("volume")))
    owners[one.VolumeId ?? ""] = (one.Attachments ?? []).flatMap(({ InstanceId }) => InstanceId ?? []);
  for (const one of await interfaces(ec2, of("network-interface")))
    owners[one.NetworkInterfaceId ?? ""] = [one.Attachment?.InstanceId ?? []].flat();
  return owners;
}

/** An instance, and the client token of the call that launched it: "" where EC2 knows none. */
export interface LaunchedInstance {
  readonly id: string;
  readonly token: string;
}

/**
 * The instances that EC2 says were launched around a time (`isNear`), by the call with this client token where it is
 * known and no pattern: a caller chooses it, and `*` and `?` in a filter stand for any text.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html, launch-time
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
 */
export async function launchedAround(
  ec2: EC2Client,
  at: string,
  token?: string,
): Promise<LaunchedInstance[]> {
  const minutes = [-tolerance, 0, tolerance].map(ms =>
    new Date(Date.parse(at) + ms).toISOString().slice(0, "yyyy-mm-ddThh:mm".length),
  );
  const isExact = token !== undefined && !/[*?\\]/.test(token);
  const others = isExact ? [{ Name: "client-token", Values: [token] }] : [];
  const found = await instances(
    ec2,
    "launch-time",
    minutes.map(minute => `${minute}*`),
    others,
  );
  return found
    .filter(({ LaunchTime }) => isNear(LaunchTime?.toISOString() ?? "", at))
    .map(instance => ({ id: idOf(instance), token: instance.ClientToken ?? "" }));
}

/** The ids of all instances that are not ended, a page at a time. */
export async function* instancePages(
  ec2: EC2Client,
  from?: string,
): AsyncGenerator<{ ids: string[]; next?: string | undefined }> {
  const Filters = [{ Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] }];
  let NextToken = from;
  do {
    const page = await ec2.send(new DescribeInstancesCommand({ Filters, NextToken, MaxResults: 200 }));
    NextToken = page.NextToken;
    const ids = (page.Reservations ?? []).flatMap(reservation => reservation.Instances ?? []).map(idOf);
    yield { ids, next: NextToken };
  } while (NextToken !== undefined);
}

const instances = (
  ec2: EC2Client,
  filter: string,
  values: readonly string[],
  others: readonly Filter[] = [],
): Promise<Instance[]> =>
  describeAll(filter, values, async ({ Filters, NextToken: from }) => {
    const query = { Filters: [...Filters, ...others], NextToken: from };
    const { Reservations = [], NextToken } = await ec2.send(new DescribeInstancesCommand(query));
    return { items: Reservations.flatMap(reservation => reservation.Instances ?? []), NextToken };
  });

const volumes = (ec2: EC2Client, ids: readonly string[]) =>
  describeAll("volume-id", ids, async query => {
    const { Volumes: items = [], NextToken } = await ec2.send(new DescribeVolumesCommand(query));
    return { items, NextToken };
  });

const interfaces = (ec2: EC2Client, ids: readonly string[]) =>
  describeAll("network-interface-id", ids, async query => {
    const { NetworkInterfaces: items = [], NextToken } = await ec2.send(
      new DescribeNetworkInterfacesCommand(query),
    );
    return { items, NextToken };
  });

async function groups(ec2: EC2Client, filters: Filter[] | undefined) {
  if (filters === undefined) return [];
  const [{ Name = "", Values = [] }, ...others] = filters;
  return describeAll(Name, Values, async ({ Filters, NextToken: from }: Query) => {
    const query = { Filters: [...Filters, ...others], NextToken: from };
    const { SecurityGroups: items = [], NextToken } = await ec2.send(
      new DescribeSecurityGroupsCommand(query),
    );
    return { items, NextToken };
  });
}

async function subnetTags(ec2: EC2Client, ids: readonly string[]): Promise<Record<string, Tags>> {
  const subnets = await describeAll(
    "subnet-id",
    ids.filter(id => id !== ""),
    async query => {
      const { Subnets: items = [], NextToken } = await ec2.send(new DescribeSubnetsCommand(query));
      return { items, NextToken };
    },
  );
  return Object.fromEntries(subnets.map(subnet => [subnet.SubnetId ?? "", tagsRead(subnet.Tags)]));
}

async function vpcTags(ec2: EC2Client, ids: readonly string[]): Promise<Record<string, Tags>> {
  const vpcs = await describeAll("vpc-id", ids, async query => {
    const { Vpcs: items = [], NextToken } = await ec2.send(new DescribeVpcsCommand(query));
    return { items, NextToken };
  });
  return Object.fromEntries(vpcs.map(vpc => [vpc.VpcId ?? "", tagsRead(vpc.Tags)]));
}
