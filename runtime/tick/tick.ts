import { arnOf } from "../aws/partition";
import { failureOf } from "../aws/errors";
import type { Environment } from "../environment";
import type { GuardrailEvent } from "../events";
import type { Invocation } from "../invocation/invocation";
import { capabilities } from "../modes";
import { timerName } from "../names";
import { causes } from "./causes";
import type { Chore } from "./chore";
import { digests } from "./digests";
import { gauges } from "./gauges";
import { outage } from "./outage";
import { sweep } from "./sweep";
import { watch } from "./watch";
import { takeUp } from "./take-up";

/** Whether an event is a tick of this guardrail's own timer: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html */
export const isTick = (
  event: GuardrailEvent,
  guardrail: string,
  { account, region, stack }: Environment,
): boolean =>
  event.source === "aws.events" &&
  event["detail-type"] === "Scheduled Event" &&
  event.resources.includes(arnOf("events", region, account, `rule/${timerName(stack, guardrail)}`));

/**
 * Does every chore of a tick in its order; one that fails does not keep the others from being done.
 * @throws what the first of those that failed threw, when all are done
 */
export async function runTick(invocation: Invocation, event: GuardrailEvent): Promise<void> {
  if (!capabilities[invocation.config.mode].usesLedger) return;
  const chores: Readonly<Record<string, Chore>> = { takeUp, watch, outage, digests, causes, sweep, gauges };
  const { id, time, account, region } = event;
  const words = "looked again at what is open";
  const tick = {
    ...invocation,
    occasion: { kind: "tick" as const, key: `tick#${id}`, id, time, account, region, words },
  };
  const problems: unknown[] = [];
  for (const [chore, work] of Object.entries(chores)) {
    try {
      await work(tick);
    } catch (error) {
      problems.push(error);
      invocation.write(
        JSON.stringify({ error: failureOf(error), guardrail: invocation.guardrail.id, chore, event: id }),
      );
    }
  }
  if (problems.length > 0) throw problems[0];
}
