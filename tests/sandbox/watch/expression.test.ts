import { expect } from "chai";
import { readExpression } from "../../../sandbox/watch/expression";

const metrics = new Map([
  ["m0", [1, undefined, 3]],
  ["m1", [10, undefined, undefined]],
  ["other", [100, 100, 100]],
]);

describe("metric math", () => {
  for (const [text, values] of [
    ["SUM(METRICS())", [111, 100, 103]],
    ['SUM(METRICS("m"))', [11, undefined, 3]],
    ['MAX(METRICS("m"))', [10, undefined, 3]],
    ["MIN([m0, other])", [1, 100, 3]],
    ["AVG([m0, m1])", [5.5, undefined, 3]],
    ["m0 + m1", [11, undefined, undefined]],
    ["FILL(m0, 0) + FILL(m1, 0)", [11, 0, 3]],
    ["FILL(m0, REPEAT)", [1, 1, 3]],
    ["100 * (m0 - 1) / other", [0, undefined, 2]],
    ["other / (m0 - 1)", [undefined, undefined, 50]],
    ["-m0", [-1, undefined, -3]],
  ] as const)
    it(`works out ${text}, where a value is missing as CloudWatch does`, () => {
      expect(readExpression(text)(metrics, 3)).to.deep.equal(values);
    });

  for (const [text, part] of [
    ["ANOMALY_DETECTION_BAND(m0)", "ANOMALY_DETECTION_BAND"],
    ["IF(m0 > 1, m0, 0)", "IF"],
    ["SUM(m0)", "its end"],
    ["m0 +", "its end"],
    ["m0 m1", "m1"],
    ["METRICS()", "its end"],
    ["(m0", "its end"],
  ] as const)
    it(`refuses ${text}, and names ${part}`, () => {
      expect(() => readExpression(text)).to.throw(
        `the sandbox does not read "${part}" of the expression ${text}`,
      );
    });
});
