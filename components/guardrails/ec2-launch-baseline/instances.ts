import type { Instance, InstanceNetworkInterface, NetworkInterface, Volume } from "@aws-sdk/client-ec2";
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
  /** EC2's launch time, ISO 8601; a start after a stop renews it. "" when EC2 gives none. */
  launchedAt: string;
  /** When the first interface was attached: as old as the instance, whatever it was started since. "" for none. */
  attachedAt: string;
  /** Every interface has quarantine groups and no others: somebody isolated the instance on purpose. */
  isIsolated: boolean;
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
 * What one id of an event stands for: an instance or a part of one. Several instances only for a volume that hangs on
 * several. `only` is the one part that is looked at, "" for all.
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
  const attached = [...(instance.NetworkInterfaces ?? []), ...interfaces];
  return {
    id: idOf(instance),
    vpcId: vpcOf(instance),
    subnetId: subnetOf(instance),
    isEnded: ["terminated", "shutting-down"].includes(instance.State?.Name ?? ""),
    launchedAt: timeIn(instance.LaunchTime),
    attachedAt: timeIn(instance.NetworkInterfaces?.find(isFirst)?.Attachment?.AttachTime),
    isIsolated:
      attached.length > 0 &&
      attached.every(one =>
        areOnly(
          quarantineGroups,
          (one.Groups ?? []).flatMap(group => group.GroupId ?? []),
        ),
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

const timeIn = (time: Date | undefined): string => time?.toISOString() ?? "";
const isFirst = ({ Attachment }: InstanceNetworkInterface): boolean =>
  Attachment?.DeviceIndex === 0 && (Attachment.NetworkCardIndex ?? 0) === 0;

/** Whether there are groups, and all of them are among these. */
export const areOnly = (these: readonly string[], groups: readonly string[]): boolean =>
  groups.length > 0 && groups.every(id => these.includes(id));

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
