import { randomUUID } from "node:crypto";
import { isManagement, isRecorded, recordOf, recordRegion, type JsonObject } from "../../records";
import type { Answer, AwsError, Call } from "../ground/call";
import type { CallRecord } from "../watch/history";
import { serviceNamed } from "../services";
import type { Decoded } from "./decode";

/** What CloudTrail keeps of a finished call, if it keeps anything: of operations on data it does not. */
export function recordedAs(
  call: Call,
  { operation, raw }: Decoded,
  { output, error, denied }: { output?: Answer["output"]; error?: AwsError; denied?: boolean },
): CallRecord | undefined {
  const { record: shape } = serviceNamed(call.service);
  if (!isManagement(call.service, call.operation, shape)) return undefined;
  const isWrite = isRecorded(call.service, call.operation, shape);
  const ids = { request: call.id, record: randomUUID(), delivery: randomUUID() };
  let event: JsonObject | undefined;
  const recorded = {
    ...call,
    shape,
    operation,
    request: call.input,
    // What a read answered is not recorded, and need not be kept.
    response: isWrite ? output : undefined,
    error: error && { code: error.code, message: error.message, denied },
    by: call.identity,
    ids,
    bytesIn: raw.body?.length,
  };
  return {
    id: ids.record,
    time: call.time,
    account: call.account,
    region: recordRegion(recorded),
    isDelivered: isWrite,
    // Reads are many, and seldom looked up: their records are written when somebody asks.
    event: () => (event ??= recordOf(recorded)),
  };
}
