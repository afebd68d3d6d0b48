import type { Operator } from "../../operations/operator";
import { firstTickBy } from "../../operations/status/first-tick";
import { type Need, needsOf } from "../../operations/status/needs";
import { type GuardrailMemory, type Status, statusOf } from "../../operations/status/status";
import { minuteOf, plain } from "../../runtime/plain";
import { operate, type StackOptions, type Streams } from "../operating";
import { tableOf, wrapped } from "./table";

/** The exit code when something needs a person; scripts tell it from "it could not be done". */
const found = 3;
/** So many open findings are shown; the JSON has all. */
const shown = 10;

/** Runs `guardrails status` and returns the exit code: 0 nothing needs a person, 3 something does. */
export const status = (options: StackOptions, streams: Streams = process): Promise<number> =>
  operate(
    "status",
    options,
    async (operator, { line, json }) => {
      const now = operator.now();
      const all = await statusOf(operator, streams.stackFiles);
      const needs = needsOf(all, operator.place, now);
      linesOf(all, operator, now).forEach(text => line(text));
      needsIn(needs).forEach(text => line(text));
      json(asJson(all, needs, operator, now));
      return needs.length === 0 ? 0 : found;
    },
    streams,
  );

function linesOf(all: Status, { place }: Operator, now: number): string[] {
  const { guardrails, off, pauses, recipients, wanted, failedEvents, alarms } = all;
  const count = (state: string): number => recipients.filter(one => one.state === state).length;
  const notOk = alarms.filter(({ state }) => state !== "OK");
  const ok = alarms.length - notOk.length;
  const firstTick = firstTickBy(all, now);
  return [
    `Stack ${place.stack}, account ${place.account}, region ${place.home}, at ${minuteOf(now)}`,
    "",
    ...tableOf([
      ["guardrail", "mode", "open", "baseline", "last sweep"],
      ...guardrails.map(({ id, mode }) => [
        id,
        mode ?? "?",
        ...memoryCells(all.memories.find(one => one.id === id)),
      ]),
    ]),
    ...(off.length === 0 ? [] : wrapped(`not deployed: ${off.join(", ")}`, "  ")),
    "",
    ...(pauses.length === 0 ? ["Paused: nothing"] : pauses.flatMap(pauseLines)),
    ...openLines(all.memories),
    ...wrapped(
      `Mails go to ${count("confirmed")} of ${recipients.length} recipients; ${count("pending")} pending, ${count("missing")} missing`,
      "  ",
    ),
    ...(wanted.unknown === undefined ? [] : wrapped(wanted.unknown, "  ")),
    `Failed events in the queue: ${failedEvents}`,
    ...wrapped(
      [
        `Alarms: ${ok} of ${alarms.length} OK`,
        ...notOk.map(({ what, state }) => `${what} ${state === "ALARM" ? "sounds" : "has no data yet"}`),
      ].join(", "),
      "  ",
    ),
    ...(firstTick === undefined
      ? []
      : wrapped(
          `The alarm held sounds until it knows of the first tick, due by ${minuteOf(firstTick)}`,
          "  ",
        )),
  ];
}

function memoryCells(memory: GuardrailMemory | undefined): string[] {
  if (memory === undefined) return ["-", "-", "-"];
  const { open, baseline, sweeps } = memory;
  return [String(open.length), String(baseline), Object.values(sweeps).map(sweepCell).join(", ")];
}

function sweepCell({ running, completed }: GuardrailMemory["sweeps"][string]): string {
  if (running !== undefined) return `running, ${running.looked}`;
  return completed === undefined ? "none yet" : minuteOf(completed.ended);
}

const pauseLines = ({ scope, ends, by, reason }: Status["pauses"][number]): string[] =>
  wrapped(
    `Paused: ${scope === "all" ? "every guardrail" : scope} until ${minuteOf(ends)} by ${plain(by)}: ${plain(reason, 300)}`,
    "  ",
  );

function openLines(memories: readonly GuardrailMemory[]): string[] {
  const open = memories.flatMap(one => one.open).sort((one, other) => one.since - other.since);
  if (open.length === 0) return ["Open: nothing"];
  return [
    `Open: ${open.length}, the oldest since ${minuteOf(open[0].since)}`,
    ...open
      .slice(0, shown)
      .flatMap(({ resource, kind, because, finding, since }) => [
        `  ${plain(resource.arn)}`,
        ...wrapped(
          `    ${kind} since ${minuteOf(since)}: ${plain(finding.summary, 300)}; ${plain(because, 300)}`,
          "    ",
        ),
      ]),
    ...(open.length > shown ? [`  ... and ${open.length - shown} more: --json has all`] : []),
  ];
}

/** What is to be pasted is never broken into lines, and neither is a sentence that holds it. */
function needsIn(needs: readonly Need[]): string[] {
  if (needs.length === 0) return ["", "Nothing needs you."];
  return [
    "",
    needs.length === 1 ? "This needs you:" : `These ${needs.length} need you:`,
    ...needs.flatMap(({ what, command }) =>
      command === undefined ? [`- ${what}`] : [...wrapped(`- ${what}`, "  "), `  ${command}`],
    ),
  ];
}

const iso = (time: number | undefined): string | undefined =>
  time === undefined ? undefined : new Date(time).toISOString();

/** What scripts get: an object whose times are texts. */
const asJson = (all: Status, needs: readonly Need[], { place }: Operator, now: number) => ({
  stack: place.stack,
  account: place.account,
  region: place.home,
  at: iso(now),
  needs,
  guardrails: all.guardrails.map(({ since, ...one }) => ({ ...one, since: iso(since) })),
  off: all.off,
  pauses: all.pauses.map(({ ends, ...pause }) => ({ ...pause, until: iso(ends) })),
  memories: all.memories.map(({ id, open, baseline, sweeps }) => ({
    guardrail: id,
    baseline,
    open: open.map(({ resource, finding, kind, because, since }) => ({
      resource: resource.arn,
      summary: finding.summary,
      fingerprint: finding.fingerprint,
      kind,
      because,
      since: iso(since),
    })),
    sweeps: Object.fromEntries(
      Object.entries(sweeps).map(([region, { running, completed }]) => [
        region,
        {
          ...(running !== undefined && {
            running: { started: iso(running.started), looked: running.looked, wrong: running.wrong },
          }),
          ...(completed !== undefined && {
            last: { started: iso(completed.started), ended: iso(completed.ended), looked: completed.looked },
          }),
        },
      ]),
    ),
  })),
  recipients: all.recipients,
  ...(all.wanted.unknown !== undefined && { unknown: all.wanted.unknown }),
  failedEvents: all.failedEvents,
  firstTickBy: iso(firstTickBy(all, now)),
  alarms: all.alarms.map(({ what, state, since }) => ({ what, state, since: iso(since) })),
});
