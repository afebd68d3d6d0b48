import type { EC2Client, Instance, NetworkInterface, Volume } from "@aws-sdk/client-ec2";
import { assert } from "chai";
import { ec2LaunchBaseline as guardrail } from "../../../components/guardrails/ec2-launch-baseline";
import type { JsonObject } from "../../../runtime/json";
import { fakeClient, inputsOf } from "../../support/fakes/client";
import {
  aState,
  account,
  admins,
  always,
  at,
  eni1,
  i1,
  named,
  number,
  set,
  vol1,
  vpc,
  web,
} from "./launch-baseline";
import { writtenEvents } from "../../support/events/written";

const events = writtenEvents("ec2-launch-baseline");
const instance = named(events["RunInstances-one"])[0];

describe("reads of instances for the launch baseline", () => {
  const eni = (id: string, more: Partial<NetworkInterface> = {}): NetworkInterface => ({
    NetworkInterfaceId: id,
    Groups: [{ GroupId: web, GroupName: "web" }],
    TagSet: [],
    VpcId: vpc,
    Attachment: { InstanceId: i1 },
    ...more,
  });
  const an = (n: number, more: Partial<Instance> = {}): Instance => ({
    InstanceId: `i-${number(n)}`,
    LaunchTime: new Date(at),
    State: { Name: "running" },
    RootDeviceType: "ebs",
    VpcId: vpc,
    SubnetId: "subnet-0123456789abcdef0",
    BlockDeviceMappings: [{ Ebs: { VolumeId: `vol-${number(n)}` } }],
    NetworkInterfaces: [
      {
        NetworkInterfaceId: `eni-${number(n)}`,
        Groups: [{ GroupId: web, GroupName: "web" }],
        Attachment: { DeviceIndex: 0, AttachTime: new Date(at) },
      },
    ],
    ...more,
  });
  interface Account {
    instances?: Instance[];
    volumes?: Volume[];
    interfaces?: NetworkInterface[];
    groups?: { GroupId: string; VpcId: string }[];
  }
  type Filters = { Name: string; Values: string[] }[];
  const wanted = (input: Record<string, unknown>): Filters => (input.Filters ?? []) as Filters;
  const valuesOf = (input: Record<string, unknown>, name: string): string[] =>
    wanted(input).find(filter => filter.Name === name)?.Values ?? [];
  const accountOf = ({ instances = [an(1)], volumes, interfaces, groups }: Account = {}) =>
    fakeClient<EC2Client>({
      DescribeInstances: input => ({
        Reservations: instances
          .filter(
            one =>
              valuesOf(input, "instance-id").includes(one.InstanceId ?? "") ||
              valuesOf(input, "launch-time").some(value =>
                (one.LaunchTime?.toISOString() ?? "").startsWith(value.replace("*", "")),
              ),
          )
          .map(one => ({ Instances: [one] })),
      }),
      DescribeVolumes: input => ({
        Volumes: (volumes ?? [{ VolumeId: vol1, Tags: [], Attachments: [{ InstanceId: i1 }] }]).filter(one =>
          valuesOf(input, "volume-id").includes(one.VolumeId ?? ""),
        ),
      }),
      DescribeNetworkInterfaces: input => ({
        NetworkInterfaces: (interfaces ?? [eni(eni1)]).filter(one =>
          valuesOf(input, "network-interface-id").includes(one.NetworkInterfaceId ?? ""),
        ),
      }),
      DescribeSecurityGroups: () => ({ SecurityGroups: groups ?? [{ GroupId: admins, VpcId: vpc }] }),
      DescribeSubnets: () => ({
        Subnets: [{ SubnetId: "subnet-0123456789abcdef0", Tags: [{ Key: "Owner", Value: "subnet" }] }],
      }),
      DescribeVpcs: () => ({ Vpcs: [{ VpcId: vpc, Tags: [{ Key: "Owner", Value: "vpc" }] }] }),
    });
  const stateIn = async (ec2: EC2Client, settings = set(), resource = instance) =>
    (await guardrail.inspect({ ec2 }, [resource], settings))[resource.arn];
  const operations = (ec2: { calls: readonly { operation: string }[] }) =>
    ec2.calls.map(call => call.operation);

  it("reads an instance, its volumes and interfaces and the group with one call each", async () => {
    const ec2 = accountOf();

    assert.deepEqual(await stateIn(ec2), aState());
    assert.deepEqual(operations(ec2).sort(), [
      "DescribeInstances",
      "DescribeNetworkInterfaces",
      "DescribeSecurityGroups",
      "DescribeVolumes",
    ]);
  });

  it("asks for ids by filter, 200 at a time, so that one that is gone fails nobody", async () => {
    const ec2 = accountOf({ instances: [] });
    const many = Array.from({ length: 250 }, (_, n) => {
      const id = `i-${String(n).padStart(17, "0")}`;
      return { ...instance, id, arn: `arn:aws:ec2:eu-central-1:${account}:instance/${id}` };
    });

    assert.deepEqual(await guardrail.inspect({ ec2 }, many, set()), {});
    assert.deepEqual(
      inputsOf(ec2, "DescribeInstances").map(input => valuesOf(input, "instance-id").length),
      [200, 50],
    );
  });

  it("follows all pages", async () => {
    const pages = [
      { Reservations: [], NextToken: "more" },
      {
        Reservations: [
          {
            Instances: [
              an(1, { State: { Name: "terminated" }, BlockDeviceMappings: [], NetworkInterfaces: [] }),
            ],
          },
        ],
      },
    ];
    const ec2 = fakeClient<EC2Client>({
      DescribeInstances: input => pages[input.NextToken === undefined ? 0 : 1],
      DescribeSecurityGroups: () => ({ SecurityGroups: [] }),
    });

    assert.isTrue((await stateIn(ec2))?.instances[0].isEnded);
  });

  const forming: [string, Account][] = [
    [
      "has no root volume yet",
      { instances: [an(1, { State: { Name: "pending" }, BlockDeviceMappings: [] })] },
    ],
    [
      "has a volume that cannot be read yet",
      { instances: [an(1, { State: { Name: "pending" } })], volumes: [] },
    ],
    [
      "has an interface that cannot be read yet",
      { instances: [an(1, { State: { Name: "pending" } })], interfaces: [] },
    ],
  ];
  for (const [what, at] of forming)
    it(`says nothing of a pending instance that ${what}`, async () => {
      assert.isUndefined(await stateIn(accountOf(at)));
    });

  it("a terminated instance is read as ended", async () => {
    const ended = an(1, { State: { Name: "shutting-down" } });

    assert.isTrue(
      (await stateIn(accountOf({ instances: [ended], volumes: [], interfaces: [] })))?.instances[0].isEnded,
    );
  });

  const foreign: [string, Partial<NetworkInterface>][] = [
    ["that a service requested", { RequesterManaged: true }],
    ["that a service manages", { Operator: { Managed: true, Principal: "eks.amazonaws.com" } }],
  ];
  for (const [what, more] of foreign)
    it(`leaves an interface alone ${what}`, async () => {
      const state = await stateIn(accountOf({ interfaces: [eni(eni1, more)] }));

      assert.deepEqual(
        state?.instances[0].parts.map(part => part.kind),
        ["instance", "volume"],
      );
    });

  const quarantine = "sg-0000000000bad0000";
  const isolation: [string, string[][], boolean][] = [
    ["is isolated with nothing but quarantine groups on every interface", [[quarantine], [quarantine]], true],
    ["is not isolated where one interface of two has another group", [[quarantine], [web]], false],
    ["is not isolated with a quarantine group beside another", [[quarantine, web]], false],
    ["is not isolated by a group that only has the name of one", [[web]], false],
  ];
  for (const [what, groups, isIsolated] of isolation)
    it(`an instance ${what}`, async () => {
      const NetworkInterfaces = groups.map((ids, n) => ({
        NetworkInterfaceId: `eni-${number(n + 1)}`,
        Groups: ids.map(GroupId => ({ GroupId, GroupName: quarantine })),
      }));
      const instances = [an(1, { NetworkInterfaces })];
      const ec2 = accountOf({
        instances,
        interfaces: NetworkInterfaces.map(one => eni(one.NetworkInterfaceId, one)),
      });

      const state = await stateIn(ec2, set({ quarantineGroups: [quarantine] }));

      assert.equal(state?.instances[0].isIsolated, isIsolated);
    });

  it("knows a quarantine group by its id only", () => {
    assert.isFalse(guardrail.settings.safeParse({ quarantineGroups: ["quarantine"] }).success);
  });

  it("looks for the tag in the instance's own VPC", async () => {
    const ec2 = accountOf();

    await stateIn(ec2, set({ adminSecurityGroupId: { tag: { Role: "admin", Team: "sec" } } }));

    assert.deepEqual(wanted(inputsOf(ec2, "DescribeSecurityGroups")[0]), [
      { Name: "vpc-id", Values: [vpc] },
      { Name: "tag:Role", Values: ["admin"] },
      { Name: "tag:Team", Values: ["sec"] },
    ]);
  });

  it("reads network tags only where they may be inherited", async () => {
    const ec2 = accountOf();

    const state = await stateIn(ec2, set({ infer: ["subnet", "vpc"] }));

    assert.deepInclude(state?.instances[0], { subnetTags: { Owner: "subnet" }, vpcTags: { Owner: "vpc" } });
  });

  it("finds the instance behind a volume and an interface", async () => {
    const [, volume, nic] = named(events["DeleteTags-from-several"]);
    const ec2 = accountOf();

    const states = await guardrail.inspect({ ec2 }, [volume, nic], always);

    assert.deepEqual(states, { [volume.arn]: aState({}, vol1), [nic.arn]: aState({}, eni1) });
  });

  it("a volume that hangs on nothing is not of the baseline", async () => {
    const [, volume] = named(events["DeleteTags-from-several"]);

    assert.isUndefined(
      await stateIn(accountOf({ volumes: [{ VolumeId: vol1, Attachments: [] }] }), always, volume),
    );
  });

  describe("after a launch whose record lost its answer", () => {
    const lost = events["RunInstances-without-response"];
    const bare = (n: number, more: Partial<Instance>) =>
      an(n, { NetworkInterfaces: [], BlockDeviceMappings: [], ...more });
    const minutesLater = (minutes: number) => new Date(Date.parse(at) + minutes * 60_000);

    it("looks for what EC2 says was launched then, by this call's token, and knows no groups of it", async () => {
      const ec2 = accountOf({
        instances: [
          bare(1, {}),
          bare(2, { LaunchTime: minutesLater(0.7) }),
          bare(3, { LaunchTime: minutesLater(-60) }),
        ],
      });

      const found = await guardrail.look?.({ ec2 }, lost, set());

      assert.deepEqual(
        found?.map(({ id, fresh, hints }) => ({ id, fresh, groups: hints.launch?.groups })),
        [{ id: i1, fresh: [i1], groups: {} }],
      );
      assert.deepEqual(wanted(inputsOf(ec2, "DescribeInstances")[0]), [
        { Name: "launch-time", Values: ["2026-11-20T09:15*", "2026-11-20T09:16*"] },
        { Name: "client-token", Values: ["4f0d2f3a-6c1b-4f0e-9d58-000000000060"] },
      ]);
    });

    it("looks without a token where the request is lost too", async () => {
      const ec2 = accountOf({ instances: [bare(1, {})] });

      const tags = { requiredTags: { Owner: "nobody" } };
      const found = await guardrail.look?.({ ec2 }, events["RunInstances-without-bodies"], set(tags));

      assert.deepEqual(
        found?.map(({ id, hints }) => [id, hints.launch?.personTags, hints.launch?.tags]),
        [[i1, {}, {}]],
        "and gives nobody's instances this caller's name",
      );
      assert.lengthOf(wanted(inputsOf(ec2, "DescribeInstances")[0]), 1);
    });

    it("gives the caller's name and tags to instances of exactly this call's token alone, which is no pattern", async () => {
      const tagged = (name: string, request: JsonObject) => {
        const event = structuredClone(events["RunInstances-without-response"]);
        const specification = { resourceType: "instance", tags: [{ key: "Owner", value: "mallory" }] };
        Object.assign(event.detail, { eventName: name, requestParameters: request });
        Object.assign(event.detail.requestParameters as JsonObject, {
          tagSpecificationSet: { items: [specification] },
        });
        return event;
      };
      const calls = {
        "no token": tagged("RunInstances", {}),
        "a pattern": tagged("RunInstances", { clientToken: "*" }),
        "a pattern of the same length": tagged("RunInstances", { clientToken: "min?" }),
        "a fleet's token": tagged("CreateFleet", { CreateFleetRequest: { ClientToken: "mine" } }),
        "its own": tagged("RunInstances", { clientToken: "mine" }),
      };
      const given: Record<string, unknown> = {};
      for (const [what, event] of Object.entries(calls)) {
        const ec2 = accountOf({ instances: [bare(1, { ClientToken: "mine" })] });
        const tags = { requiredTags: { Owner: "principal" } };
        const [found] = (await guardrail.look?.({ ec2 }, event, set(tags))) ?? [];
        const { launch } = found.hints;
        given[what] = [launch?.tags.instance?.Owner, Object.keys(launch?.personTags ?? {}).length > 0];
        if (what !== "its own")
          assert.lengthOf(
            wanted(inputsOf(ec2, "DescribeInstances")[0]),
            1,
            `${what}: no filter of its choice`,
          );
      }

      const nothing = [undefined, false];
      assert.deepEqual(given, {
        "no token": nothing,
        "a pattern": nothing,
        "a pattern of the same length": nothing,
        "a fleet's token": nothing,
        "its own": ["mallory", given["its own"] instanceof Array && given["its own"][1]],
      });
    });

    it("says that no read can tell what a later change was about", async () => {
      assert.isUndefined(
        await guardrail.look?.({ ec2: accountOf() }, events["DeleteTags-without-bodies"], always),
      );
    });
  });

  it("tells who runs an instance by its tags and EC2's own word, without another call", async () => {
    const ec2 = accountOf({
      instances: [
        an(1, {
          Tags: [{ Key: "aws:autoscaling:groupName", Value: "web" }],
          Operator: { Managed: true, Principal: "eks.amazonaws.com" },
        }),
      ],
    });
    const state = await stateIn(ec2);
    const before = ec2.calls.length;

    assert.deepEqual(await guardrail.ownership({ ec2 }, instance, state!), {
      tags: { "aws:autoscaling:groupName": "web" },
      operator: "eks.amazonaws.com",
    });
    assert.lengthOf(ec2.calls, before);
  });

  it("the inventory walks all pages of instances that have not ended", async () => {
    const ec2 = fakeClient<EC2Client>({
      DescribeInstances: input => {
        const ids = valuesOf(input, "instance-id");
        const page = input.NextToken === "two" ? 2 : 1;
        const bare = (n: number) => an(n, { NetworkInterfaces: [], BlockDeviceMappings: [] });
        if (ids.length > 0)
          return { Reservations: [{ Instances: ids.map(id => bare(Number(id.slice(-2)))) }] };
        return { Reservations: [{ Instances: [bare(page)] }], NextToken: page === 1 ? "two" : undefined };
      },
      DescribeSecurityGroups: () => ({ SecurityGroups: [] }),
    });
    const found: string[] = [];

    const scope = { account, region: "eu-central-1", partition: "aws" };
    for await (const { items } of guardrail.inventory({ ec2 }, scope, set()))
      found.push(...items.map(({ resource }) => resource.arn));

    assert.deepEqual(
      found,
      [1, 2].map(n => `arn:aws:ec2:eu-central-1:${account}:instance/i-${number(n)}`),
    );
    assert.deepEqual(wanted(inputsOf(ec2, "DescribeInstances")[0]), [
      { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] },
    ]);
  });
});
