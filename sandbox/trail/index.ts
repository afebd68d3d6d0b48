import { randomUUID } from "node:crypto";
import type { JsonObject } from "../../runtime/events";
import type { Call, Identity } from "../ground/call";
import type { Operation, Service } from "../services";
import { ec2Request, ec2Response } from "./ec2";
import { isWrapped, wrappedRequest, wrappedResponse } from "./ec2-wrapped";
import { plainBody } from "./plain";
import { s3Request } from "./s3";
import type { RawRequest } from "../ground/wire";

/** One finished call, as its record needs it. */
export interface Finished {
  readonly call: Call;
  readonly service: Service;
  readonly operation: Operation;
  readonly raw: RawRequest;
  readonly output?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: string; readonly message: string };
  /** Refused by policies, which records tell differently from other errors. */
  readonly denied?: boolean;
}

const reads =
  /^(Get|List|Describe|Head|Lookup|Search|Select|Query|Scan|BatchGet|Test|Simulate|Receive|Preview|Validate|Filter|AssumeRole|DecodeAuthorization)/;

/** Calls about data (objects, messages, items), which a trail does not record unless it is told to. */
const data: Readonly<Record<string, RegExp>> = {
  s3: /Object(s|sV2)?$|^(UploadPart|UploadPartCopy|CreateMultipartUpload|CompleteMultipartUpload|AbortMultipartUpload)$/,
  sns: /^Publish/,
  sqs: /Message/,
  lambda: /^Invoke/,
  dynamodb: /Item|^Query|^Scan|^(Batch)?Execute|^Transact/,
  events: /^PutEvents/,
  logs: /^PutLogEvents/,
  monitoring: /^PutMetricData/,
  kms: /^(Encrypt|Decrypt|ReEncrypt|GenerateDataKey|GenerateMac|Sign|Verify)/,
};

/** Whether EventBridge gets an event of this call: it does of every write, failed and denied ones too. */
export const isRecorded = (call: Call): boolean =>
  !reads.test(call.operation) && !data[call.service]?.test(call.operation);

/** Services that are recorded, and whose rules live, in us-east-1 alone. */
const isGlobal = (service: string): boolean => service === "iam";

/** The CloudTrail record of a call, as the EventBridge event that carries it. */
export function trailEvent(finished: Finished): JsonObject {
  const { call } = finished;
  const source = call.service === "s3-control" ? "s3" : call.service;
  const region = isGlobal(call.service) ? "us-east-1" : call.region;
  const time = `${new Date(call.time).toISOString().slice(0, 19)}Z`;
  const detail: JsonObject = {
    eventVersion: "1.10",
    userIdentity: userIdentity(call.identity),
    eventTime: time,
    eventSource: `${source}.amazonaws.com`,
    eventName: eventName(call),
    awsRegion: region,
    sourceIPAddress: call.identity.invokedBy ?? call.sourceIp,
    userAgent: call.identity.invokedBy ?? call.userAgent,
    ...failure(finished),
    requestParameters: requestParameters(finished),
    responseElements: responseElements(finished),
    ...additional(finished),
    requestID: call.id,
    eventID: randomUUID(),
    readOnly: false,
    ...resources(finished),
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: call.account,
    eventCategory: "Management",
    tlsDetails: {
      tlsVersion: "TLSv1.3",
      cipherSuite: "TLS_AES_128_GCM_SHA256",
      clientProvidedHostHeader: hostHeader(call, source),
    },
  };
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": "AWS API Call via CloudTrail",
    source: `aws.${source}`,
    account: call.account,
    time,
    region,
    resources: [],
    detail,
  };
}

const hostHeader = (call: Call, source: string): string =>
  isGlobal(call.service) ? `${source}.amazonaws.com` : `${source}.${call.region}.amazonaws.com`;

function userIdentity(identity: Identity): JsonObject {
  const { account, accessKeyId, arn, principalId, role } = identity;
  const invokedBy: JsonObject = identity.invokedBy === undefined ? {} : { invokedBy: identity.invokedBy };
  const common = { principalId, arn, accountId: account, accessKeyId };
  if (identity.kind === "service")
    return { type: "AWSService", invokedBy: identity.invokedBy ?? identity.arn };
  if (identity.kind === "user")
    return { type: "IAMUser", ...common, userName: identity.userName ?? "", ...invokedBy };
  if (identity.kind === "root" || !role) return { type: "Root", ...common, ...invokedBy };
  return {
    type: "AssumedRole",
    ...common,
    sessionContext: {
      sessionIssuer: {
        type: "Role",
        principalId: role.id,
        arn: role.arn,
        accountId: account,
        userName: role.name,
      },
      webIdFederationData: {},
      attributes: {
        creationDate: `${new Date(identity.issuedAt).toISOString().slice(0, 19)}Z`,
        mfaAuthenticated: "false",
      },
    },
    ...invokedBy,
  };
}

