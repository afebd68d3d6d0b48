import { expect } from "chai";
import type { Definition } from "../../components/definition";
import { catalogue } from "../../components/guardrails";
import { hasFunction } from "../../components/kinds";
import { periodOf, scheduleOf } from "../../components/timer";

const definitions: readonly Definition[] = catalogue;
const writing = definitions.filter(hasFunction);

describe("a guardrail's timer", () => {
  it("is quick where something severe could stay wrong, and only where the mode writes", () => {
    for (const definition of writing)
      for (const severity of ["low", "medium", "high", "critical"] as const) {
        const one = { ...definition, severity };
        const isSevere = severity === "high" || severity === "critical";
        expect(periodOf(one, "enforce"), severity).to.equal(isSevere ? 5 : 15);
        expect(periodOf(one, "notify"), severity).to.equal(15);
      }
  });

  it("is none in observe, where nothing is remembered, nor without a function", () => {
    for (const definition of definitions) expect(scheduleOf(definition, "observe")).to.equal(undefined);
    for (const definition of definitions.filter(one => !hasFunction(one)))
      expect(scheduleOf(definition, "notify")).to.equal(undefined);
  });

  it("has its own minutes by the guardrail's place in the catalogue", () => {
    const starts = writing.map(one => scheduleOf({ ...one, severity: "high" }, "enforce"));

    expect(new Set(starts).size).to.equal(Math.min(5, writing.length));
    for (const start of starts) expect(start).to.match(/^cron\([0-4]\/5 \* \* \* \? \*\)$/);
  });
});
