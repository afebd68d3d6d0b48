import type { EC2Client } from "@aws-sdk/client-ec2";
import { assert } from "chai";
import { ec2LaunchBaseline as guardrail } from "../../../components/guardrails/ec2-launch-baseline";
import { compile } from "../../../patterns";
import type { GuardrailEvent } from "../../../runtime/events";
import type { BaselineState } from "../../../components/guardrails/ec2-launch-baseline/instances";
import { behaves } from "../../support/behaviour";
import { awsError, fakeClient, inputsOf } from "../../support/fakes/client";
import {
  type Settings,
  type State,
  aState,
  account,
  admins,
  always,
  eni1,
  findingOf,
  i1,
  named,
  none,
  number,
  parts,
  set,
  tagged,
  vol1,
  web,
} from "./launch-baseline";
import { recordedEvents, recordingsAreMissing } from "../../support/events/recorded";
import { writtenEvents } from "../../support/events/written";

const events = writtenEvents("ec2-launch-baseline");
const idsOf = (event: GuardrailEvent, settings = always) => named(event, settings).map(({ id }) => id);
const instance = named(events["RunInstances-one"])[0];

behaves(guardrail, {
  "must act": {
    "somebody launched one instance": "RunInstances-one",
    "one call launched three": "RunInstances-three",
    "a launch from a template": "RunInstances-from-template",
    "a launch that gave tags": "RunInstances-with-tags",
    "a launch on an interface that was there before": "RunInstances-on-given-interface",
    "Auto Scaling launched it": "RunInstances-by-auto-scaling",
    "a fleet launched it later": "RunInstances-by-fleet",
    "a fleet launched its instances at once": "CreateFleet-at-once",
    "a user without a session launched it": "RunInstances-by-user",
    "root launched it": "RunInstances-by-root",
    "a record whose list of instances is a bare object": "RunInstances-with-a-single-item",
    "an interface was attached": "AttachNetworkInterface-plain",
    "an interface was attached, in EC2's newer spelling": "AttachNetworkInterface-new-style",
    "a required tag was deleted": "DeleteTags-plain",
    "another tag was deleted": "DeleteTags-other-key",
    "all tags of a volume were deleted": "DeleteTags-all-tags",
    "tags of an instance and its parts were deleted": "DeleteTags-from-several",
    "a deletion that names the instance in a bare list": "DeleteTags-bare-list",
    "a deletion in EC2's newer spelling": "DeleteTags-new-style",
    "an instance got other groups": "ModifyInstanceAttribute-groups-changed",
    "an instance got other groups, in EC2's newer spelling": "ModifyInstanceAttribute-groups-new-style",
    "an instance got an attribute nobody has heard of": "ModifyInstanceAttribute-unknown",
    "an interface got other groups": "ModifyNetworkInterfaceAttribute-groups-changed",
    "an interface got other groups, in EC2's newer spelling":
      "ModifyNetworkInterfaceAttribute-groups-new-style",
    "an interface got groups with the administrators' one": "ModifyNetworkInterfaceAttribute-groups-kept",
    "an interface was put into quarantine": "ModifyNetworkInterfaceAttribute-quarantined",
  },
  "must not act": {
    "the launch was denied": "RunInstances-denied",
    "the launch was a dry run": "RunInstances-dry",
    "the account may have no more instances": "RunInstances-beyond-quota",
    "the guardrail's own role launched it": "RunInstances-by-own-role",
    "a launch whose answer is too long for its record": "RunInstances-without-response",
    "a launch whose record lost both bodies": "RunInstances-without-bodies",
    "a fleet that launches later": "CreateFleet-kept-up",
    "a request for spot instances": "RequestSpotInstances-plain",
    "a request for a spot fleet": "RequestSpotFleet-plain",
    "the attachment was denied": "AttachNetworkInterface-denied",
    "the deletion of a tag was denied": "DeleteTags-denied",
    "the deletion of a tag was a dry run": "DeleteTags-dry",
    "the guardrail's own role deleted a tag": "DeleteTags-by-own-role",
    "tags of a VPC and a group were deleted": "DeleteTags-elsewhere",
    "a deletion whose record lost both bodies": "DeleteTags-without-bodies",
    "other groups for an instance were denied": "ModifyInstanceAttribute-groups-denied",
    "an instance got protection from termination": "ModifyInstanceAttribute-protection-changed",
    "an instance got protection from a stop, an attribute named as text": "ModifyInstanceAttribute-by-name",
    "other groups for an interface were denied": "ModifyNetworkInterfaceAttribute-groups-denied",
    "the guardrail's own role gave an interface its groups":
      "ModifyNetworkInterfaceAttribute-groups-by-own-role",
    "an interface got another description": "ModifyNetworkInterfaceAttribute-description-changed",
  },
});

