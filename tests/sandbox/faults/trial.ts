import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { type Stored, fromItem, toAction } from "../../../runtime/ledger/items";
import type { About, Breach, Broken } from "../../guardrails/step";
import type { Call } from "../../../sandbox/ground/call";
import type { Fault } from "../../../sandbox/gateway/gateway";
import type { Happening } from "../../../sandbox/ground/journal";
import { explain, parse } from "../../../sandbox/play/screen/timeline";
import { type DeployedStack, standing } from "../support/stack";

type Of<Kind extends Happening["kind"]> = Extract<Happening, { kind: Kind }>;

/** One call of a function: the nth of its operation, from 1, since several may be under way in any order. */
export interface Asked {
  /** As "service:Operation". */
  readonly call: string;
  readonly nth: number;
}

/** What stands in the way of the function's calls, before each is served and after it was. */
export type Obstacle = (asked: Asked, when: "before" | "after", call: Call) => ReturnType<Fault>;

/** One breach and all that followed. */
export interface Trial {
  readonly broken: Broken;
  /** What the function called, in order, and which of it was served without an error. */
  readonly asked: readonly Asked[];
  readonly served: readonly Asked[];
  /** The write operations on the guarded resource that were served to the function, answered or not. */
  readonly written: readonly string[];
  readonly tries: readonly Of<"invocation">[];
  /** Mails that name the resource. */
  readonly mails: readonly Of<"mail">[];
  readonly deadLetters: readonly Of<"dead-letter">[];
  /** Kinds of the outcomes for the resource, in order. */
  readonly outcomes: readonly string[];
}

/** What has a guardrail's function work: a breach that it hears of, or more. */
export interface Work extends About<Breach> {
  /** What comes before, and what no obstacle meets. */
  prepare?(stack: DeployedStack): Promise<unknown>;
}

export const nameOf = (guardrail: string): string => `guardrails-dev-${guardrail}`;

/** Whether the function's own code made the call, not Lambda or a test with its role. */
export const isOf = (guardrail: string, { identity, service }: Call): boolean =>
  identity.role?.session === nameOf(guardrail) && service !== "logs" && service !== "sqs";

/** Budgets, breakers and the group of a mail count for an hour: a trial begins after it, as if it were the first. */
const apart = 61 * 60_000;

/**
 * Plays a breach against an obstacle, and advances the clock until nothing is left to be tried again. Meanwhile no
 * timer ticks, so that every call and try is the event's; then a notice that waits for a tick gets its tick.
 * @param meanwhile what else is done right after the breach
 */
export async function attempt(
  stack: DeployedStack,
  breach: Work,
  obstacle: Obstacle = () => undefined,
  meanwhile: (broken: Broken) => unknown = () => undefined,
): Promise<Trial> {
  const { sandbox, stage, faults } = stack;
  await standing(stack, () => sandbox.clock.advance(apart));
  await breach.prepare?.(stack);
  const asked: Asked[] = [];
  const served: Asked[] = [];
  const written: string[] = [];
  const known = new Map<string, Asked>();
  faults.before = call => {
    if (!isOf(breach.guardrail, call)) return undefined;
    const name = `${call.service}:${call.operation}`;
    const one = { call: name, nth: asked.filter(other => other.call === name).length + 1 };
    asked.push(one);
    known.set(call.id, one);
    return obstacle(one, "before", call);
  };
  faults.after = call => {
    const one = known.get(call.id);
    if (one === undefined) return undefined;
    served.push(one);
    if (breach.writes.includes(call.operation)) written.push(call.operation);
    return obstacle(one, "after", call);
  };
  const from = sandbox.journal.happenings.length;
  try {
    const broken = await standing(stack, async () => {
      const found = await breach.play(stage);
      await meanwhile(found);
      await exhaust(stack);
      return found;
    });
    const seen = { asked: [...asked], served: [...served], written: [...written] };
    const trial = { broken, ...seen, ...followed(stack, from, breach.guardrail, broken) };
    if (trial.mails.length > 0) return trial;
    await stage.pass(tick);
    await standing(stack, () => exhaust(stack));
    return { ...trial, mails: followed(stack, from, breach.guardrail, broken).mails };
  } finally {
    faults.before = faults.after = undefined;
  }
}

