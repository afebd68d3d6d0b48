import { randomUUID } from "node:crypto";
import type * as sdk from "@aws-sdk/client-eventbridge";
import type { Json, JsonObject } from "../../../records";
import type { Bus } from "../../delivery/bus";
import { awsError, isAwsError, type Call, type Handlers } from "../../ground/call";
import type { Clock } from "../../ground/clock";

/** An entry may have 1 MB: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
const limit = 1024 * 1024;

/** PutEvents: entries that are refused are answered beside those that are not. */
export function eventsPutHandlers({ bus, clock }: { readonly bus: Bus; readonly clock: Clock }): Handlers {
  return {
    PutEvents: async ({ call }) => {
      const { Entries = [] } = call.input as unknown as sdk.PutEventsCommandInput;
      if (Entries.length < 1 || Entries.length > 10)
        throw awsError(
          "ValidationException",
          `Entries has ${Entries.length} items; PutEvents takes 1 to 10.`,
        );
      const answers = Entries.map(entry => {
        try {
          const event = eventOf(entry, call, clock.now());
          bus.put(event, call, entry.EventBusName);
          return { EventId: String(event.id) };
        } catch (error) {
          if (!isAwsError(error)) throw error;
          return { ErrorCode: error.code, ErrorMessage: error.message };
        }
      });
      const FailedEntryCount = answers.filter(answer => "ErrorCode" in answer).length;
      return { output: { FailedEntryCount, Entries: answers } };
    },
  };
}

function eventOf(entry: sdk.PutEventsRequestEntry, call: Call, now: number): JsonObject {
  const { Source, DetailType, Detail, Resources = [], Time } = entry;
  const missing = Object.entries({ Source, DetailType, Detail }).find(([, value]) => !value)?.[0];
  if (missing !== undefined)
    throw awsError(
      "InvalidArgument",
      `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`,
    );
  // Only AWS itself speaks as aws.*
  if (/^aws\./i.test(Source ?? ""))
    throw awsError("NotAuthorizedForSourceException", "Not authorized for the source.");
  const size = [Source, DetailType, Detail, ...Resources].reduce(
    (sum, text) => sum + Buffer.byteLength(text ?? ""),
    0,
  );
  if (size > limit) throw awsError("InvalidArgument", "Total size of the entry is larger than 1 MB.");
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": DetailType ?? "",
    source: Source ?? "",
    account: call.account,
    time: `${(Time ?? new Date(now)).toISOString().slice(0, 19)}Z`,
    region: call.region,
    resources: [...Resources],
    detail: detailOf(Detail ?? ""),
  };
}

function detailOf(text: string): Json {
  try {
    const detail = JSON.parse(text) as Json;
    if (typeof detail === "object" && detail !== null && !Array.isArray(detail)) return detail;
  } catch {
    // Said below, with everything else that is no JSON object.
  }
  throw awsError("MalformedDetail", "Detail is malformed.");
}
