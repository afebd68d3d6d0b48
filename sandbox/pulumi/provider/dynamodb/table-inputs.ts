import type {
  CreateTableCommandInput,
  KeySchemaElement,
  ProvisionedThroughput,
  TableDescription,
} from "@aws-sdk/client-dynamodb";
import { z } from "zod";
import { arn, nameOf, tags, wholeNumber } from "../inputs";

/** A table as the program gives it and as DynamoDB takes it and tells it. */

const capacity = wholeNumber(1, 40_000).optional();
const projection = {
  projectionType: z.enum(["ALL", "KEYS_ONLY", "INCLUDE"]),
  nonKeyAttributes: z.array(z.string()).optional(),
};

export const inputs = {
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
};

type Inputs = z.output<z.ZodObject<typeof inputs>>;

/** What CreateTable takes but tags. */
export const tableOf = (name: string, inputs: Inputs): Omit<CreateTableCommandInput, "Tags"> => ({
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
});

const keySchema = (hash: string | undefined, range: string | undefined): KeySchemaElement[] => [
  { AttributeName: hash, KeyType: "HASH" },
  ...(range === undefined ? [] : [{ AttributeName: range, KeyType: "RANGE" as const }]),
];

export const throughput = (read?: number, write?: number): ProvisionedThroughput | undefined =>
  read === undefined ? undefined : { ReadCapacityUnits: read, WriteCapacityUnits: write };

/** What DescribeTable tells, by input; undefined what is not set. */
export const inputsOf = (table: TableDescription) => ({
  name: table.TableName,
  ...keysIn(table.KeySchema),
  attributes: table.AttributeDefinitions?.map(({ AttributeName, AttributeType }) => ({
    name: AttributeName,
    type: AttributeType,
  })),
  billingMode: table.BillingModeSummary?.BillingMode ?? "PROVISIONED",
  readCapacity: table.ProvisionedThroughput?.ReadCapacityUnits ?? 0,
  writeCapacity: table.ProvisionedThroughput?.WriteCapacityUnits ?? 0,
  globalSecondaryIndexes: (table.GlobalSecondaryIndexes ?? []).map(index => ({
    ...indexIn(index),
    ...capacityIn(index.ProvisionedThroughput),
  })),
  localSecondaryIndexes: table.LocalSecondaryIndexes?.map(index => {
    const { hashKey: _of, ...others } = indexIn(index);
    return others;
  }),
  serverSideEncryption: {
    enabled: table.SSEDescription?.Status === "ENABLED",
    ...(table.SSEDescription?.KMSMasterKeyArn && { kmsKeyArn: table.SSEDescription.KMSMasterKeyArn }),
  },
  streamEnabled: table.StreamSpecification?.StreamEnabled === true ? true : undefined,
  streamViewType: table.StreamSpecification?.StreamViewType ?? "",
  tableClass: table.TableClassSummary?.TableClass,
  deletionProtectionEnabled: table.DeletionProtectionEnabled === true ? true : undefined,
});

interface Index {
  readonly IndexName?: string;
  readonly KeySchema?: KeySchemaElement[];
  readonly Projection?: { readonly ProjectionType?: string; readonly NonKeyAttributes?: string[] };
}

const indexIn = ({ IndexName, KeySchema, Projection: projected }: Index) => ({
  name: IndexName,
  ...keysIn(KeySchema),
  projectionType: projected?.ProjectionType,
  ...(projected?.NonKeyAttributes?.length && { nonKeyAttributes: projected.NonKeyAttributes }),
});

/** Without capacity a table or an index is paid by the request. */
const capacityIn = (given: { ReadCapacityUnits?: number; WriteCapacityUnits?: number } | undefined) =>
  given?.ReadCapacityUnits
    ? { readCapacity: given.ReadCapacityUnits, writeCapacity: given.WriteCapacityUnits }
    : {};

function keysIn(schema: readonly KeySchemaElement[] = []) {
  const named = (type: string) => schema.find(({ KeyType }) => KeyType === type)?.AttributeName;
  return { hashKey: named("HASH"), ...(named("RANGE") && { rangeKey: named("RANGE") }) };
}
