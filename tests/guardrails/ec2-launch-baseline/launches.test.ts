import { assert } from "chai";
import { ec2LaunchBaseline as guardrail } from "../../../components/guardrails/ec2-launch-baseline";
import type { JsonObject } from "../../../runtime/json";
import { writtenEvents } from "../../support/events/written";
import {
  aState,
  admins,
  always,
  at,
  eni1,
  findingOf,
  i1,
  launched,
  named,
  none,
  parts,
  reasonOf,
  set,
  tagged,
  web,
} from "./launch-baseline";

const events = writtenEvents("ec2-launch-baseline");
const changed = (name: string, body: "requestParameters" | "responseElements", members: JsonObject) => {
  const event = structuredClone(events[name]);
  event.detail[body] = { ...(event.detail[body] as JsonObject | null), ...members };
  return event;
};
const victim = "i-0deadbeefdeadbeef";
const isolated = "sg-0000000000bad0000";

describe("ec2-launch-baseline against a caller who names other people's instances", () => {
  it("takes nothing from the free texts of a request for spot instances", () => {
    const texts = {
      launchGroup: victim,
      tagSet: { items: [{ key: "Project", value: victim }] },
      launchSpecification: { keyName: victim, imageId: "ami-0123456789abcdef0" },
    };
    const event = changed("RequestSpotInstances-plain", "responseElements", {
      spotInstanceRequestSet: { items: [texts] },
    });

    assert.equal(reasonOf(event), "elsewhere");
  });

  it("takes nothing from the name of a fleet's launch template, or from a deleted tag's value", () => {
    const fleet = changed("CreateFleet-at-once", "requestParameters", {
      CreateFleetRequest: {
        LaunchTemplateConfigs: { LaunchTemplateSpecification: { LaunchTemplateName: victim } },
      },
    });
    const tags = changed("DeleteTags-plain", "requestParameters", {
      tagSet: { items: [{ key: "Owner", value: victim }] },
    });

    assert.notInclude(
      [...named(fleet), ...named(tags)].map(({ id }) => id),
      victim,
    );
  });
});

describe("ec2-launch-baseline believes a launch once", () => {
  const times: [string, object, RegExp][] = [
    [
      "EC2 launched earlier, as a repeated client token names it",
      { launchedAt: "2026-11-20T09:14:59.000Z" },
      /^unconfirmed: EC2 says that .* was launched at 2026-11-20T09:14:59.000Z, the call was made at/,
    ],
    [
      "was started again around the call, as its first interface shows",
      { attachedAt: "2026-10-01T00:00:00.000Z" },
      /^unconfirmed: EC2 says that .* has its first interface since 2026-10-01/,
    ],
    ["has no launch time", { launchedAt: "" }, /^unconfirmed: EC2 does not say when/],
  ];
  for (const [what, change, reason] of times)
    it(`writes nothing to an instance that ${what}, and says so`, () => {
      const finding = findingOf(aState(change));

      assert.match(finding.notifyOnly ?? "", reason);
      assert.deepEqual(finding.data, { tags: {}, groups: {} });
    });

  it("accepts 30 seconds between the call and EC2's launch time", () => {
    assert.isUndefined(findingOf(aState({ launchedAt: "2026-11-20T09:16:00.000Z" })).notifyOnly);
  });

  it("says which instances the launch made, and remembers when each was launched", () => {
    assert.deepEqual(named(events["RunInstances-one"])[0].fresh, [i1]);
    assert.isUndefined(named(events["DeleteTags-plain"])[0].fresh);
    assert.deepEqual(guardrail.remembered?.(aState(), set()), { [i1]: `launched at ${at}` });
  });

  it("does not call an instance wrong for its launch alone", () => {
    const state = aState({ launchedAt: "2026-10-01T00:00:00.000Z", parts: parts(tagged, [web, admins]) });

    assert.isUndefined(guardrail.assess(state, set(), launched()));
  });
});

