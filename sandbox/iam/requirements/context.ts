import type { Call } from "../../ground/call";
import type { Context } from "../wildcards";
import { arn, objects, text, textsOf } from "./arns";

type Input = Call["input"];
type Keys = Record<string, string | readonly string[] | undefined>;

/** Tags as services spell them: a list of Key and Value in either case, or a map. */
export function tagsOf(value: unknown): Record<string, string> {
  if (Array.isArray(value))
    return Object.fromEntries(
      objects(value).map(tag => [
        String(tag.Key ?? tag.key ?? tag.TagKey),
        String(tag.Value ?? tag.value ?? tag.TagValue ?? ""),
      ]),
    );
  return Object.fromEntries(Object.entries(value ?? {}).map(([key, tag]) => [key, String(tag)]));
}

/** The tags that a call asks for, wherever its service puts them; EC2's tag specifications are read apart. */
export function requestedTags(input: Input): Record<string, string> {
  const nested = [input.Tagging, input.CreateBucketConfiguration].map(holder => {
    const { TagSet, Tags } =
      typeof holder === "object" && holder !== null ? (holder as Input) : ({} as Input);
    return tagsOf(TagSet ?? Tags);
  });
  const header = text(input.Tagging);
  return {
    ...tagsOf(input.Tags ?? input.tags),
    ...Object.assign({}, ...nested),
    ...(header ? Object.fromEntries(new URLSearchParams(header)) : {}),
  };
}

/** aws:RequestTag/… and aws:TagKeys of some tags. */
export const tagContext = (
  tags: Readonly<Record<string, string>>,
  keys: readonly string[] = [],
): Context => ({
  ...Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value])),
  "aws:TagKeys": [...new Set([...Object.keys(tags), ...keys])],
});

const service: Readonly<Record<string, (call: Call, action: string) => Keys>> = {
  ec2: ({ input, region }) => ({ "ec2:Region": region, "ec2:InstanceType": text(input.InstanceType) }),
  s3: ({ input, account }) => ({
    "s3:ResourceAccount": account,
    "s3:LocationConstraint": text((input.CreateBucketConfiguration as Input | undefined)?.LocationConstraint),
    "s3:prefix": text(input.Prefix),
    "s3:delimiter": text(input.Delimiter),
    "s3:max-keys": input.MaxKeys === undefined ? undefined : String(input.MaxKeys),
    "s3:VersionId": text(input.VersionId),
    "s3:x-amz-acl": text(input.ACL),
    "s3:x-amz-object-ownership": text(input.ObjectOwnership),
    "s3:x-amz-server-side-encryption": text(input.ServerSideEncryption),
    "s3:x-amz-server-side-encryption-aws-kms-key-id": text(input.SSEKMSKeyId),
    "s3:x-amz-storage-class": text(input.StorageClass),
  }),
  iam: ({ input }) => ({
    "iam:PolicyARN": text(input.PolicyArn),
    "iam:PermissionsBoundary": text(input.PermissionsBoundary),
    "iam:AWSServiceName": text(input.AWSServiceName),
  }),
  sts: ({ input }) => ({
    "sts:ExternalId": text(input.ExternalId),
    "sts:RoleSessionName": text(input.RoleSessionName),
    "sts:SourceIdentity": text(input.SourceIdentity),
  }),
  sns: ({ input }) => ({ "sns:Protocol": text(input.Protocol), "sns:Endpoint": text(input.Endpoint) }),
  sqs: () => ({}),
  lambda: call => ({
    "lambda:FunctionArn": /EventSourceMapping$/.test(call.operation) ? functionArn(call) : undefined,
    "lambda:Principal": text(call.input.Principal),
    "lambda:FunctionUrlAuthType": text(call.input.FunctionUrlAuthType ?? call.input.AuthType),
  }),
  logs: () => ({}),
  cloudwatch: ({ input }) => ({ "cloudwatch:namespace": text(input.Namespace) }),
  events: ({ input }) => {
    const entries = objects(input.Entries);
    const all = (member: string) => [...new Set(entries.flatMap(entry => textsOf(entry[member])))];
    return {
      "events:source": all("Source"),
      "events:detail-type": all("DetailType"),
      "events:TargetArn": objects(input.Targets).flatMap(target => textsOf(target.Arn)),
    };
  },
  dynamodb: ({ input }, action) => ({ "dynamodb:LeadingKeys": leadingKeys(input, action) }),
  kms: ({ input, account }) => {
    const encryption = tagsOf(input.EncryptionContext);
    return {
      "kms:CallerAccount": account,
      "kms:EncryptionContextKeys": Object.keys(encryption),
      ...Object.fromEntries(
        Object.entries(encryption).map(([key, value]) => [`kms:EncryptionContext:${key}`, value]),
      ),
    };
  },
};

