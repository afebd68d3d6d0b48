import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutResourcePolicyCommand,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  type KeySchemaElement,
} from "@aws-sdk/client-dynamodb";
import { z } from "zod";
import { arn, json, nameOf, present, tagList, tags, wholeNumber } from "./inputs";
import { resourceType } from "./resource-type";

const capacity = wholeNumber(1, 40_000).optional();
const projection = {
  projectionType: z.enum(["ALL", "KEYS_ONLY", "INCLUDE"]),
  nonKeyAttributes: z.array(z.string()).optional(),
};

const table = resourceType({
  type: "aws:dynamodb/table:Table",
  inputs: {
    name: nameOf(/^[\w.-]{3,}$/, 255).optional(),
    attributes: z.array(z.strictObject({ name: z.string(), type: z.enum(["S", "N", "B"]) })).optional(),
    hashKey: z.string().optional(),
    rangeKey: z.string().optional(),
    billingMode: z.enum(["PROVISIONED", "PAY_PER_REQUEST"]).optional(),
    readCapacity: capacity,
    writeCapacity: capacity,
    globalSecondaryIndexes: z
      .array(
        z.strictObject({
          name: z.string(),
          hashKey: z.string(),
          rangeKey: z.string().optional(),
          ...projection,
          readCapacity: capacity,
          writeCapacity: capacity,
        }),
      )
      .optional(),
    localSecondaryIndexes: z
      .array(z.strictObject({ name: z.string(), rangeKey: z.string(), ...projection }))
      .optional(),
    pointInTimeRecovery: z
      .strictObject({ enabled: z.boolean(), recoveryPeriodInDays: wholeNumber(1, 35).optional() })
      .optional(),
    serverSideEncryption: z.strictObject({ enabled: z.boolean(), kmsKeyArn: arn.optional() }).optional(),
    ttl: z.strictObject({ attributeName: z.string().optional(), enabled: z.boolean().optional() }).optional(),
    streamEnabled: z.boolean().optional(),
    streamViewType: z.enum(["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]).optional(),
    tableClass: z.enum(["STANDARD", "STANDARD_INFREQUENT_ACCESS"]).optional(),
    deletionProtectionEnabled: z.boolean().optional(),
    tags: tags.optional(),
  },
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
    const throughput = (read?: number, write?: number) =>
      read === undefined ? undefined : { ReadCapacityUnits: read, WriteCapacityUnits: write };
    await dynamodb.send(
      new CreateTableCommand({
        TableName: name,
        AttributeDefinitions: inputs.attributes?.map(({ name: AttributeName, type }) => ({
          AttributeName,
          AttributeType: type,
        })),
        KeySchema: keySchema(inputs.hashKey, inputs.rangeKey),
        BillingMode: inputs.billingMode ?? "PROVISIONED",
        ProvisionedThroughput: throughput(inputs.readCapacity, inputs.writeCapacity),
        GlobalSecondaryIndexes: inputs.globalSecondaryIndexes?.map(index => ({
          IndexName: index.name,
          KeySchema: keySchema(index.hashKey, index.rangeKey),
          Projection: { ProjectionType: index.projectionType, NonKeyAttributes: index.nonKeyAttributes },
          ProvisionedThroughput: throughput(index.readCapacity, index.writeCapacity),
        })),
        LocalSecondaryIndexes: inputs.localSecondaryIndexes?.map(index => ({
          IndexName: index.name,
          KeySchema: keySchema(inputs.hashKey, index.rangeKey),
          Projection: { ProjectionType: index.projectionType, NonKeyAttributes: index.nonKeyAttributes },
        })),
        SSESpecification: inputs.serverSideEncryption?.enabled
          ? { Enabled: true, SSEType: "KMS", KMSMasterKeyId: inputs.serverSideEncryption.kmsKeyArn }
          : undefined,
        StreamSpecification: inputs.streamEnabled
          ? { StreamEnabled: true, StreamViewType: inputs.streamViewType }
          : undefined,
        TableClass: inputs.tableClass,
        DeletionProtectionEnabled: inputs.deletionProtectionEnabled,
        Tags: Object.keys(tags).length > 0 ? tagList(tags) : undefined,
      }),
    );
    await waitUntilTableExists({ client: dynamodb, maxWaitTime: 60, minDelay: 1 }, { TableName: name });
    if (inputs.pointInTimeRecovery?.enabled)
      await dynamodb.send(
        new UpdateContinuousBackupsCommand({
          TableName: name,
          PointInTimeRecoverySpecification: {
            PointInTimeRecoveryEnabled: true,
            RecoveryPeriodInDays: inputs.pointInTimeRecovery.recoveryPeriodInDays,
          },
        }),
      );
    if (inputs.ttl?.enabled)
      await dynamodb.send(
        new UpdateTimeToLiveCommand({
          TableName: name,
          TimeToLiveSpecification: { Enabled: true, AttributeName: inputs.ttl.attributeName },
        }),
      );
    const { Table: found } = await dynamodb.send(new DescribeTableCommand({ TableName: name }));
    return {
      id: name,
      outputs: {
        name,
        arn: present(found?.TableArn, "TableArn"),
        billingMode: inputs.billingMode ?? "PROVISIONED",
        readCapacity: inputs.readCapacity ?? 0,
        writeCapacity: inputs.writeCapacity ?? 0,
        globalSecondaryIndexes: inputs.globalSecondaryIndexes ?? [],
        globalTableWitness: { regionName: "" },
        pointInTimeRecovery: inputs.pointInTimeRecovery ?? { enabled: false },
        serverSideEncryption: inputs.serverSideEncryption ?? { enabled: false },
        ttl: inputs.ttl ?? { enabled: false, attributeName: "" },
        streamArn: found?.LatestStreamArn ?? "",
        streamLabel: found?.LatestStreamLabel ?? "",
        streamViewType: inputs.streamViewType ?? "",
        warmThroughput: {
          readUnitsPerSecond: found?.WarmThroughput?.ReadUnitsPerSecond ?? 0,
          writeUnitsPerSecond: found?.WarmThroughput?.WriteUnitsPerSecond ?? 0,
        },
      },
    };
  },
});

const keySchema = (hash: string | undefined, range: string | undefined): KeySchemaElement[] => [
  { AttributeName: hash, KeyType: "HASH" },
  ...(range === undefined ? [] : [{ AttributeName: range, KeyType: "RANGE" as const }]),
];

const resourcePolicy = resourceType({
  type: "aws:dynamodb/resourcePolicy:ResourcePolicy",
  inputs: { resourceArn: arn, policy: json, confirmRemoveSelfResourceAccess: z.boolean().optional() },
  create: async ({ inputs, client }) => {
    const { RevisionId } = await client(DynamoDBClient).send(
      new PutResourcePolicyCommand({
        ResourceArn: inputs.resourceArn,
        Policy: inputs.policy,
        ConfirmRemoveSelfResourceAccess: inputs.confirmRemoveSelfResourceAccess,
      }),
    );
    return {
      id: inputs.resourceArn,
      outputs: {
        policy: inputs.policy,
        revisionId: present(RevisionId, "RevisionId"),
        confirmRemoveSelfResourceAccess: inputs.confirmRemoveSelfResourceAccess ?? false,
      },
    };
  },
});

export const dynamodbTypes = [table, resourcePolicy];
