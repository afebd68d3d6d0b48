import { isDeepStrictEqual } from "node:util";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { PublishCommand } from "@aws-sdk/client-sns";
import { DeleteMessageCommand } from "@aws-sdk/client-sqs";
import type { Definition } from "../components/definition";
import { catalogue } from "../components/guardrails";
import { isPublishing, type Publishing } from "../components/kinds";
import { failureOf } from "../runtime/aws/errors";
import { recordBy } from "../runtime/aws/trail";
import { callRecordOf, isExpected, readEvent, textAt, type GuardrailEvent } from "../runtime/events";
import type { JsonObject } from "../runtime/json";
import { functionArn, partName, topicArn } from "../runtime/names";
import { plain } from "../runtime/plain";
import { publicationOf } from "../runtime/telling/publication";
import type { Failure } from "./failures";
import { inspectingGuardrails, type Operator } from "./operator";

/** What became of one message. */
export interface Redriven {
  readonly failure: Failure;
  /** What was done, or why nothing was, in words. */
  readonly said: string;
  readonly sent: boolean;
}

/**
 * Sends the event of a message again, then deletes the message, in this order: whoever dies in between sends it twice,
 * which the ledger makes harmless, and nothing is lost. A message is not believed: it reaches this stack's own
 * functions and topic only, and only if CloudTrail knows the call that it tells of.
 * @param asked `believes`: not to ask CloudTrail
 */
export async function redrive(
  operator: Operator,
  queueUrl: string,
  failure: Failure,
  { believes = false }: { readonly believes?: boolean } = {},
): Promise<Redriven> {
  const refused = (said: string): Redriven => ({ failure, said, sent: false });
  const { target, event } = failure;
  if (event === undefined || target === undefined)
    return refused("nobody knows this shape: it stays in the queue");
  const guardrail = inspectingGuardrails().find(({ id }) => functionArn(operator.place, id) === target);
  const isOfTopic = target === topicArn(operator.place);
  if (guardrail === undefined && !isOfTopic)
    return refused(`its target ${plain(target)} is no guardrail of this stack: it stays in the queue`);
  try {
    const doubt = believes ? undefined : await doubtOf(operator, event);
    if (doubt !== undefined) return refused(`${doubt}: it stays in the queue`);
    const said =
      guardrail === undefined ? await tell(operator, event) : await invoke(operator, guardrail.id, event);
    await operator.sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: failure.receipt }));
    return { failure, said, sent: true };
  } catch (error) {
    const { code, message } = failureOf(error);
    return refused(`${code}: ${plain(message, 400)}: it stays in the queue`);
  }
}

/** CloudTrail answers two lookups a second for the whole account. */
const pace = 1_000;

/** Why CloudTrail does not confirm the call that an event tells of, or undefined: it does, or it never logs such events. */
async function doubtOf(operator: Operator, event: Record<string, unknown>): Promise<string | undefined> {
  const record = callRecordOf(readEvent(event));
  if (record === undefined) return undefined;
  const { detail } = event as unknown as GuardrailEvent;
  await operator.pause(pace);
  const known = await recordBy(operator.trail(record.region), record.id);
  if (known !== undefined && isSame(known, detail)) return undefined;
  return `CloudTrail has no such call (record ${plain(record.id, 60)} in ${plain(record.region, 30)}): it may be forged, or less than about 15 minutes old. Once you are sure of it: redrive --id <message> --unconfirmed`;
}

/** The members of a record that decide what comes of it. Whether the call failed is said by what is absent, too. */
const compared = [
  "errorCode",
  "eventName",
  "eventSource",
  "awsRegion",
  "userIdentity",
  "requestParameters",
  "responseElements",
];

const isSame = (record: JsonObject, detail: JsonObject): boolean =>
  compared.every(member => isDeepStrictEqual(record[member] ?? null, detail[member] ?? null));

async function invoke({ lambda, place }: Operator, id: string, event: object): Promise<string> {
  const FunctionName = partName(place.stack, id);
  const Payload = Buffer.from(JSON.stringify(event));
  await lambda.send(new InvokeCommand({ FunctionName, InvocationType: "Event", Payload }));
  return `sent to ${FunctionName} again`;
}

/** The notice that a rule without a function could not publish, in the rule's own words. */
async function tell({ sns, place }: Operator, event: Record<string, unknown>): Promise<string> {
  const definition = (catalogue as readonly Definition[])
    .filter(isPublishing)
    .find(one => isExpected(event as unknown as GuardrailEvent, patternsOf(one)));
  const lines =
    definition === undefined
      ? [`Event ${plain(event["detail-type"])} of ${plain(event.time)} could not be told when it happened.`]
      : render(definition, event);
  await sns.send(
    new PublishCommand(
      publicationOf(topicArn(place), {
        subject: plain(`Late: ${definition?.title ?? "an event that could not be told"}`, 99),
        body: `${lines.join("\n")}\n\nThis comes late, out of the dead-letter queue.\n`,
        attributes: {},
      }),
    ),
  );
  return "told to the topic";
}

const patternsOf = ({ triggers }: Publishing) =>
  triggers.flatMap(trigger => ("pattern" in trigger ? [trigger.pattern] : []));

/** EventBridge's template: an absent path renders as nothing. Values come from outside. */
export function render({ notice }: Publishing, event: Record<string, unknown>): string[] {
  const valueOf = (path: string): string => plain(textAt(event, ...path.split(".").slice(1)) ?? "");
  return notice.lines.map(line =>
    line
      .replace(/<(\w+)>/g, (_, name: string) => (name in notice.paths ? valueOf(notice.paths[name]) : ""))
      .trimEnd(),
  );
}