/**
 * The partition keys that an action touches. In a transaction each item is judged as the action that it stands for:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
 * The table's schema is not at hand here, so that the partition key is the only key, or the one that is called pk.
 */
function leadingKeys(input: Input, action: string): string[] | undefined {
  const kind = action.slice("dynamodb:".length).replace(/Item$/, "");
  const inTransaction = objects(input.TransactItems).flatMap(item => objects([item[kind]]));
  const batches = Object.values((input.RequestItems ?? {}) as Record<string, unknown>);
  const requests = batches.flatMap(batch => objects(Array.isArray(batch) ? batch : (batch as Input).Keys));
  const writes = requests.map(
    request => (request.PutRequest ?? request.DeleteRequest ?? { Key: request }) as Input,
  );
  const keys = [input, ...inTransaction, ...writes].flatMap(holder => objects([holder.Key ?? holder.Item]));
  const values = keys.map(
    key => Object.values((Object.keys(key).length === 1 ? Object.values(key)[0] : key.pk) ?? {})[0],
  );
  return keys.length === 0 ? undefined : [...new Set(values.map(String))];
}

function functionArn(call: Call): string | undefined {
  const name = text(call.input.FunctionName);
  return name?.startsWith("arn:") || name === undefined ? name : arn(call, "lambda", `function:${name}`);
}

/** What the service itself tells about a call, besides tags: by IAM prefix. */
export const serviceContext = (prefix: string, call: Call, action: string): Context =>
  Object.fromEntries(
    Object.entries(service[prefix]?.(call, action) ?? {}).filter(
      (pair): pair is [string, string | string[]] => pair[1] !== undefined,
    ),
  );

/**
 * Keys that the sandbox supplies where AWS does; a policy that asks for another is refused (NotImplemented), because
 * a key that never comes decides silently.
 */
const supplied = [
  /^aws:(PrincipalTag|RequestTag|ResourceTag)\/./,
  /^ec2:ResourceTag\/./,
  /^kms:EncryptionContext:./,
  ...[
    ...["CurrentTime", "EpochTime", "SecureTransport", "SourceIp", "UserAgent", "RequestedRegion", "TagKeys"],
    ...["PrincipalArn", "PrincipalAccount", "PrincipalType", "userid", "username", "TokenIssueTime"],
    ...[
      "PrincipalIsAWSService",
      "PrincipalServiceName",
      "PrincipalServiceNamesList",
      "ViaAWSService",
      "CalledVia",
    ],
    ...["ResourceAccount", "SourceArn", "SourceAccount", "SourceOwner", "MultiFactorAuthPresent"],
    // Never present here, as on AWS outside an organization, a VPC endpoint, federation or an MFA session.
    ...[
      "MultiFactorAuthAge",
      "PrincipalOrgID",
      "PrincipalOrgPaths",
      "ResourceOrgID",
      "ResourceOrgPaths",
      "SourceOrgID",
    ],
    ...["SourceOrgPaths", "SourceVpc", "SourceVpce", "VpcSourceIp", "FederatedProvider", "SourceIdentity"],
  ].map(name => new RegExp(`^aws:${name}$`, "i")),
  ...["Region", "InstanceType", "CreateAction", "Vpc"].map(name => new RegExp(`^ec2:${name}$`, "i")),
  ...["PassedToService", "PolicyARN", "PermissionsBoundary", "AWSServiceName"].map(
    name => new RegExp(`^iam:${name}$`, "i"),
  ),
  ...["ExternalId", "RoleSessionName", "SourceIdentity"].map(name => new RegExp(`^sts:${name}$`, "i")),
  /^dynamodb:LeadingKeys$/i,
  /^sns:(Protocol|Endpoint)$/i,
  /^lambda:(FunctionArn|Principal|FunctionUrlAuthType)$/i,
  /^cloudwatch:namespace$/i,
  /^events:(source|detail-type|TargetArn)$/i,
  /^kms:(CallerAccount|EncryptionContextKeys|ViaService)$/i,
  /^s3:(ResourceAccount|LocationConstraint|prefix|delimiter|max-keys|VersionId|x-amz-(acl|object-ownership|storage-class))$/i,
  /^s3:x-amz-server-side-encryption(-aws-kms-key-id)?$/i,
].map(pattern => new RegExp(pattern.source, "i"));

export const supplies = (key: string): boolean => supplied.some(pattern => pattern.test(key));
