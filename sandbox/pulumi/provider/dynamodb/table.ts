import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ListTagsOfResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  type TableDescription,
  type TimeToLiveDescription,
} from "@aws-sdk/client-dynamodb";
import { tagsOf, type Existing } from "../existing";
import { present, tagList } from "../inputs";
import { resourceType } from "../resource-type";
import { inputs, inputsOf, tableOf, throughput } from "./table-inputs";

export const table = resourceType({
  type: "aws:dynamodb/table:Table",
  inputs,
  check: inputs => {
    const keys = [
      inputs.hashKey,
      inputs.rangeKey,
      ...(inputs.globalSecondaryIndexes ?? []).flatMap(index => [index.hashKey, index.rangeKey]),
      ...(inputs.localSecondaryIndexes ?? []).map(index => index.rangeKey),
    ].filter(key => key !== undefined);
    const declared = (inputs.attributes ?? []).map(({ name }) => name);
    const onDemand = inputs.billingMode === "PAY_PER_REQUEST";
    return [
      ...(inputs.hashKey === undefined ? ['"hashKey" is required'] : []),
      ...[...new Set(keys)]
        .filter(key => !declared.includes(key))
        .map(key => `"attributes" lacks "${key}", which is a key`),
      ...declared
        .filter(name => !keys.includes(name))
        .map(name => `"attributes" has "${name}", which is no key`),
      ...(onDemand && (inputs.readCapacity ?? inputs.writeCapacity) !== undefined
        ? ['"readCapacity" and "writeCapacity" do not go with PAY_PER_REQUEST']
        : []),
      ...(!onDemand && (inputs.readCapacity === undefined || inputs.writeCapacity === undefined)
        ? ['"readCapacity" and "writeCapacity" are required unless "billingMode" is PAY_PER_REQUEST']
        : []),
    ];
  },
  create: async ({ inputs, client, autoName, tags }) => {
    const dynamodb = client(DynamoDBClient);
    const name = inputs.name ?? autoName;
    await dynamodb.send(
      new CreateTableCommand({
        ...tableOf(name, inputs),
        Tags: Object.keys(tags).length > 0 ? tagList(tags) : undefined,
      }),
    );
    await waitUntilTableExists({ client: dynamodb, maxWaitTime: 60, minDelay: 1 }, { TableName: name });
    if (inputs.pointInTimeRecovery?.enabled) await setBackups(client, name, inputs.pointInTimeRecovery);
    if (inputs.ttl?.enabled) await setTimeToLive(client, name, inputs.ttl);
    const { Table: found } = await dynamodb.send(new DescribeTableCommand({ TableName: name }));
    return {
      id: name,
      outputs: {
        ...outputsOf(found),
        name,
        billingMode: inputs.billingMode ?? "PROVISIONED",
        readCapacity: inputs.readCapacity ?? 0,
        writeCapacity: inputs.writeCapacity ?? 0,
        globalSecondaryIndexes: inputs.globalSecondaryIndexes ?? [],
        globalTableWitness: { regionName: "" },
        pointInTimeRecovery: inputs.pointInTimeRecovery ?? { enabled: false },
        serverSideEncryption: inputs.serverSideEncryption ?? { enabled: false },
        ttl: inputs.ttl ?? { enabled: false, attributeName: "" },
        streamViewType: inputs.streamViewType ?? "",
      },
    };
  },
  namedBy: "name",
  replaces: ["name", "hashKey", "rangeKey", "localSecondaryIndexes"],
  unordered: ["attributes", "globalSecondaryIndexes", "localSecondaryIndexes"],
  defaults: {
    billingMode: "PROVISIONED",
    pointInTimeRecovery: { enabled: false },
    serverSideEncryption: { enabled: false },
    ttl: { enabled: false, attributeName: "" },
    streamEnabled: false,
    tableClass: "STANDARD",
    deletionProtectionEnabled: false,
  },
  read: async ({ id: TableName, state, client }) => {
    const dynamodb = client(DynamoDBClient);
    const { Table: found = {} } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    const { TimeToLiveDescription: ttl } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
    const { Tags } = await dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn: found.TableArn }));
    return {
      ...inputsOf(found),
      ...outputsOf(found),
      pointInTimeRecovery: await backupsOf(TableName, state.pointInTimeRecovery as Backups, client),
      ttl: timeToLiveIn(ttl, state.ttl as TimeToLive | undefined),
      tags: tagsOf(Tags),
    };
  },
  updates: [
    {
      of: ["billingMode", "readCapacity", "writeCapacity"],
      by: ({ id: TableName, inputs, client }) =>
        client(DynamoDBClient).send(
          new UpdateTableCommand({
            TableName,
            BillingMode: inputs.billingMode,
            ProvisionedThroughput: throughput(inputs.readCapacity, inputs.writeCapacity),
          }),
        ),
    },
    {
      of: ["tableClass"],
      by: ({ id: TableName, inputs, client }) =>
        client(DynamoDBClient).send(new UpdateTableCommand({ TableName, TableClass: inputs.tableClass })),
    },
    {
      of: ["deletionProtectionEnabled"],
      by: ({ id: TableName, inputs, client }) =>
        client(DynamoDBClient).send(
          new UpdateTableCommand({
            TableName,
            DeletionProtectionEnabled: inputs.deletionProtectionEnabled,
          }),
        ),
    },
    {
      of: ["pointInTimeRecovery"],
      by: ({ id, inputs: { pointInTimeRecovery = { enabled: false } }, client }) =>
        setBackups(client, id, pointInTimeRecovery),
    },
    {
      of: ["ttl"],
      by: ({ id, state, inputs: { ttl = {} }, client }) => {
        const { attributeName } = (state.ttl ?? {}) as TimeToLive;
        return setTimeToLive(client, id, ttl.enabled ? ttl : { enabled: false, attributeName });
      },
    },
  ],
  tagging: ({ state, client }) => ({
    add: tags =>
      client(DynamoDBClient).send(
        new TagResourceCommand({ ResourceArn: String(state.arn), Tags: tagList(tags) }),
      ),
    drop: TagKeys =>
      client(DynamoDBClient).send(new UntagResourceCommand({ ResourceArn: String(state.arn), TagKeys })),
  }),
  remove: ({ id, client }) => client(DynamoDBClient).send(new DeleteTableCommand({ TableName: id })),
});

