import * as sdk from "@aws-sdk/client-cloudtrail";
import { awsError, type Call, type Handlers } from "../../ground/call";
import type { Clock } from "../../ground/clock";
import { withRefusals } from "../refused";
import type { Watch } from "../../watch";
import type { CallRecord, EventHistory } from "../../watch/history";
import { shownEvent } from "./shown";

const invalid = (what: string, message: string) => awsError(`Invalid${what}Exception`, message);

/** Two a second, per account and region: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
const perSecond = 2;
const mostResults = 50;

/** The event history. Trails, event data stores and Lake are refused by name. */
export function cloudtrailHandlers(options: {
  readonly watch: Pick<Watch, "history">;
  readonly clock: Clock;
}): Handlers {
  const { clock } = options;
  const { history } = options.watch;
  const made = new Map<string, number[]>();
  const throttle = ({ account, region }: Call) => {
    const key = `${account} ${region}`;
    const recent = (made.get(key) ?? []).filter(time => time > clock.now() - 1000);
    if (recent.length >= perSecond) throw awsError("ThrottlingException", "Rate exceeded");
    made.set(key, [...recent, clock.now()]);
  };

  return withRefusals(sdk, {
    LookupEvents: async ({ call }) => {
      throttle(call);
      const input = call.input as unknown as sdk.LookupEventsCommandInput;
      const { MaxResults = mostResults, NextToken, EventCategory } = input;
      if (MaxResults < 1 || MaxResults > mostResults)
        throw invalid("MaxResults", "A max results value of 1 to 50 is supported.");
      if (EventCategory !== undefined && EventCategory !== "insight")
        throw invalid("EventCategory", `${String(EventCategory)} is no event category.`);
      const wanted = test(input);
      const found = candidates(history, call, input);
      const question = questionOf(input);
      const Events: sdk.Event[] = [];
      let at = startOf(found, NextToken, question);
      for (; Events.length < MaxResults && at < found.length; at += 1) {
        const event = found[at] && shownEvent(found[at]);
        if (event !== undefined && wanted(event)) Events.push(event);
      }
      const next = found[at];
      return { output: { Events, ...(next && { NextToken: tokenOf(next, question) }) } };
    },
  });
}

/** The records of the time asked for, the latest first. Nothing here finds anything unusual: there are no Insights events. */
function candidates(history: EventHistory, call: Call, input: sdk.LookupEventsCommandInput): CallRecord[] {
  if (input.EventCategory !== undefined) return [];
  const [attribute] = input.LookupAttributes ?? [];
  const id = attribute?.AttributeKey === "EventId" ? attribute.AttributeValue : undefined;
  return history
    .at(call)
    .filter(record => (id === undefined || record.id === id) && isWithin(record.time, input));
}

/** Both ends belong to the range; records know whole seconds. */
function isWithin(time: number, { StartTime, EndTime }: sdk.LookupEventsCommandInput): boolean {
  const second = Math.floor(time / 1000) * 1000;
  return second >= (StartTime?.getTime() ?? 0) && second <= (EndTime?.getTime() ?? Infinity);
}

type Test = (event: sdk.Event) => boolean;

const attributes: Readonly<Record<sdk.LookupAttributeKey, (event: sdk.Event, value: string) => boolean>> = {
  EventId: ({ EventId }, value) => EventId === value,
  EventName: ({ EventName }, value) => EventName === value,
  EventSource: ({ EventSource }, value) => EventSource === value,
  ReadOnly: ({ ReadOnly }, value) => ReadOnly === value,
  Username: ({ Username }, value) => Username === value,
  AccessKeyId: ({ AccessKeyId }, value) => AccessKeyId === value,
  ResourceName: ({ Resources = [] }, value) => Resources.some(({ ResourceName }) => ResourceName === value),
  ResourceType: ({ Resources = [] }, value) => Resources.some(({ ResourceType }) => ResourceType === value),
};

/** @throws AwsError InvalidLookupAttributesException, InvalidTimeRangeException */
function test({ LookupAttributes = [], StartTime, EndTime }: sdk.LookupEventsCommandInput): Test {
  if (StartTime !== undefined && EndTime !== undefined && StartTime > EndTime)
    throw invalid("TimeRange", "The start time must be before the end time.");
  if (LookupAttributes.length > 1)
    throw invalid("LookupAttributes", "Only one lookup attribute can be specified at a time.");
  const [attribute] = LookupAttributes;
  if (attribute === undefined) return () => true;
  const { AttributeKey, AttributeValue = "" } = attribute;
  const has = AttributeKey && attributes[AttributeKey];
  if (has === undefined || AttributeValue === "" || AttributeValue.length > 2000)
    throw invalid("LookupAttributes", `${String(AttributeKey)} "${AttributeValue}" cannot be looked up.`);
  return event => has(event, AttributeValue);
}

/** A token goes on with the question that it was given for, and with no other. */
const questionOf = ({ LookupAttributes, StartTime, EndTime, EventCategory }: sdk.LookupEventsCommandInput) =>
  JSON.stringify([LookupAttributes ?? [], StartTime ?? null, EndTime ?? null, EventCategory ?? null]);

const tokenOf = ({ id }: CallRecord, question: string) =>
  Buffer.from(JSON.stringify({ id, question })).toString("base64");

/** @throws AwsError InvalidNextTokenException */
function startOf(found: readonly CallRecord[], token: string | undefined, question: string): number {
  if (token === undefined) return 0;
  try {
    const given = JSON.parse(Buffer.from(token, "base64").toString()) as { id: string; question: string };
    const start = found.findIndex(({ id }) => id === given.id);
    if (given.question === question && start >= 0) return start;
  } catch {
    // Said below: a token that cannot be read is none of ours.
  }
  throw invalid("NextToken", "The token is not that of a lookup with the same parameters.");
}
