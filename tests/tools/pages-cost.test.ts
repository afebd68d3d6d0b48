import { expect } from "chai";
import type { Definition } from "../../components/definition";
import { catalogue } from "../../components/guardrails";
import { hasFunction } from "../../components/kinds";
import { busyMonthOf, countsOf, idleMonthOf } from "../../tools/pages/cost";
import { everything } from "../support/everything";
import { readPage } from "../support/pages";
import { deploy, type Deployed } from "../support/program";

const counts = countsOf(catalogue);
const adminSecurityGroupId = "sg-0123456789abcdef0";

describe("the counts of docs/cost.md", () => {
  let stack: Deployed;
  before(async () => {
    stack = await deploy({
      ...everything(),
      "aws-event-guardrails:adminSecurityGroupId": adminSecurityGroupId,
    });
  });

  it("are those of everything that a stack deploys", () => {
    expect(counts).to.deep.include({
      guardrails: catalogue.length,
      rules: stack.all("aws:cloudwatch/eventRule:EventRule").length,
      functions: stack.all("aws:lambda/function:Function").length,
      alarms: stack.all("aws:cloudwatch/metricAlarm:MetricAlarm").length,
    });
  });

  it("take a tick for each time that a timer rings", () => {
    const schedules = stack
      .all("aws:cloudwatch/eventRule:EventRule")
      .flatMap(({ inputs }) => (inputs.scheduleExpression as string | undefined) ?? []);
    const ticks = schedules.map(text => 60 / Number(/^cron\(\d+\/(\d+) /.exec(text)?.[1]));

    expect(ticks.reduce((sum, one) => sum + one, 0)).to.equal(counts.ticksAnHour);
  });

  it("leave out nothing that costs by being there", () => {
    const kinds = new Set(stack.resources.map(({ type }) => type.split(":").pop()));
    for (const costly of ["Dashboard", "Key", "Secret", "Vpc", "Trail", "Schedule", "Table"])
      expect(kinds.has(costly), costly).to.equal(costly === "Table");
    for (const { inputs } of stack.all("aws:dynamodb/table:Table"))
      expect(inputs.billingMode).to.equal("PAY_PER_REQUEST");
  });
});

describe("the month of docs/cost.md", () => {
  it("costs at most $3.50 an account, idle and busy", () => {
    expect(idleMonthOf(counts).sum).to.be.within(1, 3.5);
    expect(idleMonthOf(counts).sum + busyMonthOf().sum).to.be.at.most(3.5);
  });

  it("costs at most $3.50 with forty guardrails that look every five minutes", () => {
    const [one] = (catalogue as readonly Definition[]).filter(hasFunction);
    const forty = Array.from({ length: 40 }, () => ({ ...one, severity: "high" as const }));

    const { ticksAnHour, alarms } = countsOf(forty);

    expect([ticksAnHour, alarms]).to.deep.equal([480, counts.alarms]);
    expect(idleMonthOf(countsOf(forty)).sum).to.be.at.most(3.5);
  });

  it("is on the page, for an account and for three hundred", () => {
    const page = readPage("docs/cost.md");
    const { sum } = idleMonthOf(counts);

    expect(page).to.include(`**$${sum.toFixed(2)}**; in 300 accounts $${(sum * 300).toFixed(2)}`);
    expect(page).to.include(`(${counts.rules} rules, ${counts.functions} functions)`);
  });
});
