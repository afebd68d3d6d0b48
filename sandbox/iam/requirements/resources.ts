import { arn, named, objects, text, textsOf, when, type Input, type Reader } from "./arns";
import { iam, kms, sts } from "./identity-resources";

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
