import type { Definition } from "../../components/definition";
import { memoryMegabytes } from "../../components/function";
import { capabilitiesOf } from "../../components/kinds";
import { type Parts, partsOf, ticksAnHourOf } from "../../components/parts";
import { alarmsOf } from "../../components/shared/alarms";
import { kept } from "../../runtime/ledger/items";
import { units } from "../../runtime/telling/metrics";
import { table } from "./table";

/** AWS's list prices for us-east-1 in dollars: a month for what is there, a piece for what is used. */
const price = {
  alarmMetric: 0.1,
  metric: 0.3,
  dashboard: 3,
  call: 0.2e-6,
  gigabyteSecond: 0.0000133334,
  logGigabyte: 0.5,
  readUnit: 0.125e-6,
  writeUnit: 0.625e-6,
  topicRequest: 0.5e-6,
};

/** Metrics that a tick always sends: `Open` and `TickDelay`. */
const gauges = 2;

/** What a month is taken to be: assumptions, which docs/cost.md names; the units of a tick are counted on the sandbox. */
export const example = {
  calls: 100_000,
  fixes: 1_000,
  busyHours: 100,
  metricsSent: 8,
  warmSeconds: 0.5,
  startSeconds: 0.25,
  coldShare: 0.02,
  logKilobytes: 1,
  readUnitsOfACall: 2,
  readUnitsOfAFix: 15,
  writeUnitsOfAFix: 100,
  tickSeconds: 0.3,
  readUnitsOfATick: 7,
  writeUnitsOfATick: 1,
};
const memoryGigabytes = memoryMegabytes / 1024;
const hoursOfAMonth = 730;
const accounts = 300;

/** How much of what costs something by being there a stack has. */
export interface Counts {
  readonly guardrails: number;
  readonly rules: number;
  readonly functions: number;
  readonly alarms: number;
  readonly ticksAnHour: number;
}

/** What is deployed of these definitions, each going as far as it can. */
export function countsOf(definitions: readonly Definition[]): Counts {
  const parts: Parts[] = definitions.map(definition =>
    partsOf(definition, { stack: "any" }, capabilitiesOf(definition).modes.at(-1)),
  );
  const functions = parts.filter(({ functionName }) => functionName !== undefined).length;
  const ticksAnHour = ticksAnHourOf(parts);
  return {
    guardrails: parts.length,
    rules: parts.reduce((sum, { rules, timer }) => sum + rules.length + (timer === undefined ? 0 : 1), 0),
    functions,
    alarms: alarmsOf({ stack: "any", functions, ticksAnHour }).length,
    ticksAnHour,
  };
}

const invocation = (seconds: number): number =>
  price.call +
  seconds * memoryGigabytes * price.gigabyteSecond +
  (example.logKilobytes / 2 ** 20) * price.logGigabyte;

/** The read units of an hour in which every guardrail asks what each other has open, every quarter of it. */
export const readUnitsOfOthers = (functions: number): number => 4 * functions * (functions - 1) * 0.5;

/** What a month costs in which nothing happens, in dollars, by item. */
export function idleMonthOf({ alarms, functions, ticksAnHour }: Counts) {
  const ticks = ticksAnHour * hoursOfAMonth;
  const ofATick =
    invocation(example.tickSeconds) +
    price.topicRequest +
    example.readUnitsOfATick * price.readUnit +
    example.writeUnitsOfATick * price.writeUnit;
  const items = {
    alarms: alarms * price.alarmMetric,
    gauges: ticksAnHour === 0 ? 0 : gauges * price.metric,
    ticks: ticks * ofATick + readUnitsOfOthers(functions) * hoursOfAMonth * price.readUnit,
  };
  return { ...items, sum: items.alarms + items.gauges + items.ticks };
}

/** What the calls of the example cost on top of it, in dollars, by item. */
export function busyMonthOf() {
  const { calls, fixes, busyHours, metricsSent, warmSeconds, startSeconds, coldShare } = example;
  const ofAFix = example.readUnitsOfAFix * price.readUnit + example.writeUnitsOfAFix * price.writeUnit;
  const items = {
    metrics: ((metricsSent * busyHours) / hoursOfAMonth) * price.metric,
    functions: calls * invocation(warmSeconds + coldShare * startSeconds),
    ledger: calls * example.readUnitsOfACall * price.readUnit + fixes * ofAFix,
  };
  return { ...items, sum: items.metrics + items.functions + items.ledger };
}

