import type { GuardrailEvent } from "../../runtime/events";
import { unknown } from "../guardrails/simulation";
import type { VirtualTime } from "./time";

interface Query {
  readonly LookupAttributes?: readonly { AttributeKey: string; AttributeValue: string }[];
  readonly StartTime?: Date;
  readonly EndTime?: Date;
  readonly MaxResults?: number;
}

/** How far behind CloudTrail's event history may be. */
const latest = 14 * 60_000;

/** CloudTrail's event history, which knows every call a few minutes after it was made, and nothing else. */
export function trailAt(time: VirtualTime) {
  const records: { event: GuardrailEvent; at: number; shown: number }[] = [];

  function record(event: GuardrailEvent): void {
    const delay = (records.length * 97_000) % latest;
    records.push({ event, at: Date.parse(event.time), shown: time.now + delay });
  }

  function lookup({ LookupAttributes = [], StartTime, EndTime, MaxResults = 50 }: Query) {
    const isAsked = ({ detail }: GuardrailEvent): boolean =>
      LookupAttributes.every(({ AttributeKey: key, AttributeValue: value }) => {
        if (key === "EventId") return detail.eventID === value;
        if (key === "Username") return nameOf(detail) === value;
        return unknown(`lookups by ${key}`);
      });
    const Events = records
      .filter(({ event, at, shown }) => {
        const isIn = at >= Number(StartTime ?? 0) && at <= Number(EndTime ?? Infinity);
        return isIn && shown <= time.now && isAsked(event);
      })
      .reverse()
      .slice(0, MaxResults)
      .map(({ event: { detail }, at }) => ({
        EventId: String(detail.eventID),
        EventName: String(detail.eventName),
        EventTime: new Date(at),
        Username: nameOf(detail),
        CloudTrailEvent: JSON.stringify(detail),
      }));
    return { Events };
  }

  return { record, lookup };
}

const nameOf = ({ userIdentity }: GuardrailEvent["detail"]): string => {
  const { userName, arn } = userIdentity as { userName?: string; arn?: string };
  return userName ?? arn?.split("/").pop() ?? "";
};
