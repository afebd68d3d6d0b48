import type { Caller } from "./callers";
import type { Given, JsonObject } from "./json";
import { plainBody } from "./plain";
import type { Operation } from "./schema";

/** One call, as its record needs it. */
export interface RecordedCall {
  /** As in sandbox/services: the signing name, or s3-control. */
  readonly service: string;
  readonly operation: Operation;
  /** The shape of the SDK's command input. */
  readonly request: Given;
  /** The shape of the SDK's command output; absent when the call failed. */
  readonly response?: Given;
  /** `denied`: refused by policies, which records tell differently from other errors. */
  readonly error?: { readonly code: string; readonly message: string; readonly denied?: boolean };
  readonly by: Caller;
  readonly region: string;
  readonly account: string;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly userAgent: string;
  readonly sourceIp: string;
  /** How its service is recorded, where it is not among recordShapes. */
  readonly shape?: RecordShape;
  readonly ids: { readonly request: string; readonly record: string; readonly delivery: string };
  /** How long the request's body was; only S3's records say it. */
  readonly bytesIn?: number;
}

/** How CloudTrail tells of one service's calls, where that is not what most services have. */
export interface RecordShape {
  /** The service's name in `eventSource`, where it is another one. */
  readonly source?: string;
  /** Recorded, and delivered to rules, in us-east-1 alone. */
  readonly global?: true;
  /** Operations on data (objects, messages, items), which a trail does not record unless it is told to. */
  readonly data?: RegExp;
  /** `eventName` by operation, where it is another one. */
  readonly names?: Readonly<Record<string, string>>;
  /** `errorCode` of an error that is no denial; the error's own code unless said. */
  errorCode?(code: string, denied: boolean): string;
  request?(call: RecordedCall): JsonObject | null;
  /** Asked only when the call succeeded. */
  response?(call: RecordedCall, response: Given): JsonObject | null;
  /** Further members before the request's id (`additionalEventData`), and after `readOnly` (`resources`). */
  additional?(call: RecordedCall): JsonObject;
  resources?(call: RecordedCall): JsonObject;
}

type Written = "errorCode" | "request" | "response" | "additional" | "resources";
export type WholeShape = RecordShape & Required<Pick<RecordShape, Written>>;

/** What most services' records have: bodies lower-cased, none of a denied call. */
export const plainRecord: WholeShape = {
  errorCode: (code, denied) => (denied ? "AccessDenied" : code),
  request: ({ service, operation, request, error }) =>
    error?.denied ? null : plainBody(operation.input, request, { service, response: false }),
  response: ({ service, operation }, response) =>
    plainBody(operation.output, response, { service, response: true }),
  additional: () => ({}),
  resources: () => ({}),
};