describe("ec2-launch-baseline: which events concern which instances", () => {
  const launches: [string, string, string[]][] = [
    ["one instance", "RunInstances-one", [i1]],
    ["three instances of one call", "RunInstances-three", [1, 2, 3].map(n => `i-${number(n)}`)],
    ["a launch by Auto Scaling", "RunInstances-by-auto-scaling", [`i-${number(4)}`]],
    ["a launch by a fleet", "RunInstances-by-fleet", [`i-${number(5)}`]],
    ["a launch from a template", "RunInstances-from-template", [`i-${number(6)}`]],
    ["a launch on an existing interface", "RunInstances-on-given-interface", [`i-${number(7)}`]],
    ["a launch by a user without a session", "RunInstances-by-user", [`i-${number(8)}`]],
    ["a launch by root", "RunInstances-by-root", [`i-${number(9)}`]],
    ["a list that is a bare object", "RunInstances-with-a-single-item", [`i-${number(10)}`]],
    ["a fleet that launches at once", "CreateFleet-at-once", [`i-${number(12)}`, `i-${number(13)}`]],
    ["a fleet that launches later", "CreateFleet-kept-up", []],
    ["a request for spot instances", "RequestSpotInstances-plain", []],
    ["a request for a spot fleet", "RequestSpotFleet-plain", []],
    ["a response too long for the record, whatever its token", "RunInstances-without-response", []],
    ["a record without bodies", "RunInstances-without-bodies", []],
  ];
  for (const [what, name, ids] of launches)
    it(`${what}, whatever \`when\` says`, () => {
      assert.deepEqual(idsOf(events[name], set()), ids);
      assert.deepEqual(idsOf(events[name], always), ids);
    });

  const changes: [string, string, string[]][] = [
    ["a deleted tag", "DeleteTags-plain", [i1]],
    ["tags deleted from an instance and its parts", "DeleteTags-from-several", [i1, vol1, eni1]],
    ["all tags of a volume deleted", "DeleteTags-all-tags", [vol1]],
    ["a bare list of ids", "DeleteTags-bare-list", [i1]],
    ["EC2's newer spelling of DeleteTags", "DeleteTags-new-style", [i1]],
    ["tags deleted from other kinds of things", "DeleteTags-elsewhere", []],
    ["a deletion without bodies", "DeleteTags-without-bodies", []],
    ["other groups on an instance", "ModifyInstanceAttribute-groups-changed", [i1]],
    ["another attribute of an instance", "ModifyInstanceAttribute-protection-changed", []],
    ["another attribute, named as text", "ModifyInstanceAttribute-by-name", []],
    ["an attribute nobody has heard of", "ModifyInstanceAttribute-unknown", [i1]],
    ["EC2's newer spelling of an instance's groups", "ModifyInstanceAttribute-groups-new-style", [i1]],
    ["other groups on an interface", "ModifyNetworkInterfaceAttribute-groups-changed", [eni1]],
    ["EC2's newer spelling of other groups", "ModifyNetworkInterfaceAttribute-groups-new-style", [eni1]],
    ["another description of an interface", "ModifyNetworkInterfaceAttribute-description-changed", []],
    ["an attached interface", "AttachNetworkInterface-plain", [`eni-${number(2)}`]],
  ];
  for (const [what, name, ids] of changes)
    it(`${what} concerns ${ids.length === 0 ? "nobody" : "what it names"} with \`when: always\`, and nobody otherwise`, () => {
      assert.deepEqual(idsOf(events[name], always), ids);
      assert.deepEqual(idsOf(events[name], set()), []);
    });

  it("names instances, volumes and interfaces by their own ARNs, in the call's region", () => {
    assert.deepEqual(
      named(events["DeleteTags-from-several"]).map(({ arn, type }) => [arn, type]),
      [
        [`arn:aws:ec2:eu-central-1:${account}:instance/${i1}`, "AWS::EC2::Instance"],
        [`arn:aws:ec2:eu-central-1:${account}:volume/${vol1}`, "AWS::EC2::Volume"],
        [`arn:aws:ec2:eu-central-1:${account}:network-interface/${eni1}`, "AWS::EC2::NetworkInterface"],
      ],
    );
  });

  const quarantine = set({ when: "always", quarantineGroups: ["sg-0000000000bad0000"] });
  const claims: [string, string, Settings, string | undefined][] = [
    ["a launch says that the instance exists", "RunInstances-one", always, "exists"],
    ["an attachment says that the interface is attached", "AttachNetworkInterface-plain", always, "exists"],
    ["a deleted required tag breaks the baseline", "DeleteTags-plain", always, "breach"],
    ["so does the deletion of all tags", "DeleteTags-all-tags", always, "breach"],
    ["another deleted tag does not", "DeleteTags-other-key", always, undefined],
    [
      "groups without the administrators' one break it",
      "ModifyNetworkInterfaceAttribute-groups-changed",
      always,
      "breach",
    ],
    ["in EC2's newer spelling too", "ModifyNetworkInterfaceAttribute-groups-new-style", always, "breach"],
    [
      "groups with the administrators' one do not",
      "ModifyNetworkInterfaceAttribute-groups-kept",
      always,
      undefined,
    ],
    ["a quarantine group does not", "ModifyNetworkInterfaceAttribute-quarantined", quarantine, undefined],
    [
      "nobody knows when the group is found by its tag",
      "ModifyNetworkInterfaceAttribute-groups-changed",
      set({ when: "always", adminSecurityGroupId: { tag: { Role: "admin" } } }),
      undefined,
    ],
  ];
  for (const [what, name, settings, claim] of claims)
    it(what, () => {
      assert.equal(named(events[name], settings)[0]?.claim, claim as never);
    });

  it("remembers the tags given at launch, for the instance and for its volumes", () => {
    const { launch } = named(events["RunInstances-with-tags"])[0].hints;

    assert.deepEqual(launch?.tags, {
      instance: { Name: "shop", Owner: "team-shop" },
      volume: { CostCenter: "4711" },
    });
  });

  it("remembers a fleet's tags, numbers as text", () => {
    assert.deepEqual(named(events["CreateFleet-at-once"])[0].hints.launch?.tags, {
      instance: { CostCenter: "4711" },
    });
  });

  it("remembers the person behind a launch, and nobody behind a service or root", () => {
    const persons = [
      "RunInstances-one",
      "RunInstances-by-user",
      "RunInstances-by-root",
      "RunInstances-by-auto-scaling",
      "RunInstances-by-fleet",
    ].map(name => named(events[name])[0].hints.launch?.personTags);

    assert.deepEqual(persons, [{ Owner: "ana" }, { Owner: "ben" }, {}, {}, {}]);
  });

  it("remembers nobody when CloudFormation launched on somebody's behalf", () => {
    const event = structuredClone(events["RunInstances-one"]);
    event.detail.userIdentity = {
      ...(event.detail.userIdentity as object),
      invokedBy: "cloudformation.amazonaws.com",
    };

    assert.deepEqual(named(event)[0].hints.launch?.personTags, {});
  });

  it("the rule lets through every call that happened, and none that failed or ran dry", () => {
    const patterns = guardrail.triggers.map(trigger => compile("pattern" in trigger && trigger.pattern));

    const refused = Object.keys(events).filter(name => !patterns.some(matches => matches(events[name])));

    assert.deepEqual(refused.sort(), [
      "AttachNetworkInterface-denied",
      "DeleteTags-denied",
      "DeleteTags-dry",
      "ModifyInstanceAttribute-groups-denied",
      "ModifyNetworkInterfaceAttribute-groups-denied",
      "RequestSpotFleet-plain",
      "RequestSpotInstances-plain",
      "RunInstances-beyond-quota",
      "RunInstances-denied",
      "RunInstances-dry",
    ]);
  });

  const recorded = "recorded events name all their instances";
  if (recordingsAreMissing) it.skip(`${recorded} (${recordingsAreMissing})`);
  else
    it(recorded, () => {
      const [trigger] = guardrail.triggers;
      const names = "pattern" in trigger ? (trigger.pattern.detail?.eventName ?? []) : [];
      // Some recordings are masked, down to regions that do not exist.
      const isReal = (event: GuardrailEvent) => /-\d$/.test(String(event.detail.awsRegion));
      const all = recordedEvents(names).filter(({ event }) => event.source === "aws.ec2" && isReal(event));
      assert.isNotEmpty(all);
      for (const { file, event } of all) {
        const ids = idsOf(event);
        const launched =
          JSON.stringify(event.detail.responseElements ?? {}).match(/"instanceId":"i-[^"]+"/g) ?? [];
        if (event.detail.eventName === "RunInstances" && event.detail.errorCode == null) {
          assert.isNotEmpty(ids, file);
          assert.sameMembers(ids, [...new Set(launched.map(text => text.slice(14, -1)))], file);
        }
        for (const { arn } of named(event))
          assert.match(arn, /^arn:aws[a-z-]*:ec2:[a-z0-9-]+:\d{12}:[a-z-]+\/\S+$/, file);
      }
    });
});

