import { expect } from "chai";
import type { Definition } from "../../components/definition";
import { catalogue } from "../../components/guardrails";
import { budgetOf, capabilitiesOf, hasFunction, isPublishing, kinds } from "../../components/kinds";
import { capabilities, modes } from "../../runtime/modes";

const definitions: readonly Definition[] = catalogue;
const rows = Object.entries(kinds);

describe("the kinds of guardrail", () => {
  it("are all in the catalogue, each with the members that its row speaks of", () => {
    for (const definition of definitions) {
      expect("settings" in definition, definition.id).to.equal(hasFunction(definition));
      expect("notice" in definition, definition.id).to.equal(isPublishing(definition));
    }
    expect(Object.keys(kinds)).to.have.members([...new Set(definitions.map(({ kind }) => kind))]);
  });

  for (const [kind, row] of rows)
    describe(kind, () => {
      const answers = capabilitiesOf({ kind: kind as Definition["kind"] });

      it("names its modes from the least to the most, and says why where it lacks one", () => {
        expect(answers.modes).to.deep.equal(modes.filter(mode => answers.modes.includes(mode)));
        expect(answers.modes).to.include("notify", "what every guardrail begins in");
        expect(answers.onlyBecause !== undefined).to.equal(answers.modes.length < modes.length);
      });

      it("has a budget exactly where a mode of its own writes", () => {
        expect(row.budget > 0).to.equal(answers.modes.some(mode => capabilities[mode].acts === "itself"));
      });

      it("gives its budget to whoever says none", () => {
        const one = { kind: kind as Definition["kind"] };

        expect(budgetOf(one)).to.equal(row.budget);
        expect(budgetOf({ ...one, budget: 7 })).to.equal(7);
      });

      it("has a function exactly where its rules invoke one, and a ledger only with it", () => {
        expect(answers.hasFunction).to.equal(answers.target === "function");
        expect(answers.hasLedger && !answers.hasFunction).to.equal(false);
      });
    });
});
