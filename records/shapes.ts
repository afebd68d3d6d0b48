import { ec2Request, ec2Response } from "./ec2";
import { isWrapped, wrappedRequest, wrappedResponse } from "./ec2-wrapped";
import { plainRecord, type RecordShape, type WholeShape } from "./record-shape";
import { s3Additional, s3Request, s3Resources } from "./s3";

const dated = (date: string, ...operations: string[]): Record<string, string> =>
  Object.fromEntries(operations.map(operation => [operation, operation + date]));

const s3 = {
  data: /Object(s|sV2)?$|^(UploadPart|UploadPartCopy|CreateMultipartUpload|CompleteMultipartUpload|AbortMultipartUpload)$/,
  names: {
    PutPublicAccessBlock: "PutBucketPublicAccessBlock",
    DeletePublicAccessBlock: "DeleteBucketPublicAccessBlock",
    PutBucketLifecycleConfiguration: "PutBucketLifecycle",
    PutBucketNotificationConfiguration: "PutBucketNotification",
  },
  request: s3Request,
  response: () => null,
  additional: s3Additional,
  resources: s3Resources,
} satisfies RecordShape;

/** Services whose records differ from most. */
export const recordShapes = {
  dynamodb: { data: /Item|^Query|^Scan|^(Batch)?Execute|^Transact/ },
  ec2: {
    errorCode: code => `Client.${code}`,
    request: ({ operation: { name, input }, request }) =>
      isWrapped(name) ? wrappedRequest(name, input, request) : ec2Request(name, input, request),
    response: ({ operation: { name, output }, ids }, response) =>
      isWrapped(name)
        ? wrappedResponse(name, output, response, ids.request)
        : ec2Response(name, output, response, ids.request),
  },
  events: { data: /^PutEvents/ },
  iam: {
    global: true,
    errorCode: (code, denied) =>
      /^(NoSuchEntity|EntityTemporarilyUnmodifiable)$/.test(code)
        ? `${code}Exception`
        : plainRecord.errorCode(code, denied),
  },
  kms: { data: /^(Encrypt|Decrypt|ReEncrypt|GenerateDataKey|GenerateMac|Sign|Verify)/ },
  lambda: {
    data: /^Invoke/,
    // Old operations carry the date of their API version.
    names: {
      ...dated(
        "20150331v2",
        ...["AddPermission", "RemovePermission", "UpdateFunctionCode", "UpdateFunctionConfiguration"],
      ),
      ...dated("20150331", "CreateFunction", "DeleteFunction", "CreateAlias", "UpdateAlias", "DeleteAlias"),
      ...dated("20150331", "CreateEventSourceMapping", "UpdateEventSourceMapping"),
      ...dated("20150331", "DeleteEventSourceMapping", "PublishVersion"),
      ...dated("20170331v2", "TagResource", "UntagResource"),
    },
  },
  logs: { data: /^PutLogEvents/ },
  monitoring: { data: /^PutMetricData/ },
  s3,
  "s3-control": {
    ...s3,
    source: "s3",
    data: undefined,
    names: {
      PutPublicAccessBlock: "PutAccountPublicAccessBlock",
      DeletePublicAccessBlock: "DeleteAccountPublicAccessBlock",
    },
    resources: plainRecord.resources,
  },
  sns: { data: /^Publish/ },
  sqs: { data: /Message/ },
} satisfies Readonly<Record<string, RecordShape>>;

/** How a service's calls are recorded; like most, unless it is said here. */
export const recordShape = (service: string, shape?: RecordShape): WholeShape => ({
  ...plainRecord,
  ...(shape ?? (recordShapes as Readonly<Record<string, RecordShape>>)[service]),
});
