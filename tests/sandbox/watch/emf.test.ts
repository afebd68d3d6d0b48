import { expect } from "chai";
import { readEmbedded } from "../../../sandbox/watch/emf";

const line = (change: object = {}, directive: object = {}) =>
  JSON.stringify({
    _aws: {
      Timestamp: 1000,
      CloudWatchMetrics: [
        {
          Namespace: "Guardrails",
          Dimensions: [["stack"], ["stack", "guardrail"]],
          Metrics: [
            { Name: "Open", Unit: "Count" },
            { Name: "TimeToDetect", Unit: "Milliseconds" },
          ],
          ...directive,
        },
      ],
    },
    stack: "dev",
    guardrail: "a",
    Open: 2,
    TimeToDetect: [10, 30],
    ...change,
  });

describe("the embedded metric format", () => {
  it("gives each metric for each set of dimensions, lists as several values", () => {
    const { at, values = [] } = readEmbedded(line()) ?? {};

    const open = { namespace: "Guardrails", name: "Open" };
    expect(at).to.equal(1000);
    expect(values.slice(0, 2)).to.deep.equal([
      {
        metric: { ...open, dimensions: { stack: "dev" } },
        unit: "Count",
        summary: { count: 1, sum: 2, min: 2, max: 2 },
      },
      {
        metric: { ...open, dimensions: { stack: "dev", guardrail: "a" } },
        unit: "Count",
        summary: { count: 1, sum: 2, min: 2, max: 2 },
      },
    ]);
    expect(values[2]).to.deep.include({
      unit: "Milliseconds",
      summary: { count: 2, sum: 40, min: 10, max: 30 },
    });
  });

  for (const text of ["saw a VPC", '{"audit":1}', '{"words":"_aws"}'])
    it(`is not ${text}`, () => {
      expect(readEmbedded(text)).to.equal(undefined);
    });

  for (const [what, text, words] of [
    ["an unknown unit", line({}, { Metrics: [{ Name: "Open", Unit: "Pieces" }] }), /"Pieces" is no unit/],
    ["a dimension that is no text", line({ stack: 7 }), /the dimension stack is no text/],
    ["a dimension that is not there", line({ guardrail: undefined }), /the dimension guardrail/],
    ["a value that is no number", line({ Open: "2" }), /Open is neither a number nor a list/],
    ["a list of 101 values", line({ Open: Array(101).fill(1) }), /Open is neither a number nor a list/],
    ["a line that was cut", line().slice(0, -3), /it is no JSON/],
    ["no namespace", line({}, { Namespace: undefined }), /no Namespace/],
    ["no time", line({ _aws: { CloudWatchMetrics: [] } }), /_aws.Timestamp/],
  ] as const)
    it(`takes no metric of a line with ${what}, and says why`, () => {
      expect(() => readEmbedded(text)).to.throw(words);
    });
});
