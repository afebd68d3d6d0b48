import type { AnyInspecting } from "../../components/definition";
import { createHandler } from "../../runtime/handler";
import type { Json } from "../../runtime/json";
import type { Handler } from "../support/invocation";
import { dice } from "./dice";
import { everyTry, type Fault, type Plan } from "./plan";
import type { VirtualTime } from "./time";
import type { Caller } from "./world";

/** Lambda's pauses before its tries of an asynchronous invocation: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const pauses = [0, 60_000, 120_000];
const timeout = 60_000;

/** One try of an invocation. */
export interface Invocation extends Caller {
  readonly kind: "function";
  readonly payload: Json;
  readonly started: number;
}

/** The guardrail's function, as Lambda runs it: each container one invocation at a time, up to three tries, then the queue. */
export function lambda(
  definition: AnyInspecting,
  plan: Plan,
  time: VirtualTime,
  watch: {
    log(sentence: string): void;
    line(line: string): void;
    started(invocation: Invocation): void;
    /** It has come to its own end. */
    done(invocation: Invocation): void;
  },
) {
  const patterns = definition.triggers.flatMap(trigger => ("pattern" in trigger ? [trigger.pattern] : []));
  const random = dice(plan.seed);
  const idle: Handler[] = [];
  const functions = { invoke, queue: [] as Json[], running: 0 };
  let invocations = 0;

  const container = (): Handler =>
    createHandler(definition, patterns, {
      now: () => time.now,
      random,
      pause: ms => time.wait(ms, () => undefined),
      write: watch.line,
    });

  /** @param delivery by which faults find it; @param name for people */
  function invoke(payload: Json, delivery: string, name: string): void {
    const id = `invocation-${++invocations}`;
    functions.running++;
    attempt(0);

    function attempt(tried: number): void {
      time.at(time.now + pauses[tried], () => {
        const handler = idle.pop() ?? container();
        const strike = (call: number): Fault | undefined =>
          plan.faults.find(
            one =>
              one.delivery === delivery &&
              one.call === call &&
              (one.attempt === tried || one.attempt === everyTry),
          );
        const invocation: Invocation = {
          kind: "function",
          name: tried === 0 ? name : `${name} (try ${tried + 1})`,
          payload,
          started: time.now,
          isDead: false,
          calls: 0,
          shown: {},
          strike,
          die: () => end("died", false),
        };
        let isEnded = false;
        const end = (failure: string | undefined, isWarm: boolean): void => {
          if (isEnded) return;
          isEnded = true;
          invocation.isDead = true;
          if (isWarm) idle.push(handler);
          if (failure === undefined) {
            functions.running--;
            watch.done(invocation);
          } else if (tried + 1 < pauses.length) {
            watch.log(`${invocation.name} fails (${failure}); Lambda tries again`);
            attempt(tried + 1);
          } else {
            watch.log(`${invocation.name} fails (${failure}); its event goes to the dead-letter queue`);
            functions.running--;
            functions.queue.push(payload);
          }
        };
        watch.started(invocation);
        time.at(time.now + timeout, () => end("it took longer than Lambda lets it", false));
        time.current = invocation;
        const context = {
          awsRequestId: id,
          getRemainingTimeInMillis: () => timeout - (time.now - invocation.started),
        };
        handler(structuredClone(payload), context).then(
          () => end(undefined, true),
          (error: Error) => end(`${error.name}: ${error.message}`.slice(0, 200), true),
        );
      });
    }
  }

  return functions;
}
