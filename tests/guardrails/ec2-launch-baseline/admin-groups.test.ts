import { assert } from "chai";
import {
  adminGroupsOf,
  allowedGroups,
  groupFilters,
} from "../../../components/guardrails/ec2-launch-baseline/admin-groups";
import type { AdminSecurityGroup } from "../../../components/definition";

const vpc = "vpc-0123456789abcdef0";
const admins = "sg-0ad314ad314ad314a";
const byTag = { tag: { Role: "admin", Team: "sec" } };
const byVpc = { [vpc]: admins, "vpc-b": "sg-b" };

describe("the administrators' group of a VPC", () => {
  const here = [{ GroupId: admins, VpcId: vpc }];
  const found: [string, AdminSecurityGroup, typeof here][] = [
    ["an id of a group in the VPC", admins, here],
    ["the id listed for the VPC, which may be shared from another", byVpc, []],
    ["tags that one group of the VPC has", byTag, [...here, { GroupId: "sg-b", VpcId: "vpc-b" }]],
  ];
  for (const [what, setting, groups] of found)
    it(`is found by ${what}`, () => {
      assert.deepEqual(adminGroupsOf(setting, [vpc], groups), { [vpc]: { id: admins, problem: "" } });
    });

  const missing: [string, AdminSecurityGroup, typeof here, string][] = [
    [
      "the id belongs to another VPC",
      admins,
      [{ GroupId: admins, VpcId: "vpc-b" }],
      `${admins} belongs to vpc-b, not to ${vpc}`,
    ],
    ["the id does not exist", admins, [], `${admins} does not exist`],
    [
      "no id is listed for the VPC",
      { "vpc-b": "sg-b" },
      here,
      `adminSecurityGroupId names no group for ${vpc}`,
    ],
    ["no group has the tags", byTag, [], `no group of ${vpc} has the tag Role=admin and Team=sec`],
    [
      "several groups have the tags",
      byTag,
      [{ GroupId: "sg-b", VpcId: vpc }, ...here],
      `more than one group (${admins}, sg-b) of ${vpc} has the tag Role=admin and Team=sec`,
    ],
  ];
  for (const [why, setting, groups, problem] of missing)
    it(`is missing, and it is said why, when ${why}`, () => {
      assert.deepEqual(adminGroupsOf(setting, [vpc], groups), { [vpc]: { id: "", problem } });
    });

  it("has to be asked for by id or by tags, and not at all where each VPC's id is listed", () => {
    assert.deepEqual(groupFilters(admins, [vpc]), [{ Name: "group-id", Values: [admins] }]);
    assert.deepEqual(groupFilters(byTag, [vpc]), [
      { Name: "vpc-id", Values: [vpc] },
      { Name: "tag:Role", Values: ["admin"] },
      { Name: "tag:Team", Values: ["sec"] },
    ]);
    assert.isUndefined(groupFilters(byVpc, [vpc]));
  });

  it("may also be a quarantine group, as far as an event can tell", () => {
    const quarantineGroups = ["sg-q"];
    const allowed = [admins, byVpc, byTag].map(setting =>
      allowedGroups({ adminSecurityGroupId: setting, quarantineGroups }),
    );

    assert.deepEqual(allowed, [[admins, "sg-q"], [admins, "sg-b", "sg-q"], []]);
  });
});
