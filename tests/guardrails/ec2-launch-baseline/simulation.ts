import type { JsonObject } from "../../../runtime/json";
import { awsError } from "../../support/fakes/client";
import { tagsOf } from "../account";
import { type CallRecord, type Deed, type Done, filtersOf, type Simulation, type Dice } from "../simulation";

type Tags = Record<string, string>;
type Part = {
  id: string;
  instance: string;
  tags: Tags;
  /** Of an interface, in the order of EC2. */
  groups: string[];
  /** As its launch left them. */
  launched: string[];
  /** Somebody has changed it since its launch. */
  isChanged: boolean;
};
type Instance = { id: string; token: string; at: number; isEnded: boolean };
type Account = {
  when: string;
  instances: Record<string, Instance>;
  parts: Record<string, Part>;
  made: number;
};

const admins = "sg-0ad314ad314ad314a";
const web = "sg-0aaaaaaaaaaaaaaaa";
const quarantine = "sg-0badbadbadbadbad0";
const isolated = "sg-01501a7ed1501a7ed";
const place = { VpcId: "vpc-0123456789abcdef0", SubnetId: "subnet-0123456789abcdef0" };
const required = "Owner";

const hex = (number: number): string => number.toString(16).padStart(17, "0");
const kindOf = (id: string): string => id.split("-")[0];
const partsOf = (account: Account, instance: string): Part[] =>
  Object.values(account.parts).filter(part => part.instance === instance);
const kinds: Record<string, string> = { i: "instance", vol: "volume", eni: "network-interface" };
const arnOf = (id: string, kind: string): string => `arn:aws:ec2:us-east-1:123456789012:${kind}/${id}`;
const isQuarantined = (account: Account, instance: string): boolean =>
  partsOf(account, instance).every(({ groups }) => groups.every(group => group === quarantine));

/** What a part lacks, as member of `things`. */
function lacks(account: Account, part: Part): string[] {
  if (account.instances[part.instance].isEnded) return [];
  const isTagless = part.tags[required] === undefined;
  const isOutside =
    kindOf(part.id) === "eni" && !isQuarantined(account, part.instance) && !part.groups.includes(admins);
  return [...(isTagless ? [`tag ${required}`] : []), ...(isOutside ? ["groups"] : [])];
}

function launch(account: Account, now: number, token: string, tags: Tags, groups: string[]): Instance {
  const number = hex(++account.made);
  const instance = { id: `i-${number}`, token, at: Math.floor(now / 1000) * 1000, isEnded: false };
  account.instances[instance.id] = instance;
  for (const kind of ["i", "vol", "eni"]) {
    const own = kind === "eni" ? groups : [];
    const part = { instance: instance.id, groups: own, launched: own, isChanged: false };
    account.parts[`${kind}-${number}`] = { ...part, id: `${kind}-${number}`, tags: kind === "i" ? tags : {} };
  }
  return instance;
}

const groupItems = (groups: string[]): JsonObject => ({ items: groups.map(groupId => ({ groupId })) });
const launchRecord = (account: Account, instance: Instance, tags: Tags): CallRecord => {
  const eni = instance.id.replace("i-", "eni-");
  const groupSet = groupItems(account.parts[eni].launched);
  const items = Object.entries(tags).map(([key, value]) => ({ key, value }));
  return {
    service: "ec2",
    name: "RunInstances",
    request: {
      instancesSet: { items: [{ imageId: "ami-0123456789abcdef0", minCount: 1, maxCount: 1 }] },
      instanceType: "t3.micro",
      clientToken: instance.token,
      ...(items.length > 0 && {
        tagSpecificationSet: { items: [{ resourceType: "instance", tags: items }] },
      }),
    },
    response: {
      instancesSet: {
        items: [
          {
            instanceId: instance.id,
            launchTime: instance.at,
            instanceState: { code: 0, name: "pending" },
            groupSet,
            tagSet: { items },
            networkInterfaceSet: { items: [{ networkInterfaceId: eni, groupSet }] },
            operator: { managed: false },
          },
        ],
      },
    },
  };
};

