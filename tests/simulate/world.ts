import type { Json } from "../../runtime/json";
import { type Simulation, unknown } from "../guardrails/simulation";
import { awsError } from "../support/fakes/client";
import { fakeTable } from "../support/fakes/table";
import type { Fault, Plan } from "./plan";
import type { Process, VirtualTime } from "./time";
import { trailAt } from "./trail";

/** The account at a time. Never changed: what changes it leaves a new version. */
export interface Version {
  readonly at: number;
  readonly account: object;
}

/** An invocation, or an operator at work. */
export interface Caller extends Process {
  readonly kind: "function" | "operator";
  /** So far. */
  calls: number;
  /** What goes wrong with its n-th call, from 0. */
  strike(call: number): Fault | undefined;
  /** Ends it where it stands. */
  die(): void;
  /** What it was last shown, by operation. */
  readonly shown: Record<string, Version>;
  /** When its last transaction went through. */
  begun?: number;
}

export interface Notice {
  readonly at: number;
  readonly text: string;
}

/** Who looks at what happens. */
export interface Watch {
  /** What a function or an operator has written to the account. */
  written(caller: Caller, operation: string, before: Version, after: Version): void;
  log(sentence: string): void;
  /** What is wrong with the simulation itself. */
  mistake(error: Error): void;
}

const server = (): Error => Object.assign(awsError("ServiceUnavailable"), { $fault: "server" });
const throttled: Readonly<Record<string, string>> = { ec2: "RequestLimitExceeded", s3: "SlowDown" };
const never = new Promise<never>(() => undefined);

/** Everything outside the functions: the account with its past, the ledger's table, the topic. */
export function simulatedWorld(
  simulation: Simulation<object>,
  plan: Plan,
  time: VirtualTime,
  found: object,
  watch: Watch,
) {
  const table = fakeTable();
  const world = {
    versions: [{ at: time.now, account: found }] as Version[],
    table,
    notices: [] as Notice[],
    trail: trailAt(time),
    invoke: (_payload: Json): void => undefined,
    /** Takes a message out of the dead-letter queue. */
    forget: (_receipt: string): void => undefined,
    newest: (): Version => world.versions[world.versions.length - 1],
    at: versionAt,
    change,
    send,
  };

  function versionAt(when: number): Version {
    let place = world.versions.length - 1;
    while (place > 0 && world.versions[place].at > when) place--;
    return world.versions[place];
  }

  /** Leaves a new version, unless `alter` throws. */
  function change<T>(alter: (account: object) => T): { answer: T; before: Version; after: Version } {
    const before = world.newest();
    const account = structuredClone(before.account);
    const answer = alter(account);
    const after = { at: time.now, account };
    world.versions.push(after);
    return { answer, before, after };
  }

  /** What the simulation does not know must not pass for an answer of AWS. */
  function perform(caller: Caller, service: string, operation: string, input: object, age: number): unknown {
    try {
      return answer(caller, service, operation, input, age);
    } catch (error) {
      const { isMistake, $fault, CancellationReasons } = error as Record<string, unknown>;
      const isOfAws = $fault !== undefined || CancellationReasons !== undefined;
      if (isMistake === true || !isOfAws) watch.mistake(error as Error);
      throw error;
    }
  }

  function answer(caller: Caller, service: string, operation: string, input: object, age: number): unknown {
    const name = `${service} ${operation}`;
    if (service === "dynamodb") {
      const answer = table.answers[operation](input as never);
      if (operation === "TransactWriteItems") caller.begun = time.now;
      return answer;
    }
    if (name === "sns GetTopicAttributes")
      return { Attributes: { SubscriptionsConfirmed: "1", SubscriptionsPending: "0" } };
    if (name === "sns Publish") {
      const { Subject, Message } = input as { Subject: string; Message: string };
      world.notices.push({ at: time.now, text: `${Subject}\n${Message}` });
      watch.log(`A notice goes out: ${Subject}`);
      return { MessageId: "1" };
    }
    if (name === "cloudwatch PutMetricData") return {};
    if (name === "cloudtrail LookupEvents") return world.trail.lookup(input);
    if (name === "lambda Invoke") {
      const { Payload } = input as { Payload: Uint8Array };
      world.invoke(JSON.parse(Buffer.from(Payload).toString("utf8")) as Json);
      return { StatusCode: 202 };
    }
    if (name === "sqs DeleteMessage") {
      world.forget((input as { ReceiptHandle: string }).ReceiptHandle);
      return {};
    }
    if (Object.hasOwn(simulation.reads, name)) {
      const version = versionAt(time.now - age);
      caller.shown[name] = version;
      return simulation.reads[name](version.account as never, input as never, time.now - age);
    }
    if (!Object.hasOwn(simulation.writes, name)) unknown(name);
    const written = change(account => simulation.writes[name](account as never, input as never));
    watch.written(caller, operation, written.before, written.after);
    return written.answer;
  }

  /** What the running process asks AWS, and what goes wrong with it. */
  function send(service: string, operation: string, input: Record<string, unknown>): Promise<unknown> {
    const caller = time.current as Caller | undefined;
    if (caller === undefined) throw new Error(`${service} ${operation} is called by nobody`);
    const call = caller.calls++;
    const since = time.now - plan.start;
    const ms = 8 + ((call * 13) % 40);
    if (plan.outages.some(({ service: down, from, to }) => down === service && from <= since && since < to))
      return time.wait(ms, () => {
        throw server();
      });
    const fault = caller.strike(call);
    const how = fault?.how;
    const isRead = Object.hasOwn(simulation.reads, `${service} ${operation}`);
    if (fault !== undefined && (how !== "reads old news" || isRead))
      watch.log(`${caller.name} ${how} at its call ${operation}`);
    switch (how) {
      case "dies before":
        caller.die();
        return never;
      case "dies after":
        void time.wait(ms, () => perform(caller, service, operation, input, 0)).catch(() => undefined);
        time.at(time.now + ms, () => caller.die());
        return never;
      case "is throttled":
        return time.wait(ms, () => {
          throw awsError(throttled[service] ?? "ThrottlingException");
        });
      case "loses the answer":
        return time.wait(ms, () => {
          perform(caller, service, operation, input, 0);
          throw server();
        });
      default:
        return time.wait(ms, () =>
          perform(caller, service, operation, input, how === "reads old news" ? (fault?.age ?? 0) : 0),
        );
    }
  }

  return world;
}

export type SimulatedWorld = ReturnType<typeof simulatedWorld>;