/** In so many minutes every guardrail's timer has ticked. */
const tick = 16;

/** As long as a function may run: the lock of one that died ends then. */
const timeout = 300_000;

/** Lets every pause and retry fall due, and locks end. */
export async function exhaust({ sandbox }: DeployedStack): Promise<void> {
  do {
    await sandbox.clock.advance(timeout + 10_000);
    await sandbox.idle();
  } while (sandbox.retrying > 0);
}

/** What the journal has since then, of one guardrail and one resource. */
export function followed(
  { sandbox }: DeployedStack,
  from: number,
  guardrail: string,
  { id, arn }: Pick<Broken, "id" | "arn">,
) {
  const since = sandbox.journal.happenings.slice(from);
  const functionName = nameOf(guardrail);
  return {
    tries: since.flatMap(one =>
      one.kind === "invocation" && one.functionName === functionName ? [one] : [],
    ),
    mails: since.flatMap(one => (one.kind === "mail" && one.body.includes(id) ? [one] : [])),
    deadLetters: since.flatMap(one => (one.kind === "dead-letter" ? [one] : [])),
    outcomes: since.flatMap(one => {
      const said = one.kind === "log" && one.functionName === functionName ? parse(one.line) : undefined;
      return said?.audit === 1 && said.resource === arn ? [String(said.outcome)] : [];
    }),
  };
}

/** The events since then that reached the guardrail's rules, as they reached them. */
export const eventsOf = ({ sandbox }: DeployedStack, from: number, guardrail: string): string[] =>
  sandbox.journal.happenings
    .slice(from)
    .flatMap(one =>
      one.kind === "event" && one.rules.some(rule => rule.endsWith(nameOf(guardrail)))
        ? [JSON.stringify(one.event)]
        : [],
    );

/** Hands an event to the guardrail's function once more, as EventBridge does at times. */
export function deliver({ sandbox }: DeployedStack, guardrail: string, event: string): void {
  const arn = `arn:aws:lambda:us-east-1:123456789012:function:${nameOf(guardrail)}`;
  sandbox.functions.invokeAsync(arn, event);
}

/** Everything that the ledger holds of one resource. */
export async function ledgerOf(
  { sandbox }: DeployedStack,
  guardrail: string,
  arn: string,
): Promise<Stored[]> {
  const client = sandbox.account.client(DynamoDBClient, { region: "us-east-1", account: "123456789012" });
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: "guardrails-dev-ledger",
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": { S: `${guardrail}#${arn}` } },
      ConsistentRead: true,
    }),
  );
  return Items.map(item => fromItem(item as Parameters<typeof fromItem>[0]));
}

/** What is not as a fix must leave it, in words: the account, the number of writes, the ledger, and who was told. */
export async function untruths(
  stack: DeployedStack,
  breach: About<Breach>,
  { broken, written, mails, deadLetters }: Trial,
): Promise<string[]> {
  const items = await ledgerOf(stack, breach.guardrail, broken.arn);
  const actions = items.filter(({ sk }) => String(sk).startsWith("action#")).map(toAction);
  const events = items.filter(({ sk }) => String(sk).startsWith("event#"));
  const wrong = (await broken.differences()).flatMap(explain);
  const must = (holds: boolean, sentence: string) => holds || wrong.push(sentence);
  must([...written].sort().join() === [...breach.writes].sort().join(), `written: ${written.join(", ")}`);
  must(actions.length === 1, `the ledger has ${actions.length} actions`);
  for (const { state, before, after } of actions) {
    must(state === "notified", `the action ends ${state}`);
    must(broken.isFound(before), `recorded as before: ${JSON.stringify(before)}`);
    must(after !== undefined && !broken.isFound(after), `recorded as after: ${JSON.stringify(after)}`);
  }
  must(
    events.length > 0 && events.every(({ done }) => done === 1),
    `the event is not done: ${JSON.stringify(events)}`,
  );
  const isLive = ({ sk, ends }: Stored) => sk === "lock" && Number(ends) > stack.sandbox.clock.now();
  must(!items.some(isLive), "the lock is still held");
  must(mails.length > 0, "nobody was told");
  must(deadLetters.length === 0, "an event was given up");
  return wrong;
}
