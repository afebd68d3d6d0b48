import { minuteOf, plain } from "../../runtime/plain";
import type { StackPlace } from "../../runtime/names";
import { isLeftToPeople } from "../resume";
import { firstTickBy } from "./first-tick";
import type { GuardrailMemory, Status } from "./status";

/** Something that no guardrail ends by itself. */
export interface Need {
  /** What is so, in a sentence. */
  readonly what: string;
  /** What ends it, or leads there, to be pasted; absent where `what` has it. */
  readonly command?: string;
}

const day = 24 * 3600_000;
/** A sweep a day; one that is older has been missed. */
const oldestSweep = 2 * day;

/** Everything that waits for a person, the most urgent first; [] when nothing does. */
export function needsOf(status: Status, place: StackPlace, now: number): Need[] {
  const stack = `--stack ${place.stack}`;
  const recipients = ofRecipients(status, stack);
  const open = status.memories.flatMap(memory => ofOpen(memory, status, stack));
  const failed = ofFailedEvents(status.failedEvents, stack);
  const told: Readonly<Record<string, boolean>> = {
    "failed-events": failed.length > 0,
    "failed-events-age": failed.length > 0,
    "lost-recipients": recipients.length > 0,
    held: open.length > 0 || firstTickBy(status, now) !== undefined,
  };
  return [
    ...recipients,
    ...ofParts(status, place),
    ...failed,
    ...open,
    ...status.memories.flatMap(memory => ofSweeps(memory, status, place, now)),
    ...ofAlarms(status, place, told),
  ];
}

function ofRecipients({ recipients }: Status, stack: string): Need[] {
  const again = `pulumi up --refresh ${stack}`;
  return recipients.flatMap(({ address, state }) => {
    if (state === "confirmed") return [];
    const name = plain(address, 100);
    if (state === "missing")
      return [
        {
          what: `${name} is named in the stack config and not subscribed, so it hears nothing: SNS deletes a subscription that nobody confirms within 48 hours. This sends a link to follow.`,
          command: again,
        },
      ];
    return [
      {
        what: `${name} hears nothing before it has followed the link in SNS's mail (look in the spam folder too). SNS deletes the subscription after 48 hours; then this sends another link.`,
        command: again,
      },
    ];
  });
}

function ofParts({ guardrails }: Status, { stack, home }: StackPlace): Need[] {
  return guardrails.flatMap(({ id, mode, missing, disabled }) => [
    ...(missing.length > 0
      ? [{ what: `${id} lacks ${missing.join(", ")}.`, command: `pulumi up --refresh --stack ${stack}` }]
      : mode === undefined
        ? [
            {
              what: `The role of ${id} does not say its mode: somebody has changed its description.`,
              command: `pulumi up --refresh --stack ${stack}`,
            },
          ]
        : []),
    ...disabled.map(name => ({
      what: `The rule ${name} is switched off: ${id} hears nothing of it.`,
      command: `aws events enable-rule --name ${name} --region ${home}`,
    })),
  ]);
}

function ofFailedEvents(count: number, stack: string): Need[] {
  if (count === 0) return [];
  return [
    {
      what: `About ${count} ${count === 1 ? "event is" : "events are"} in the dead-letter queue, where no guardrail hears of them, and lost after 14 days. This says why; redrive --all sends them again.`,
      command: `npm run guardrails -- failures ${stack}`,
    },
  ];
}

function ofOpen({ id, open }: GuardrailMemory, { guardrails, pauses }: Status, stack: string): Need[] {
  if (open.length === 0) return [];
  const [{ since }] = open;
  const left = open.filter(isLeftToPeople).length;
  const what = `${id} has found ${open.length} that ${open.length === 1 ? "is" : "are"} still wrong, since ${minuteOf(since)}`;
  const resume = (more: string): string => `npm run guardrails -- resume ${more} ${stack}`;
  if (!guardrails.some(one => one.id === id))
    return [
      { what: `${what}, and is not deployed any more. This says what.`, command: resume(`${id} --dry-run`) },
    ];
  if (left === open.length)
    return [
      {
        what: `${what}, left to you: put it right, or exempt it in the stack config. This says why.`,
        command: resume(`${id} --dry-run`),
      },
    ];
  const some = left === 0 ? "" : ` (${left} left to you)`;
  const pause = pauses.find(({ scope }) => scope === "all") ?? pauses.find(({ scope }) => scope === id);
  if (pause !== undefined)
    return [
      {
        what: `${what}${some}, and paused until ${minuteOf(pause.ends)}. To go on earlier:`,
        command: resume(pause.scope === "all" ? "--all" : id),
      },
    ];
  return [
    {
      what: `${what}${some}. It is tried again by itself when its reason has ended; at once with:`,
      command: resume(id),
    },
  ];
}

function ofSweeps(
  { id, sweeps }: GuardrailMemory,
  { guardrails, wanted }: Status,
  { stack }: StackPlace,
  now: number,
): Need[] {
  const ticks = guardrails.some(({ mode, ...one }) => one.id === id && mode !== "observe");
  if (!ticks || !wanted.swept.includes(id)) return [];
  return Object.entries(sweeps).flatMap(([region, { completed }]) =>
    completed === undefined || now - completed.ended < oldestSweep
      ? []
      : [
          {
            what: `${id} has not gone through ${region} since ${minuteOf(completed.ended)}, though it should each day: see the alarms and failures. This does it now.`,
            command: `npm run guardrails -- sweep --guardrail ${id} --stack ${stack}`,
          },
        ],
  );
}

/** @param told alarms of which the other needs speak already, or which need nobody yet */
function ofAlarms(
  { alarms }: Status,
  { stack }: StackPlace,
  told: Readonly<Record<string, boolean>>,
): Need[] {
  return alarms.flatMap(({ what, state, since, description }) =>
    state !== "ALARM" || told[what]
      ? []
      : [
          {
            what: `The alarm guardrails-${stack}-${what} sounds${since === undefined ? "" : ` since ${minuteOf(since)}`}: ${description}`,
          },
        ],
  );
}