/** The prices, and what they come to with every guardrail of the catalogue. */
export function costTable(catalogue: readonly Definition[]): string {
  const counts = countsOf(catalogue);
  const { guardrails, rules, functions, alarms, ticksAnHour } = counts;
  const idle = idleMonthOf(counts);
  const busy = busyMonthOf();
  const { calls, fixes, busyHours, metricsSent } = example;
  const ticks = Math.round(ticksAnHour * hoursOfAMonth);
  return table(
    ["item", "price", `a month with all ${guardrails} guardrails (${rules} rules, ${functions} functions)`],
    [
      [
        "alarms",
        `${dollars(price.alarmMetric)} for each metric that an alarm watches: one each, whatever guardrails there are`,
        `${alarms} alarms: ${dollars(idle.alarms)}`,
      ],
      [
        "metrics that are always sent",
        `${dollars(price.metric)} for each that has a value in every hour`,
        `${gauges}, of the stack as a whole: ${dollars(idle.gauges)}`,
      ],
      [
        "ticks",
        "as functions, logs and ledger below; and $0.50 per million requests to SNS",
        `${whole(ticksAnHour)} an hour, ${whole(ticks)}: about ${dollars(idle.ticks)}`,
      ],
      [
        "**an idle month**",
        "",
        `**${dollars(idle.sum)}**; in ${accounts} accounts ${dollars(idle.sum * accounts)}`,
      ],
      [
        "other metrics",
        `${dollars(price.metric)} by the hour in which it has a value: what is zero is not sent. At most ${Object.keys(units).length} of the stack; with \`metrics: guardrail\` as many for each function as well`,
        `${metricsSent} metrics in ${busyHours} hours: ${dollars(busy.metrics)}`,
      ],
      [
        "functions and logs",
        `\`m × ($0.20e-6 + (d + f × i) × ${memoryGigabytes} GB × $${price.gigabyteSecond} + logKB / 2^20 × ${dollars(price.logGigabyte)})\``,
        `${whole(calls)} calls: about ${dollars(busy.functions)}`,
      ],
      [
        "ledger",
        `reads $${price.readUnit * 1e6} and writes $${price.writeUnit * 1e6} per million units. A compliant call is ${example.readUnitsOfACall} read units. A fix is about ${example.readUnitsOfAFix} read units and 50 to ${example.writeUnitsOfAFix} write units. Storage $0.25 per GB, recovery $0.20 per GB; changes are kept for ${kept.action} days, about 10 KB each`,
        `${whole(calls)} calls and ${whole(fixes)} fixes: about ${dollars(busy.ledger)}`,
      ],
      ["**that month**", "", `**${dollars(idle.sum + busy.sum)}**`],
      ["dashboard", "only where the stack asks for it (`dashboard: true`)", dollars(price.dashboard)],
      ["EventBridge rules on AWS events and on schedules, first trail's management events", "free", "$0"],
      [
        "e-mail",
        "SNS charges for mails above a free amount; about $2 per 100,000 as far as we know, without a source at hand",
        "",
      ],
    ],
  );
}

/** The same in one sentence, for the first page. */
export function costSentence(catalogue: readonly Definition[]): string {
  const idle = idleMonthOf(countsOf(catalogue)).sum;
  const { calls, fixes } = example;
  return `All ${catalogue.length} guardrails together come to about ${dollars(idle)} an account and month in which nothing happens, and to ${dollars(idle + busyMonthOf().sum)} where ${whole(calls)} calls match and ${whole(fixes)} are put right; a dashboard, where you ask for it, to ${dollars(price.dashboard)} more. [docs/cost.md](docs/cost.md) has the prices, what is assumed, and the doubts.`;
}

const dollars = (amount: number): string => `$${amount.toFixed(2)}`;
const whole = (number: number): string => number.toLocaleString("en-US");
