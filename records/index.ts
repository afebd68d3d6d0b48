/**
 * CloudTrail records as AWS writes them, of calls that were made elsewhere: by the sandbox's gateway, or by nobody (a
 * fixture). Pure: the same call gives the same record. Nothing of ours is imported here, and no SDK: its schemas come
 * with the call.
 *
 *     import * as sdk from "@aws-sdk/client-ec2";
 *     const operations = operationsOf(sdk, NormalizedSchema.of);
 *     recordOf({ service: "ec2", operation: operations.get("CreateVpc")!, request: { CidrBlock: "10.0.0.0/16" },
 *       response: {}, by: callers.user("123456789012", "ann"), … });
 */
import { userIdentity } from "./callers";
import { secondsOf, type JsonObject } from "./json";
import type { RecordedCall, RecordShape } from "./record-shape";
import { recordShape } from "./shapes";

export { callers, type Caller } from "./callers";
export type { Json, JsonObject } from "./json";
export { plainRecord, type RecordedCall, type RecordShape } from "./record-shape";
export { operationsOf, type Operation, type Schema } from "./schema";
export { recordShapes } from "./shapes";

const reads =
  /^(Get|List|Describe|Head|Lookup|Search|Select|Query|Scan|BatchGet|Test|Simulate|Receive|Preview|Validate|Filter|AssumeRole|DecodeAuthorization)/;

/** Whether CloudTrail's event history has this operation's calls, failed and denied ones too: reads and writes, but none of data. */
export const isManagement = (service: string, operation: string, shape?: RecordShape): boolean =>
  !recordShape(service, shape).data?.test(operation);

/** Whether EventBridge gets an event of this operation: it does of every write that is no operation on data. */
export const isRecorded = (service: string, operation: string, shape?: RecordShape): boolean =>
  !reads.test(operation) && isManagement(service, operation, shape);

/** The region whose history and rules hear of a call: that of a global service is us-east-1, wherever it was made. */
export const recordRegion = ({
  service,
  shape,
  region,
}: Pick<RecordedCall, "service" | "shape" | "region">) =>
  recordShape(service, shape).global ? "us-east-1" : region;

/** The CloudTrail record of a call, as the EventBridge event that carries it. */
export function recordOf(call: RecordedCall): JsonObject {
  const { by, error, response, ids, account } = call;
  const shape = recordShape(call.service, call.shape);
  const source = shape.source ?? call.service;
  const region = recordRegion(call);
  const time = secondsOf(call.time);
  const detail: JsonObject = {
    eventVersion: "1.10",
    userIdentity: userIdentity(by),
    eventTime: time,
    eventSource: `${source}.amazonaws.com`,
    eventName: shape.names?.[call.operation.name] ?? call.operation.name,
    awsRegion: region,
    sourceIPAddress: by.invokedBy ?? call.sourceIp,
    userAgent: by.invokedBy ?? call.userAgent,
    ...(error && {
      errorCode: shape.errorCode(error.code, error.denied ?? false),
      errorMessage: error.message,
    }),
    requestParameters: bounded("requestParameters", shape.request(call)),
    responseElements: bounded("responseElements", response && !error ? shape.response(call, response) : null),
    ...shape.additional(call),
    requestID: ids.request,
    eventID: ids.record,
    readOnly: reads.test(call.operation.name),
    ...shape.resources(call),
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: "Management",
    tlsDetails: {
      tlsVersion: "TLSv1.3",
      cipherSuite: "TLS_AES_128_GCM_SHA256",
      clientProvidedHostHeader: shape.global
        ? `${source}.amazonaws.com`
        : `${source}.${call.region}.amazonaws.com`,
    },
  };
  return {
    version: "0",
    id: ids.delivery,
    "detail-type": "AWS API Call via CloudTrail",
    source: `aws.${source}`,
    account,
    time,
    region,
    resources: [],
    detail,
  };
}

/** Bytes: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html */
const mostBytes = 100 * 1024;

/** A body as it is, or what CloudTrail says instead of one that is too large. */
function bounded(member: string, body: JsonObject | null): JsonObject | null {
  const originalSize = new TextEncoder().encode(JSON.stringify(body)).length;
  return originalSize <= mostBytes
    ? body
    : { omitted: true, originalSize, reason: `${member} exceed the limit` };
}
