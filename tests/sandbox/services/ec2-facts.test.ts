import {
  AuthorizeSecurityGroupIngressCommand,
  CreateManagedPrefixListCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DescribeInstancesCommand,
  DescribeManagedPrefixListsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  GetManagedPrefixListEntriesCommand,
  ModifyInstanceAttributeCommand,
  ModifyManagedPrefixListCommand,
  ModifyNetworkInterfaceAttributeCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  type Filter,
  type IpPermission,
  type RunInstancesCommandInput,
} from "@aws-sdk/client-ec2";
import { expect } from "chai";
import { madeElsewhere, serviceInterfaces } from "../../../sandbox/services/ec2/made-elsewhere";
import { startWorld, type World } from "../support/account";
import { refusal } from "../support/refusal";

const other = "210987654321";

describe("what EC2 answers about", function () {
  this.timeout(600_000);
  let world: World;
  let ec2: EC2Client;
  before(async () => {
    world = await startWorld();
    ec2 = world.gateway.client(EC2Client);
  });
  after(() => world?.close());

  let groups = 0;
  const newGroup = async (): Promise<string> => {
    const name = `facts-${(groups += 1)}`;
    const { GroupId } = await ec2.send(
      new CreateSecurityGroupCommand({ GroupName: name, Description: name }),
    );
    return GroupId ?? "";
  };
  const launch = async (input: Partial<RunInstancesCommandInput> = {}) => {
    const { Instances = [] } = await ec2.send(
      new RunInstancesCommand({ ImageId: "ami-12345678", MinCount: 1, MaxCount: 1, ...input }),
    );
    return Instances;
  };
  const instances = async (...Filters: Filter[]) => {
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
    return Reservations.flatMap(one => one.Instances ?? []);
  };
  const instance = async (id = "") => (await instances({ Name: "instance-id", Values: [id] }))[0]!;
  const interfaces = async (...Filters: Filter[]) =>
    (await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }))).NetworkInterfaces ?? [];
  const interfaceOf = async (id = "") =>
    (await interfaces({ Name: "attachment.instance-id", Values: [id] }))[0]!;
  const ids = (list: readonly { InstanceId?: string }[]) => list.map(({ InstanceId }) => InstanceId);

  describe("an interface", () => {
    it("of one's own: that it is, whom it serves, and that its traffic is checked", async () => {
      const [{ InstanceId } = {}] = await launch();

      const eni = await interfaceOf(InstanceId);

      expect(eni).to.deep.include({
        InterfaceType: "interface",
        RequesterManaged: false,
        RequesterId: "123456789012",
        SourceDestCheck: true,
        Operator: { Managed: false },
      });
      expect(eni.Attachment?.InstanceId).to.equal(InstanceId);
    });

    it("of an instance that forwards traffic, whichever of the two is changed", async () => {
      const [{ InstanceId } = {}] = await launch();
      const { NetworkInterfaceId } = await interfaceOf(InstanceId);
      const now = async () => [
        (await interfaceOf(InstanceId)).SourceDestCheck,
        (await instance(InstanceId)).SourceDestCheck,
      ];

      await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, SourceDestCheck: { Value: false } }));
      const off = await now();
      await ec2.send(
        new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, SourceDestCheck: { Value: true } }),
      );

      expect([off, await now()]).to.deep.equal([
        [false, false],
        [true, true],
      ]);
    });

    it("that a service made: by its requester, and closed to all but tags", async () => {
      const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
      const { NetworkInterface } = await ec2.send(
        new CreateNetworkInterfaceCommand({ SubnetId: Subnets[0]?.SubnetId }),
      );
      const NetworkInterfaceId = NetworkInterface?.NetworkInterfaceId ?? "";
      madeElsewhere(world.account)
        .interfaces()
        .set(NetworkInterfaceId, serviceInterfaces.applicationLoadBalancer);

      const Groups = [await newGroup()];
      const change = new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups });
      const refused = await refusal(ec2.send(change));
      await ec2.send(
        new CreateTagsCommand({ Resources: [NetworkInterfaceId], Tags: [{ Key: "a", Value: "b" }] }),
      );

      const [managed, ...more] = await interfaces({ Name: "requester-managed", Values: ["true"] });
      expect(more).to.deep.equal([]);
      expect(managed).to.deep.include({
        NetworkInterfaceId,
        InterfaceType: "interface",
        RequesterId: "amazon-elb",
        RequesterManaged: true,
        TagSet: [{ Key: "a", Value: "b" }],
      });
      expect(refused.name).to.equal("AuthFailure");
      expect((await interfaces({ Name: "requester-id", Values: ["amazon-*"] })).length).to.equal(1);
    });

    it("and an instance that a service operates, by that service", async () => {
      const [{ InstanceId = "" } = {}] = await launch();
      madeElsewhere(world.account).operators().set(InstanceId, "eks.amazonaws.com");

      expect((await instance(InstanceId)).Operator).to.deep.equal({
        Managed: true,
        Principal: "eks.amazonaws.com",
      });
      expect(ids(await instances({ Name: "operator.managed", Values: ["true"] }))).to.deep.equal([
        InstanceId,
      ]);
    });
  });

  describe("a launch", () => {
    it("is of the sandbox's time, in the call's answer and in every later one", async () => {
      await world.clock.advance(36 * 3_600_000);
      const before = Math.floor(world.clock.now() / 1000) * 1000;

      const [made] = await launch();
      const found = await instance(made?.InstanceId);

      for (const one of [made, found])
        expect(one?.LaunchTime?.getTime()).to.be.within(before, world.clock.now());
      expect(found.NetworkInterfaces?.[0]?.Attachment?.AttachTime?.getTime()).to.be.within(
        before,
        world.clock.now(),
      );
    });

    it("is found by its time, and by part of it", async () => {
      const [old] = await launch();
      await world.clock.advance(26 * 3_600_000);
      const [young] = await launch();
      const time = young?.LaunchTime?.toISOString() ?? "";
      const launched = async (...Values: string[]) => ids(await instances({ Name: "launch-time", Values }));

      expect(await launched(time)).to.deep.equal([young?.InstanceId]);
      expect(await launched(`${time.slice(0, 10)}T*`)).to.include(young?.InstanceId);
      expect(await launched(`${time.slice(0, 10)}T*`)).to.not.include(old?.InstanceId);
      expect(await launched("2001-*")).to.deep.equal([]);
    });

    it("is found by the client token of its call, and by no other", async () => {
      const [mine] = await launch({ ClientToken: "mine" });
      await launch({ ClientToken: "yours" });

      const found = await instances({ Name: "client-token", Values: ["mine"] });
      expect(ids(found)).to.deep.equal([mine?.InstanceId]);
      expect((await instance(mine?.InstanceId)).ClientToken).to.equal("mine");
    });

    it("is a new one when the instance is started again", async () => {
      const [{ InstanceId = "", LaunchTime } = {}] = await launch();
      await ec2.send(new StopInstancesCommand({ InstanceIds: [InstanceId] }));
      await world.clock.advance(3_600_000);
      await ec2.send(new StartInstancesCommand({ InstanceIds: [InstanceId] }));

      const again = (await instance(InstanceId)).LaunchTime?.getTime() ?? 0;
      expect(again - (LaunchTime?.getTime() ?? 0)).to.be.at.least(3_599_000);
    });

    it("that is played again by its client token names the old instances, and is recorded as a call of its own", async () => {
      const ClientToken = "replayed";
      const [first] = await launch({ ClientToken });
      await world.clock.advance(3_600_000);
      const recorded = world.events.length;

      const [second] = await launch({ ClientToken });

      expect(second?.InstanceId).to.equal(first?.InstanceId);
      expect(second?.LaunchTime).to.deep.equal(first?.LaunchTime);
      const events = world.events.slice(recorded);
      expect(events).to.have.length(1);
      expect(JSON.stringify(events[0]?.detail)).to.include(`"instanceId":"${first?.InstanceId}"`);
      expect(events[0]?.detail).to.include({ eventName: "RunInstances" });
    });
  });

  describe("rules by prefix lists", () => {
    const open = (GroupId: string, ...IpPermissions: IpPermission[]) =>
      ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
    const ssh = (change: Partial<IpPermission>): IpPermission => ({
      IpProtocol: "tcp",
      FromPort: 22,
      ToPort: 22,
      ...change,
    });
    const newList = async (client: EC2Client, MaxEntries = 5, AddressFamily = "IPv4") => {
      const { PrefixList } = await client.send(
        new CreateManagedPrefixListCommand({
          PrefixListName: "offices",
          MaxEntries,
          AddressFamily,
          Entries: [{ Cidr: AddressFamily === "IPv4" ? "198.51.100.0/24" : "2001:db8::/32" }],
        }),
      );
      return PrefixList?.PrefixListId ?? "";
    };
    const ownerOf = async (id: string) => {
      const { PrefixLists = [] } = await ec2.send(
        new DescribeManagedPrefixListsCommand({ PrefixListIds: [id] }),
      );
      return PrefixLists[0]?.OwnerId;
    };
    const entriesOf = async (PrefixListId: string) => {
      const { Entries = [] } = await ec2.send(new GetManagedPrefixListEntriesCommand({ PrefixListId }));
      return Entries.map(({ Cidr }) => Cidr);
    };

    it("tell whose a list is: one's own, AWS's or another account's", async () => {
      const theirs = await newList(world.account.client(EC2Client, { account: other }));
      madeElsewhere(world.account).sharedLists().set(theirs, other);
      const { PrefixLists = [] } = await ec2.send(new DescribeManagedPrefixListsCommand({}));
      const aws = PrefixLists.find(({ PrefixListName }) => PrefixListName === "com.amazonaws.us-east-1.s3");

      expect(await ownerOf(await newList(ec2))).to.equal("123456789012");
      expect(await ownerOf(aws?.PrefixListId ?? "")).to.equal("AWS");
      expect(await ownerOf(theirs)).to.equal(other);
      const unknown = new DescribeManagedPrefixListsCommand({ PrefixListIds: ["pl-00000000000000000"] });
      expect((await refusal(ec2.send(unknown))).name).to.equal("InvalidPrefixListID.NotFound");
    });

    it("follow a list that its other owner widens, which nobody here hears", async () => {
      const owner = world.account.client(EC2Client, { account: other });
      const PrefixListId = await newList(owner);
      const unshared = await refusal(open(await newGroup(), ssh({ PrefixListIds: [{ PrefixListId }] })));
      madeElsewhere(world.account).sharedLists().set(PrefixListId, other);
      const GroupId = await newGroup();
      await open(GroupId, ssh({ PrefixListIds: [{ PrefixListId }] }));
      const heard = world.events.length;
      const widening = new ModifyManagedPrefixListCommand({
        PrefixListId,
        CurrentVersion: 1,
        AddEntries: [{ Cidr: "0.0.0.0/0" }],
      });

      const forbidden = await refusal(ec2.send(widening));
      await owner.send(widening);

      expect(await entriesOf(PrefixListId)).to.have.members(["198.51.100.0/24", "0.0.0.0/0"]);
      expect(
        world.events.slice(heard).map(({ detail }) => (detail as { errorCode?: string }).errorCode),
      ).to.deep.equal(["Client.UnauthorizedOperation"]);
      expect([unshared.name, forbidden.name]).to.deep.equal([
        "InvalidPrefixListID.NotFound",
        "UnauthorizedOperation",
      ]);
    });

    it("are found by list and by IPv6 range", async () => {
      const [GroupId, PrefixListId] = [await newGroup(), await newList(ec2)];
      const Ipv6Ranges = [{ CidrIpv6: "2001:db8:1::/48" }];
      await open(GroupId, ssh({ PrefixListIds: [{ PrefixListId }], Ipv6Ranges }));
      const found = async (Name: string, value: string) => {
        const Filters = [{ Name, Values: [value] }];
        const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
        return SecurityGroups.map(group => group.GroupId);
      };

      expect(await found("ip-permission.prefix-list-id", PrefixListId)).to.deep.equal([GroupId]);
      expect(await found("ip-permission.ipv6-cidr", "2001:db8:1::/48")).to.deep.equal([GroupId]);
      expect(await found("egress.ip-permission.prefix-list-id", PrefixListId)).to.deep.equal([]);
    });

    it("are sixty in each address family, a list with as many as it may hold", async () => {
      const four = (count: number, from = 0) =>
        ssh({ IpRanges: Array.from({ length: count }, (_, at) => ({ CidrIp: `10.0.${from + at}.0/24` })) });
      const six = (count: number, from = 0) =>
        ssh({
          Ipv6Ranges: Array.from({ length: count }, (_, at) => ({ CidrIpv6: `2001:db8:${from + at}::/48` })),
        });
      const tooMany = "RulesPerSecurityGroupLimitExceeded";

      const both = await newGroup();
      await open(both, { ...four(60), Ipv6Ranges: six(60).Ipv6Ranges });
      expect((await refusal(open(both, four(1, 60)))).name).to.equal(tooMany);
      expect((await refusal(open(both, six(1, 60)))).name).to.equal(tooMany);

      const listed = await newGroup();
      await open(listed, ssh({ PrefixListIds: [{ PrefixListId: await newList(ec2, 40) }] }));
      await open(listed, four(20), six(60));
      expect((await refusal(open(listed, four(1, 20)))).name).to.equal(tooMany);
      const group = { UserIdGroupPairs: [{ GroupId: both }] };
      expect((await refusal(open(listed, ssh(group)))).name).to.equal(tooMany);
    });
  });
});
