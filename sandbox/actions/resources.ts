import { partitionOf } from "../../runtime/partition";
import type { Call, Place } from "../call";

/** What only the account's state knows about a call's resources. Whatever does not exist answers undefined. */
export interface Lookups {
  /** The full ARN, path included, of a role, user, group or instance profile by its name. */
  iamArn(
    kind: "role" | "user" | "group" | "instance-profile",
    name: string,
    place: Place,
  ): Promise<string | undefined>;
  /** The key ARN behind a KMS key id, alias name, alias ARN or key ARN. */
  kmsKeyArn(keyId: string, place: Place): Promise<string | undefined>;
  /** The id of a security group by its name, in a VPC or the default VPC. */
  securityGroupId(name: string, place: Place, vpcId?: string): Promise<string | undefined>;
  /** The ARN of the role that an instance profile passes on, by the profile's name or ARN. */
  instanceProfileRole(profile: string, place: Place): Promise<string | undefined>;
}

/** Resource type of the Service Authorization Reference → the ARNs that the call names. */
export type Named = Readonly<Record<string, readonly (string | undefined)[] | undefined>>;

type Input = Call["input"];
type Reader = (call: Call, lookups: Lookups, action: string) => Named | Promise<Named>;

export const text = (value: unknown): string | undefined =>
  typeof value === "string" && value ? value : undefined;
export const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter(
    (item): item is string => typeof item === "string" && item !== "",
  );
export const objects = (value: unknown): Input[] =>
  (Array.isArray(value) ? value : [value]).filter(
    item => typeof item === "object" && item !== null,
  ) as Input[];
const when = <T>(value: T | undefined, make: (value: T) => string) =>
  value === undefined ? [] : [make(value)];

/** An ARN of the call's partition; leave region or account empty for those services that have none. */
export const arn = (
  place: Place,
  service: string,
  resource: string,
  region = place.region,
  account = place.account,
) => `arn:${partitionOf(place.region).id}:${service}:${region}:${account}:${resource}`;

/** A name, or the ARN that already is one. */
const named = (call: Place, value: unknown, service: string, prefix: string) =>
  textsOf(value).map(name => (name.startsWith("arn:") ? name : arn(call, service, `${prefix}${name}`)));