describe("ec2-launch-baseline and the groups of an interface", () => {
  const outside = aState({ parts: parts(tagged, [web]) });

  it("are known from the launch's own answer", () => {
    assert.deepEqual(named(events["RunInstances-one"])[0].hints.launch?.groups, { [eni1]: [web] });
  });

  it("get the administrators' group beside those that the launch gave", () => {
    assert.deepEqual(findingOf(outside).data.groups, { [eni1]: [web, admins] });
  });

  const left: [string, ReturnType<typeof aState>, ReturnType<typeof launched>, RegExp][] = [
    [
      "were changed since the launch",
      aState({ parts: parts(tagged, [isolated]) }),
      launched(),
      /was launched with sg-0aaaaaaaaaaaaaaaa and has sg-0000000000bad0000 now: somebody changed its groups/,
    ],
    [
      "the launch's answer does not name, as in a record that lost it",
      outside,
      launched({ groups: {} }),
      /does not say which groups eni-\w+ got/,
    ],
    ["are seen by a sweep while only launches count", outside, none, /only at a launch \(when: launch\)/],
  ];
  for (const [what, state, hints, reason] of left)
    it(`are left alone, and told, where they ${what}`, () => {
      const finding = findingOf(state, set(), hints);

      assert.deepEqual(finding.data.groups, {});
      assert.match(finding.notifyOnly ?? "", reason);
    });

  it("are put right at any time where the settings ask for that", () => {
    for (const hints of [none, launched({ groups: {} })])
      assert.deepEqual(findingOf(outside, always, hints).data.groups, { [eni1]: [web, admins] });
  });

  it("are left alone on an interface that alone is in quarantine, and that is told", () => {
    const state = aState({ parts: parts(tagged, [isolated]) });
    const finding = findingOf(state, set({ when: "always", quarantineGroups: [isolated] }), none);

    assert.deepEqual(finding.data.groups, {});
    assert.include(finding.notifyOnly, "it is not isolated");
  });
});

describe("ec2-launch-baseline and quarantine", () => {
  const state = aState({ isIsolated: true, parts: parts(tagged, [isolated]) });

  it("tells of a new instance in quarantine, by its launch or because no sweep knew it", () => {
    for (const [hints, known] of [
      [launched(), undefined],
      [none, {}],
    ] as const) {
      const finding = findingOf(state, set(), hints, known);

      assert.include(finding.summary, "is new and has nothing but quarantine groups on");
      assert.isDefined(finding.notifyOnly);
    }
  });

  it("is quiet about an instance that was known before it was isolated", () => {
    assert.isUndefined(guardrail.assess(state, set(), none, { [i1]: `launched at ${at}` }));
    assert.isUndefined(guardrail.assess(state, set(), none));
  });
});

describe("ec2-launch-baseline tells a record that cannot be read from one of something else", () => {
  const reasons: [string, string, "elsewhere" | "unreadable"][] = [
    ["a launch without an answer", "RunInstances-without-response", "unreadable"],
    ["a launch without bodies", "RunInstances-without-bodies", "unreadable"],
    ["a fleet that launches later", "CreateFleet-kept-up", "elsewhere"],
    ["a request for a spot fleet", "RequestSpotFleet-plain", "elsewhere"],
    ["a deletion of tags without bodies", "DeleteTags-without-bodies", "unreadable"],
    ["a deletion of other things' tags", "DeleteTags-elsewhere", "elsewhere"],
    ["another attribute", "ModifyInstanceAttribute-protection-changed", "elsewhere"],
  ];
  for (const [what, name, reason] of reasons)
    it(`${what} is ${reason}`, () => {
      assert.equal(reasonOf(events[name]), reason);
    });

  it("a body that CloudTrail marks as omitted is unreadable, of a fleet too", () => {
    for (const name of ["RunInstances-one", "CreateFleet-at-once"]) {
      const event = structuredClone(events[name]);
      event.detail.responseElements = { omitted: true };
      assert.equal(reasonOf(event), "unreadable", name);
    }
  });

  it("a later change is elsewhere where only launches count, readable or not", () => {
    for (const name of ["DeleteTags-plain", "DeleteTags-without-bodies"])
      assert.equal(reasonOf(events[name], set()), "elsewhere");
  });
});
