import type { SecurityGroupRule } from "@aws-sdk/client-ec2";
import { assert } from "chai";
import { securityGroupOpenIngress as guardrail } from "../../../components/guardrails/security-group-open-ingress";
import { nothingNew } from "../../../components/guardrails/security-group-open-ingress/resources";
import { type IngressState } from "../../../components/guardrails/security-group-open-ingress/rules";
import type { IngressHints } from "../../../components/guardrails/security-group-open-ingress/assess";
import {
  assessed,
  brought,
  events,
  group,
  hintsOf,
  leftAlone,
  list,
  removed,
  rule,
  ruleId,
  set,
  stateOf,
} from "./ingress";
import { namedIn } from "../../../runtime/guardrail";

describe("security-group-open-ingress: what is open to the world", () => {
  const open: [string, SecurityGroupRule[], Record<string, unknown>?][] = [
    ["SSH from everywhere", [rule(1, "tcp 22", "0.0.0.0/0")]],
    ["remote desktop from everywhere over IPv6", [rule(1, "tcp 3389", "::/0")]],
    ["remote desktop over UDP", [rule(1, "udp 3389", "0.0.0.0/0")]],
    ["a range of ports that contains SSH", [rule(1, "tcp 0-65535", "0.0.0.0/0")]],
    ["a protocol given by number", [rule(1, "6 22", "0.0.0.0/0")]],
    ["a quarter of the internet", [rule(1, "tcp 22", "64.0.0.0/2")]],
    ["all public IPv6 addresses", [rule(1, "tcp 22", "2000::/3")]],
    ["one registry's IPv6 addresses", [rule(1, "tcp 22", "2a00::/12")]],
    ["the two halves", [rule(1, "tcp 22", "0.0.0.0/1"), rule(2, "tcp 22", "128.0.0.0/1")]],
    [
      "one block of the limit and a little more",
      [rule(1, "tcp 22", "8.0.0.0/8"), rule(2, "tcp 22", "9.9.9.9/32")],
    ],
    ["a port of the user's own", [rule(1, "tcp 5432", "0.0.0.0/0")], { ports: [5432] }],
    ["a web port that the user guards", [rule(1, "tcp 443", "0.0.0.0/0")], { ports: [443] }],
    ["a block that the user finds too wide", [rule(1, "tcp 22", "8.0.0.0/12")], { openIpv4Prefix: 16 }],
  ];
  for (const [what, rules, knobs] of open)
    it(`${what} is open, and every rule of it is removed`, () => {
      const state = stateOf(...rules);
      const numbers = rules.map((_, at) => at + 1);

      const finding = assessed(state, brought(state, ...numbers), set(knobs));

      assert.isUndefined(finding?.notifyOnly);
      assert.isNotEmpty(removed(finding));
      assert.isUndefined(
        assessed(
          { ...state, rules: state.rules.filter(one => !removed(finding).includes(one.ruleId)) },
          nothingNew,
          set(knobs),
        ),
      );
    });

  const closed: [string, SecurityGroupRule[], Record<string, unknown>?][] = [
    ["SSH from an office", [rule(1, "tcp 22", "8.8.4.0/24")]],
    ["SSH from private networks", [rule(1, "tcp 22", "10.0.0.0/8"), rule(2, "tcp 22", "172.16.0.0/12")]],
    ["0.0.0.0/16, which nobody has", [rule(1, "tcp 22", "0.0.0.0/16")]],
    ["one block of the limit", [rule(1, "tcp 22", "8.0.0.0/8")]],
    [
      "two providers' IPv6 blocks",
      [rule(1, "tcp 22", "2a00:1450::/32"), rule(2, "tcp 22", "2600:1f00::/24")],
    ],
    ["the web", [rule(1, "tcp 443", "0.0.0.0/0"), rule(2, "tcp 80", "::/0")]],
    ["ping", [rule(1, "icmp -1", "0.0.0.0/0")]],
    ["a tunnel protocol", [rule(1, "50 -1", "0.0.0.0/0")]],
    [
      "the neighbours of a guarded port",
      [rule(1, "tcp 0-21", "0.0.0.0/0"), rule(2, "tcp 23-3388", "0.0.0.0/0")],
    ],
    [
      "the halves over different transports",
      [rule(1, "tcp 3389", "8.0.0.0/8"), rule(2, "udp 3389", "9.0.0.0/8")],
    ],
    ["the halves on different ports", [rule(1, "tcp 22", "8.0.0.0/8"), rule(2, "tcp 3389", "9.0.0.0/8")]],
    [
      "another group",
      [rule(1, "tcp 22", "0.0.0.0/0", { CidrIpv4: undefined, ReferencedGroupInfo: { GroupId: group } })],
    ],
    ["a port that is not guarded here", [rule(1, "tcp 22", "0.0.0.0/0")], { ports: [3389] }],
    ["a block that the user accepts", [rule(1, "tcp 22", "64.0.0.0/2")], { openIpv4Prefix: 1 }],
    ["no rule at all", []],
  ];
  for (const [what, rules, knobs] of closed)
    it(`${what} is not open to the world`, () => {
      const state = stateOf(...rules);

      assert.isUndefined(assessed(state, brought(state, 1, 2), set(knobs)));
      assert.isUndefined(assessed(state, nothingNew, set(knobs)));
    });
});

