import { expect } from "chai";
import { gaugeLine, metricsLines, units } from "../../../runtime/telling/metrics";
import { type Outcome, outcomeKinds } from "../../../runtime/pipeline/outcome";

const received = Date.parse("2026-11-20T12:00:04Z");
const common = {
  resource: {
    arn: "arn:aws:house:us-east-1:123456789012:room/hall",
    type: "House::Room",
    id: "hall",
    region: "us-east-1",
    account: "123456789012",
    hints: {},
  },
  principal: { arn: "arn:aws:iam::123456789012:user/ada", tool: "cli" },
  occasionId: "11111111-2222-4333-8444-555555555555",
  occasionKey: "11111111-2222-4333-8444-555555555555",
  times: { event: received - 4_000, received, decided: received + 200 },
  calls: [],
} as const;
const finding = { fingerprint: "hot", summary: "It is hot", data: 20 };
const before = { degrees: 30 };
const found = { ...common, finding, before };
const exemption = {
  guardrail: "thermostat",
  resource: common.resource.arn,
  reason: "sauna",
  owner: "ada@example.com",
  expires: "2027-01-31",
};

const notified: Outcome = { ...found, kind: "notified", code: "mode", because: "mode notify" };
const remediated: Outcome = {
  ...found,
  kind: "remediated",
  after: { degrees: 20 },
  times: { ...common.times, verified: received + 1_500 },
};
const failed: Outcome = {
  ...found,
  kind: "failed",
  error: { code: "Denied", message: "no", final: false },
};
const exempt: Outcome = { ...found, kind: "exempt", exemption };
const held = (more: object = {}): Outcome => ({
  ...found,
  kind: "held",
  code: "paused",
  because: "paused",
  tell: true,
  ...more,
});

interface Line {
  _aws: {
    Timestamp: number;
    CloudWatchMetrics: {
      Namespace: string;
      Dimensions: string[][];
      Metrics: { Name: string; Unit: string }[];
    }[];
  };
  [name: string]: unknown;
}
const source = { stack: "dev", guardrail: "thermostat", metrics: "stack" } as const;
const linesOf = (outcomes: Outcome[], problems?: number, metrics: "stack" | "guardrail" = "stack"): Line[] =>
  metricsLines({ ...source, metrics }, outcomes, received, problems).map(line => JSON.parse(line) as Line);
function valuesOf(outcomes: Outcome[], problems?: number): Record<string, unknown> {
  const [line] = linesOf(outcomes, problems);
  return Object.fromEntries(Object.entries(line).filter(([name]) => name in units));
}
const namesIn = ({ Metrics }: Line["_aws"]["CloudWatchMetrics"][0]): string[] =>
  Metrics.map(({ Name }) => Name);