describe("ec2-launch-baseline: what it writes", () => {
  const silent = () => ({});
  const writer = (answers: Parameters<typeof fakeClient>[0] = {}) =>
    fakeClient<EC2Client>({ CreateTags: silent, ModifyNetworkInterfaceAttribute: silent, ...answers });
  const workOn = (state: State) => ({ resource: instance, state, finding: findingOf(state, always, none) });
  const numbered = (n: number) =>
    JSON.parse(JSON.stringify(aState()).replaceAll(number(1), number(n))) as State;

  it("tags everything that lacks the same with one call, and adds the group to each interface", async () => {
    const ec2 = writer();

    await guardrail.remediate({ ec2 }, [workOn(aState()), workOn(numbered(2))], set());

    assert.deepEqual(ec2.calls, [
      {
        operation: "CreateTags",
        input: {
          Resources: [i1, vol1, eni1, `i-${number(2)}`, `vol-${number(2)}`, `eni-${number(2)}`],
          Tags: [{ Key: "Owner", Value: "unassigned" }],
        },
      },
      {
        operation: "ModifyNetworkInterfaceAttribute",
        input: { NetworkInterfaceId: eni1, Groups: [web, admins] },
      },
      {
        operation: "ModifyNetworkInterfaceAttribute",
        input: { NetworkInterfaceId: `eni-${number(2)}`, Groups: [web, admins] },
      },
    ]);
  });

  it("never names more than 1,000 ids in one call", async () => {
    const ec2 = writer();
    const finding = findingOf(aState());
    const tags = Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`vol-${n}`, tagged]));

    const work = [
      { resource: instance, state: aState(), finding: { ...finding, data: { tags, groups: {} } } },
    ];
    await guardrail.remediate({ ec2 }, work, set());

    assert.deepEqual(
      inputsOf(ec2, "CreateTags").map(({ Resources }) => (Resources as string[]).length),
      [1000, 1],
    );
  });

  it("a full interface is told by name, after everything else is done", async () => {
    const ec2 = writer({
      ModifyNetworkInterfaceAttribute: ({ NetworkInterfaceId }) => {
        if (NetworkInterfaceId === eni1) throw awsError("SecurityGroupsPerInterfaceLimitExceeded");
        return {};
      },
    });

    const error = await guardrail.remediate({ ec2 }, [workOn(aState()), workOn(numbered(2))], set()).then(
      () => assert.fail("said nothing"),
      (thrown: Error & { code?: string; final?: boolean }) => thrown,
    );

    assert.deepInclude({ ...error }, { code: "SecurityGroupsPerInterfaceLimitExceeded", final: true });
    assert.include(error.message, eni1);
    assert.lengthOf(inputsOf(ec2, "ModifyNetworkInterfaceAttribute"), 2);
    assert.lengthOf(inputsOf(ec2, "CreateTags"), 1);
  });

  it("a denied write is no success", async () => {
    const ec2 = writer({
      ModifyNetworkInterfaceAttribute: () => {
        throw awsError("UnauthorizedOperation");
      },
    });

    const error = await guardrail.remediate({ ec2 }, [workOn(aState())], set()).then(
      () => assert.fail("said nothing"),
      (thrown: Error) => thrown,
    );

    assert.equal(error.name, "UnauthorizedOperation");
  });

  it("undo takes away only what was added, with its value, and puts the groups back", async () => {
    const ec2 = fakeClient<EC2Client>({ DeleteTags: silent, ModifyNetworkInterfaceAttribute: silent });
    const before = aState({ parts: parts({ Name: "shop" }, [web]) });
    const after = aState({ parts: parts({ Name: "shop", Owner: "unassigned" }, [web, admins]) });

    await guardrail.undo({ ec2 }, instance, before, after);

    assert.deepEqual(ec2.calls, [
      {
        operation: "DeleteTags",
        input: { Resources: [i1, vol1, eni1], Tags: [{ Key: "Owner", Value: "unassigned" }] },
      },
      { operation: "ModifyNetworkInterfaceAttribute", input: { NetworkInterfaceId: eni1, Groups: [web] } },
    ]);
  });

  it("foretells what is found of the instance and of each part while an undo is half done, and after it", () => {
    const before = aState({ parts: parts({ Name: "shop" }, [web]) });
    const after = aState({ parts: parts({ Name: "shop", Owner: "unassigned" }, [web, admins]) });
    const found = (state: BaselineState, only = ""): string | undefined =>
      guardrail.assess({ ...state, only }, set(), instance.hints)?.fingerprint;
    const withoutTags = aState({ parts: parts({ Name: "shop" }, [web, admins]) });
    const withoutGroups = aState({ parts: parts({ Name: "shop", Owner: "unassigned" }, [web]) });

    const foretold = (guardrail.undone?.(instance, before, after) ?? []).map(
      ({ resource: { id }, state }) => `${id} ${guardrail.assess(state, set(), instance.hints)?.fingerprint}`,
    );

    assert.equal(foretold[0], `${i1} ${found(before)}`);
    for (const half of [before, withoutTags, withoutGroups])
      assert.includeMembers(foretold, [`${i1} ${found(half)}`, `${eni1} ${found(half, eni1)}`]);
    assert.include(foretold, `${vol1} ${found(withoutTags, vol1)}`);
    const isolated = { ...before, instances: before.instances.map(one => ({ ...one, isIsolated: true })) };
    const asNew = guardrail.assess({ ...isolated, only: eni1 }, set(), instance.hints, {});
    assert.include(foretold, `${eni1} ${asNew?.fingerprint}`, "isolated since");
  });
});
