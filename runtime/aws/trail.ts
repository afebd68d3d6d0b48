import { type CloudTrailClient, type Event, LookupEventsCommand } from "@aws-sdk/client-cloudtrail";
import type { JsonObject } from "../json";

type Trail = Pick<CloudTrailClient, "send">;

/**
 * The record of this id in the event history of the client's region, as its event carried it; undefined when it has
 * none. The history is behind by up to 15 minutes or so, so that a record which is not there yet may still come. At most
 * two such calls a second and account are answered.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
export async function recordBy(trail: Trail, id: string): Promise<JsonObject | undefined> {
  const query = {
    LookupAttributes: [{ AttributeKey: "EventId" as const, AttributeValue: id }],
    MaxResults: 1,
  };
  const { Events = [] } = await trail.send(new LookupEventsCommand(query));
  const record = Events.find(({ EventId }) => EventId === id)?.CloudTrailEvent;
  return record === undefined ? undefined : (JSON.parse(record) as JsonObject);
}

/** Whether the event history of the client's region has anything after a time (epoch milliseconds). */
export async function knowsLater(trail: Trail, time: number): Promise<boolean> {
  const { Events = [] } = await trail.send(
    new LookupEventsCommand({ StartTime: new Date(time + 1_000), MaxResults: 1 }),
  );
  return Events.length > 0;
}

/** The calls that the event history has under a user or session name, an hour before a time and after, newest first. */
export async function callsOf(trail: Trail, name: string, time: number): Promise<Event[]> {
  const hour = 3600_000;
  const { Events = [] } = await trail.send(
    new LookupEventsCommand({
      LookupAttributes: [{ AttributeKey: "Username", AttributeValue: name }],
      StartTime: new Date(time - hour),
      EndTime: new Date(time + hour),
      MaxResults: 10,
    }),
  );
  return Events;
}
