import type { Instance, NetworkInterface, Volume } from "@aws-sdk/client-ec2";
import { tagsRead, type Tags } from "../../../runtime/aws/tags";

/** An instance itself, one of its volumes or one of its network interfaces. */
export type Part = {
  id: string;
  kind: "instance" | "volume" | "network-interface";
  tags: Tags;
  /** Security group ids, sorted; only interfaces have any. */
  groups: string[];
};

/** The administrators' group of a VPC, or why there is none. */
export type AdminGroup = { id: string; problem: string };

export type InstanceState = {
  id: string;
  vpcId: string;
  subnetId: string;
  isEnded: boolean;
  /** Some interface is in a quarantine group: somebody isolated the instance on purpose. */
  isQuarantined: boolean;
  /** The service that runs the instance, as EC2 says; "" for none. */
  operator: string;
  /** What may be written to; parts that a service runs are left out. */
  parts: Part[];
  adminGroup: AdminGroup;
  /** The tags of the network, where they may be inherited. */
  subnetTags: Tags;
  vpcTags: Tags;
};

/**
 * What one id of an event stands for: an instance or a part of one. Several instances only for a launch whose record
 * lost its ids. `only` is the one part that is looked at, "" for all.
 */
export type BaselineState = { instances: InstanceState[]; only: string };

/** What was described about instances, by id. */
export interface Described {
  readonly volumes: Readonly<Record<string, Volume>>;
  readonly interfaces: Readonly<Record<string, NetworkInterface>>;
  readonly subnetTags: Readonly<Record<string, Tags>>;
  readonly vpcTags: Readonly<Record<string, Tags>>;
  readonly adminGroups: Readonly<Record<string, AdminGroup>>;
}

export const idOf = (instance: Instance): string => instance.InstanceId ?? "";
export const vpcOf = (instance: Instance): string => instance.VpcId ?? "";
export const subnetOf = (instance: Instance): string => instance.SubnetId ?? "";
export const volumeIdsOf = (instance: Instance): string[] =>
  (instance.BlockDeviceMappings ?? []).flatMap(device => device.Ebs?.VolumeId ?? []);
export const interfaceIdsOf = (instance: Instance): string[] =>
  (instance.NetworkInterfaces ?? []).flatMap(one => one.NetworkInterfaceId ?? []);

/** Items by the id that `idOf` finds in them. */
export const byId = <T>(items: readonly T[], idOf: (item: T) => string | undefined): Record<string, T> =>
  Object.fromEntries(items.map(item => [idOf(item) ?? "", item]));

/** While an instance is pending, EC2 lists its parts little by little: until then nothing can be said of it. */
export function isStillForming(instance: Instance, described: Described): boolean {
  if (instance.State?.Name !== "pending") return false;
  const volumes = volumeIdsOf(instance);
  return (
    (instance.RootDeviceType === "ebs" && volumes.length === 0) ||
    volumes.some(id => described.volumes[id] === undefined) ||
    interfaceIdsOf(instance).some(id => described.interfaces[id] === undefined)
  );
}

/** The state of one instance in canonical form. */
export function stateOf(
  instance: Instance,
  described: Described,
  quarantineGroups: readonly string[],
): InstanceState {
  const volumes = volumeIdsOf(instance).flatMap(id => described.volumes[id] ?? []);
  const interfaces = interfaceIdsOf(instance).flatMap(id => described.interfaces[id] ?? []);
  const groups = [...(instance.NetworkInterfaces ?? []), ...interfaces].flatMap(one => one.Groups ?? []);
  return {
    id: idOf(instance),
    vpcId: vpcOf(instance),
    subnetId: subnetOf(instance),
    isEnded: ["terminated", "shutting-down"].includes(instance.State?.Name ?? ""),
    isQuarantined: groups.some(({ GroupId = "", GroupName = "" }) =>
      [GroupId, GroupName].some(name => name !== "" && quarantineGroups.includes(name)),
    ),
    operator: instance.Operator?.Managed === true ? (instance.Operator.Principal ?? "unknown") : "",
    parts: [
      { id: idOf(instance), kind: "instance" as const, tags: tagsRead(instance.Tags), groups: [] },
      ...volumes
        .filter(one => one.Operator?.Managed !== true)
        .map(volumePart)
        .sort(byPartId),
      ...interfaces.filter(isOurs).map(interfacePart).sort(byPartId),
    ],
    adminGroup: described.adminGroups[vpcOf(instance)] ?? { id: "", problem: "" },
    subnetTags: described.subnetTags[subnetOf(instance)] ?? {},
    vpcTags: described.vpcTags[vpcOf(instance)] ?? {},
  };
}

const byPartId = (one: Part, other: Part): number => (one.id < other.id ? -1 : 1);

const volumePart = (volume: Volume): Part => ({
  id: volume.VolumeId ?? "",
  kind: "volume",
  tags: tagsRead(volume.Tags),
  groups: [],
});

/** Interfaces that a service asked for or runs (load balancers, EKS, Lambda) are that service's to change. */
const isOurs = (one: NetworkInterface): boolean =>
  one.RequesterManaged !== true && one.Operator?.Managed !== true;

const interfacePart = (one: NetworkInterface): Part => ({
  id: one.NetworkInterfaceId ?? "",
  kind: "network-interface",
  tags: tagsRead(one.TagSet),
  groups: (one.Groups ?? []).flatMap(group => group.GroupId ?? []).sort(),
});