const outputsOf = (found: TableDescription | undefined) => ({
  arn: present(found?.TableArn, "TableArn"),
  streamArn: found?.LatestStreamArn ?? "",
  streamLabel: found?.LatestStreamLabel ?? "",
  warmThroughput: {
    readUnitsPerSecond: found?.WarmThroughput?.ReadUnitsPerSecond ?? 0,
    writeUnitsPerSecond: found?.WarmThroughput?.WriteUnitsPerSecond ?? 0,
  },
});

interface Backups {
  readonly enabled: boolean;
  readonly recoveryPeriodInDays?: number;
}

interface TimeToLive {
  readonly enabled?: boolean;
  readonly attributeName?: string;
}

const setBackups = (client: Existing["client"], TableName: string, backups: Backups) =>
  client(DynamoDBClient).send(
    new UpdateContinuousBackupsCommand({
      TableName,
      PointInTimeRecoverySpecification: {
        PointInTimeRecoveryEnabled: backups.enabled,
        RecoveryPeriodInDays: backups.enabled ? backups.recoveryPeriodInDays : undefined,
      },
    }),
  );

/** How long backups reach back where nobody says it. */
const usualPeriod = 35;

async function backupsOf(
  TableName: string,
  known: Backups | undefined,
  client: Existing["client"],
): Promise<Backups> {
  const { ContinuousBackupsDescription: found } = await client(DynamoDBClient).send(
    new DescribeContinuousBackupsCommand({ TableName }),
  );
  const { PointInTimeRecoveryStatus: status, RecoveryPeriodInDays: days = usualPeriod } =
    found?.PointInTimeRecoveryDescription ?? {};
  if (status !== "ENABLED") return { enabled: false };
  const isSaid = days !== usualPeriod || known?.recoveryPeriodInDays !== undefined;
  return isSaid ? { enabled: true, recoveryPeriodInDays: days } : { enabled: true };
}

/** What is off keeps no attribute but the one that the program says all the same. */
function timeToLiveIn(found: TimeToLiveDescription = {}, known: TimeToLive | undefined): TimeToLive {
  if (found.TimeToLiveStatus === "ENABLED") return { enabled: true, attributeName: found.AttributeName };
  return known?.enabled === false ? known : { enabled: false, attributeName: "" };
}

const setTimeToLive = (client: Existing["client"], TableName: string, ttl: TimeToLive) =>
  client(DynamoDBClient).send(
    new UpdateTimeToLiveCommand({
      TableName,
      TimeToLiveSpecification: { Enabled: ttl.enabled, AttributeName: ttl.attributeName },
    }),
  );
