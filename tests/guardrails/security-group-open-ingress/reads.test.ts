import type { EC2Client } from "@aws-sdk/client-ec2";
import { assert } from "chai";
import { securityGroupOpenIngress as guardrail } from "../../../components/guardrails/security-group-open-ingress";
import { type IngressState } from "../../../components/guardrails/security-group-open-ingress/rules";
import { awsError, fakeClient, inputsOf } from "../../support/fakes/client";
import { arn, egress, group, list, named, only, rule, ruleId, set, stateOf } from "./ingress";

describe("security-group-open-ingress: reading", () => {
  const read = (ec2: EC2Client, name: string) => guardrail.inspect({ ec2 }, named(name), set());

  it("one call reads a group; egress rules are left out", async () => {
    const ec2 = fakeClient<EC2Client>(
      only([egress, rule(2, "tcp 443", "0.0.0.0/0"), rule(1, "tcp 22", "0.0.0.0/0")]),
    );

    const states = await read(ec2, "AuthorizeSecurityGroupIngress-permissions");

    assert.deepEqual(
      (states[arn(group)] as IngressState).rules.map(one => one.ruleId),
      [1, 2].map(ruleId),
    );
    assert.deepEqual(
      ec2.calls.map(call => call.input),
      [{ Filters: [{ Name: "group-id", Values: [group] }], MaxResults: 1000, NextToken: undefined }],
    );
  });

  it("several groups of one launch are read in one call", async () => {
    const other = "sg-0b1b2c3d4e5f60718";
    const rules = [
      egress,
      rule(1, "tcp 22", "0.0.0.0/0"),
      rule(5, "tcp 22", "10.0.0.0/8", { GroupId: other }),
    ];
    const ec2 = fakeClient<EC2Client>({
      ...only(rules),
      DescribeNetworkInterfaces: () => ({
        NetworkInterfaces: [1, 2].map(n => ({
          NetworkInterfaceId: `eni-${n}`,
          Groups: [{ GroupId: group }],
        })),
      }),
    });

    const states = await read(ec2, "RunInstances-plain");

    assert.sameMembers(Object.keys(states), [arn(group), arn(other)]);
    assert.lengthOf((states[arn(other)] as IngressState).rules, 1);
    assert.lengthOf(inputsOf(ec2, "DescribeSecurityGroupRules"), 1);
    assert.deepInclude(states[arn(group)], { uses: 2 });
    assert.notProperty(states[arn(other)], "uses");
  });

  it("every page of rules is read", async () => {
    const ec2 = fakeClient<EC2Client>({
      DescribeSecurityGroupRules: ({ NextToken }) =>
        NextToken === undefined
          ? { SecurityGroupRules: [egress], NextToken: "2" }
          : { SecurityGroupRules: [rule(1, "tcp 22", "0.0.0.0/0")] },
    });

    const states = await read(ec2, "AuthorizeSecurityGroupIngress-permissions");

    assert.lengthOf((states[arn(group)] as IngressState).rules, 1);
    assert.equal(inputsOf(ec2, "DescribeSecurityGroupRules")[1].NextToken, "2");
  });

  it("a group without any rule is there and compliant", async () => {
    const ec2 = fakeClient<EC2Client>({
      ...only([]),
      DescribeSecurityGroups: () => ({ SecurityGroups: [{ GroupId: group }] }),
    });

    assert.deepEqual(await read(ec2, "AuthorizeSecurityGroupIngress-permissions"), {
      [arn(group)]: stateOf(),
    });
  });

  it("a group that is gone has no state", async () => {
    const ec2 = fakeClient<EC2Client>({
      ...only([]),
      DescribeSecurityGroups: () => ({ SecurityGroups: [] }),
    });

    assert.deepEqual(await read(ec2, "AuthorizeSecurityGroupIngress-permissions"), {});
  });

  it("a prefix list is read, page by page, where it reaches a guarded port", async () => {
    const ec2 = fakeClient<EC2Client>({
      ...only([rule(1, "tcp 22", list), rule(2, "tcp 3389", list), rule(3, "tcp 443", "pl-0fffffff")]),
      DescribeManagedPrefixLists: () => ({ PrefixLists: [{ PrefixListId: list, OwnerId: "123456789012" }] }),
      DescribeSecurityGroups: () => ({ SecurityGroups: [{ GroupId: group }] }),
      GetManagedPrefixListEntries: ({ NextToken }) =>
        NextToken === undefined
          ? { Entries: [{ Cidr: "9.0.0.0/8" }], NextToken: "2" }
          : { Entries: [{ Cidr: "8.0.0.0/8" }] },
    });

    const states = await read(ec2, "AuthorizeSecurityGroupIngress-prefix-list");

    assert.deepEqual((states[arn(group)] as IngressState).lists, { [list]: ["8.0.0.0/8", "9.0.0.0/8"] });
    assert.notInclude(JSON.stringify(ec2.calls), "pl-0fffffff");
  });

  it("a prefix list that cannot be read is an error, never nobody", async () => {
    const ec2 = fakeClient<EC2Client>({
      ...only([rule(1, "tcp 22", list)]),
      DescribeManagedPrefixLists: () => ({ PrefixLists: [{ PrefixListId: list, OwnerId: "123456789012" }] }),
      GetManagedPrefixListEntries: () => {
        throw awsError("UnauthorizedOperation");
      },
    });

    const error = await read(ec2, "AuthorizeSecurityGroupIngress-prefix-list").then(
      () => undefined,
      (thrown: Error) => thrown.name,
    );

    assert.equal(error, "UnauthorizedOperation");
  });

  it("a prefix list that is no longer shared does not keep the group's other rules from being judged", async () => {
    const ec2 = fakeClient<EC2Client>({
      ...only([rule(1, "tcp 22", list), rule(2, "tcp 22", "0.0.0.0/0")]),
      DescribeManagedPrefixLists: () => ({ PrefixLists: [{ PrefixListId: list, OwnerId: "123456789012" }] }),
      GetManagedPrefixListEntries: () => {
        throw awsError("InvalidPrefixListID.NotFound");
      },
    });

    const states = await read(ec2, "AuthorizeSecurityGroupIngress-prefix-list");

    assert.deepInclude(states[arn(group)], { lists: { [list]: [] } });
  });

  it("a group known by name is looked up in the default VPC, as the call itself did", async () => {
    const ec2 = fakeClient<EC2Client>({
      ...only([egress]),
      DescribeSecurityGroups: () => ({ SecurityGroups: [{ GroupId: group }] }),
    });

    const states = await read(ec2, "AuthorizeSecurityGroupIngress-by-name-without-answer");

    assert.deepEqual(states, { [arn("default")]: stateOf() });
    assert.deepEqual(inputsOf(ec2, "DescribeSecurityGroups"), [{ GroupNames: ["default"] }]);
  });

  it("a name that no group has any more is gone", async () => {
    const ec2 = fakeClient<EC2Client>({
      DescribeSecurityGroups: () => {
        throw awsError("InvalidGroup.NotFound");
      },
    });

    assert.deepEqual(await read(ec2, "AuthorizeSecurityGroupIngress-by-name-without-answer"), {});
  });

  it("a widened list is read with every group that refers to it", async () => {
    const ec2 = fakeClient<EC2Client>({
      ...only([rule(1, "tcp 22", list)]),
      DescribeSecurityGroups: () => ({ SecurityGroups: [{ GroupId: group }] }),
      DescribeManagedPrefixLists: () => ({ PrefixLists: [{ PrefixListId: list, OwnerId: "123456789012" }] }),
      GetManagedPrefixListEntries: () => ({ Entries: [{ Cidr: "0.0.0.0/0" }] }),
    });

    const states = await read(ec2, "ModifyManagedPrefixList-entry-added");

    assert.deepEqual(states[arn(list)], {
      kind: "prefix-list",
      prefixListId: list,
      ownerId: "123456789012",
      account: "123456789012",
      groups: [{ ...stateOf(rule(1, "tcp 22", list)), lists: { [list]: ["0.0.0.0/0"] } }],
    });
    assert.lengthOf(inputsOf(ec2, "GetManagedPrefixListEntries"), 1);
    assert.deepEqual(inputsOf(ec2, "DescribeSecurityGroups")[0].Filters, [
      { Name: "ip-permission.prefix-list-id", Values: [list] },
    ]);
  });

  it("a list that is gone has no state", async () => {
    const ec2 = fakeClient<EC2Client>({
      DescribeManagedPrefixLists: () => ({ PrefixLists: [{ PrefixListId: list, OwnerId: "123456789012" }] }),
      GetManagedPrefixListEntries: () => {
        throw awsError("InvalidPrefixListID.NotFound");
      },
    });

    assert.deepEqual(await read(ec2, "ModifyManagedPrefixList-entry-added"), {});
  });

  it("a refused read is an error", async () => {
    const ec2 = fakeClient<EC2Client>({
      DescribeSecurityGroupRules: () => {
        throw awsError("UnauthorizedOperation");
      },
    });

    const error = await read(ec2, "AuthorizeSecurityGroupIngress-permissions").then(
      () => undefined,
      (thrown: Error) => thrown.name,
    );

    assert.equal(error, "UnauthorizedOperation");
  });

  it("a group's tags tell who runs it", async () => {
    const Tags = [{ Key: "elbv2.k8s.aws/cluster", Value: "prod" }];
    const ec2 = fakeClient<EC2Client>({
      DescribeSecurityGroups: () => ({ SecurityGroups: [{ GroupId: group, Tags }] }),
    });

    const facts = await guardrail.ownership(
      { ec2 },
      named("AuthorizeSecurityGroupIngress-permissions")[0],
      stateOf(),
    );

    assert.deepEqual(facts, { tags: { "elbv2.k8s.aws/cluster": "prod" } });
  });
});
