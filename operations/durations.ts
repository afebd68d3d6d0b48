import { refusal } from "./refusals";

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3600_000, d: 24 * 3600_000 };

/** `30m`, `2h` or `3d` in milliseconds. @throws Refusal when it is none, or longer than `days`. */
export function durationOf(text: string, days: number): number {
  const [, count, unit] = /^([1-9]\d{0,3})([mhd])$/.exec(text) ?? [];
  if (unit === undefined) throw refusal(`--for "${text}": expected a time such as 30m, 2h or 3d.`, 2);
  const ms = Number(count) * units[unit];
  if (ms > days * units.d) throw refusal(`--for ${text}: ${days} days are the longest.`, 2);
  return ms;
}
