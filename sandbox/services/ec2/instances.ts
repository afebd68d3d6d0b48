import {
  DescribeInstancesCommand,
  EC2Client,
  type Instance,
  type InstanceNetworkInterface,
  type Reservation,
} from "@aws-sdk/client-ec2";
import type { Account } from "../../state/account";
import type { Call, Handler, Handlers } from "../../ground/call";
import { createKept } from "../../state/kept";
import { splitFilters } from "./filters";
import type { MadeElsewhere } from "./made-elsewhere";

/** When instances were launched, by the sandbox's clock: the account's state has its own; and with which client token. */
export interface Launches {
  /** Notes instances that a call launched: these, or all that are not known yet. */
  note(call: Call, ids?: readonly string[]): Promise<void>;
  /** An instance that stood still and runs again has a new launch time, and keeps the attach time of its interface. */
  again(call: Call, ids: readonly string[]): void;
  timed(instance: Instance): Instance;
}

interface Launch {
  readonly first: number;
  readonly last: number;
  /** The SDK makes one where the caller gives none. */
  readonly token?: string;
}

export function createLaunches(account: Account): Launches {
  const kept = createKept<Launch>(account);
  return {
    note: async (call, ids) => {
      const time = toSecond(call.time);
      const { ClientToken } = call.input;
      const token = typeof ClientToken === "string" ? ClientToken : undefined;
      for (const id of ids ?? (await idsOf(account, call)))
        if (!kept().has(id)) kept().set(id, { first: time, last: time, token });
    },
    again: (call, ids) => {
      for (const id of ids)
        kept().set(id, { first: call.time, ...kept().get(id), last: toSecond(call.time) });
    },
    timed: instance => {
      const launch = kept().get(instance.InstanceId ?? "");
      if (launch === undefined) return instance;
      const attached = (eni: InstanceNetworkInterface): InstanceNetworkInterface =>
        eni.Attachment?.DeviceIndex === 0
          ? { ...eni, Attachment: { ...eni.Attachment, AttachTime: new Date(launch.first) } }
          : eni;
      return {
        ...instance,
        LaunchTime: new Date(launch.last),
        ClientToken: launch.token ?? "",
        NetworkInterfaces: instance.NetworkInterfaces?.map(attached),
      };
    },
  };
}

async function idsOf(account: Account, call: Call): Promise<string[]> {
  const { Reservations = [] } = await account.client(EC2Client, call).send(new DescribeInstancesCommand({}));
  return Reservations.flatMap(one => one.Instances ?? []).flatMap(({ InstanceId }) => InstanceId ?? []);
}

const toSecond = (time: number): number => Math.floor(time / 1000) * 1000;

export function instanceHandlers(launches: Launches, elsewhere: MadeElsewhere): Handlers {
  return {
    DescribeInstances: describeInstances(launches, elsewhere),
    ...Object.fromEntries(launching.map(name => [name, noting(launches)])),
  };
}

/** Calls besides RunInstances that launch instances here. */
const launching = ["CreateFleet", "RequestSpotFleet", "RequestSpotInstances"];

const noting =
  (launches: Launches): Handler =>
  async ({ call, forward }) => {
    const answer = await forward();
    await launches.note(call);
    return answer;
  };

/** The account's state crashes on filters by an interface's group; the instance's groups are the primary interface's. */
const describeInstances =
  (launches: Launches, { operators }: MadeElsewhere): Handler =>
  async ({ call, forward }) => {
    const Filters = (call.input.Filters as { Name?: string }[] | undefined)?.map(filter =>
      filter.Name === "network-interface.group-id" ? { ...filter, Name: "instance.group-id" } : filter,
    );
    const input = Filters ? { ...call.input, Filters } : call.input;
    const asked = splitFilters<Instance>(input, {
      "client-token": instance => instance.ClientToken,
      "launch-time": instance => instance.LaunchTime?.toISOString(),
      "operator.managed": instance => String(instance.Operator?.Managed),
      "operator.principal": instance => instance.Operator?.Principal,
    });
    const { output } = await forward(asked.input ?? input);
    const told = (instance: Instance): Instance => ({
      ...launches.timed(instance),
      Operator: operatorOf(operators().get(instance.InstanceId ?? "")),
      ...(instance.State?.Name === "terminated" ? { NetworkInterfaces: [] } : {}),
    });
    const Reservations = ((output.Reservations ?? []) as Reservation[])
      .map(one => ({ ...one, Instances: one.Instances?.map(told).filter(asked.passes) }))
      .filter(({ Instances = [] }) => Instances.length > 0);
    return { output: { ...output, Reservations } };
  };

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_OperatorResponse.html */
export const operatorOf = (principal: string | undefined) =>
  principal === undefined ? { Managed: false } : { Managed: true, Principal: principal };
