import type { Json, JsonObject } from "./json";
import type { CallRecord, Occasion, Principal, Tool } from "./occasion";

/**
 * The shape of what EventBridge delivers, and the few facts that every guardrail reads from it.
 * Nothing here trusts the event: a field that is missing or of another type reads as absent.
 * https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
 */
export interface GuardrailEvent {
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601, second precision: when the call was made. */
  readonly time: string;
  readonly region: string;
  readonly resources: string[];
  readonly detail: JsonObject;
}

export interface EventClaim {
  readonly source: readonly string[];
  readonly "detail-type": readonly string[];
  readonly detail?: { readonly eventSource?: readonly string[]; readonly eventName?: readonly string[] };
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The object at this path of keys, or `{}`: CloudTrail writes null, "" and nothing at all where a body is empty. */
export function objectAt(value: unknown, ...path: string[]): JsonObject {
  const found = path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), value);
  return isObject(found) ? found : {};
}

/** The text at this path, or undefined; numbers (as in ids that look numeric) read as text. */
export function textAt(value: unknown, ...path: string[]): string | undefined {
  const found = path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), value);
  return typeof found === "string" && found !== ""
    ? found
    : typeof found === "number"
      ? String(found)
      : undefined;
}

/** CloudTrail's lists: an array, one bare object or text, `{items}`, `{item}`, `{}`, "" or null → an array. */
export function toList(value: unknown): Json[] {
  if (Array.isArray(value)) return value as Json[];
  if (value === null || value === undefined || value === "") return [];
  if (!isObject(value)) return [value as Json];
  if ("items" in value) return toList(value.items);
  if ("item" in value) return toList(value.item);
  return Object.keys(value).length === 0 ? [] : [value];
}

/**
 * Every text at this path of a record, e.g. `responseElements.instancesSet.instanceId`. CloudTrail's wrappers of lists
 * and of list entries (`items`, `item`, `content`) are no part of the path; nothing beside the path is looked at.
 */
export function textsAt(record: unknown, path: string): string[] {
  const found = path
    .split(".")
    .reduce<Json[]>((at, key) => at.flatMap(value => toList(objectAt(value)[key])), [record as Json]);
  return found.flatMap(value => textAt({ value }, "value") ?? textAt(value, "content") ?? []);
}

/** A failed or denied call, or an EC2 dry run: `errorCode` alone decides; a null body does not. */
export const isFailedCall = (event: GuardrailEvent): boolean =>
  textAt(event.detail, "errorCode") !== undefined;

/** A call that this function's own role made. */
export const isOwnCall = (event: GuardrailEvent, roleArn: string): boolean =>
  textAt(event.detail, "userIdentity", "sessionContext", "sessionIssuer", "arn") === roleArn;

/**
 * The record of the call that an event tells of, by which CloudTrail can confirm it; undefined for what services send
 * themselves. An event that claims to come via CloudTrail and names no record has one that CloudTrail will not know. It is
 * sought where the event's resources are: a region that the record alone names may be one where nobody would find it.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
 */
export function callRecordOf({ id, detail, region, ...event }: GuardrailEvent): CallRecord | undefined {
  if (!event["detail-type"].endsWith(" via CloudTrail")) return undefined;
  return { id: textAt(detail, "eventID") ?? id, region };
}

/** The same for both copies of a cross-account call and for every redelivery. */
const keyOf = (event: GuardrailEvent): string =>
  textAt(event.detail, "sharedEventID") ?? textAt(event.detail, "eventID") ?? event.id;

/**
 * The occasion that an event is; what lies behind it never sees the event's shape.
 */
export const occasionOf = (event: GuardrailEvent): Occasion => ({
  kind: "event",
  key: keyOf(event),
  id: event.id,
  time: event.time,
  account: event.account,
  region: event.region,
  principal: principalOf(event),
  record: callRecordOf(event),
  name: textAt(event.detail, "eventName"),
  words: `called ${textAt(event.detail, "eventName") ?? event["detail-type"]}`,
});

/**
 * Reads an invocation's payload as an event.
 * @throws Error naming the first field that is missing or malformed: whatever called us was not EventBridge.
 */