describe("the metrics of an invocation", () => {
  it("count each resource once under its outcome", () => {
    const values = valuesOf([
      remediated,
      remediated,
      notified,
      failed,
      { ...common, kind: "compliant" },
      { ...common, kind: "gone" },
      { ...found, kind: "observed", code: "mode", because: "mode observe" },
    ]);

    expect(values).to.deep.include({
      Remediated: 2,
      Notified: 1,
      Failed: 1,
      Compliant: 1,
      Gone: 1,
      Observed: 1,
    });
  });

  it("have a name for every kind of outcome that a function can have", () => {
    for (const kind of outcomeKinds)
      expect(valuesOf([{ ...failed, ...remediated, kind } as Outcome]), kind).to.have.property(
        `${kind[0].toUpperCase()}${kind.slice(1)}`,
        1,
      );
  });

  it("say nothing when there is nothing to say, and never a zero", () => {
    expect(linesOf([])).to.deep.equal([]);
    for (const value of Object.values(valuesOf([{ ...common, kind: "compliant" }])))
      expect(value).to.equal(1);
    expect(valuesOf([{ ...common, kind: "compliant" }])).to.have.all.keys("Compliant");
  });

  it("tell what was worth acting on from what was not", () => {
    const values = valuesOf([
      remediated,
      notified,
      failed,
      held(),
      exempt,
      { ...common, kind: "duplicate" },
      { ...common, kind: "compliant" },
    ]);

    expect(values).to.include({ Signal: 4, Noise: 2 });
  });

  it("take an opened breaker for noise, and count it", () => {
    expect(valuesOf([held({ opens: true })])).to.deep.include({ Held: 1, BreakerOpened: 1, Noise: 1 });
    expect(valuesOf([held({ opens: true })])).to.not.have.property("Signal");
    expect(valuesOf([held()])).to.not.have.any.keys("BreakerOpened", "Noise");
  });

  it("count those failures that no further try can mend apart from the others", () => {
    const final: Outcome = { ...failed, error: { code: "Full", message: "no", final: true } } as Outcome;

    expect(valuesOf([failed, final])).to.include({ Failed: 2, FailedForGood: 1 });
    expect(valuesOf([failed])).to.not.have.property("FailedForGood");
  });

  it("measure from the call to the invocation for everything worth acting on", () =>
    expect(valuesOf([remediated, exempt, notified]).TimeToDetect).to.deep.equal([4_000, 4_000]));

  it("measure from the call to the second read for what was put right, and nothing else", () => {
    expect(valuesOf([remediated, notified]).TimeToRemediate).to.deep.equal([5_500]);
    expect(valuesOf([notified])).to.not.have.property("TimeToRemediate");
  });

  it("measure no negative times where clocks differ", () => {
    const early = { ...notified, times: { ...common.times, event: received + 900 } };

    expect(valuesOf([early]).TimeToDetect).to.deep.equal([0]);
  });

  it("count a ledger that could not be read, and one that refused what happened after a write", () => {
    expect(valuesOf([held({ retry: true }), held()])).to.include({ LedgerErrors: 1, Held: 2 });
    expect(valuesOf([remediated], 2)).to.include({ LedgerErrors: 2 });
    expect(valuesOf([], 1)).to.deep.equal({ LedgerErrors: 1 });
    expect(valuesOf([remediated])).to.not.have.property("LedgerErrors");
  });

  it("are sent for the stack as a whole, whatever guardrail sends them", () => {
    const [line] = linesOf([remediated, held({ retry: true }), failed]);

    const [directive, ...more] = line._aws.CloudWatchMetrics;
    expect(line).to.include({ stack: "dev", guardrail: "thermostat" });
    expect(line._aws.Timestamp).to.equal(received);
    expect(more).to.deep.equal([]);
    expect(directive).to.deep.include({ Namespace: "Guardrails", Dimensions: [["stack"]] });
    expect(namesIn(directive)).to.have.members(
      Object.keys(valuesOf([remediated, held({ retry: true }), failed])),
    );
  });

  it("are sent for the guardrail as well where the stack asks for it", () => {
    const [line] = linesOf([remediated], 0, "guardrail");

    expect(line._aws.CloudWatchMetrics[0].Dimensions).to.deep.equal([["stack"], ["stack", "guardrail"]]);
  });

  it("say what is so now with a zero too, for the stack alone", () => {
    const line = JSON.parse(gaugeLine(source, { Open: 0, TickDelay: 900 }, received)) as Line;

    expect(line).to.include({ Open: 0, TickDelay: 900 });
    expect(line._aws.CloudWatchMetrics[0].Dimensions).to.deep.equal([["stack"]]);
  });

  it("have the units that are documented", () => {
    const [line] = linesOf([remediated, failed]);

    for (const { Metrics } of line._aws.CloudWatchMetrics)
      for (const { Name, Unit } of Metrics) expect(Unit, Name).to.equal(units[Name as keyof typeof units]);
    expect(units.TimeToDetect).to.equal("Milliseconds");
    expect(units.Remediated).to.equal("Count");
  });

  it("take several lines for more values than CloudWatch reads from one", () => {
    const lines = linesOf(
      Array.from({ length: 250 }, () => remediated),
      1,
    );

    expect(lines.map(({ Remediated }) => Remediated)).to.deep.equal([100, 100, 50]);
    expect(lines.map(({ LedgerErrors }) => LedgerErrors)).to.deep.equal([1, undefined, undefined]);
    for (const { TimeToDetect } of lines) expect(TimeToDetect).to.have.length.of.at.most(100);
  });
});