const partOf = (account: Account, dice: Dice, kind?: string): Part | undefined => {
  const parts = Object.values(account.parts).filter(
    part => !account.instances[part.instance].isEnded && (kind === undefined || kindOf(part.id) === kind),
  );
  return parts.length === 0 ? undefined : dice.pick(parts);
};

/** Puts an interface into these groups alone. */
function setGroups(part: Part, groups: string[]): Omit<Done, "words"> {
  part.groups = groups;
  part.isChanged = true;
  const record = {
    service: "ec2",
    name: "ModifyNetworkInterfaceAttribute",
    request: { networkInterfaceId: part.id, groupSet: groupItems(groups) },
    response: { _return: true },
  };
  return { record, about: [part.id] };
}

const deeds: readonly Deed<Account>[] = [
  {
    name: "launch",
    weight: 6,
    by: ["engineer", "pipeline", "controller", "attacker"],
    play: (account, dice, now) => {
      const tags = dice.pick<Tags>([{}, {}, { Owner: "team-shop" }, { Project: "shop" }]);
      const groups = dice.pick([[web], [web], [web, admins]]);
      const instance = launch(account, now, `token-${account.made}`, tags, groups);
      return { words: `launches ${instance.id}`, record: launchRecord(account, instance, tags) };
    },
  },
  {
    name: "replay",
    weight: 1,
    by: ["attacker"],
    play: (account, dice, now) => {
      const instance = dice.pick(Object.values(account.instances));
      // Seconds after the launch nobody can tell the two calls apart, and need not.
      const isNew = now - instance.at <= 30_000;
      return {
        words: `asks for the launch of ${instance.id} once more, with its client token`,
        record: launchRecord(account, instance, {}),
        about: isNew ? partsOf(account, instance.id).map(({ id }) => id) : [],
      };
    },
  },
  {
    name: "spot",
    weight: 1,
    by: ["attacker"],
    play: (account, dice) => {
      const { id } = dice.pick(Object.values(account.instances));
      const launchGroup = { spotInstanceRequestId: "sir-0123abcd", launchGroup: id, tagSet: {} };
      return {
        words: `asks for a spot instance with the launch group ${id}`,
        record: {
          service: "ec2",
          name: "RequestSpotInstances",
          request: { spotPrice: "0.01", instanceCount: 1, launchGroup: id },
          response: { spotInstanceRequestSet: { items: [launchGroup] } },
        },
      };
    },
  },
  {
    name: "untag",
    weight: 2,
    by: ["engineer", "pipeline", "controller", "attacker"],
    play: (account, dice) => {
      const part = partOf(account, dice);
      if (part?.tags[required] === undefined) return undefined;
      delete part.tags[required];
      part.isChanged = true;
      return {
        words: `removes the tag ${required} from ${part.id}`,
        about: part.id === part.instance ? partsOf(account, part.instance).map(({ id }) => id) : [part.id],
        record: {
          service: "ec2",
          name: "DeleteTags",
          request: {
            resourcesSet: { items: [{ resourceId: part.id }] },
            tagSet: { items: [{ key: required }] },
          },
          response: { _return: true },
        },
      };
    },
  },
  {
    name: "retag",
    weight: 1,
    by: ["engineer"],
    play: (account, dice) => {
      const part = partOf(account, dice);
      if (part === undefined) return undefined;
      part.tags = { ...part.tags, [dice.pick([required, "Project"])]: `team-${dice.below(3)}` };
      return { words: `tags ${part.id}` };
    },
  },
  {
    name: "regroup",
    weight: 2,
    by: ["engineer", "pipeline", "controller"],
    play: (account, dice) => {
      const part = partOf(account, dice, "eni");
      return part && { words: `puts ${part.id} into ${web} alone`, ...setGroups(part, [web]) };
    },
  },
  {
    name: "isolate",
    weight: 2,
    by: ["engineer"],
    play: (account, dice) => {
      const part = partOf(account, dice, "eni");
      if (part === undefined) return undefined;
      // Where only launches are looked at, responders need no group that the guardrail knows.
      const group = account.when === "launch" ? dice.pick([quarantine, isolated]) : quarantine;
      return { words: `isolates ${part.instance} in ${group}`, ...setGroups(part, [group]) };
    },
  },
  {
    name: "terminate",
    weight: 1,
    by: ["engineer", "pipeline"],
    play: (account, dice) => {
      const instance = dice.pick(Object.values(account.instances));
      if (instance.isEnded) return undefined;
      account.instances[instance.id] = { ...instance, isEnded: true };
      return { words: `terminates ${instance.id}` };
    },
  },
];

