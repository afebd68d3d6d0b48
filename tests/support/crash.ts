import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CloudTrailClient,
  type Event,
  type LookupEventsCommand,
  type LookupEventsCommandInput,
} from "@aws-sdk/client-cloudtrail";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetTopicAttributesCommand, type PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import type { Action } from "../../runtime/ledger/actions";
import { callRecordOf, type GuardrailEvent } from "../../runtime/events";
import type { Severity } from "../../runtime/guardrail";
import { createHandler, type Summary } from "../../runtime/handler";
import {
  type Brake,
  fromItem,
  type Item,
  layout,
  type Stored,
  toAction,
  toItem,
} from "../../runtime/ledger/items";
import { type OpenFinding, toOpen } from "../../runtime/ledger/open";
import { enter, unpack } from "./fakes/container";
import { tickOf } from "./events/ticks";
import { awsError } from "./fakes/client";
import { fakeTable } from "./fakes/table";
import { config, house, thermostat, type House } from "./thermostat";

/** One call of an invocation to the outside: the n-th, from 1, of the try of that number, from 0. */
export interface Outside {
  readonly n: number;
  /** e.g. "table UpdateItem", "read", "write", "publish". */
  readonly name: string;
  readonly attempt: number;
}
/** The process dies, or the call fails: before it takes effect, or after, so that only its answer is lost. */
export interface Stroke {
  readonly how: "dies" | "fails";
  readonly when: "before" | "after";
}
export type Strike = (call: Outside) => Stroke | undefined;

/** How one delivery ended: Lambda tries up to three times. */
export interface Delivery {
  readonly answer?: Summary;
  /** Of each try that ended otherwise: the error, or "died". */
  readonly failures: readonly string[];
  /** The calls of each try. */
  readonly calls: readonly (readonly string[])[];
}

interface Process {
  /** When it began, in epoch milliseconds. */
  readonly start: number;
  readonly attempt: number;
  readonly calls: string[];
  readonly strike?: Strike;
  die(): void;
  dead?: true;
}
const processes = new AsyncLocalStorage<Process>();
const never = new Promise<never>(() => undefined);

/** Lambda's pauses before its tries of an asynchronous invocation: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const pauses = [0, 60_000, 120_000];
/** What a call to the outside takes, in milliseconds. */
const callTime = 5;

const expected = [
  {
    source: ["aws.house"],
    "detail-type": ["AWS API Call via CloudTrail"],
    detail: { eventName: ["HeatRooms"] },
  },
];

/**
 * A house, its thermostat's function with its real handler, a ledger, a topic and a clock, which moves with every call
 * to the outside and stands still otherwise.
 * @param lag how many turns each call waits: how a test makes invocations overtake each other
 * @param takes how many milliseconds a call takes, which is about so many resources
 * @param timeout after which Lambda ends an invocation, in milliseconds
 * @param isWarm whether Lambda keeps the container of an invocation that has ended for the next one
 * @param more members of the guardrail that the thermostat has not
 */
