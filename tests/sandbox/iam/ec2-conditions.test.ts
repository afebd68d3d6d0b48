import {
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  EC2Client,
  ModifyInstanceAttributeCommand,
  ModifyNetworkInterfaceAttributeCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { expect } from "chai";
import { madeElsewhere } from "../../../sandbox/services/ec2/made-elsewhere";
import { startWorld, type World } from "../support/account";
import { allow, person } from "../support/person";
import { refusal } from "../support/refusal";

/** What condition keys of EC2 hold a caller to, on an account, by the Service Authorization Reference. */
describe("conditions of EC2", function () {
  this.timeout(600_000);
  let world: World;
  let root: EC2Client;
  let groups: string[];
  let NetworkInterfaceId: string;
  let vpc: string;
  let InstanceId: string;
  before(async () => {
    world = await startWorld();
    root = world.gateway.client(EC2Client);
    const { Subnets = [] } = await root.send(new DescribeSubnetsCommand({}));
    const { SubnetId, VpcId = "" } = Subnets[0] ?? {};
    vpc = VpcId;
    groups = [];
    for (const GroupName of ["one", "two", "three"]) {
      const input = { GroupName, Description: GroupName, VpcId };
      groups.push((await root.send(new CreateSecurityGroupCommand(input))).GroupId ?? "");
    }
    const made = await root.send(new CreateNetworkInterfaceCommand({ SubnetId, Groups: groups.slice(0, 1) }));
    NetworkInterfaceId = made.NetworkInterface?.NetworkInterfaceId ?? "";
    const launch = { ImageId: "ami-12345678", MinCount: 1, MaxCount: 1, InstanceType: "t3.micro" } as const;
    const { Instances = [] } = await root.send(new RunInstancesCommand(launch));
    InstanceId = Instances[0]?.InstanceId ?? "";
  });
  after(() => world?.close());

  const may = async (answer: Promise<unknown>): Promise<boolean> => {
    try {
      await answer;
      return true;
    } catch (error) {
      if ((error as Error).name === "UnauthorizedOperation") return false;
      throw error;
    }
  };
  const as = async (...statements: object[]) =>
    world.gateway.client(EC2Client, {}, await person(world, ...statements));
  const interfaces = "arn:aws:ec2:*:*:network-interface/*";
  const [modify, others] = ["ec2:ModifyNetworkInterfaceAttribute", "arn:aws:ec2:*:*:security-group/*"];

  describe("on changes of an interface", () => {
    const regroup = (ec2: EC2Client, Groups: string[]) =>
      may(ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups })));
    const check = (ec2: EC2Client, Value: boolean) =>
      may(
        ec2.send(
          new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, SourceDestCheck: { Value } }),
        ),
      );

    it("name the attribute, which is Groups or SourceDestCheck", async () => {
      const named = (name: string) => ({ StringEquals: { "ec2:Attribute": name } });
      const grouping = await as(allow(modify, interfaces, named("Groups")), allow(modify, others));
      const checking = await as(allow(modify, interfaces, named("SourceDestCheck")));

      expect([await regroup(grouping, groups), await check(grouping, false)]).to.deep.equal([true, false]);
      expect([await regroup(checking, groups), await check(checking, false)]).to.deep.equal([false, true]);
    });

    it("know the new groups, as one text that holds a list", async () => {
      const [first = "", second = ""] = groups;
      const holding = { StringLike: { "ec2:Attribute/Groups": `*"${first}"*` } };
      const keeping = await as(allow(modify, interfaces, holding), allow(modify, others));

      expect([await regroup(keeping, groups), await regroup(keeping, [second])]).to.deep.equal([true, false]);
    });

    it("know the new value of a switch", async () => {
      const on = { StringEquals: { "ec2:Attribute/SourceDestCheck": "true" } };
      const closing = await as(allow(modify, interfaces, on));

      expect([await check(closing, true), await check(closing, false)]).to.deep.equal([true, false]);
    });

    it("have no attribute on the groups, which are asked for one by one", async () => {
      const named = { StringEquals: { "ec2:Attribute": "Groups" } };
      expect(await regroup(await as(allow(modify, [interfaces, others], named)), groups)).to.equal(false);
    });

    it("are of interfaces of one VPC", async () => {
      const within = (id: string) => ({
        ArnEquals: { "ec2:Vpc": `arn:aws:ec2:us-east-1:123456789012:vpc/${id}` },
      });
      const both = [interfaces, others];

      expect(await regroup(await as(allow(modify, both, within(vpc))), groups)).to.equal(true);
      expect(await regroup(await as(allow(modify, both, within("vpc-0"))), groups)).to.equal(false);
    });

    it("tell interfaces that a service operates, also from their tags on", async () => {
      const unmanaged = { Null: { "ec2:ManagedResourceOperator": "true" } };
      const careful = await as(
        allow(modify, interfaces, unmanaged),
        allow(modify, others),
        allow(["ec2:CreateTags", "ec2:DeleteTags"], interfaces, unmanaged),
      );
      const Tags = [{ Key: "team", Value: "a" }];
      const tag = () => may(careful.send(new CreateTagsCommand({ Resources: [NetworkInterfaceId], Tags })));
      const untag = () => may(careful.send(new DeleteTagsCommand({ Resources: [NetworkInterfaceId], Tags })));

      const own = [await regroup(careful, groups), await tag(), await untag()];
      madeElsewhere(world.account).operators().set(NetworkInterfaceId, "eks.amazonaws.com");
      const managed = [await regroup(careful, groups), await tag(), await untag()];
      madeElsewhere(world.account).operators().delete(NetworkInterfaceId);

      expect(own).to.deep.equal([true, true, true]);
      // DeleteTags does not have the key: it is absent there, whoever operates the interface.
      expect(managed).to.deep.equal([false, false, true]);
    });

    it("do not let two attributes through at once, which EC2 refuses to everybody", async () => {
      const both = { NetworkInterfaceId, Groups: groups, SourceDestCheck: { Value: false } };
      const send = (ec2: EC2Client) => refusal(ec2.send(new ModifyNetworkInterfaceAttributeCommand(both)));
      const named = { StringEquals: { "ec2:Attribute": ["Groups", "SourceDestCheck"] } };
      const some = await send(await as(allow(modify, interfaces, named), allow(modify, others)));
      const all = await send(await as(allow("ec2:*")));

      expect([some.name, all.name]).to.deep.equal(["UnauthorizedOperation", "InvalidParameterCombination"]);
    });
  });

  it("on changes of an instance name the attribute as well", async () => {
    const own = { StringEquals: { "ec2:Attribute/DisableApiTermination": "true" } };
    const guard = await as(allow("ec2:ModifyInstanceAttribute", "*", own));
    const protect = (Value: boolean) =>
      may(guard.send(new ModifyInstanceAttributeCommand({ InstanceId, DisableApiTermination: { Value } })));

    expect([await protect(true), await protect(false)]).to.deep.equal([true, false]);
  });

  describe("on tags", () => {
    const tagsNow = async () => {
      const Filters = [{ Name: "resource-id", Values: [InstanceId] }];
      const { Tags = [] } = await root.send(new DescribeTagsCommand({ Filters }));
      return Tags.map(({ Key, Value }) => `${Key}=${Value}`).sort();
    };
    const retag = async (...tags: [Key: string, Value: string][]) => {
      await root.send(new DeleteTagsCommand({ Resources: [InstanceId] }));
      const Tags = tags.map(([Key, Value]) => ({ Key, Value }));
      if (Tags.length > 0) await root.send(new CreateTagsCommand({ Resources: [InstanceId], Tags }));
    };
    const create = (ec2: EC2Client, Tags: { Key: string; Value: string }[]) =>
      may(ec2.send(new CreateTagsCommand({ Resources: [InstanceId], Tags })));
    const remove = (ec2: EC2Client, Tags?: { Key: string; Value?: string }[]) =>
      may(ec2.send(new DeleteTagsCommand({ Resources: [InstanceId], Tags })));
    const only = (...keys: string[]) => ({ "ForAllValues:StringEquals": { "aws:TagKeys": keys } });

    it("admit a key only where it is missing", async () => {
      const missing = { ...only("Owner"), Null: { "aws:ResourceTag/Owner": "true", "aws:TagKeys": "false" } };
      const adding = await as(allow("ec2:CreateTags", "*", missing));
      await retag();

      const owner = (Value: string) => create(adding, [{ Key: "Owner", Value }]);
      expect([await owner("a"), await owner("b")]).to.deep.equal([true, false]);
      expect(await tagsNow()).to.deep.equal(["Owner=a"]);
    });

    it("know the value that is asked for", async () => {
      const value = { StringEquals: { "aws:RequestTag/Owner": "a" } };
      const adding = await as(allow("ec2:CreateTags", "*", value));
      const owner = (Value: string) => create(adding, [{ Key: "Owner", Value }]);
      expect([await owner("a"), await owner("b")]).to.deep.equal([true, false]);
    });

    it("do not hold DeleteTags without tags by ForAllValues alone, which takes them all", async () => {
      const careless = await as(allow("ec2:DeleteTags", "*", only("Owner")));
      await retag(["Owner", "a"], ["Project", "x"]);

      expect(await remove(careless, [{ Key: "Project" }])).to.equal(false);
      expect(await remove(careless)).to.equal(true);
      expect(await tagsNow()).to.deep.equal([]);
    });

    it("hold DeleteTags without tags by Null", async () => {
      const careful = await as(
        allow("ec2:DeleteTags", "*", { ...only("Owner"), Null: { "aws:TagKeys": "false" } }),
      );
      await retag(["Owner", "a"], ["Project", "x"]);

      expect([await remove(careful), await remove(careful, [{ Key: "Owner" }])]).to.deep.equal([false, true]);
      expect(await tagsNow()).to.deep.equal(["Project=x"]);
    });
  });
});
