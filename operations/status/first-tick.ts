import type { Definition } from "../../components/definition";
import { catalogue } from "../../components/guardrails";
import { periodOf } from "../../components/timer";
import type { Deployed } from "./deployed";
import type { Status } from "./status";

const definitions: readonly Definition[] = catalogue;
/** So many periods after it is made, a guardrail has ticked, or its tick is overdue. */
const patience = 2;

/**
 * By when a new stack's first tick is due, epoch milliseconds, where nothing but its absence makes the alarm `held`
 * sound: to that alarm silence is the worst of news. Undefined where it has another reason, or the tick is overdue.
 */
export function firstTickBy({ guardrails, memories, alarms }: Status, now: number): number | undefined {
  const sounds = alarms.some(({ what, state }) => what === "held" && state === "ALARM");
  const isOpen = memories.some(({ open }) => open.length > 0);
  // The first tick of any ends the alarm, so the earliest counts.
  const due = Math.min(...guardrails.flatMap(dueOf));
  return sounds && !isOpen && now < due && due < Infinity ? due : undefined;
}

function dueOf({ id, mode, since }: Deployed): number[] {
  const definition = definitions.find(one => one.id === id);
  if (definition === undefined || mode === undefined || since === undefined) return [];
  const minutes = periodOf(definition, mode);
  return minutes === undefined ? [] : [since + patience * minutes * 60_000];
}