export function readEvent(payload: unknown): GuardrailEvent {
  if (!isObject(payload)) throw new Error("The payload is not an EventBridge event: it is no JSON object");
  for (const field of ["id", "detail-type", "source", "account", "time", "region"])
    if (typeof payload[field] !== "string" || payload[field] === "")
      throw new Error(`The payload is not an EventBridge event: "${field}" is missing or no text`);
  if (Number.isNaN(Date.parse(payload.time as string)))
    throw new Error(`The payload is not an EventBridge event: "time" is no time`);
  if (!isObject(payload.detail))
    throw new Error(`The payload is not an EventBridge event: "detail" is no object`);
  const resources = Array.isArray(payload.resources)
    ? payload.resources.filter(r => typeof r === "string")
    : [];
  return { ...(payload as unknown as GuardrailEvent), resources };
}

/** Whether one of these patterns names the event's source, detail type, event source and event name. */
export function isExpected(event: GuardrailEvent, claims: readonly EventClaim[]): boolean {
  const names = (list: readonly string[] | undefined, value: Json | undefined): boolean =>
    list === undefined || (typeof value === "string" && list.includes(value));
  return claims.some(
    claim =>
      names(claim.source, event.source) &&
      names(claim["detail-type"], event["detail-type"]) &&
      names(claim.detail?.eventSource, event.detail.eventSource) &&
      names(claim.detail?.eventName, event.detail.eventName),
  );
}

/** The principal of a CloudTrail record; a native event has none: `{ arn: "unknown", tool: "unknown" }`. */
export function principalOf(event: GuardrailEvent): Principal {
  const identity = objectAt(event.detail, "userIdentity");
  const invokedBy = textAt(identity, "invokedBy");
  const [id, session] = textAt(identity, "principalId")?.split(":") ?? [];
  const arn = textAt(identity, "sessionContext", "sessionIssuer", "arn") ?? textAt(identity, "arn");
  return {
    arn: arn ?? withoutArn(identity, id) ?? invokedBy ?? "unknown",
    name: textAt(identity, "userName") ?? textAt(identity, "arn")?.split("/").pop() ?? session,
    type: textAt(identity, "type"),
    sourceIdentity: textAt(identity, "sessionContext", "sourceIdentity"),
    invokedBy,
    tool: toolOf(event, invokedBy),
  };
}

/**
 * What a record says of a caller whose ARN it leaves out, as of other accounts and of people of Identity Center:
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
function withoutArn(identity: JsonObject, id: string | undefined): string | undefined {
  const account = textAt(identity, "accountId");
  const user = textAt(identity, "onBehalfOf", "userId");
  const said = [
    ...(user === undefined ? [] : [`Identity Center user ${user}`]),
    ...(id === undefined ? [] : [`principal ${id}`]),
    ...(account === undefined ? [] : [`account ${account}`]),
  ];
  return said.length > 0 ? said.join(" of ") : undefined;
}

function toolOf(event: GuardrailEvent, invokedBy: string | undefined): Tool {
  const agent = textAt(event.detail, "userAgent") ?? "";
  const service = [invokedBy, agent, textAt(event.detail, "sourceIPAddress")].find(
    name => name !== undefined && /(\.amazonaws\.com(\.cn)?|^AWS Internal)$/.test(name),
  );
  // A console's agent also ends in .amazonaws.com: it is a person, not a service.
  const isConsole = /(^|\[)(console(\.\w+)?|signin)\.amazonaws\.com|S3Console\/|Mozilla\//.test(agent);
  if (isConsole || event.detail.sessionCredentialFromConsole !== undefined) return "console";
  if (service?.startsWith("cloudformation.")) return "cloudformation";
  if (service !== undefined || textAt(event.detail, "userIdentity", "type") === "AWSService")
    return "aws-service";
  if (/Terraform\//.test(agent)) return "terraform";
  if (/Pulumi\//.test(agent)) return "pulumi";
  if (/^\[?aws-cli\//.test(agent)) return "cli";
  if (/(aws-sdk|boto)/i.test(agent)) return "sdk";
  return "unknown";
}
