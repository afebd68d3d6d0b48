import type { EC2Client } from "@aws-sdk/client-ec2";
import { assert } from "chai";
import { securityGroupOpenIngress as guardrail } from "../../../components/guardrails/security-group-open-ingress";
import type { IngressState } from "../../../components/guardrails/security-group-open-ingress/rules";
import { fakeClient, inputsOf } from "../../support/fakes/client";
import { list, rule, set } from "./ingress";

const groups = Array.from({ length: 250 }, (_, n) => `sg-${String(n).padStart(17, "0")}`);
const scope = { account: "123456789012", region: "eu-west-1", partition: "aws" };
const valuesOf = (filters: unknown): string[] | undefined =>
  (filters as { Values: string[] }[] | undefined)?.[0].Values;

/** A region with 250 groups on two pages, a router, an interface with two groups, and a list of each kind of owner. */
const region = () =>
  fakeClient<EC2Client>({
    DescribeSecurityGroups: ({ NextToken, Filters }) => {
      const asked = valuesOf(Filters)?.[0].startsWith("pl-") ? [groups[1]] : valuesOf(Filters);
      const page = asked ?? (NextToken === undefined ? groups.slice(0, 249) : groups.slice(249));
      return {
        SecurityGroups: page.map(GroupId => ({ GroupId })),
        NextToken: (asked ?? NextToken) ? undefined : "2",
      };
    },
    DescribeSecurityGroupRules: ({ Filters }) => ({
      SecurityGroupRules: (valuesOf(Filters) ?? [])
        .filter(id => id !== groups[7])
        .map(GroupId => rule(1, "tcp 22", GroupId === groups[1] ? list : "8.0.0.0/8", { GroupId })),
    }),
    DescribeNetworkInterfaces: ({ Filters }) => {
      const all = [
        { NetworkInterfaceId: "eni-1", SourceDestCheck: false, Groups: [{ GroupId: groups[0] }] },
        {
          NetworkInterfaceId: "eni-2",
          SourceDestCheck: true,
          Groups: [2, 3].map(n => ({ GroupId: groups[n] })),
        },
      ];
      const asked = valuesOf(Filters);
      return {
        NetworkInterfaces: all.filter(
          one => asked === undefined || one.Groups.some(({ GroupId }) => asked.includes(GroupId)),
        ),
      };
    },
    DescribeManagedPrefixLists: ({ Filters }) => {
      const all = [
        { PrefixListId: list, OwnerId: "666666666666" },
        { PrefixListId: "pl-00000001", OwnerId: "123456789012" },
        { PrefixListId: "pl-00000002", OwnerId: "AWS" },
      ];
      const asked = valuesOf(Filters);
      return { PrefixLists: all.filter(({ PrefixListId }) => asked?.includes(PrefixListId) ?? true) };
    },
    GetManagedPrefixListEntries: () => ({ Entries: [{ Cidr: "198.51.100.0/24" }] }),
  });

describe("security-group-open-ingress: a sweep", () => {
  it("yields every group of every page, then interfaces with several groups, then lists that others own", async () => {
    const ec2 = region();
    const found: string[] = [];
    const states: unknown[] = [];
    for await (const { items } of guardrail.inventory({ ec2 }, scope, set())) {
      found.push(...items.map(({ resource }) => resource.id));
      states.push(...items.map(({ state }) => state));
    }

    assert.deepEqual(found, [...groups, "eni-2", list]);
    assert.lengthOf((states[7] as IngressState).rules, 0);
    assert.deepEqual((states[0] as IngressState).appliances, [
      { id: "eni-1", what: "source/destination check off" },
    ]);
    assert.notProperty(states[2], "appliances");
  });

  it("goes on where a page says, and reads nothing twice", async () => {
    const nexts: (string | undefined)[] = [];
    for await (const { next } of guardrail.inventory({ ec2: region() }, scope, set())) nexts.push(next);
    assert.isUndefined(nexts.at(-1));

    const ec2 = region();
    const found: string[] = [];
    for await (const { items } of guardrail.inventory({ ec2 }, scope, set(), nexts[0]))
      found.push(...items.map(({ resource }) => resource.id));

    assert.deepEqual(found, [groups[249], "eni-2", list]);
    assert.equal(inputsOf(ec2, "DescribeSecurityGroups")[0].NextToken, "2");
  });

  it("remembers what each rule on a guarded port admits, and whether an appliance has the group", async () => {
    for await (const { items } of guardrail.inventory({ ec2: region() }, scope, set())) {
      assert.deepEqual(guardrail.remembered?.(items[0].state, set()), {
        "sgr-00000000000000001": "TCP 22 from 8.0.0.0/8",
        appliance: "eni-1 (source/destination check off)",
      });
      break;
    }
  });
});