type Filters = { Filters: [] };
const groupsOf = (part: Part) => part.groups.map(GroupId => ({ GroupId }));
/** How long EC2 puts an instance together. */
const forming = 15_000;
const described = (account: Account, { id, token, at, isEnded }: Instance, now: number) => {
  const [, number] = id.split("-");
  const eni = account.parts[`eni-${number}`];
  return {
    ...place,
    InstanceId: id,
    ClientToken: token,
    LaunchTime: new Date(at),
    State: { Name: isEnded ? "terminated" : now < at + forming ? "pending" : "running" },
    RootDeviceType: "ebs",
    BlockDeviceMappings: isEnded ? [] : [{ Ebs: { VolumeId: `vol-${number}` } }],
    NetworkInterfaces: isEnded
      ? []
      : [
          {
            NetworkInterfaceId: eni.id,
            Groups: groupsOf(eni),
            Attachment: { DeviceIndex: 0, AttachTime: new Date(at) },
          },
        ],
    Tags: tagsOf(account.parts[id].tags),
  };
};
/** The parts of this kind and of these ids that are still there. */
const present = (account: Account, kind: string, ids: string[]): Part[] =>
  Object.values(account.parts).filter(
    ({ id, instance }) => kindOf(id) === kind && ids.includes(id) && !account.instances[instance].isEnded,
  );
const known = (account: Account, id: string): Part => {
  const part = account.parts[id] as Part | undefined;
  if (part === undefined || account.instances[part.instance].isEnded)
    throw awsError(
      `Invalid${{ i: "InstanceID", vol: "Volume" }[kindOf(id)] ?? "NetworkInterfaceID"}.NotFound`,
    );
  return part;
};
const operations = { i: "DescribeInstances", vol: "DescribeVolumes", eni: "DescribeNetworkInterfaces" };

