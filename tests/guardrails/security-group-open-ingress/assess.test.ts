import type { SecurityGroupRule } from "@aws-sdk/client-ec2";
import { assert } from "chai";
import { securityGroupOpenIngress as guardrail } from "../../../components/guardrails/security-group-open-ingress";
import { nothingNew } from "../../../components/guardrails/security-group-open-ingress/resources";
import { type IngressState } from "../../../components/guardrails/security-group-open-ingress/rules";
import type { IngressStates } from "../../../components/guardrails/security-group-open-ingress/inspect";
import type { IngressHints } from "../../../components/guardrails/security-group-open-ingress/assess";
import {
  arn,
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
      [rule(1, "tcp 0-21", "0.0.0.0/0"), rule(2, "tcp 24-1432", "0.0.0.0/0")],
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

  it("a rule that a sweep knew before the change is not new, though the record names no other", () => {
    const state = stateOf(rule(1, "tcp 22", "0.0.0.0/0"));
    const hints = { ...brought(state, 1), ruleIds: [] };
    const finding = assessed(state, hints, set(), { [ruleId(1)]: "TCP 22 from 0.0.0.0/0" });
    assert.deepEqual(removed(finding), []);
    assert.include(finding?.notifyOnly, "was known before");
    assert.deepEqual(removed(assessed(state, hints, set(), {})), [ruleId(1)]);
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

    const finding = assessed(stateOf(rule(7, "-1", "0.0.0.0/0")), hints, set());

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

  it("a group that the record knows by name only is put right, and exempted by its true ARN", () => {
    const finding = assessed(stateOf(world), hintsOf("AuthorizeSecurityGroupIngress-by-name-without-answer"));

    assert.deepEqual(removed(finding), [ruleId(1)]);
    assert.equal(finding?.arn, arn(group));
  });

  describe("rules for all protocols", () => {
    const state = stateOf(rule(1, "-1", "0.0.0.0/0"));
    const hints = hintsOf("AuthorizeSecurityGroupIngress-all-protocols");
    const router = {
      ...state,
      appliances: [{ id: "eni-0000000000000000a", what: "source/destination check off" }],
    };

    it("are removed like any other new rule, and left to people where the caller is expected", () => {
      const finding = assessed(state, hints);

      assert.deepEqual(removed(finding), [ruleId(1)]);
      assert.isDefined(finding?.leaveToExpected);
      assert.include(finding?.summary, "all other ports and protocols of");
    });

    it("are only told where the setting says so", () => {
      assert.deepEqual(removed(assessed(state, hints, set({ allProtocols: "notify" }))), []);
    });

    it("stay, critically, on what a sweep knew to be an appliance", () => {
      const finding = assessed(router, hints, set(), { appliance: "eni-0000000000000000a" });

      assert.deepEqual(removed(finding), []);
      assert.isTrue(finding?.critical);
      assert.include(finding?.notifyOnly, "by design");
    });

    it("are removed where the check was switched off after the last sweep: that is one call", () => {
      assert.deepEqual(removed(assessed(router, hints, set(), {})), [ruleId(1)]);
    });

    it("stay, critically, where no sweep has ended yet that would know the appliance", () => {
      const finding = assessed(router, hints);

      assert.deepEqual(removed(finding), []);
      assert.isTrue(finding?.critical);
    });

    for (const listed of [group, "eni-0000000000000000a"])
      it(`stay, critically, on ${listed === group ? "a group" : "the group of an interface"} that is listed under appliances`, () => {
        const finding = assessed(router, hints, set({ appliances: [listed] }), {});

        assert.deepEqual(removed(finding), []);
        assert.isTrue(finding?.critical);
      });

    it("that stay do not keep a new rule for one port from being removed", () => {
      const both = { ...router, rules: [...state.rules, ...stateOf(rule(2, "tcp 22", "0.0.0.0/0")).rules] };

      const finding = assessed(both, brought(both, 1, 2), set(), { appliance: "eni-0000000000000000a" });

      assert.deepEqual(removed(finding), [ruleId(2)]);
      assert.deepEqual(leftAlone(finding), [ruleId(1)]);
    });
  });

  describe("a rule that was changed", () => {
    const state = stateOf(world);
    const hints = { ...brought(state, 1), route: "rule-changed" as const };

    it("is removed, and told with what it was when last seen", () => {
      const finding = assessed(state, hints, set(), { [ruleId(1)]: "TCP 22 from 10.0.0.0/8" });

      assert.deepEqual(removed(finding), [ruleId(1)]);
      assert.include(finding?.summary, `${ruleId(1)} was TCP 22 from 10.0.0.0/8 when last seen`);
    });

    it("stays where it admitted the same before: only its description was edited", () => {
      const finding = assessed(state, hints, set(), { [ruleId(1)]: "TCP 22 from 0.0.0.0/0" });

      assert.deepEqual(removed(finding), []);
      assert.include(finding?.notifyOnly, "only its description or tags changed");
      assert.isUndefined(finding?.critical);
    });

    it("is removed where the last sweep did not know it: it is newer", () => {
      assert.deepEqual(removed(assessed(state, hints, set(), {})), [ruleId(1)]);
    });

    it("stays, critically, where no sweep has ended: nobody knows whether it was as open before", () => {
      const finding = assessed(state, hints);

      assert.deepEqual(removed(finding), []);
      assert.include(finding?.notifyOnly, "what the rule was before is unknown");
      assert.isTrue(finding?.critical);
    });
  });

  describe("a sweep", () => {
    it("may remove what the last one did not know, and nothing else", () => {
      const state = stateOf(world, rule(2, "tcp 3389", "0.0.0.0/0"));

      const finding = assessed(state, nothingNew, set(), { [ruleId(1)]: "TCP 22 from 0.0.0.0/0" });

      assert.deepEqual(removed(finding), [ruleId(2)]);
      assert.deepEqual(leftAlone(finding), [ruleId(1)]);
    });

    it("tells what the groups of an interface open together, and none of them alone", () => {
      const eight = stateOf(rule(1, "tcp 22", "8.0.0.0/8"));
      const nine = { ...stateOf(rule(2, "tcp 22", "9.0.0.0/8")), groupId: "sg-0b1b2c3d4e5f60718" };
      const on = (...groups: IngressState[]) =>
        guardrail.assess({ kind: "network-interface", interfaceId: "eni-0a", groups }, set(), nothingNew);

      assert.deepEqual(on(eight, nine)?.data.remove, []);
      assert.include(on(eight, nine)?.summary, "eni-0a together");
      assert.isUndefined(on(eight));
      assert.isUndefined(on(eight, { ...stateOf(world), groupId: "sg-0b1b2c3d4e5f60718" }));
    });
  });

  describe("ports that are only told", () => {
    const cache = rule(1, "tcp 6379", "0.0.0.0/0");

    it("are told, never closed", () => {
      const state = stateOf(cache);
      const finding = assessed(state, brought(state, 1));

      assert.deepEqual(removed(finding), []);
      assert.include(finding?.notifyOnly, "tellPorts");
    });

    it("close with a range that also opens SSH, and the notice names the range", () => {
      const state = stateOf(rule(1, "tcp 1-65535", "0.0.0.0/0"));
      const finding = assessed(state, brought(state, 1));

      assert.deepEqual(removed(finding), [ruleId(1)]);
      assert.include(finding?.summary, `all ports from 1 to 65535 of ${ruleId(1)}`);
    });

    it("stay open, and are told, beside a rule that is removed", () => {
      const state = stateOf(cache, rule(2, "tcp 22", "0.0.0.0/0"));
      const finding = assessed(state, brought(state, 1, 2));

      assert.deepEqual(removed(finding), [ruleId(2)]);
      assert.deepEqual(leftAlone(finding), [ruleId(1)]);
    });
  });

  it("a call that only closes says nothing new of what stays open", () => {
    assert.isTrue(assessed(stateOf(world), { ...nothingNew, route: "closed" })?.once);
  });

  it("keeps of a state what is removed, so that fifty tags on a bystander's rule weigh nothing", () => {
    const tags = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`key-${n}`, "x".repeat(200)]));
    const state = stateOf(world, office);
    const finding = assessed(
      { ...state, rules: state.rules.map(one => ({ ...one, tags })) },
      brought(state, 1),
    );
    assert.isDefined(finding);

    const { rules } = guardrail.recorded?.(state, finding) as IngressState;

    assert.deepEqual(
      rules.map(one => one.ruleId),
      [ruleId(1)],
    );
  });

  describe("prefix lists", () => {
    const account = "123456789012";
    const ours = { kind: "prefix-list" as const, prefixListId: list, ownerId: account, account };
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
        ...ours,
        groups: [through(["0.0.0.0/1", "128.0.0.0/1"])],
      };

      const finding = guardrail.assess(state, set(), hintsOf("ModifyManagedPrefixList-entries-added"));

      assert.deepEqual(finding?.data.remove, []);
      assert.include(finding?.summary, `${group} TCP 22 from ${list}`);
      assert.include(finding?.notifyOnly, "other groups may rely on the list");
    });

    describe("of another account", () => {
      const theirs = (cidrs: string[]) => ({ ...ours, ownerId: "666666666666", groups: [through(cidrs)] });
      const judged = (state: IngressStates, accounts: string[] = []) =>
        guardrail.assess(state, { ...set(), trusted: { accounts } }, nothingNew);

      it("is told once while it opens nothing, and never a reason to write", () => {
        const finding = judged(theirs(["198.51.100.0/24"]));

        assert.isTrue(finding?.once);
        assert.deepEqual(finding?.data.remove, []);
        assert.include(finding?.summary, "account 666666666666, which is not trusted here");
      });

      it("is nothing to tell where the account is trusted, the list is AWS's, or no rule uses it", () => {
        assert.isUndefined(judged(theirs(["198.51.100.0/24"]), ["666666666666"]));
        assert.isUndefined(judged({ ...theirs(["198.51.100.0/24"]), ownerId: "AWS" }));
        assert.isUndefined(judged({ ...theirs(["198.51.100.0/24"]), groups: [] }));
      });

      it("is critical when it opens a port, trusted or not, and every tick looks at it", () => {
        const finding = judged(theirs(["0.0.0.0/0"]), ["666666666666"]);

        assert.isTrue(finding?.critical);
        assert.isTrue(guardrail.isWatched?.(theirs([]), set()));
        assert.isFalse(guardrail.isWatched?.({ ...ours, groups: [] }, set()));
      });
    });

    it("a list is blamed for what it opens together with other rules", () => {
      const both = stateOf(rule(1, "tcp 22", list), rule(2, "tcp 22", "8.0.0.0/8"));
      const groups = [{ ...both, lists: { [list]: ["9.0.0.0/8"] } }];

      assert.isDefined(guardrail.assess({ ...ours, groups }, set(), nothingNew));
    });

    it("a list of offices is not blamed for another rule of the group", () => {
      const both = stateOf(rule(1, "tcp 22", list), rule(2, "tcp 22", "0.0.0.0/0"));
      const groups = [{ ...both, lists: { [list]: ["198.51.100.0/24"] } }];

      assert.isUndefined(guardrail.assess({ ...ours, groups }, set(), nothingNew));
    });
  });
});
