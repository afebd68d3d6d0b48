import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import type { AnyInspecting } from "../../components/definition";
import type { GuardrailEvent } from "../../runtime/events";
import type { JsonObject } from "../../runtime/json";
import { dice } from "../simulate/dice";
import { enter, unpack } from "../support/fakes/container";
import { fakeClient } from "../support/fakes/client";
import { fakeTable } from "../support/fakes/table";
import { proofOf } from "../guardrails";
import { stageOf } from "../support/stages";
import { settingsOf } from "../support/inspecting";
import { configOf, sourceHandler } from "../support/invocation";
import { mutated } from "./mutations";
import { strictWorld } from "./world";

export interface Verdict {
  readonly tried: number;
  /** Refused as no event of ours, or with something to say about nothing. */
  readonly refused: number;
  readonly written: number;
  /** What must not happen, with the seed that shows it. */
  readonly wrongs: readonly string[];
}

const refusals =
  /^The payload is not an EventBridge event|^The event is of account|^The event is not one that|is no region of a known AWS partition$/;
type Sender = { send?: unknown };
type Answers = Parameters<typeof fakeClient>[0];

/** Sends so many forged events through a guardrail's handler, each made from one of these and each in a world of its own. */
export async function forge(
  definition: AnyInspecting,
  events: readonly GuardrailEvent[],
  count: number,
  firstSeed: number,
): Promise<Verdict> {
  const wrongs: string[] = [];
  const verdict = { tried: 0, refused: 0, written: 0, wrongs };
  const folder = mkdtempSync(join(tmpdir(), "guardrail-"));
  const own = proofOf(definition.id);
  const proof = own.kind === "writing" ? own : { confirms: {} };
  const settings = settingsOf(definition, stageOf(definition.id).settings);
  unpack(folder, configOf("enforce", settings));
  const leave = enter(folder);
  const { now } = Date;
  const { setTimeout } = globalThis;
  const { write } = process.stdout;
  let clock = now();
  const senders: Record<string, { send: unknown }> = {};
  const prototypes: [string, Sender][] = [
    ["ec2", EC2Client.prototype as Sender],
    ["s3", S3Client.prototype as Sender],
    ["sns", SNSClient.prototype as Sender],
    ["dynamodb", DynamoDBClient.prototype as Sender],
  ];
  Date.now = () => clock;
  globalThis.setTimeout = ((run: () => void, ms = 0) => {
    clock += ms;
    return setImmediate(run);
  }) as unknown as typeof setTimeout;
  for (const [service, prototype] of prototypes)
    prototype.send = (command: object) =>
      (senders[service] as { send: (command: object) => Promise<unknown> }).send(command);
  try {
    const handler = sourceHandler(definition);
    for (let seed = firstSeed; seed < firstSeed + count; seed++) await one(seed);
    async function one(seed: number): Promise<void> {
      const roll = dice(seed);
      const written = events[Math.floor(roll() * events.length)];
      const place = `${definition.id}, seed ${seed}`;
      const found: string[] = [];
      const { answers, writes } = strictWorld(definition.id, proof, written, found);
      for (const [service] of prototypes)
        senders[service] =
          service === "dynamodb" ? fakeTable().client : fakeClient((answers[service] ?? {}) as Answers);
      const payload = mutated(written as unknown as JsonObject, roll);
      const start = clock;
      const context = { awsRequestId: place, getRemainingTimeInMillis: () => 60_000 - (clock - start) };
      process.stdout.write = (() => true) as typeof write;
      try {
        await handler(payload, context);
      } catch (error) {
        const { message, stack } = error as Error;
        if (refusals.test(message)) verdict.refused++;
        else wrongs.push(`${place}: ${message} ${stack?.split("\n")[1]}`);
      } finally {
        process.stdout.write = write;
      }
      verdict.tried++;
      verdict.written += writes();
      wrongs.push(...found.map(what => `${place}: ${what}`));
    }
  } finally {
    leave();
    Date.now = now;
    globalThis.setTimeout = setTimeout;
    for (const [, prototype] of prototypes) delete prototype.send;
    rmSync(folder, { recursive: true });
  }
  return verdict;
}
