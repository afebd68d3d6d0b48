import { randomUUID } from "node:crypto";
import { isRecorded, recordOf, type JsonObject } from "../../records";
import type { Answer, AwsError, Call } from "../ground/call";
import { serviceNamed } from "../services";
import type { Decoded } from "./decode";

/** The CloudTrail event of a finished call, if its operation is one that is recorded. */
export function eventOf(
  call: Call,
  { operation, raw }: Decoded,
  { output, error, denied }: { output?: Answer["output"]; error?: AwsError; denied?: boolean },
): JsonObject | undefined {
  const { record: shape } = serviceNamed(call.service);
  if (!isRecorded(call.service, call.operation, shape)) return undefined;
  return recordOf({
    ...call,
    shape,
    operation,
    request: call.input,
    response: output,
    error: error && { code: error.code, message: error.message, denied },
    by: call.identity,
    ids: { request: call.id, record: randomUUID(), delivery: randomUUID() },
    bytesIn: raw.body?.length,
  });
}
