import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { guarded } from "../search";
import { defects } from "./list";
import { toldIn } from "./page";

const root = join(__dirname, "../../..");

describe("the defects that the simulator is shown", () => {
  it("are at least fifteen, and of every guardrail that writes", () => {
    expect(defects.length).to.be.at.least(15);
    expect([...new Set(defects.map(({ guardrail }) => guardrail))].sort()).to.deep.equal(
      guarded.map(({ definition }) => definition.id).sort(),
    );
  });

  for (const { defect, file, find, replace } of defects)
    it(`"${defect}" can still be made in ${file}`, () => {
      const count = readFileSync(join(root, file), "utf8").split(find).length - 1;

      expect(count, "how often its text is there: mend tests/simulate/defects/list.ts").to.equal(1);
      expect(replace).to.not.equal(find);
    });

  it("are those that docs/simulator.md tells of", () => {
    const page = readFileSync(join(root, "docs/simulator.md"), "utf8");

    expect(toldIn(page), "run npm run simulate -- --defects").to.deep.equal(
      defects.map(({ defect }) => defect),
    );
  });
});
