import { expect } from "chai";
import { readSchedule, shortened } from "../../../sandbox/delivery/schedule";

const at = (text: string) => Date.parse(`${text}Z`);

describe("schedules", () => {
  for (const [expression, after, next] of [
    ["rate(1 minute)", "2026-01-01T00:00:30", "2026-01-01T00:01:00"],
    ["rate(2 hours)", "2026-01-01T02:00:00", "2026-01-01T04:00:00"],
    ["rate(1 day)", "2026-01-05T12:00:00", "2026-01-06T00:00:00"],
    ["cron(0 8 * * ? *)", "2026-01-01T08:00:00", "2026-01-02T08:00:00"],
    ["cron(15 10 ? * MON-FRI *)", "2026-01-02T11:00:00", "2026-01-05T10:15:00"],
    ["cron(0/20 9-10 * * ? *)", "2026-01-01T09:41:00", "2026-01-01T10:00:00"],
    // The tick of a guardrail: every five or fifteen minutes, at a minute of its own.
    ["cron(3/5 * * * ? *)", "2026-01-01T00:00:00", "2026-01-01T00:03:00"],
    ["cron(3/5 * * * ? *)", "2026-01-01T00:03:00", "2026-01-01T00:08:00"],
    ["cron(3/5 * * * ? *)", "2026-01-01T23:58:30", "2026-01-02T00:03:00"],
    ["cron(7/15 * * * ? *)", "2026-01-01T00:52:00", "2026-01-01T01:07:00"],
    ["cron(0 0 1,15 * ? *)", "2026-01-01T00:00:00", "2026-01-15T00:00:00"],
    ["cron(0 0 L * ? *)", "2026-02-01T00:00:00", "2026-02-28T00:00:00"],
    ["cron(0 0 29 2 ? *)", "2026-01-01T00:00:00", "2028-02-29T00:00:00"],
    ["cron(0 0 ? * TUE#2 *)", "2026-01-01T00:00:00", "2026-01-13T00:00:00"],
    ["cron(0 0 ? * 6L *)", "2026-01-01T00:00:00", "2026-01-30T00:00:00"],
    ["cron(0 0 1 1 ? 2030)", "2026-01-01T00:00:00", "2030-01-01T00:00:00"],
  ] as const)
    it(`fire ${expression} after ${after} at ${next}`, () => {
      const schedule = readSchedule(expression, at("2026-01-01T00:00:00"));

      expect(schedule.next(at(after))).to.equal(at(next));
    });

  it("fire so often as whoever watches asks, each at a moment of its own", () => {
    const names = ["a", "b", "c"].map(name => `arn:aws:events:us-east-1:123456789012:rule/${name}`);
    const start = at("2026-01-01T00:00:00");

    const fired = names.map(name => {
      const schedule = shortened(20_000, name);
      const first = schedule.next(start) ?? NaN;
      return [first - start, (schedule.next(first) ?? NaN) - first];
    });

    expect(fired.map(([, pause]) => pause)).to.deep.equal([20_000, 20_000, 20_000]);
    for (const [wait] of fired) expect(wait).to.be.greaterThan(0).and.at.most(20_000);
    expect(new Set(fired.map(([wait]) => wait)).size).to.equal(3);
  });

  it("never fire again once their last year is over", () => {
    expect(readSchedule("cron(0 0 1 1 ? 2020)", 0).next(at("2026-01-01T00:00:00"))).to.equal(undefined);
  });

  for (const expression of [
    "rate(0 minutes)",
    "rate(1 minutes)",
    "rate(5 minute)",
    "rate(5 weeks)",
    "cron(0 8 * * *)",
    "cron(0 8 * * * *)",
    "cron(60 8 * * ? *)",
    "cron(0 8 ? * FUN *)",
    "cron(0 0 15W * ? *)",
    "every day",
  ])
    it(`refuse ${expression}`, () => {
      expect(() => readSchedule(expression, 0)).to.throw(
        /ScheduleExpression is not valid|does not implement W/,
      );
    });
});