const s3: Reader = (call, _lookups, action) => {
  const { Bucket, Key, Delete, CopySource } = call.input;
  const bucket = (name: string) => (name.startsWith("arn:") ? name : arn(call, "s3", name, "", ""));
  const keys = Delete
    ? objects((Delete as Input).Objects)
        .filter(({ VersionId }) => Boolean(VersionId) === action.endsWith("Version"))
        .map(object => object.Key)
    : [Key];
  const source = text(CopySource);
  if (source && /:GetObject/.test(action))
    return { object: [bucket(decodeURIComponent(source.replace(/\?versionId=.*$/, "")).replace(/^\//, ""))] };
  return {
    bucket: when(text(Bucket), bucket),
    object: textsOf(keys).flatMap(key => when(text(Bucket), name => `${bucket(name)}/${key}`)),
  };
};

const sns: Reader = call => {
  const { TopicArn, TargetArn, ResourceArn, SubscriptionArn, Name, PhoneNumber } = call.input;
  const subscription = text(SubscriptionArn)?.split(":").slice(0, 6).join(":");
  return {
    topic: [
      ...textsOf([TopicArn, TargetArn, ResourceArn, subscription]),
      ...named(call, Name, "sns", ""),
      // A text message to a phone is published to no topic: IAM is asked about "*".
      ...(PhoneNumber ? ["*"] : []),
    ],
  };
};

const sqs: Reader = call => {
  const { QueueUrl, QueueName, SourceArn } = call.input;
  const [account, name] = text(QueueUrl)?.split("/").slice(-2) ?? [];
  return {
    queue: [
      ...when(name, queue => arn({ ...call, account }, "sqs", queue)),
      ...named(call, QueueName, "sqs", ""),
      ...textsOf(SourceArn),
    ],
  };
};

const lambda: Reader = call => {
  const { FunctionName, Qualifier, Resource, UUID, LayerName, VersionNumber, Arn } = call.input;
  const [full] = textsOf(FunctionName).map(name => {
    const partial = /^(?:(\d{12}):)?(?:function:)?([^:]+)(:.+)?$/.exec(name);
    if (name.startsWith("arn:") || !partial) return name;
    return arn(
      { ...call, account: partial[1] ?? call.account },
      "lambda",
      `function:${partial[2]}${partial[3] ?? ""}`,
    );
  });
  const qualified =
    full && (Qualifier && full.split(":").length === 7 ? `${full}:${String(Qualifier)}` : full);
  const tagged = text(Resource);
  return {
    function: [qualified, tagged?.includes(":function:") ? tagged : undefined],
    "function alias": [qualified],
    "function version": [qualified],
    eventSourceMapping: [
      ...when(text(UUID), id => arn(call, "lambda", `event-source-mapping:${id}`)),
      tagged?.includes(":event-source-mapping:") ? tagged : undefined,
    ],
    layer: named(call, LayerName, "lambda", "layer:"),
    layerVersion: [
      ...when(
        VersionNumber,
        version => `${named(call, LayerName, "lambda", "layer:")[0]}:${String(version)}`,
      ),
      text(Arn),
    ],
  };
};

const logs: Reader = (call, _lookups, action) => {
  const { logGroupName, logGroupIdentifier, logGroupArnList, logStreamName, resourceArn, destinationName } =
    call.input;
  const groups = named(
    call,
    [logGroupName, logGroupIdentifier, logGroupArnList].flat(),
    "logs",
    "log-group:",
  );
  const bare = groups.map(group => group.replace(/:\*$/, ""));
  // Only tagging asks about the bare ARN, all else about the group's streams:
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
  return {
    "log-group": /(Tag|Untag)Resource$|:ListTagsForResource$/.test(action)
      ? textsOf(resourceArn)
      : bare.map(group => `${group}:log-stream:`),
    "log-stream": bare.map(group => `${group}:log-stream:${text(logStreamName) ?? "*"}`),
    destination: named(call, destinationName, "logs", "destination:"),
  };
};

const cloudwatch: Reader = call => {
  const {
    AlarmName,
    AlarmNames,
    DashboardName,
    DashboardNames,
    RuleName,
    RuleNames,
    Name,
    Names,
    ResourceARN,
  } = call.input;
  const of = (kind: string) => (names: unknown[]) =>
    textsOf(names.flat()).map(name => arn(call, "cloudwatch", `${kind}${name}`));
  const tagged = (kind: string) =>
    textsOf(ResourceARN).filter(value => value.split(":")[5]?.startsWith(kind));
  return {
    alarm: [...of("alarm:")([AlarmName, AlarmNames]), ...tagged("alarm")],
    dashboard: [
      ...textsOf([DashboardName, DashboardNames].flat()).map(name =>
        arn(call, "cloudwatch", `dashboard/${name}`, ""),
      ),
      ...tagged("dashboard"),
    ],
    "insight-rule": [...of("insight-rule/")([RuleName, RuleNames]), ...tagged("insight-rule")],
    "metric-stream": [...of("metric-stream/")([Name, Names]), ...tagged("metric-stream")],
  };
};

const events: Reader = (call, _lookups, action) => {
  const { Name, Rule, EventBusName, Entries, ResourceARN } = call.input;
  const bus = text(EventBusName)?.replace(/^.*event-bus\//, "");
  const rule = /:(CreateEventBus|DeleteEventBus|DescribeEventBus|UpdateEventBus)$/.test(action)
    ? undefined
    : text(Rule ?? Name);
  const isCustom = bus !== undefined && bus !== "default";
  const tagged = textsOf(ResourceARN);
  const buses = action.endsWith(":PutEvents")
    ? objects(Entries).map(entry => text(entry.EventBusName) ?? "default")
    : rule === undefined && tagged.length === 0
      ? [text(Name) ?? "default"]
      : [];
  return {
    "rule-on-default-event-bus": [
      ...(isCustom ? [] : when(rule, name => arn(call, "events", `rule/${name}`))),
      ...tagged.filter(value => /:rule\/[^/]+$/.test(value)),
    ],
    "rule-on-custom-event-bus": [
      ...(isCustom ? when(rule, name => arn(call, "events", `rule/${bus}/${name}`)) : []),
      ...tagged.filter(value => /:rule\/[^/]+\//.test(value)),
    ],
    "event-bus": [
      ...named(call, [...new Set(buses)], "events", "event-bus/"),
      ...tagged.filter(value => value.includes(":event-bus/")),
    ],
  };
};

const transactions = ["Put", "Update", "Delete", "ConditionCheck", "Get"];

const dynamodb: Reader = (call, _lookups, action) => {
  const { TableName, ResourceArn, RequestItems, TransactItems, IndexName, BackupArn } = call.input;
  const inTransaction = objects(TransactItems).flatMap(item =>
    transactions
      .filter(kind => action === `dynamodb:${kind}Item`)
      .map(kind => (item[kind] as Input | undefined)?.TableName),
  );
  const tables = named(
    call,
    [TableName, ...Object.keys(RequestItems ?? {}), ...inTransaction],
    "dynamodb",
    "table/",
  );
  const unique = [...new Set([...tables, ...textsOf(ResourceArn)])];
  const index = text(IndexName);
  return {
    // A query of an index is judged by the index alone.
    table: index ? [] : unique,
    index: index ? unique.map(table => `${table}/index/${index}`) : [],
    backup: textsOf(BackupArn),
  };
};

const kms: Reader = async (call, lookups, action) => {
  const { KeyId, TargetKeyId, AliasName, SourceKeyId, DestinationKeyId } = call.input;
  const alias = text(AliasName);
  const wanted = action.endsWith(":ReEncryptFrom")
    ? [SourceKeyId]
    : action.endsWith(":ReEncryptTo")
      ? [DestinationKeyId]
      : [KeyId, TargetKeyId, /:(Delete|Update)Alias$/.test(action) ? alias : undefined];
  return {
    key: await Promise.all(
      textsOf(wanted).map(
        async id =>
          (await lookups.kmsKeyArn(id, call)) ?? (id.startsWith("arn:") ? id : arn(call, "kms", `key/${id}`)),
      ),
    ),
    alias: named(call, alias, "kms", ""),
  };
};

const iam: Reader = async (call, lookups, action) => {
  const { input, identity } = call;
  const path = text(input.Path) ?? "/";
  const own = (kind: string, name: string, at = path) => arn(call, "iam", `${kind}${at}${name}`, "");
  const isCreation = /:Create(Role|User|Group|InstanceProfile|Policy)$/.test(action);
  const found = async (kind: "role" | "user" | "group" | "instance-profile", value: unknown) =>
    Promise.all(
      textsOf(value).map(async name =>
        isCreation ? own(kind, name) : ((await lookups.iamArn(kind, name, call)) ?? own(kind, name, "/")),
      ),
    );
  const service = text(input.AWSServiceName);
  return {
    role: [
      ...(await found("role", input.RoleName)),
      ...when(service, host => own("role", "*", `/aws-service-role/${host}/`)),
    ],
    // Without a name IAM takes the caller: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html
    user: await found("user", input.UserName ?? identity.userName),
    group: await found("group", input.GroupName),
    "instance-profile": await found("instance-profile", input.InstanceProfileName),
    policy: [
      text(input.PolicyArn),
      ...when(isCreation ? text(input.PolicyName) : undefined, name => own("policy", name)),
    ],
    "oidc-provider": textsOf(input.OpenIDConnectProviderArn),
    "saml-provider": [
      ...textsOf(input.SAMLProviderArn),
      ...when(text(input.Name), name => own("saml-provider", name, "/")),
    ],
    mfa: [
      ...textsOf(input.SerialNumber),
      ...when(text(input.VirtualMFADeviceName), name => own("mfa", name)),
    ],
    "server-certificate": when(text(input.ServerCertificateName), name => own("server-certificate", name)),
  };
};

const sts: Reader = ({ input }) => ({ role: textsOf(input.RoleArn) });

/** IAM prefix → how to read the resources from a call; EC2's are derived from names in ec2.ts. */
export const readers: Readonly<Record<string, Reader>> = {
  s3,
  sns,
  sqs,
  lambda,
  logs,
  cloudwatch,
  events,
  dynamodb,
  kms,
  iam,
  sts,
};
