import type { Definition } from "../../components/definition";
import { catalogue } from "../../components/guardrails";
import { hasFunction } from "../../components/kinds";
import { inParallel } from "../../runtime/aws/parallel";
import type { Operator } from "../operator";
import { refusal } from "../refusals";
import { type Deployed, deployedOf } from "./deployed";
import { type Recipient, recipientsOf } from "./recipients";
import { type Pause, pausesOf, type Remembered, rememberedOf } from "./remembered";
import { type Wanted, wantedBy } from "./wanted";
import { type Alarm, alarmsOf, failedEventsOf } from "./watched";

/** What the ledger holds of a guardrail with a function; it may be off meanwhile. */
export interface GuardrailMemory extends Remembered {
  readonly id: string;
}

/** How a stack is: what runs, what it holds back, and who hears of it. */
export interface Status {
  /** In the catalogue's order, as `memories`. */
  readonly guardrails: readonly Deployed[];
  /** Guardrails of the catalogue of which nothing is deployed. */
  readonly off: readonly string[];
  readonly memories: readonly GuardrailMemory[];
  readonly pauses: readonly Pause[];
  /** How many events are in the dead-letter queue, roughly. */
  readonly failedEvents: number;
  readonly alarms: readonly Alarm[];
  readonly recipients: readonly Recipient[];
  readonly wanted: Wanted;
}

const definitions: readonly Definition[] = catalogue;
/** So many guardrails' items are read at a time. */
const atOnce = 5;

/**
 * Looks at all parts of a stack, and changes nothing.
 * @param stackFiles the folder of the stack files; absent: the project's
 * @throws Error of AWS; Refusal when the stack is not there
 */
export async function statusOf(operator: Operator, stackFiles?: string): Promise<Status> {
  // First, because its absence says in one word that the stack is elsewhere.
  const failedEvents = await failedEventsOf(operator);
  const guardrails = await deployedOf(operator);
  const { stack, account, home } = operator.place;
  if (guardrails.length === 0)
    throw refusal(`No guardrail of stack ${stack} is deployed in account ${account}, region ${home}.`);
  const wanted = wantedBy(stack, stackFiles);
  const remembering = definitions.filter(hasFunction);
  return {
    guardrails,
    off: definitions.map(({ id }) => id).filter(id => !guardrails.some(one => one.id === id)),
    memories: await inParallel(remembering, atOnce, async ({ id }) => ({
      id,
      ...(await rememberedOf(operator, id)),
    })),
    pauses: await pausesOf(operator),
    failedEvents,
    alarms: await alarmsOf(operator),
    recipients: await recipientsOf(operator, wanted.recipients),
    wanted,
  };
}
