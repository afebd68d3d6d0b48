import { expect } from "chai";
import { judge, type Condition } from "../../../sandbox/watch/judge";

const condition = (change: Partial<Condition> = {}): Condition => ({
  comparison: "GreaterThanOrEqualToThreshold",
  threshold: 1,
  evaluationPeriods: 3,
  datapointsToAlarm: 3,
  missing: "missing",
  ...change,
});
/** 0 is within the threshold, X breaches it, - is missing; the latest comes last. */
const points = (text: string) => text.split(" ").map(one => ({ "0": 0, X: 1, "-": undefined })[one]);
const treatments = ["missing", "ignore", "breaching", "notBreaching"] as const;

describe("an alarm", () => {
  // The tables of https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
  for (const [least, text, ...states] of [
    [3, "0 - X - X", "OK", "OK", "OK", "OK"],
    [3, "0 - - - -", "OK", "OK", "OK", "OK"],
    [3, "- - - - -", "INSUFFICIENT_DATA", undefined, "ALARM", "OK"],
    [3, "0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"],
    [3, "- - X - -", "ALARM", undefined, "ALARM", "OK"],
    [2, "0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"],
    [2, "0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"],
    [2, "0 - X - -", "OK", "OK", "ALARM", "OK"],
    [2, "- - - - 0", "OK", "OK", "ALARM", "OK"],
    [2, "- - - X -", "ALARM", undefined, "ALARM", "OK"],
  ] as const)
    it(`over ${least} of 3 periods judges ${text} as AWS's table says, by how it treats what is missing`, () => {
      const judged = treatments.map(missing =>
        judge(condition({ datapointsToAlarm: least, missing }), points(text)),
      );

      expect(judged.map(verdict => verdict?.value)).to.deep.equal(states);
    });

  it("waits for one value more before it believes a single breach among missing ones", () => {
    for (const text of ["- - - - X", "- - - X -"])
      expect(judge(condition(), points(text))?.value, text).to.equal("OK");
  });

  for (const [comparison, at, states] of [
    ["GreaterThanOrEqualToThreshold", 1, ["OK", "ALARM", "ALARM"]],
    ["GreaterThanThreshold", 1, ["OK", "OK", "ALARM"]],
    ["LessThanThreshold", 1, ["ALARM", "OK", "OK"]],
    ["LessThanOrEqualToThreshold", 1, ["ALARM", "ALARM", "OK"]],
  ] as const)
    it(`compares by ${comparison}`, () => {
      const single = condition({ comparison, threshold: at, evaluationPeriods: 1, datapointsToAlarm: 1 });

      expect([0, 1, 2].map(value => judge(single, [value])?.value)).to.deep.equal(states);
    });

  it("says why in CloudWatch's words", () => {
    const one = condition({ evaluationPeriods: 1, datapointsToAlarm: 1, missing: "breaching" });

    expect([[2], [0.5], [undefined]].map(values => judge(one, values)?.reason)).to.deep.equal([
      "Threshold Crossed: 1 out of the last 1 datapoints [2.0] was greater than or equal to the threshold (1.0).",
      "Threshold Crossed: 1 out of the last 1 datapoints [0.5] was not greater than or equal to the threshold (1.0).",
      "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [Breaching].",
    ]);
  });
});
