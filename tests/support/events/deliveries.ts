import type { AnyInspecting } from "../../../components/definition";
import type { GuardrailConfig } from "../../../runtime/config";
import type { GuardrailEvent } from "../../../runtime/events";
import type { FakeAccount } from "../../guardrails/account";
import { stageOf } from "../stages";
import { awsError } from "../fakes/client";
import { tickOf } from "./ticks";
import { type Handler, invoke, type Transcript } from "../invocation";

/**
 * An event as it comes at worst, in one account: the topic refuses the notices of the first delivery, the second ends
 * what the first has begun, and the third finds nothing left to do. Then the guardrail ticks.
 */
export async function deliver(
  definition: AnyInspecting,
  make: () => Handler,
  event: GuardrailEvent,
  config: GuardrailConfig,
): Promise<Transcript[]> {
  const account = stageOf(definition.id).account(event);
  const refuse = () => {
    throw awsError("NotFound", "The topic is gone");
  };
  const withoutTopic: FakeAccount = { ...account, sns: { Publish: refuse } };
  const transcripts: Transcript[] = [];
  for (const there of [withoutTopic, account, account])
    transcripts.push(await invoke(make, event, config, there));
  const tick = tickOf(definition.id, Date.parse(event.time) + 5 * 60_000);
  transcripts.push(await invoke(make, tick, config, account));
  return transcripts;
}