const s3Names: Readonly<Record<string, string>> = {
  PutPublicAccessBlock: "PutBucketPublicAccessBlock",
  DeletePublicAccessBlock: "DeleteBucketPublicAccessBlock",
  PutBucketLifecycleConfiguration: "PutBucketLifecycle",
  PutBucketNotificationConfiguration: "PutBucketNotification",
};
const s3ControlNames: Readonly<Record<string, string>> = {
  PutPublicAccessBlock: "PutAccountPublicAccessBlock",
  DeletePublicAccessBlock: "DeleteAccountPublicAccessBlock",
};
/** Lambda's old operations carry the date of their API version. */
const lambdaNames: Readonly<Record<string, string>> = {
  AddPermission: "20150331v2",
  RemovePermission: "20150331v2",
  UpdateFunctionCode: "20150331v2",
  UpdateFunctionConfiguration: "20150331v2",
  CreateFunction: "20150331",
  DeleteFunction: "20150331",
  CreateEventSourceMapping: "20150331",
  UpdateEventSourceMapping: "20150331",
  DeleteEventSourceMapping: "20150331",
  CreateAlias: "20150331",
  UpdateAlias: "20150331",
  DeleteAlias: "20150331",
  PublishVersion: "20150331",
  TagResource: "20170331v2",
  UntagResource: "20170331v2",
};

function eventName({ service, operation }: Call): string {
  if (service === "s3") return s3Names[operation] ?? operation;
  if (service === "s3-control") return s3ControlNames[operation] ?? operation;
  return service === "lambda" ? operation + (lambdaNames[operation] ?? "") : operation;
}

function failure({ call, error, denied }: Finished): JsonObject {
  if (!error) return {};
  const errorMessage = error.message;
  if (call.service === "ec2") return { errorCode: `Client.${error.code}`, errorMessage };
  if (denied) return { errorCode: "AccessDenied", errorMessage };
  const renamedByIam = /^(NoSuchEntity|EntityTemporarilyUnmodifiable)$/.test(error.code);
  return {
    errorCode: call.service === "iam" && renamedByIam ? `${error.code}Exception` : error.code,
    errorMessage,
  };
}

function requestParameters({ call, operation, raw, denied }: Finished): JsonObject | null {
  if (call.service === "ec2")
    return isWrapped(operation.name)
      ? wrappedRequest(operation.name, operation.input, call.input)
      : ec2Request(operation.name, operation.input, call.input);
  if (call.service === "s3" || call.service === "s3-control") return s3Request(call, operation, raw);
  return denied ? null : plainBody(operation.input, call.input, { service: call.service, response: false });
}

function responseElements({ call, service, operation, output }: Finished): JsonObject | null {
  if (!output || call.service === "s3" || call.service === "s3-control") return null;
  if (call.service === "ec2")
    return isWrapped(operation.name)
      ? wrappedResponse(operation.name, operation.output, output, call.id, service.namespace)
      : ec2Response(operation.name, operation.output, output, call.id);
  return plainBody(operation.output, output, { service: call.service, response: true });
}

function additional({ call, raw }: Finished): JsonObject {
  if (call.service !== "s3" && call.service !== "s3-control") return {};
  return {
    additionalEventData: {
      SignatureVersion: "SigV4",
      CipherSuite: "TLS_AES_128_GCM_SHA256",
      bytesTransferredIn: raw.body?.length ?? 0,
      AuthenticationMethod: "AuthHeader",
      "x-amz-id-2": call.id,
      bytesTransferredOut: 0,
    },
  };
}

function resources({ call, error }: Finished): JsonObject {
  const bucket = call.input.Bucket;
  if (call.service !== "s3" || typeof bucket !== "string" || call.operation === "CreateBucket" || error)
    return {};
  return { resources: [{ accountId: call.account, type: "AWS::S3::Bucket", ARN: `arn:aws:s3:::${bucket}` }] };
}
