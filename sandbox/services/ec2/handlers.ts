import {
  DescribeAddressesCommand,
  DescribeVpcsCommand,
  EC2Client,
  ModifySnapshotAttributeCommand,
} from "@aws-sdk/client-ec2";
import type { Account } from "../../state/account";
import { awsError, type Handler, type Handlers } from "../../ground/call";
import { idempotent } from "./idempotent";
import { groupHandlers } from "./groups";
import { createLaunches, instanceHandlers } from "./instances";
import { interfaceHandlers } from "./interfaces";
import { launchHandlers } from "./launch";
import { madeElsewhere } from "./made-elsewhere";
import { prefixListHandlers } from "./prefix-lists";
import { ruleHandlers } from "./rules";
import { tagHandlers } from "./tags";

/** Corrections of the account's state for EC2: facts and sources beside each. */
export function ec2Handlers(account: Account): Handlers {
  const launches = createLaunches(account);
  const elsewhere = madeElsewhere(account);
  const {
    RunInstances: runInstances,
    CreateVolume: createVolume,
    ...launch
  } = launchHandlers(account, launches);
  const { CreateNetworkInterface: createInterface, ...groups } = groupHandlers(account);
  const withToken = {
    ...(runInstances && { RunInstances: runInstances }),
    ...(createVolume && { CreateVolume: createVolume }),
    ...(createInterface && { CreateNetworkInterface: createInterface }),
  };
  return {
    ...launch,
    ...groups,
    ...instanceHandlers(launches, elsewhere),
    ...interfaceHandlers(elsewhere),
    ...prefixListHandlers(account, elsewhere),
    ...ruleHandlers(account),
    ...idempotent(account, withToken, [
      "CreateManagedPrefixList",
      "CreateNatGateway",
      "CreateLaunchTemplate",
    ]),
    ...tagHandlers(account),
    CreateDefaultVpc: createDefaultVpc(account),
    ReleaseAddress: releaseAddress(account),
    ModifySnapshotAttribute: modifySnapshot(account),
  };
}

const createDefaultVpc =
  (account: Account): Handler =>
  async ({ call, forward }) => {
    const Filters = [{ Name: "is-default", Values: ["true"] }];
    const { Vpcs = [] } = await account.client(EC2Client, call).send(new DescribeVpcsCommand({ Filters }));
    if (Vpcs.length > 0)
      throw awsError(
        "DefaultVpcAlreadyExists",
        "A Default VPC already exists for this account in this region.",
      );
    return forward();
  };

const releaseAddress =
  (account: Account): Handler =>
  async ({ call, forward }) => {
    const { AllocationId } = call.input as { AllocationId?: string };
    const { Addresses = [] } = await account.client(EC2Client, call).send(new DescribeAddressesCommand({}));
    const address = Addresses.find(one => one.AllocationId === AllocationId);
    if (address?.AssociationId)
      throw awsError("InvalidIPAddress.InUse", `Address ${address.PublicIp} is in use.`);
    return forward();
  };

/** The account's state reads only the flat form, one kind of change at a time. */
const modifySnapshot =
  (account: Account): Handler =>
  async ({ call, forward }) => {
    const { SnapshotId, CreateVolumePermission: change } = call.input as {
      SnapshotId?: string;
      CreateVolumePermission?: Record<"Add" | "Remove", { Group?: "all"; UserId?: string }[] | undefined>;
    };
    if (!change) return forward();
    const ec2 = account.client(EC2Client, call);
    for (const [OperationType, list] of [
      ["add", change.Add ?? []],
      ["remove", change.Remove ?? []],
    ] as const) {
      const GroupNames = list.flatMap(one => one.Group ?? []);
      const UserIds = list.flatMap(one => one.UserId ?? []);
      const common = { SnapshotId, Attribute: "createVolumePermission" as const, OperationType };
      if (GroupNames.length > 0)
        await ec2.send(new ModifySnapshotAttributeCommand({ ...common, GroupNames }));
      if (UserIds.length > 0) await ec2.send(new ModifySnapshotAttributeCommand({ ...common, UserIds }));
    }
    return { output: {} };
  };