export const simulation: Simulation<Account> = {
  settings: dice => ({
    when: dice.pick(["launch", "always"]),
    infer: ["launch"],
    quarantineGroups: [quarantine],
  }),
  found(dice, now, { when }) {
    const account: Account = { when: String(when), instances: {}, parts: {}, made: 0 };
    for (let at = 0; at < 2; at++) {
      const day = 24 * 3600_000;
      launch(account, now - (2 + at) * day, `token-${account.made}`, {}, [web]);
      const isRight = dice.chance(0.6);
      for (const part of Object.values(account.parts)) {
        if (isRight) part.tags = { ...part.tags, Owner: "team-shop" };
        if (isRight && part.groups.length > 0) part.groups = [web, admins];
      }
    }
    return account;
  },
  reads: {
    "ec2 DescribeInstances": (account, input: Filters, now) => {
      const {
        "instance-id": ids,
        "client-token": tokens,
        "instance-state-name": states,
        "launch-time": times,
      } = filtersOf(input, "instance-id", "client-token", "instance-state-name", "launch-time");
      const launched = ({ at }: Instance): string => new Date(at).toISOString();
      const Instances = Object.values(account.instances)
        .filter(({ id }) => ids?.includes(id) ?? true)
        .filter(({ token }) => tokens?.includes(token) ?? true)
        .filter(one => times?.some(time => launched(one).startsWith(time.replace("*", ""))) ?? true)
        .map(instance => described(account, instance, now))
        .filter(({ State }) => states?.includes(State.Name) ?? true);
      return { Reservations: [{ Instances }] };
    },
    "ec2 DescribeVolumes": (account, input: Filters) => ({
      Volumes: present(account, "vol", filtersOf(input, "volume-id")["volume-id"]).map(part => ({
        VolumeId: part.id,
        Tags: tagsOf(part.tags),
        Attachments: [{ InstanceId: part.instance }],
      })),
    }),
    "ec2 DescribeNetworkInterfaces": (account, input: Filters) => ({
      NetworkInterfaces: present(
        account,
        "eni",
        filtersOf(input, "network-interface-id")["network-interface-id"],
      ).map(part => ({
        NetworkInterfaceId: part.id,
        VpcId: place.VpcId,
        TagSet: tagsOf(part.tags),
        Groups: groupsOf(part),
        Attachment: { InstanceId: part.instance },
      })),
    }),
    "ec2 DescribeSecurityGroups": (_, input: Filters) => ({
      SecurityGroups: filtersOf(input, "group-id")["group-id"].map(GroupId => ({
        GroupId,
        VpcId: place.VpcId,
      })),
    }),
  },
  writes: {
    "ec2 CreateTags": (account, input: { Resources: string[]; Tags: { Key: string; Value: string }[] }) => {
      const parts = input.Resources.map(id => known(account, id));
      for (const part of parts)
        for (const { Key, Value } of input.Tags) part.tags = { ...part.tags, [Key]: Value };
    },
    "ec2 DeleteTags": (account, input: { Resources: string[]; Tags: { Key: string; Value?: string }[] }) => {
      const parts = input.Resources.map(id => known(account, id));
      for (const part of parts)
        for (const { Key, Value } of input.Tags) if (part.tags[Key] === Value) delete part.tags[Key];
    },
    "ec2 ModifyNetworkInterfaceAttribute": (
      account,
      { NetworkInterfaceId: id, Groups }: { NetworkInterfaceId: string; Groups: string[] },
    ) => {
      known(account, id).groups = Groups;
    },
  },
  deeds,
  things: ({ parts }) =>
    Object.fromEntries(
      Object.values(parts).map(({ id, tags, groups }) => [
        id,
        {
          ...Object.fromEntries(Object.entries(tags).map(([name, value]) => [`tag ${name}`, value])),
          groups: groups.join(),
        },
      ]),
    ),
  wrongs: account =>
    Object.values(account.parts).flatMap(part =>
      // What was changed after its launch is only looked at where the settings say so.
      (account.when === "launch" && part.isChanged ? [] : lacks(account, part)).map(lack => ({
        thing: part.id,
        arns: [arnOf(part.instance, "instance"), arnOf(part.id, kinds[kindOf(part.id)])],
        id: part.instance,
        words: `${part.id} of ${part.instance} lacks ${lack === "groups" ? "the administrators' group" : lack}`,
      })),
    ),
  partsOf: (account, arn) =>
    Object.values(account.parts).flatMap(({ id, instance }) =>
      arn === arnOf(instance, "instance") ? [id] : [],
    ),
  mayChange: (account, { thing, member, from = "", to = "" }) => {
    const part = account.parts[thing] as Part | undefined;
    if (part === undefined || !lacks(account, part).includes(member)) return false;
    if (member !== "groups") return from === "";
    const isAsLaunched = part.groups.join() === part.launched.join();
    const kept = from.split(",");
    const now = to.split(",");
    return (
      (account.when === "always" || isAsLaunched) &&
      kept.every(group => now.includes(group)) &&
      now.length === kept.length + 1
    );
  },
  readOf: thing => `ec2 ${operations[kindOf(thing) as keyof typeof operations]}`,
  isTrue(before, account, changes) {
    type Kept = { instances?: { parts?: { id: string; tags: Tags; groups: string[] }[] }[] };
    const kept = ((before as Kept).instances ?? []).flatMap(({ parts = [] }) => parts);
    const isSo = ({ id, tags, groups }: (typeof kept)[number]): boolean => {
      const part = account.parts[id] as Part | undefined;
      const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
      const sorted = (all: Tags) => Object.entries(all).sort();
      return (
        part !== undefined && same(sorted(tags), sorted(part.tags)) && same(groups, [...part.groups].sort())
      );
    };
    return kept.every(isSo) && changes.every(({ thing }) => kept.some(({ id }) => id === thing));
  },
};