describe("security-group-open-ingress: which rules are removed", () => {
  const world = rule(1, "tcp 22", "0.0.0.0/0");
  const office = rule(2, "tcp 22", "8.8.4.4/32");
  const cases: [string, SecurityGroupRule[], number[], number[], number[]][] = [
    [
      "only the open one of several that came together",
      [world, office, rule(3, "tcp 443", "0.0.0.0/0")],
      [1, 2, 3],
      [1],
      [],
    ],
    ["the new one, while an older open one is told", [world, rule(2, "tcp 22", "0.0.0.0/1")], [2], [2], [1]],
    ["the new one of each address family", [world, rule(2, "tcp 22", "::/0"), office], [1, 2, 3], [1, 2], []],
    [
      "the new half, and the older half stays",
      [rule(1, "tcp 22", "8.0.0.0/8"), rule(2, "tcp 22", "9.0.0.0/8")],
      [2],
      [2],
      [],
    ],
    [
      "the widest of several new ones, as few as suffice",
      [rule(1, "tcp 22", "9.9.9.9/32"), rule(2, "tcp 22", "8.0.0.0/8")],
      [1, 2],
      [2],
      [],
    ],
    ["nothing, if the older rules are open without it", [world, office], [2], [], [1]],
    [
      "a wide range that covers both guarded ports, once",
      [rule(1, "tcp 20-4000", "0.0.0.0/0")],
      [1],
      [1],
      [],
    ],
  ];
  for (const [what, rules, fresh, gone, kept] of cases)
    it(what, () => {
      const state = stateOf(...rules);

      const finding = assessed(state, brought(state, ...fresh));

      assert.deepEqual(removed(finding), gone.map(ruleId));
      assert.deepEqual(leftAlone(finding), kept.map(ruleId));
      assert.equal(finding?.notifyOnly !== undefined, gone.length === 0);
    });

  it("after the removal the older rule is what remains, and is only told", () => {
    const state = stateOf(world, rule(2, "tcp 22", "0.0.0.0/1"));
    const after = { ...state, rules: state.rules.filter(one => one.ruleId !== ruleId(2)) };

    const finding = assessed(after, brought(state, 2));

    assert.deepEqual(removed(finding), []);
    assert.deepEqual(leftAlone(finding), [ruleId(1)]);
    assert.include(finding?.notifyOnly, "older than this change");
  });

  it("an older open rule on a port that the change does not touch is not this event's business", () => {
    const state = stateOf(world, rule(2, "tcp 443", "0.0.0.0/0"));

    assert.isUndefined(assessed(state, brought(state, 2)));
  });

  it("a rule without an id in the record is found by what it admits, however it is written", () => {
    const state = stateOf(rule(7, "tcp 22", "0.0.0.0/0"), office);

    assert.deepEqual(removed(assessed(state, hintsOf("AuthorizeSecurityGroupIngress-old-record"))), [
      ruleId(7),
    ]);
  });

  it("ports that were asked for beside all protocols mean nothing, as for EC2", () => {
    const event = structuredClone(events["AuthorizeSecurityGroupIngress-old-record"]);
    Object.assign(event.detail.requestParameters ?? {}, {
      ipPermissions: {},
      ipProtocol: "-1",
      fromPort: 22,
      toPort: 22,
      cidrIp: "0.0.0.0/0",
    });
    const [{ hints }] = namedIn(guardrail.resources(event, set()));

    const finding = assessed(stateOf(rule(7, "-1", "0.0.0.0/0")), hints, set({ allProtocols: "remove" }));

    assert.deepEqual(removed(finding), [ruleId(7)]);
  });

  it("a rule that the record names, but that was narrowed since, is left alone", () => {
    assert.isUndefined(
      assessed(
        stateOf(rule(1, "tcp 22", "198.51.100.0/24")),
        hintsOf("AuthorizeSecurityGroupIngress-permissions"),
      ),
    );
  });

  const told: [string, IngressHints, string][] = [
    [
      "a group that was already open when it was attached",
      hintsOf("ModifyInstanceAttribute-groups-set"),
      "every other user of the group",
    ],
    ["a group that a sweep comes upon", nothingNew, "no event says that it is new"],
    [
      "a group that the record knows by name only",
      hintsOf("AuthorizeSecurityGroupIngress-by-name-without-answer"),
      "by its name only",
    ],
    [
      "a change that does not say which rule",
      { ...nothingNew, route: "rule-added" },
      "does not say which rule",
    ],
  ];
  for (const [what, hints, why] of told)
    it(`${what} is told, never written`, () => {
      const finding = assessed(stateOf(world), hints);

      assert.deepEqual(removed(finding), []);
      assert.deepEqual(leftAlone(finding), [ruleId(1)]);
      assert.include(finding?.notifyOnly, why);
    });

  describe("rules for all protocols", () => {
    const state = stateOf(rule(1, "-1", "0.0.0.0/0"));
    const hints = hintsOf("AuthorizeSecurityGroupIngress-all-protocols");

    it("are told, because appliances need them", () => {
      const finding = assessed(state, hints);

      assert.deepEqual(removed(finding), []);
      assert.include(finding?.notifyOnly, "by design");
    });

    it("are removed where the setting says so", () => {
      assert.deepEqual(removed(assessed(state, hints, set({ allProtocols: "remove" }))), [ruleId(1)]);
    });

    it("stay beside a new rule for one port, which is removed", () => {
      const both = stateOf(rule(1, "-1", "0.0.0.0/0"), rule(2, "tcp 22", "0.0.0.0/0"));

      const finding = assessed(both, brought(both, 1, 2));

      assert.deepEqual(removed(finding), [ruleId(2)]);
      assert.deepEqual(leftAlone(finding), [ruleId(1)]);
    });
  });

  describe("prefix lists", () => {
    const through = (cidrs: string[]): IngressState => ({
      ...stateOf(rule(1, "tcp 22", list)),
      lists: { [list]: cidrs },
    });

    it("a new rule through an open list is removed", () => {
      assert.deepEqual(
        removed(assessed(through(["0.0.0.0/0"]), hintsOf("AuthorizeSecurityGroupIngress-prefix-list"))),
        [ruleId(1)],
      );
    });

    it("a new rule through a list of offices stays", () => {
      assert.isUndefined(
        assessed(through(["198.51.100.0/24"]), hintsOf("AuthorizeSecurityGroupIngress-prefix-list")),
      );
    });

    it("a list that widened is told with the groups that it opens, never written", () => {
      const state = {
        kind: "prefix-list" as const,
        prefixListId: list,
        groups: [through(["0.0.0.0/1", "128.0.0.0/1"])],
      };

      const finding = guardrail.assess(state, set(), hintsOf("ModifyManagedPrefixList-entries-added"));

      assert.deepEqual(finding?.data.remove, []);
      assert.include(finding?.summary, `${group} TCP 22 from ${list}`);
      assert.include(finding?.notifyOnly, "other groups may rely on the list");
    });

    it("a list is blamed for what it opens together with other rules", () => {
      const both = stateOf(rule(1, "tcp 22", list), rule(2, "tcp 22", "8.0.0.0/8"));
      const groups = [{ ...both, lists: { [list]: ["9.0.0.0/8"] } }];

      assert.isDefined(
        guardrail.assess({ kind: "prefix-list", prefixListId: list, groups }, set(), nothingNew),
      );
    });

    it("a list of offices is not blamed for another rule of the group", () => {
      const both = stateOf(rule(1, "tcp 22", list), rule(2, "tcp 22", "0.0.0.0/0"));
      const groups = [{ ...both, lists: { [list]: ["198.51.100.0/24"] } }];

      assert.isUndefined(
        guardrail.assess({ kind: "prefix-list", prefixListId: list, groups }, set(), nothingNew),
      );
    });
  });
});
