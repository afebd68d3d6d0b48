import { NormalizedSchema } from "@smithy/core/schema";
import { operationsOf, type Operation as Described } from "../../records";
import { createClient, type Send } from "../ground/wire";
import type { Place } from "../ground/call";

export type Protocol = "ec2" | "query" | "json" | "rest-json" | "rest-xml";

/** One AWS service as the sandbox's gateway speaks it, read from the schemas that its SDK client exports. */
export interface Service {
  /** What calls, handlers and permission tables say: the signing name, or s3-control. */
  readonly name: string;
  readonly signing: string;
  readonly protocol: Protocol;
  /** awsJson: what precedes the dot in X-Amz-Target. */
  readonly target: string;
  /** query protocols: the Version parameter. */
  readonly version: string;
  readonly namespace: string;
  /** awsJson: 1.0 or 1.1, as in the content type. */
  readonly jsonVersion: string;
  readonly operations: ReadonlyMap<string, Operation>;
  /** An SDK client of this service whose requests go through `send`. */
  client(place: Place, send: Send): SdkClient;
}

export interface Operation extends Described<NormalizedSchema> {
  command(input: object): object;
}

export interface SdkClient {
  send(command: object): Promise<Record<string, unknown>>;
}

type Package = Readonly<Record<string, unknown>>;
type Row = readonly [name: string, signing: string, client: string, load: () => Promise<Package>];

const rows: readonly Row[] = [
  ["ec2", "ec2", "EC2Client", () => import("@aws-sdk/client-ec2")],
  ["s3", "s3", "S3Client", () => import("@aws-sdk/client-s3")],
  ["s3-control", "s3", "S3ControlClient", () => import("@aws-sdk/client-s3-control")],
  ["iam", "iam", "IAMClient", () => import("@aws-sdk/client-iam")],
  ["sts", "sts", "STSClient", () => import("@aws-sdk/client-sts")],
  ["sns", "sns", "SNSClient", () => import("@aws-sdk/client-sns")],
  ["sqs", "sqs", "SQSClient", () => import("@aws-sdk/client-sqs")],
  ["lambda", "lambda", "LambdaClient", () => import("@aws-sdk/client-lambda")],
  ["logs", "logs", "CloudWatchLogsClient", () => import("@aws-sdk/client-cloudwatch-logs")],
  ["monitoring", "monitoring", "CloudWatchClient", () => import("@aws-sdk/client-cloudwatch")],
  ["events", "events", "EventBridgeClient", () => import("@aws-sdk/client-eventbridge")],
  ["dynamodb", "dynamodb", "DynamoDBClient", () => import("@aws-sdk/client-dynamodb")],
  ["kms", "kms", "KMSClient", () => import("@aws-sdk/client-kms")],
];

export const serviceNames: readonly string[] = rows.map(([name]) => name);

export interface Registry {
  /** Loads the service's SDK client on first use (EC2: about 0.3 s). */
  service(name: string): Promise<Service>;
  has(name: string): boolean;
}

export function createRegistry(): Registry {
  const loaded = new Map<string, Promise<Service>>();
  return {
    has: name => serviceNames.includes(name),
    service: name => {
      const row = rows.find(([known]) => known === name);
      if (!row) throw new Error(`The sandbox has no service "${name}"; it has ${serviceNames.join(", ")}`);
      const found = loaded.get(name) ?? load(row);
      loaded.set(name, found);
      return found;
    },
  };
}

interface SdkProtocol {
  getShapeId(): string;
  readonly serviceTarget?: string;
  readonly options?: {
    readonly version?: string;
    readonly serviceTarget?: string;
    readonly xmlNamespace?: string;
  };
}

const protocols: Readonly<Record<string, Protocol>> = {
  "aws.protocols#ec2Query": "ec2",
  "aws.protocols#awsQuery": "query",
  "aws.protocols#awsJson1_0": "json",
  "aws.protocols#awsJson1_1": "json",
  "aws.protocols#restJson1": "rest-json",
  "aws.protocols#restXml": "rest-xml",
};

async function load([name, signing, clientName, loadPackage]: Row): Promise<Service> {
  const sdk = await loadPackage();
  const Client = sdk[clientName] as new (config: never) => SdkClient;
  const client = (place: Place, send: Send) => createClient(Client, place, send);
  const nowhere: Send = () => Promise.reject(new Error("This client only describes its protocol"));
  const probe = client({ region: "us-east-1", account: "123456789012" }, nowhere);
  const { protocol } = (probe as unknown as { config: { protocol: SdkProtocol } }).config;
  const shape = protocol.getShapeId();
  const kind = protocols[shape];
  if (!kind) throw new Error(`${clientName} speaks ${shape}, which the sandbox does not`);
  return {
    name,
    signing,
    protocol: kind,
    target: protocol.serviceTarget ?? protocol.options?.serviceTarget ?? "",
    version: protocol.options?.version ?? "",
    namespace: protocol.options?.xmlNamespace ?? "",
    jsonVersion: shape.endsWith("1_0") ? "1.0" : "1.1",
    operations: withCommands(sdk),
    client,
  };
}

/** tests/sandbox/gateway/decode.test.ts notices when an SDK upgrade changes what operations are read from. */
function withCommands(sdk: Package): ReadonlyMap<string, Operation> {
  const operations = operationsOf(sdk, schema => NormalizedSchema.of(schema as never));
  return new Map(
    [...operations].map(([name, operation]) => {
      const Command = sdk[`${name}Command`] as new (input: object) => object;
      return [name, { ...operation, command: given => new Command(given) }];
    }),
  );
}
