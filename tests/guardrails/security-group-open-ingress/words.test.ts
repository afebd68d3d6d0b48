import { assert } from "chai";
import { nothingNew } from "../../../components/guardrails/security-group-open-ingress/resources";
import { assessed, brought, group, hintsOf, removed, rule, ruleId, stateOf } from "./ingress";

describe("security-group-open-ingress: what is said", () => {
  const state = stateOf(rule(1, "tcp 20-25", "0.0.0.0/0"), rule(2, "tcp 22", "::/0"));

  it("names group, ports, sources, rules, and that connections survive", () => {
    assert.equal(
      assessed(state, brought(state, 1))?.summary,
      `Security group ${group} is open to the world: TCP 20-25 from 0.0.0.0/0 (${ruleId(1)}), TCP 22 from ::/0 (${ruleId(2)}). Only ${ruleId(1)} came with this change. With it close all ports from 20 to 25 of ${ruleId(1)}. Removing a rule does not end connections that are already established.`,
    );
  });

  it("names what an open group was attached to", () => {
    const finding = assessed(
      stateOf(rule(1, "tcp 22", "0.0.0.0/0")),
      hintsOf("ModifyInstanceAttribute-groups-set"),
    );

    assert.include(finding?.summary, `${group}, now attached to i-00000000000000001, is open`);
  });

  it("is cut where a group has dozens of open rules", () => {
    const many = stateOf(...Array.from({ length: 90 }, (_, n) => rule(n, `tcp ${n}-100`, "0.0.0.0/0")));

    const finding = assessed(many, brought(many, ...many.rules.map((_, n) => n)));

    assert.isBelow(finding?.summary.length ?? 0, 2000);
    assert.lengthOf(finding?.summary.match(/\(sgr-/g) ?? [], 10);
    assert.include(finding?.summary, "and 13 more");
    assert.lengthOf(removed(finding), 23);
  });

  it("the same breach has the same fingerprint, also made again with a new rule id or found by a sweep", () => {
    const again = stateOf(rule(8, "tcp 20-25", "0.0.0.0/0"), rule(9, "tcp 22", "::/0"));
    const first = assessed(state, brought(state, 1, 2));

    assert.equal(assessed(again, brought(again, 8, 9))?.fingerprint, first?.fingerprint);
    assert.equal(assessed(again, nothingNew)?.fingerprint, first?.fingerprint);
  });

  it("another breach of the same group has another fingerprint", () => {
    const other = stateOf(rule(1, "tcp 3389", "0.0.0.0/0"));

    assert.notEqual(
      assessed(other, brought(other, 1))?.fingerprint,
      assessed(state, brought(state, 1))?.fingerprint,
    );
  });
});
