import type { Definition } from "../../components/definition";
import { memoryMegabytes } from "../../components/function";
import { hasFunction } from "../../components/kinds";
import { kept } from "../../runtime/ledger/items";
import { stackMetrics, units } from "../../runtime/telling/metrics";
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
};
const free = { alarmMetrics: 10, metrics: 10, metricsOfADashboard: 50 };

/** The month that the examples are about: assumptions, which docs/cost.md names. */
const example = {
  calls: 100_000,
  fixes: 1_000,
  busyHours: 100,
  metricsSent: 6,
  warmSeconds: 0.5,
  startSeconds: 0.25,
  coldShare: 0.02,
  logKilobytes: 1,
  readUnitsOfAFix: 10,
  writeUnitsOfAFix: 100,
};
const memoryGigabytes = memoryMegabytes / 1024;
const hoursOfAMonth = 730;
const metricsPerFunction = Object.keys(units).length;
const shownPerFunction = 12;
const shownOfTheStack = 3;

/** How much of what costs something by being there a stack has. */
export interface Counts {
  readonly rules: number;
  readonly functions: number;
  readonly alarms: number;
  /** Metrics that alarms watch. */
  readonly watched: number;
  /** Metrics that functions send when none is zero. */
  readonly sent: number;
  /** Metrics that the dashboard refers to. */
  readonly shown: number;
}

/** Of a stack with a function: five alarms, and one for every ten rules and functions whose lost events it sums. */
export const countsOf = (rules: number, functions: number): Counts => ({
  rules,
  functions,
  alarms: 5 + Math.ceil((rules + functions) / 10),
  watched: 5 + rules + functions,
  sent: metricsPerFunction * functions + stackMetrics.length,
  shown: shownPerFunction * functions + shownOfTheStack,
});

/** What a month of the example costs, in dollars, by item. */
export function monthOf({ watched, functions, shown }: Counts) {
  const { calls, fixes, busyHours, metricsSent, warmSeconds, startSeconds, coldShare } = example;
  const gigabyteSeconds = (warmSeconds + coldShare * startSeconds) * memoryGigabytes;
  const ofACall =
    price.call +
    gigabyteSeconds * price.gigabyteSecond +
    (example.logKilobytes / 2 ** 20) * price.logGigabyte;
  const ofAFix = example.readUnitsOfAFix * price.readUnit + example.writeUnitsOfAFix * price.writeUnit;
  return {
    alarms: watched * price.alarmMetric,
    alarmsBeyondFree: Math.max(0, watched - free.alarmMetrics) * price.alarmMetric,
    metrics: ((metricsSent * functions * busyHours) / hoursOfAMonth) * price.metric,
    dashboard: shown <= free.metricsOfADashboard ? 0 : price.dashboard,
    functions: calls * ofACall,
    ledger: calls * price.readUnit + fixes * ofAFix,
  };
}

/** The prices, and what they come to with every guardrail of the catalogue. */
export function costTable(catalogue: readonly Definition[]): string {
  const counts = countsOfAll(catalogue);
  const { rules, functions, alarms, watched, sent, shown } = counts;
  const month = monthOf(counts);
  const fitting = Math.floor((free.metricsOfADashboard - shownOfTheStack) / shownPerFunction);
  const { calls, fixes, busyHours, metricsSent } = example;
  return table(
    ["item", "per month", `with all ${catalogue.length} guardrails (${rules} rules, ${functions} functions)`],
    [
      [
        "alarms",
        `${dollars(price.alarmMetric)} for each metric that an alarm watches: 5 + rules + functions. CloudWatch's free tier has ${free.alarmMetrics} alarm metrics in an account`,
        `${watched} metrics in ${alarms} alarms: ${dollars(month.alarms)}, or ${dollars(month.alarmsBeyondFree)} if the free ones are yours. If a sum counts once: ${dollars(alarms * price.alarmMetric)}`,
      ],
      [
        "metrics",
        `${dollars(price.metric)} for each that had a value in every hour, by the hour: at most ${metricsPerFunction} for each function, and ${stackMetrics.length} for the stack. Free tier: ${free.metrics}`,
        `${sent} at most: ${dollars(sent * price.metric)} if each had a value in every hour. What is zero is not sent: ${metricsSent} metrics each of ${functions} guardrails in ${busyHours} hours of the month are ${dollars(month.metrics)}`,
      ],
      [
        "dashboard, where `dashboard: true`",
        `${dollars(price.dashboard)}, or nothing while it is one of the account's first 3 and refers to at most ${free.metricsOfADashboard} metrics. It refers to ${shownPerFunction} for each function and ${shownOfTheStack} more: up to ${fitting} functions`,
        `${shown} metrics: ${month.dashboard === 0 ? `$0 as one of the first 3, else ${dollars(price.dashboard)}` : dollars(month.dashboard)}`,
      ],
      [
        "functions and logs",
        `\`m × ($0.20e-6 + (d + f × i) × ${memoryGigabytes} GB × $${price.gigabyteSecond} + logKB / 2^20 × ${dollars(price.logGigabyte)})\``,
        `${whole(calls)} calls: about ${dollars(month.functions)}`,
      ],
      [
        "ledger",
        `reads $${price.readUnit * 1e6} and writes $${price.writeUnit * 1e6} per million units. A compliant call is 1 read unit. A fix is about ${example.readUnitsOfAFix} read units and 50 to ${example.writeUnitsOfAFix} write units: it writes the action, with the event, several times. Storage $0.25 per GB, recovery $0.20 per GB; changes are kept for ${kept.action} days, about 10 KB each`,
        `${whole(calls)} calls and ${whole(fixes)} fixes: about ${dollars(month.ledger)}`,
      ],
      ["EventBridge rules on AWS events, first trail's management events", "free", "$0"],
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
  const { alarms, metrics, functions, ledger } = monthOf(countsOfAll(catalogue));
  const { calls, fixes } = example;
  return `All ${catalogue.length} guardrails together come to about ${dollars(alarms + metrics + functions + ledger)} a month in an account where ${whole(calls)} calls match and ${whole(fixes)} are put right, and to ${dollars(price.dashboard)} more where it has a dashboard that is not free. [docs/cost.md](docs/cost.md) has the prices, what is assumed, and the doubts.`;
}

function countsOfAll(catalogue: readonly Definition[]): Counts {
  const rules = catalogue.flatMap(({ triggers }) => triggers).length;
  return countsOf(rules, catalogue.filter(hasFunction).length);
}

const dollars = (amount: number): string => `$${amount.toFixed(2)}`;
const whole = (number: number): string => number.toLocaleString("en-US");
