import type { Event } from "@aws-sdk/client-cloudtrail";
import type { Action } from "../ledger/actions";
import type { UnconfirmedCause } from "../ledger/causes";
import { plain, quoted, sentence } from "../plain";
import type { Notice } from "./notify";
import { clock, undoCommand } from "./sections";

/** What is known of a write whose cause CloudTrail does not know. */
export interface Unconfirmed {
  readonly cause: UnconfirmedCause;
  readonly action: Action;
  readonly stack: string;
  /** What a look at the resource says now, in words. */
  readonly now: string;
  /** What CloudTrail has under the name that the event gave its caller. */
  readonly calls: readonly Event[];
}

/** Tells that a guardrail has written on an event that CloudTrail does not confirm: it may be forged. */
export function unconfirmedNotice({ cause, action, stack, now, calls }: Unconfirmed): Notice {
  const { resource, principal, guardrail, finding } = action;
  const { record, called, begun } = cause;
  const name = principal?.name ?? principal?.arn ?? "unknown";
  const trace = calls.map(
    ({ EventTime, EventName, EventSource }) =>
      `  ${EventTime === undefined ? "" : `${clock(EventTime.getTime())} `}${plain(EventName, 60)} (${plain(EventSource, 60)})`,
  );
  return {
    id: `unconfirmed ${action.id}`,
    title: guardrail,
    severity: "critical",
    about: [`UNCONFIRMED: ${plain(resource.arn, 250)}`],
    subject: plain(
      `[critical] UNCONFIRMED: ${guardrail} changed ${resource.id} on an event that CloudTrail does not know`,
      99,
    ),
    body: [
      `Guardrail ${guardrail} changed a resource because of an event that CloudTrail does not confirm: it may be forged.`,
      "",
      "What was changed",
      `  ${plain(resource.arn)}`,
      `  at ${clock(begun)}: ${sentence(finding.summary, 600)}`,
      "What the event said",
      `  ${plain(principal?.arn ?? "nobody")}, as ${quoted(name)}, made a call at ${clock(called)} in ${plain(record.region, 30)}, record ${plain(record.id, 60)}.`,
      `  CloudTrail has no such record, and it does have later ones of ${plain(record.region, 30)}.`,
      `What CloudTrail has under ${quoted(name)}, an hour before and after`,
      ...(trace.length > 0 ? trace : ["  Nothing."]),
      "How the resource is now",
      `  ${sentence(now, 700)}`,
      "What to do",
      "  Only who may invoke the function, or put messages into the dead-letter queue that are then redriven, can make",
      "  such an event: look at who may, and whether the named caller knows of it.",
      `  aws cloudtrail lookup-events --region ${plain(record.region, 30)} --lookup-attributes AttributeKey=EventId,AttributeValue=${plain(record.id, 60)}`,
      "To take the change back",
      `  ${undoCommand(action.id, stack)}`,
      "",
    ].join("\n"),
    attributes: {
      guardrail,
      severity: "critical",
      outcome: "unconfirmed",
      account: plain(resource.account, 20),
      region: plain(resource.region, 30),
    },
  };
}
