import { expect } from "chai";
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateDefaultVpcCommand,
  CreateManagedPrefixListCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DeleteSecurityGroupCommand,
  DeleteTagsCommand,
  AttachNetworkInterfaceCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeVolumesCommand,
  EC2Client,
  GetManagedPrefixListEntriesCommand,
  ModifyInstanceAttributeCommand,
  ModifyManagedPrefixListCommand,
  ModifyNetworkInterfaceAttributeCommand,
  ModifySecurityGroupRulesCommand,
  RevokeSecurityGroupIngressCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
  type RunInstancesCommandInput,
} from "@aws-sdk/client-ec2";
import { startWorld, type World } from "../support/account";
import { refusal } from "../support/refusal";

describe("EC2 in the sandbox", function () {
  this.timeout(600_000);
  let world: World;
  let ec2: EC2Client;
  before(async () => {
    world = await startWorld();
    ec2 = world.gateway.client(EC2Client);
  });
  after(() => world?.close());

  let groups = 0;
  const newGroup = async (VpcId?: string): Promise<string> => {
    const name = `group-${++groups}`;
    const { GroupId } = await ec2.send(
      new CreateSecurityGroupCommand({ GroupName: name, Description: name, VpcId }),
    );
    return GroupId!;
  };
  const rulesOf = async (groupId: string) => {
    const Filters = [{ Name: "group-id", Values: [groupId] }];
    const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
    return SecurityGroupRules.filter(rule => !rule.IsEgress);
  };
  const ssh = (CidrIp: string) => ({ IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp }] });
  const launch = async (input: Partial<RunInstancesCommandInput> = {}) => {
    const command = new RunInstancesCommand({
      ImageId: "ami-12345678",
      MinCount: 1,
      MaxCount: 1,
      InstanceType: "t3.micro",
      ...input,
    });
    const { Instances = [] } = await ec2.send(command);
    return Instances.map(instance => instance.InstanceId!);
  };
  const instance = async (id: string) => {
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    return Reservations[0]!.Instances![0]!;
  };
  const interfacesOf = async (id: string) => {
    const Filters = [{ Name: "attachment.instance-id", Values: [id] }];
    return (await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }))).NetworkInterfaces ?? [];
  };
  const ids = (list: { GroupId?: string }[] = []) => list.map(group => group.GroupId).sort();

  describe("security group rules", () => {
    it("answers every rule of a call with several permissions", async () => {
      const GroupId = await newGroup();
      const IpPermissions = [
        { ...ssh("198.51.100.0/24"), Ipv6Ranges: [{ CidrIpv6: "2001:db8::/32" }] },
        { IpProtocol: "-1", IpRanges: [{ CidrIp: "10.0.0.0/8" }] },
      ];

      const { SecurityGroupRules = [] } = await ec2.send(
        new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }),
      );

      expect(SecurityGroupRules.map(rule => rule.CidrIpv4 ?? rule.CidrIpv6)).to.have.members([
        "198.51.100.0/24",
        "2001:db8::/32",
        "10.0.0.0/8",
      ]);
      expect((await rulesOf(GroupId)).map(rule => rule.SecurityGroupRuleId)).to.have.members(
        SecurityGroupRules.map(rule => rule.SecurityGroupRuleId),
      );
      expect(SecurityGroupRules.find(rule => rule.IpProtocol === "-1")).to.include({
        FromPort: -1,
        ToPort: -1,
      });
    });

    it("adds nothing when one of several rules is there already", async () => {
      const GroupId = await newGroup();
      await ec2.send(
        new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [ssh("198.51.100.0/24")] }),
      );
      const IpPermissions = [ssh("203.0.113.0/24"), ssh("198.51.100.0/24")];

      const error = await refusal(
        ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions })),
      );

      expect(error.name).to.equal("InvalidPermission.Duplicate");
      expect(await rulesOf(GroupId)).to.have.length(1);
    });

    it("takes back what it added when a later permission is one too many", async () => {
      const GroupId = await newGroup();
      const IpRanges = Array.from({ length: 61 }, (_, index) => ({ CidrIp: `10.0.${index}.0/24` }));
      const IpPermissions = [ssh("192.0.2.0/24"), { IpProtocol: "tcp", FromPort: 80, ToPort: 80, IpRanges }];

      const error = await refusal(
        ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions })),
      );

      expect(error.name).to.equal("RulesPerSecurityGroupLimitExceeded");
      expect(await rulesOf(GroupId)).to.deep.equal([]);
    });

    it("takes the flat form, and clears host bits", async () => {
      const GroupId = await newGroup();

      await ec2.send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId,
          IpProtocol: "tcp",
          FromPort: 22,
          ToPort: 22,
          CidrIp: "10.1.2.3/8",
        }),
      );

      expect((await rulesOf(GroupId)).map(rule => rule.CidrIpv4)).to.deep.equal(["10.0.0.0/8"]);
    });

    it("revokes by rule id and says what it revoked", async () => {
      const GroupId = await newGroup();
      const IpPermissions = [ssh("0.0.0.0/0"), ssh("198.51.100.0/24")];
      const { SecurityGroupRules = [] } = await ec2.send(
        new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }),
      );
      const open = SecurityGroupRules.find(rule => rule.CidrIpv4 === "0.0.0.0/0")!.SecurityGroupRuleId!;

      const answer = await ec2.send(
        new RevokeSecurityGroupIngressCommand({ GroupId, SecurityGroupRuleIds: [open] }),
      );

      expect(answer.RevokedSecurityGroupRules?.[0]).to.include({
        SecurityGroupRuleId: open,
        CidrIpv4: "0.0.0.0/0",
      });
      expect((await rulesOf(GroupId)).map(rule => rule.CidrIpv4)).to.deep.equal(["198.51.100.0/24"]);
    });

    it("revokes nothing when one of several rules does not exist", async () => {
      const GroupId = await newGroup();
      await ec2.send(
        new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [ssh("0.0.0.0/0")] }),
      );
      const IpPermissions = [ssh("0.0.0.0/0"), ssh("192.0.2.0/24")];

      const error = await refusal(
        ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions })),
      );

      expect(error.name).to.equal("InvalidPermission.NotFound");
      expect(await rulesOf(GroupId)).to.have.length(1);
    });

    it("changes a rule in place, of either address family", async () => {
      const GroupId = await newGroup();
      const IpPermissions = [{ ...ssh("198.51.100.0/24"), Ipv6Ranges: [{ CidrIpv6: "2001:db8::/32" }] }];
      const { SecurityGroupRules: made = [] } = await ec2.send(
        new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }),
      );
      const SecurityGroupRules = made.map(rule => ({
        SecurityGroupRuleId: rule.SecurityGroupRuleId!,
        SecurityGroupRule: {
          IpProtocol: "tcp",
          FromPort: 20,
          ToPort: 30,
          ...(rule.CidrIpv4 ? { CidrIpv4: "0.0.0.0/0" } : { CidrIpv6: "0:0::0/0" }),
        },
      }));

      await ec2.send(new ModifySecurityGroupRulesCommand({ GroupId, SecurityGroupRules }));

      const after = await rulesOf(GroupId);
      expect(after.map(rule => rule.SecurityGroupRuleId)).to.have.members(
        made.map(rule => rule.SecurityGroupRuleId),
      );
      expect(after.map(rule => rule.CidrIpv4 ?? rule.CidrIpv6)).to.have.members(["0.0.0.0/0", "::/0"]);
      expect(after.map(rule => [rule.FromPort, rule.ToPort])).to.deep.equal([
        [20, 30],
        [20, 30],
      ]);
    });

    it("names a rule that does not exist", async () => {
      const GroupId = await newGroup();
      const rule = {
        SecurityGroupRuleId: "sgr-0123456789abcdef0",
        SecurityGroupRule: { IpProtocol: "tcp", FromPort: 1, ToPort: 1, CidrIpv4: "0.0.0.0/0" },
      };

      const error = await refusal(
        ec2.send(new ModifySecurityGroupRulesCommand({ GroupId, SecurityGroupRules: [rule] })),
      );

      expect(error.name).to.equal("InvalidSecurityGroupRuleId.NotFound");
    });

    it("lists rules in pages", async () => {
      const GroupId = await newGroup();
      const IpRanges = [1, 2, 3, 4, 5, 6, 7].map(n => ({ CidrIp: `10.${n}.0.0/16` }));
      const IpPermissions = [{ IpProtocol: "tcp", FromPort: 443, ToPort: 443, IpRanges }];
      await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
      const Filters = [{ Name: "group-id", Values: [GroupId] }];

      const first = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters, MaxResults: 5 }));
      const second = await ec2.send(
        new DescribeSecurityGroupRulesCommand({ Filters, MaxResults: 5, NextToken: first.NextToken }),
      );

      expect(first.SecurityGroupRules).to.have.length(5);
      expect(second.SecurityGroupRules).to.have.length(3);
      expect(second.NextToken).to.equal(undefined);
    });

    it("refers to a prefix list that exists, whose entries can change", async () => {
      const GroupId = await newGroup();
      const list = {
        PrefixListName: "offices",
        MaxEntries: 5,
        AddressFamily: "IPv4",
        Entries: [{ Cidr: "198.51.100.0/24" }],
      };
      const { PrefixList } = await ec2.send(new CreateManagedPrefixListCommand(list));
      const PrefixListId = PrefixList!.PrefixListId!;
      const permission = (id: string) => [
        { IpProtocol: "tcp", FromPort: 22, ToPort: 22, PrefixListIds: [{ PrefixListId: id }] },
      ];

      await ec2.send(
        new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: permission(PrefixListId) }),
      );
      await ec2.send(
        new ModifyManagedPrefixListCommand({
          PrefixListId,
          CurrentVersion: 1,
          AddEntries: [{ Cidr: "0.0.0.0/0" }],
        }),
      );
      const error = await refusal(
        ec2.send(
          new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: permission("pl-00000000") }),
        ),
      );

      expect((await rulesOf(GroupId)).map(rule => rule.PrefixListId)).to.deep.equal([PrefixListId]);
      const { Entries = [] } = await ec2.send(new GetManagedPrefixListEntriesCommand({ PrefixListId }));
      expect(Entries.map(entry => entry.Cidr)).to.have.members(["198.51.100.0/24", "0.0.0.0/0"]);
      expect(error.name).to.equal("InvalidPrefixListID.NotFound");
    });
  });

  describe("instances", () => {
    it("launches as many as were asked for, with tags on instances, volumes and interfaces", async () => {
      const tag = [{ Key: "owner", Value: "ann" }];
      const TagSpecifications = (["instance", "volume", "network-interface"] as const).map(ResourceType => ({
        ResourceType,
        Tags: tag,
      }));

      const launched = await launch({ MinCount: 1, MaxCount: 3, TagSpecifications });

      expect(launched).to.have.length(3);
      const one = await instance(launched[2]!);
      const volumes = one.BlockDeviceMappings!.map(mapping => mapping.Ebs!.VolumeId!);
      const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: volumes }));
      expect(one.Tags).to.deep.equal(tag);
      expect(Volumes.map(volume => volume.Tags)).to.deep.equal([tag]);
      expect((await interfacesOf(launched[2]!)).map(eni => eni.TagSet)).to.deep.equal([tag]);
    });

    it("makes nothing twice for one client token", async () => {
      const ClientToken = "one-launch";

      const [first] = await launch({ ClientToken });
      const [second] = await launch({ ClientToken });
      const error = await refusal(launch({ ClientToken, MaxCount: 2 }));

      expect(second).to.equal(first);
      expect(error.name).to.equal("IdempotentParameterMismatch");
    });

    it("makes nothing twice for one client token when two calls come at once", async () => {
      const ClientToken = "two-at-once";

      const [[first], [second]] = await Promise.all([launch({ ClientToken }), launch({ ClientToken })]);

      expect(second).to.equal(first);
    });

    it("does nothing on a dry run, and records it as refused", async () => {
      const before = world.events.length;

      const error = await refusal(launch({ DryRun: true }));

      expect(error.name).to.equal("DryRunOperation");
      expect(world.events[before]!.detail).to.include({
        errorCode: "Client.DryRunOperation",
        responseElements: null,
      });
    });

    it("has the same groups on the instance and its only interface, whichever is changed", async () => {
      const [a, b] = [await newGroup(), await newGroup()];
      const [id] = await launch({ SecurityGroupIds: [a] });
      const [eni] = await interfacesOf(id!);
      expect(ids(eni!.Groups)).to.deep.equal([a]);

      await ec2.send(
        new ModifyNetworkInterfaceAttributeCommand({
          NetworkInterfaceId: eni!.NetworkInterfaceId,
          Groups: [a, b],
        }),
      );
      expect(ids((await instance(id!)).SecurityGroups)).to.deep.equal([a, b].sort());
      expect(ids((await instance(id!)).NetworkInterfaces![0]!.Groups)).to.deep.equal([a, b].sort());

      await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, Groups: [b] }));
      expect(ids((await interfacesOf(id!))[0]!.Groups)).to.deep.equal([b]);
      expect(ids((await instance(id!)).SecurityGroups)).to.deep.equal([b]);
    });

    it("keeps a second interface's own groups, and refuses to change the instance's then", async () => {
      const [a, b] = [await newGroup(), await newGroup()];
      const [id] = await launch({ SecurityGroupIds: [a] });
      const { SubnetId } = await instance(id!);
      const { NetworkInterface } = await ec2.send(
        new CreateNetworkInterfaceCommand({ SubnetId, Groups: [b] }),
      );
      const NetworkInterfaceId = NetworkInterface!.NetworkInterfaceId;
      await ec2.send(
        new AttachNetworkInterfaceCommand({ InstanceId: id, NetworkInterfaceId, DeviceIndex: 1 }),
      );

      const error = await refusal(
        ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, Groups: [b] })),
      );

      const second = (await interfacesOf(id!)).find(eni => eni.NetworkInterfaceId === NetworkInterfaceId);
      expect(ids(second!.Groups)).to.deep.equal([b]);
      expect(ids((await instance(id!)).SecurityGroups)).to.deep.equal([a]);
      expect(error.name).to.equal("InvalidInstanceID");
    });

    it("refuses groups that do not exist, are of another VPC, or are too many", async () => {
      const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.9.0.0/16" }));
      const [id] = await launch();
      const NetworkInterfaceId = (await interfacesOf(id!))[0]!.NetworkInterfaceId;
      const six = await Promise.all([1, 2, 3, 4, 5, 6].map(() => newGroup()));
      const tries = [["sg-00000000000000000"], [await newGroup(Vpc!.VpcId)], six];

      const errors = [];
      for (const Groups of tries)
        errors.push(
          (
            await refusal(
              ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups })),
            )
          ).name,
        );

      expect(errors).to.deep.equal([
        "InvalidGroup.NotFound",
        "InvalidGroup.NotFound",
        "SecurityGroupsPerInterfaceLimitExceeded",
      ]);
      expect((await refusal(launch({ SecurityGroupIds: ["sg-00000000000000000"] }))).name).to.equal(
        "InvalidGroup.NotFound",
      );
    });

    it("takes its interfaces with it when it ends", async () => {
      const [id] = await launch();

      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id!] }));

      expect(await interfacesOf(id!)).to.deep.equal([]);
      expect((await instance(id!)).State!.Name).to.equal("terminated");
    });
  });

  it("refuses tags of what does not exist and keys that are AWS's own", async () => {
    const [id] = await launch();
    const Tags = [{ Key: "team", Value: "a" }];

    const missing = await refusal(
      ec2.send(new CreateTagsCommand({ Resources: ["i-0123456789abcdef0"], Tags })),
    );
    const reserved = await refusal(
      ec2.send(new CreateTagsCommand({ Resources: [id!], Tags: [{ Key: "aws:x", Value: "" }] })),
    );

    expect(missing.name).to.equal("InvalidInstanceID.NotFound");
    expect(reserved.name).to.equal("InvalidParameterValue");
  });

  it("deletes a tag, whatever its value", async () => {
    const [id] = await launch({
      TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "owner", Value: "x" }] }],
    });

    await ec2.send(new DeleteTagsCommand({ Resources: [id!], Tags: [{ Key: "owner" }] }));

    expect((await instance(id!)).Tags ?? []).to.deep.equal([]);
  });

  it("does not delete a security group that is in use", async () => {
    const group = await newGroup();
    await launch({ SecurityGroupIds: [group] });

    const error = await refusal(ec2.send(new DeleteSecurityGroupCommand({ GroupId: group })));

    expect(error.name).to.equal("DependencyViolation");
  });

  it("has one default VPC at most", async () => {
    const error = await refusal(ec2.send(new CreateDefaultVpcCommand({})));
    const other = await world.gateway
      .client(EC2Client, { region: "eu-north-1" })
      .send(new CreateVpcCommand({ CidrBlock: "10.7.0.0/16" }));

    expect(error.name).to.equal("DefaultVpcAlreadyExists");
    expect(other.Vpc?.IsDefault).to.equal(false);
  });
});
