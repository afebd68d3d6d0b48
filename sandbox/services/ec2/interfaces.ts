import type { EC2Client } from "@aws-sdk/client-ec2";
import {
  DescribeNetworkInterfacesCommand,
  ModifyInstanceAttributeCommand,
  ModifyNetworkInterfaceAttributeCommand,
  type NetworkInterface,
} from "@aws-sdk/client-ec2";
import { awsError, type Handler, type Handlers } from "../../ground/call";
import { splitFilters } from "./filters";
import { operatorOf } from "./instances";
import type { MadeElsewhere } from "./made-elsewhere";

/** Network interfaces: whose they are, and that traffic through them is checked or not. */
export function interfaceHandlers(elsewhere: MadeElsewhere): Handlers {
  return { DescribeNetworkInterfaces: describeInterfaces(elsewhere) };
}

const describeInterfaces =
  ({ interfaces, operators }: MadeElsewhere): Handler =>
  async ({ call, forward }) => {
    const asked = splitFilters<NetworkInterface>(call.input, {
      description: eni => eni.Description,
      "interface-type": eni => eni.InterfaceType,
      "operator.managed": eni => String(eni.Operator?.Managed),
      "operator.principal": eni => eni.Operator?.Principal,
      "requester-id": eni => eni.RequesterId,
      "requester-managed": eni => String(eni.RequesterManaged),
      "source-dest-check": eni => String(eni.SourceDestCheck),
    });
    const { output } = await forward(asked.input);
    const told = (eni: NetworkInterface): NetworkInterface => {
      const id = eni.NetworkInterfaceId ?? "";
      const service = interfaces().get(id);
      return {
        ...eni,
        RequesterId: call.account,
        RequesterManaged: service !== undefined,
        ...(service as Partial<NetworkInterface> | undefined),
        Operator: operatorOf(operators().get(id)),
      };
    };
    const found = ((output.NetworkInterfaces ?? []) as NetworkInterface[]).map(told);
    return { output: { ...output, NetworkInterfaces: found.filter(asked.passes) } };
  };

/** One's own interface. @throws AuthFailure for one that a service made: only its tags are the owner's to change. */
export function checkOwn(id: string, { interfaces }: MadeElsewhere): void {
  if (interfaces().has(id))
    throw awsError("AuthFailure", "You do not have permission to access the specified resource.", 403);
}

/** An instance and its primary interface check traffic alike, whichever is changed. */
export async function alsoOnInterfaces(
  ec2: EC2Client,
  ids: readonly (string | undefined)[],
  SourceDestCheck: { Value?: boolean } | undefined,
): Promise<void> {
  if (SourceDestCheck === undefined) return;
  for (const NetworkInterfaceId of ids)
    await ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, SourceDestCheck }));
}

export async function alsoOnInstance(
  ec2: EC2Client,
  { Attachment }: NetworkInterface,
  SourceDestCheck: { Value?: boolean } | undefined,
): Promise<void> {
  const { InstanceId, DeviceIndex } = Attachment ?? {};
  if (SourceDestCheck !== undefined && InstanceId !== undefined && DeviceIndex === 0)
    await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, SourceDestCheck }));
}

export async function readInterface(ec2: EC2Client, id: string): Promise<NetworkInterface> {
  const Filters = [{ Name: "network-interface-id", Values: [id] }];
  const { NetworkInterfaces = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
  const [found] = NetworkInterfaces;
  if (found) return found;
  throw awsError("InvalidNetworkInterfaceID.NotFound", `The networkInterface ID '${id}' does not exist`);
}
