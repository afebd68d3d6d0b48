import { assert } from "chai";
import { ec2LaunchBaseline as guardrail } from "../../../components/guardrails/ec2-launch-baseline";
import {
  type Hints,
  type Settings,
  type State,
  aState,
  admins,
  eni1,
  findingOf,
  i1,
  launched,
  none,
  parts,
  set,
  tagged,
  vol1,
  web,
} from "./launch-baseline";

describe("launch baseline: what breaks the baseline", () => {
  it("adds the missing tag to the instance, its volume and its interface, and the group to the interface", () => {
    const finding = findingOf(aState());

    assert.deepEqual(finding.data, {
      tags: {
        [i1]: { Owner: "unassigned" },
        [vol1]: { Owner: "unassigned" },
        [eni1]: { Owner: "unassigned" },
      },
      groups: { [eni1]: [web, admins] },
    });
    assert.equal(
      finding.summary,
      `Instance ${i1} lacks the tag Owner on ${i1}, ${vol1} and ${eni1}; is outside the administrators' group ${admins} on ${eni1}`,
    );
    assert.isUndefined(finding.notifyOnly);
  });

  const compliant: [string, State][] = [
    ["an instance with tags and group", aState({ parts: parts(tagged, [web, admins]) })],
    [
      "a required tag with an empty value, which is somebody's decision",
      aState({ parts: parts({ Owner: "" }, [admins]) }),
    ],
    ["an instance that has ended", aState({ isEnded: true })],
    [
      "the groups of an isolated instance",
      aState({ isIsolated: true, parts: parts(tagged, ["sg-0000000000bad0000"]) }),
    ],
    ["an instance without interfaces of ours", aState({ parts: parts(tagged, []).slice(0, 2) })],
  ];
  for (const [what, state] of compliant)
    it(`accepts ${what}`, () => {
      assert.isUndefined(guardrail.assess(state, set(), none, { [i1]: "launched before" }));
    });

  it("writes only the missing keys and keeps every value", () => {
    const settings = set({ requiredTags: { Owner: "unassigned", CostCenter: "none" } });

    const { data } = findingOf(aState({ parts: parts(tagged, [admins]) }), settings);

    assert.deepEqual(data, {
      tags: { [i1]: { CostCenter: "none" }, [vol1]: { CostCenter: "none" }, [eni1]: { CostCenter: "none" } },
      groups: {},
    });
  });

  it("looks only at the part that an event names", () => {
    assert.deepEqual(findingOf(aState({}, vol1)).data, {
      tags: { [vol1]: { Owner: "unassigned" } },
      groups: {},
    });
    assert.deepEqual(Object.keys(findingOf(aState({}, eni1)).data.groups), [eni1]);
  });

  const problem = { id: "", problem: "sg-0 belongs to vpc-0, not to vpc-1" };

  it("only tells where the VPC has no administrators' group and no tag is missing", () => {
    const finding = findingOf(aState({ adminGroup: problem, parts: parts(tagged, [web]) }));

    assert.equal(finding.notifyOnly, problem.problem);
    assert.deepEqual(finding.data, { tags: {}, groups: {} });
  });

  it("adds tags where the VPC has no administrators' group, and says what is left", () => {
    const finding = findingOf(aState({ adminGroup: problem }));

    assert.isUndefined(finding.notifyOnly);
    assert.lengthOf(Object.keys(finding.data.tags), 3);
    assert.include(finding.summary, problem.problem);
  });

  it("sees every instance that a volume hangs on", () => {
    const [one] = aState().instances;
    const two = {
      ...one,
      id: "i-2",
      parts: [{ id: "i-2", kind: "instance" as const, tags: {}, groups: [] }],
    };

    assert.includeMembers(Object.keys(findingOf({ instances: [one, two], only: "" }).data.tags), [i1, "i-2"]);
  });

  it("gives the same breach the same fingerprint, and any other another", () => {
    const fingerprints = [aState(), aState(), aState({ parts: parts(tagged, [web]) }), aState({}, vol1)].map(
      state => findingOf(state).fingerprint,
    );

    assert.equal(fingerprints[0], fingerprints[1]);
    assert.lengthOf(new Set(fingerprints), 3);
  });

  it("has nothing to write once its own change is in place", () => {
    const after = aState({ parts: parts({ Owner: "unassigned" }, [web, admins]) });

    assert.isUndefined(guardrail.assess(after, set(), launched()));
  });
});

describe("launch baseline: where the value of a missing tag comes from", () => {
  const hints = launched({
    tags: { instance: { Owner: "launcher" }, volume: { Owner: "volumes" } },
    personTags: { Owner: "ana" },
  });
  const state = aState({ subnetTags: { Owner: "subnet" }, vpcTags: { Owner: "vpc" } });
  const valuesFor = (infer: Settings["infer"], of = state, given: Hints = launched()) => {
    const { tags } = findingOf(of, set({ infer }), given).data;
    return [i1, vol1, eni1].map(id => tags[id]?.Owner);
  };
  const owned = structuredClone(state);
  owned.instances[0].parts[0].tags = { Owner: "instance" };

  it("from the launch, for each type of resource what was given to that type and nothing else", () => {
    assert.deepEqual(valuesFor([], state, hints), ["launcher", "volumes", "unassigned"]);
  });

  it("from the instance's own tag, for its volumes and interfaces", () => {
    assert.deepEqual(valuesFor(["launch"], owned), [undefined, "instance", "instance"]);
  });

  it("from subnet, VPC or person, in the order of the setting", () => {
    assert.deepEqual(valuesFor(["subnet", "vpc"]), ["subnet", "subnet", "subnet"]);
    assert.deepEqual(valuesFor(["vpc", "subnet"]), ["vpc", "vpc", "vpc"]);
    assert.deepEqual(valuesFor(["principal", "vpc"], state, launched({ personTags: { Owner: "ana" } })), [
      "ana",
      "ana",
      "ana",
    ]);
  });

  it("from nowhere but the default where no source is wanted", () => {
    assert.deepEqual(valuesFor([]), ["unassigned", "unassigned", "unassigned"]);
  });

  describe("under a protected key", () => {
    const secured = (infer: Settings["infer"]) => set({ infer, protectedTags: ["Owner"] });

    it("is the default, whatever instance, network and caller say", () => {
      const { data } = findingOf(owned, secured(["launch", "subnet", "vpc", "principal"]), {
        launch: { ...hints.launch!, tags: {} },
      });

      assert.deepEqual(data.tags, { [vol1]: { Owner: "unassigned" }, [eni1]: { Owner: "unassigned" } });
    });

    it("is not written where the launch gave that part one, which no read shows", () => {
      const { data, summary } = findingOf(state, secured([]), hints);

      assert.deepEqual(data.tags, { [eni1]: { Owner: "unassigned" } });
      assert.include(summary, `the launch gave ${i1} the tag Owner, which a read does not show`);
    });
  });

  it("is not written beside a key that differs in case only, which IAM cannot tell apart", () => {
    const { data, notifyOnly } = findingOf(aState({ parts: parts({ owner: "team-shop" }, [admins]) }));

    assert.deepEqual(data.tags, {});
    assert.include(notifyOnly, `${i1} has the tag owner, which IAM takes for Owner: rename one`);
  });
});
