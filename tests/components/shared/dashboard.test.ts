import { expect } from "chai";
import { bodyOf, type Widget } from "../../../components/shared/dashboard";
import { units, type MetricName } from "../../../runtime/telling/metrics";

const shown = {
  stack: "dev",
  region: "eu-west-1",
  queueName: "guardrails-dev-failures",
  alarmArns: ["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:guardrails-dev-held"],
  hasFunctions: true,
  guardrails: ["thermostat", "lights-out"],
};
type Row = (string | Record<string, unknown>)[];
const rowsOf = ({ properties }: Widget): Row[] => (properties.metrics ?? []) as Row[];
const renderingOf = (row: Row): Record<string, unknown> => row.at(-1) as Record<string, unknown>;
const expressionsIn = (widget: Widget): string[] =>
  rowsOf(widget).flatMap(row => (renderingOf(row).expression as string | undefined) ?? []);

describe("the dashboard", () => {
  const { widgets } = bodyOf(shown);
  const titled = (words: RegExp): Widget => {
    const found = widgets.filter(({ properties }) => words.test(properties.title));
    expect(found, String(words)).to.have.length(1);
    return found[0];
  };

  it("shows only metrics that functions, `undo` and the queue really send", () => {
    const queue = ["ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"];
    for (const row of widgets.flatMap(rowsOf).filter(([first]) => typeof first === "string")) {
      const [from, name, ...more] = row.slice(0, -1) as string[];
      if (from === "AWS/SQS") {
        expect(queue).to.include(name);
        expect(more).to.deep.equal(["QueueName", "guardrails-dev-failures"]);
      } else {
        expect(from).to.equal("Guardrails");
        expect(Object.keys(units)).to.include(name);
        expect(more.slice(0, 2)).to.deep.equal(["stack", "dev"]);
        if (more.length > 2) {
          expect(more[2]).to.equal("guardrail");
          expect(shown.guardrails).to.include(more[3]);
        }
      }
    }
  });

  it("shows every outcome of the stack as a whole, whatever guardrails there are", () => {
    const sums: MetricName[] = ["Remediated", "Notified", "Observed", "Held", "Failed", "Exempt", "Undone"];
    const rows = rowsOf(titled(/^Outcomes/));
    expect(rows.map(row => row.slice(1, -1))).to.deep.equal(sums.map(name => [name, "stack", "dev"]));
  });

  it("computes only with what it has, under names that CloudWatch takes", () => {
    for (const widget of widgets) {
      const ids = rowsOf(widget).flatMap(row => (renderingOf(row).id as string | undefined) ?? []);
      expect(new Set(ids).size, widget.properties.title).to.equal(ids.length);
      for (const id of ids) expect(id).to.match(/^[a-z][A-Za-z0-9_]*$/);
      for (const expression of expressionsIn(widget))
        for (const [used] of expression.matchAll(/\b[a-z]\w*/g)) expect(ids, expression).to.include(used);
    }
  });

  it("shares out what was put right of everything that was worth it", () =>
    expect(expressionsIn(titled(/^Share automated/))).to.include(
      "100 * FILL(remediated, 0) / (FILL(remediated, 0) + FILL(notified, 0) + FILL(held, 0) + FILL(failed, 0))",
    ));

  it("shares out what was worth acting on of that and the noise", () =>
    expect(expressionsIn(titled(/^Signal/))).to.include(
      "100 * FILL(signal, 0) / (FILL(signal, 0) + FILL(noise, 0))",
    ));

  it("shows half and nine tenths of the times, and nine tenths of those guardrails that send their own", () => {
    for (const widget of [titled(/^Time to detect/), titled(/^Time to remediate/)])
      expect(rowsOf(widget).map(row => [row[5], renderingOf(row).stat])).to.deep.equal([
        [undefined, "p50"],
        [undefined, "p90"],
        ...shown.guardrails.map(id => [id, "p90"]),
      ]);
  });

  it("shows what is open, what waits in the queue and for how long, and the alarms", () => {
    expect(rowsOf(titled(/^Open/)).map(([, name]) => name)).to.deep.equal([
      "Open",
      "Held",
      "Failed",
      "BreakerOpened",
      "LedgerErrors",
    ]);
    expect(rowsOf(titled(/queue/)).map(([, name]) => name)).to.deep.equal([
      "ApproximateNumberOfMessagesVisible",
      "ApproximateAgeOfOldestMessage",
    ]);
    expect(titled(/^Alarms/).properties.alarms).to.deep.equal(shown.alarmArns);
  });

  it("fits side by side on the page, in the stack's region", () => {
    const places = widgets.map(({ x, y }) => `${x} ${y}`);
    expect(new Set(places).size).to.equal(widgets.length);
    for (const { x, width, type, properties } of widgets) {
      expect(x + width).to.be.at.most(24);
      if (type === "metric") expect(properties.region).to.equal("eu-west-1");
    }
  });

  it("shows queue and alarms alone where no guardrail has a function", () =>
    expect(
      bodyOf({ ...shown, hasFunctions: false, guardrails: [] }).widgets.map(
        ({ properties }) => properties.title,
      ),
    ).to.deep.equal([titled(/queue/).properties.title, "Alarms"]));

  it("stays within what a dashboard may have", () => {
    const many = Array.from({ length: 30 }, (_, at) => `guardrail-${at}`);
    for (const widget of bodyOf({ ...shown, guardrails: many }).widgets)
      expect(rowsOf(widget).length, widget.properties.title).to.be.at.most(500);
  });
});
