import { createHash } from "node:crypto";

/** When a rule's schedule fires. Times are epoch milliseconds, calendars are UTC. */
export interface Schedule {
  /** The first time after the one given, or undefined when there is none. */
  next(after: number): number | undefined;
}

const minute = 60_000;
const day = 24 * 60 * minute;
const units: Readonly<Record<string, number>> = { minute, hour: 60 * minute, day };

/**
 * Reads `rate(5 minutes)` or `cron(0 8 ? * MON-FRI *)`. A rate counts from `start`.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 * @throws Error that says what is wrong.
 */
export function readSchedule(expression: string, start: number): Schedule {
  const [, count, unit = "", plural] = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression) ?? [];
  if (count !== undefined) return readRate(Number(count), unit, plural === "s", start);
  const fields = /^cron\((.+)\)$/.exec(expression)?.[1]?.trim().split(/\s+/);
  if (fields?.length !== 6) throw new Error("Parameter ScheduleExpression is not valid.");
  return readCron(fields);
}

function readRate(count: number, unit: string, isPlural: boolean, start: number): Schedule {
  // "rate(1 minutes)" and "rate(5 minute)" are refused by EventBridge too.
  if (count < 1 || isPlural === (count === 1)) throw new Error("Parameter ScheduleExpression is not valid.");
  const period = count * (units[unit] ?? minute);
  return { next: after => start + (Math.floor((after - start) / period) + 1) * period };
}

/** Fires every so many milliseconds, at a moment of its own in each, so that not all that are shortened fire at once. */
export function shortened(period: number, name: string): Schedule {
  const own = createHash("sha256").update(name).digest().readUInt32BE() % period;
  return { next: after => (Math.floor((after - own) / period) + 1) * period + own };
}

const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

function readCron(fields: readonly string[]): Schedule {
  const [minutes = "", hours = "", dayOfMonth = "", month = "", dayOfWeek = "", year = ""] = fields;
  if ((dayOfMonth === "?") === (dayOfWeek === "?"))
    throw new Error(
      "Parameter ScheduleExpression is not valid: one of day-of-month and day-of-week must be ?",
    );
  const inHour = values(minutes, 0, 59);
  const inDay = values(hours, 0, 23);
  const inYear = values(month, 1, 12, months);
  const years = values(year, 1970, 2199);
  const isDay = dayOfMonth === "?" ? weekdayTest(dayOfWeek) : monthDayTest(dayOfMonth);

  const timesOn = (start: number) =>
    inDay.flatMap(hour => inHour.map(at => start + (hour * 60 + at) * minute));
  return {
    next: after => {
      const today = Math.floor(after / day) * day;
      // Every combination of weekday and leap day comes again within 28 years, or 40 across a century.
      for (let start = today; start < today + 41 * 366 * day; start += day) {
        const date = new Date(start);
        if (!years.includes(date.getUTCFullYear()) || !inYear.includes(date.getUTCMonth() + 1)) continue;
        const found = isDay(date) ? timesOn(start).find(time => time > after) : undefined;
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

const daysInMonth = (date: Date) =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

function monthDayTest(field: string): (date: Date) => boolean {
  if (field === "L") return date => date.getUTCDate() === daysInMonth(date);
  if (/W/.test(field)) throw new Error(`The sandbox does not implement W in day-of-month: ${field}`);
  const days = values(field, 1, 31);
  return date => days.includes(date.getUTCDate());
}

function weekdayTest(field: string): (date: Date) => boolean {
  const weekday = (text: string) => values(text, 1, 7, weekdays).map(number => number - 1);
  const [, last] = /^(\w+)L$/.exec(field) ?? [];
  if (last !== undefined) {
    const days = weekday(last);
    return date => days.includes(date.getUTCDay()) && date.getUTCDate() > daysInMonth(date) - 7;
  }
  const [, which, nth] = /^(\w+)#([1-5])$/.exec(field) ?? [];
  if (which !== undefined) {
    const days = weekday(which);
    return date => days.includes(date.getUTCDay()) && Math.ceil(date.getUTCDate() / 7) === Number(nth);
  }
  const days = weekday(field);
  return date => days.includes(date.getUTCDay());
}

/** The numbers that a field of lists, ranges, steps and names stands for, in ascending order. */
function values(field: string, least: number, most: number, names: readonly string[] = []): number[] {
  const number = (text: string) => {
    const named = names.indexOf(text.toUpperCase());
    const found = named >= 0 ? named + 1 : /^\d+$/.test(text) ? Number(text) : NaN;
    if (found >= least && found <= most) return found;
    throw new Error(`Parameter ScheduleExpression is not valid: ${text} in ${field}`);
  };
  const part = (text: string): number[] => {
    const [range = "", step] = text.split("/");
    const [first = "", last] = range.split("-");
    const from = first === "*" ? least : number(first);
    const to = first === "*" || (step !== undefined && last === undefined) ? most : number(last ?? first);
    const by = step === undefined ? 1 : number(step);
    return Array.from(
      { length: Math.max(0, Math.floor((to - from) / by) + 1) },
      (_, index) => from + index * by,
    );
  };
  return [...new Set(field.split(",").flatMap(part))].sort((one, other) => one - other);
}
