import { expect } from "chai";
import { catalogue } from "../../components/guardrails";
import { hasFunction } from "../../components/kinds";
import { homePlace } from "../../components/place";
import { bodyOf } from "../../components/shared/dashboard";
import { Failures } from "../../components/shared/failures";
import { stackMetrics, units } from "../../runtime/telling/metrics";
import { costTable, countsOf, monthOf } from "../../tools/pages/cost";
import { readPage } from "../support/pages";
import { deploy, region } from "../support/program";

const numbered = (what: string, many: number): string[] =>
  Array.from({ length: many }, (_, at) => `${what}-${at + 1}`);

describe("the counts of docs/cost.md", () => {
  for (const [rules, functions] of [
    [4, 3],
    [7, 4],
    [40, 31],
  ])
    it(`are the alarms that ${rules} rules and ${functions} functions get, and what these watch`, async () => {
      const stack = await deploy({}, () => {
        const trigger = { scope: "regional", schedule: "rate(1 day)" } as const;
        const parts = Array.from({ length: Math.max(rules, functions) }, (_, at) => ({
          id: `part-${at}`,
          rules: at < rules ? [{ name: `rule-${at}`, trigger }] : [],
          publishes: false,
          functionName: at < functions ? `function-${at}` : undefined,
          usesLedger: true,
        }));
        new Failures("failures", { parts, topicArn: "t", topicName: "t", place: homePlace() });
      });
      const alarms = stack.all("aws:cloudwatch/metricAlarm:MetricAlarm");
      const watched = alarms.flatMap(({ inputs }) =>
        inputs.metricQueries === undefined
          ? [inputs.metricName]
          : (inputs.metricQueries as { metric?: object }[]).filter(({ metric }) => metric !== undefined),
      );

      expect(countsOf(rules, functions)).to.deep.include({
        alarms: alarms.length,
        watched: watched.length,
        sent: functions * Object.keys(units).length + stackMetrics.length,
      });
    });

  for (const functions of [1, 3, 4, 31])
    it(`are the metrics that the dashboard of ${functions} functions refers to`, () => {
      const guardrails = numbered("guardrail", functions);
      const { widgets } = bodyOf({ stack: "dev", region, queueName: "q", alarmArns: [], guardrails });
      const rows = widgets.flatMap(({ properties }) => (properties.metrics ?? []) as unknown[][]);
      const named = rows.filter(([first]) => typeof first === "string");
      const referred = new Set(named.map(row => row.slice(0, -1).join(" ")));

      expect(countsOf(4, functions).shown).to.equal(referred.size);
    });

  it("are those of the whole catalogue", () => {
    const functions = catalogue.filter(hasFunction).length;
    const rules = catalogue.flatMap(({ triggers }) => triggers).length;
    const { alarms, watched, sent, shown } = countsOf(rules, functions);

    const page = readPage("docs/cost.md");

    expect(page).to.include(`(${rules} rules, ${functions} functions)`);
    expect(page).to.include(`at most ${Object.keys(units).length} for each function`);
    expect(page).to.include(`${sent} at most: $${(sent * 0.3).toFixed(2)}`);
    expect(page).to.include(`${shown} metrics: $`);
    expect(page).to.include(`${watched} metrics in ${alarms} alarms`);
  });

  it("make a dashboard cost something as soon as it refers to more metrics than are free", () => {
    expect(monthOf(countsOf(4, 3)).dashboard).to.equal(0);
    expect(monthOf(countsOf(5, 4)).dashboard).to.equal(3);
    const [definition] = catalogue.filter(hasFunction);
    expect(costTable(Array(4).fill(definition))).to.include("| 51 metrics: $3.00 |");
  });
});