export function houseAccount(
  rooms: Record<string, number>,
  given: {
    config?: Partial<ReturnType<typeof config>>;
    severity?: Severity;
    batch?: number;
    lag?: () => number;
    takes?: (name: string, resources: number) => number;
    timeout?: number;
    isWarm?: boolean;
    more?: Partial<ReturnType<typeof thermostat>>;
  } = {},
) {
  const home = house(rooms);
  const table = fakeTable();
  const account = {
    home,
    table,
    config: { ...config("enforce"), ...given.config },
    now: Date.parse("2026-01-01T00:00:02Z"),
    published: [] as { at: number; subject: string; body: string }[],
    /** What the topic says of who is subscribed. */
    subscriptions: { SubscriptionsConfirmed: "1", SubscriptionsPending: "0" },
    lines: [] as Record<string, unknown>[],
    /** Each room that was written, and how hot it was then. */
    written: [] as { room: string; degrees: number | undefined }[],
    /** What CloudTrail answers: the record of every event that was delivered, unless a test says otherwise. */
    trail: (input: LookupEventsCommandInput, _region: string): { Events: Event[] } => ({
      Events: [...delivered].flatMap(([EventId, event]) =>
        input.LookupAttributes?.[0].AttributeValue === EventId
          ? [{ EventId, CloudTrailEvent: JSON.stringify(event.detail) }]
          : [],
      ),
    }),
    deliver,
    deliverAll,
    stored,
    put,
    /** Pulls the brake, as an operator does. */
    pause: (brake: Brake, ms: number): void => put("thermostat#brake", brake, account.now + ms),
    actions: (): Action[] => stored("action#").map(toAction),
    /** The open findings of the thermostat. */
    open: (): OpenFinding[] =>
      stored("")
        .filter(({ pk }) => pk === "thermostat#held")
        .flatMap(item => toOpen(item) ?? []),
    /** Lets time pass, in minutes: the guardrail ticks every five, as its timer lets it. */
    pass,
  };
  const delivered = new Map<string, GuardrailEvent>();
  const idle: ReturnType<typeof createHandler>[] = [];
  const folder = join(tmpdir(), `guardrail-${randomUUID()}`);
  let invocations = 0;

  const timeout = given.timeout ?? 60_000;

  async function outside<T>(name: string, effect: () => Promise<T>, resources = 1): Promise<T> {
    const process = processes.getStore();
    if (process === undefined) throw new Error(`${name} is called outside any invocation`);
    const n = process.calls.push(name);
    account.now += given.takes?.(name, resources) ?? callTime;
    if (account.now > process.start + timeout) {
      process.dead = true;
      process.die();
    }
    for (let turns = given.lag?.() ?? 0; turns > 0; turns--)
      await new Promise(resolve => setImmediate(resolve));
    const stroke = process.dead ? undefined : process.strike?.({ n, name, attempt: process.attempt });
    const struck = (): Promise<never> => {
      if (stroke?.how === "fails")
        return Promise.reject(Object.assign(awsError("ServiceUnavailable"), { $fault: "server" }));
      process.dead = true;
      process.die();
      return never;
    };
    if (process.dead) return never;
    if (stroke?.when === "before") return struck();
    try {
      return await effect();
    } finally {
      if (stroke !== undefined) await struck();
    }
  }

  /** The guardrail in a container of its own. */
  function guardrail() {
    const made = { ...thermostat(home, undefined, given.batch), ...given.more };
    const wrapped: typeof made = {
      ...made,
      severity: given.severity ?? made.severity,
      inspect: (...asked) => outside("read", () => made.inspect(...asked)),
      ownership: (...asked) => outside("ownership", () => made.ownership(...asked)),
      remediate: (...asked) =>
        outside(
          "write",
          async () => {
            for (const { resource } of asked[1])
              account.written.push({ room: resource.id, degrees: home.rooms[resource.id]?.degrees });
            await made.remediate(...asked);
          },
          asked[1].length,
        ),
    };
    return wrapped;
  }

  async function invoke(event: GuardrailEvent, id: string, attempt: number, strike?: Strike) {
    const process: Process = { start: account.now, attempt, calls: [], strike, die: () => undefined };
    const died = new Promise<{ failure: string }>(resolve => {
      process.die = () => resolve({ failure: "died" });
    });
    const start = account.now;
    const context = { awsRequestId: id, getRemainingTimeInMillis: () => timeout - (account.now - start) };
    const handler = idle.pop() ?? createHandler(guardrail(), expected);
    const run = processes.run(process, () => handler(structuredClone(event), context));
    if (given.isWarm === true) void run.then(keep, keep);
    function keep(): void {
      if (!process.dead) idle.push(handler);
    }
    const ended = run.then(
      answer => ({ answer }),
      (error: Error) => ({ failure: `${error.name}: ${error.message}` }),
    );
    const end: { answer?: Summary; failure?: string } = await Promise.race([ended, died]);
    return { ...end, calls: process.calls };
  }

  /** Delivers one event, and tries again as Lambda does. */
  async function deliver(event: GuardrailEvent, strike?: Strike): Promise<Delivery> {
    return (await deliverAll([event], strike))[0];
  }

  /** Delivers events at once, each an invocation of its own; those that fail are tried again together. */
  async function deliverAll(events: readonly GuardrailEvent[], strike?: Strike): Promise<Delivery[]> {
    for (const event of events)
      if ("detail-type" in event) delivered.set(callRecordOf(event)?.id ?? event.id, event);
    const all = events.map(event => ({
      event,
      id: `invocation-${++invocations}`,
      failures: [] as string[],
      calls: [] as string[][],
      answer: undefined as Summary | undefined,
    }));
    const restore = install();
    try {
      for (const [attempt, pause] of pauses.entries()) {
        const open = all.filter(({ answer }) => answer === undefined);
        if (open.length === 0) break;
        account.now += pause;
        await Promise.all(
          open.map(async one => {
            const { answer, failure, calls } = await invoke(one.event, one.id, attempt, strike);
            one.calls.push(calls);
            one.answer = answer;
            if (failure !== undefined) one.failures.push(failure);
          }),
        );
      }
    } finally {
      restore();
    }
    return all;
  }

  /** Puts an operator's decision into the ledger. */
  function put(pk: string, sk: string, ends: number): void {
    const by = "arn:aws:iam::123456789012:role/secops";
    table.items.set(`${pk} ${sk}`, toItem({ v: layout, pk, sk, ends, reason: "a test", by }) as never);
  }

  async function pass(minutes: number): Promise<void> {
    const period = 5 * 60_000;
    const end = account.now + minutes * 60_000;
    for (;;) {
      const next = (Math.floor(account.now / period) + 1) * period;
      if (next > end) break;
      account.now = next;
      await deliver(tickOf("thermostat", next));
    }
    account.now = Math.max(account.now, end);
  }

  /** What the ledger holds under sort keys that begin so. */
  function stored(begin: string): Stored[] {
    return [...table.items.values()]
      .map(item => fromItem(item as Item))
      .filter(({ sk }) => String(sk).startsWith(begin));
  }

  /** Puts the account in the place of AWS, of the clock and of the log, for invocations only. */
  function install(): () => void {
    mkdirSync(folder);
    unpack(folder, account.config);
    const leave = enter(folder);
    const { now } = Date;
    const { setTimeout } = globalThis;
    const { write } = process.stdout;
    Date.now = () => (processes.getStore() === undefined ? now() : account.now);
    globalThis.setTimeout = ((run: () => void, ms = 0) => {
      if (processes.getStore() === undefined) return setTimeout(run, ms);
      account.now += ms;
      return setImmediate(run);
    }) as unknown as typeof setTimeout;
    process.stdout.write = ((text: string, ...rest: []) => {
      if (processes.getStore() === undefined) return write.call(process.stdout, text, ...rest);
      account.lines.push(JSON.parse(text));
      return true;
    }) as typeof write;
    DynamoDBClient.prototype.send = ((command: object) =>
      outside(`table ${command.constructor.name.replace(/Command$/, "")}`, () =>
        (table.client.send as (command: object) => Promise<unknown>)(command),
      )) as never;
    CloudTrailClient.prototype.send = async function (
      this: CloudTrailClient,
      { input }: LookupEventsCommand,
    ) {
      return outside("trail", async () => account.trail(input, String(await this.config.region())));
    } as never;
    SNSClient.prototype.send = ((command: PublishCommand | GetTopicAttributesCommand) =>
      command instanceof GetTopicAttributesCommand
        ? outside("topic", async () => ({ Attributes: account.subscriptions }))
        : outside("publish", async () => {
            const { Subject, Message } = command.input;
            account.published.push({ at: account.now, subject: String(Subject), body: String(Message) });
            return {};
          })) as never;
    return () => {
      leave();
      Date.now = now;
      globalThis.setTimeout = setTimeout;
      process.stdout.write = write;
      delete (DynamoDBClient.prototype as { send?: unknown }).send;
      delete (CloudTrailClient.prototype as { send?: unknown }).send;
      delete (SNSClient.prototype as { send?: unknown }).send;
      rmSync(folder, { recursive: true });
    };
  }

  return account;
}

export type HouseAccount = ReturnType<typeof houseAccount>;
export type { House };
