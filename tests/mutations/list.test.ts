import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { mutations } from "./list";
import { rowsIn } from "./page";

const root = join(__dirname, "../..");

describe("the deliberate defects of tests/mutations", () => {
  for (const { defect, file, find, replace, tests } of mutations)
    it(`"${defect}" can still be made in ${file}`, () => {
      const source = readFileSync(join(root, file), "utf8");
      const count = source.split(find).length - 1;

      expect(count, "how often its text is there: mend tests/mutations/list.ts").to.equal(1);
      expect(replace).to.not.equal(find);
      for (const test of tests) expect(existsSync(join(root, test)), test).to.equal(true);
    });

  it("are those that docs/mutations.md tells of", () => {
    const text = readFileSync(join(root, "docs/mutations.md"), "utf8");
    const told = rowsIn(text).map(({ defect, file }) => `${defect} (${file})`);

    expect(told, "run node tests/mutations/run.js").to.deep.equal(
      mutations.map(({ defect, file }) => `${defect} (${file})`),
    );
  });
});
