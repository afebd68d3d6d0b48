import { NormalizedSchema } from "@smithy/core/schema";
import { operationsOf, type Operation as Described } from "../../records";
import { createClient, type Send } from "../ground/wire";
import type { Place } from "../ground/call";

export type Protocol = "ec2" | "query" | "json" | "rest-json" | "rest-xml";

/** A service's SDK: the name of its client's class, and how to load its package. */
export interface Sdk {
  readonly client: string;
  load(): Promise<Package>;
  /** S3's ways: a bucket in the host, keys as they are, no word of the query that is not known, errors that stand bare. */
  readonly buckets?: true;
}

/** How one AWS service speaks, read from the schemas that its SDK client exports. */
export interface Api {
  /** What calls, handlers and permissions say: the signing name, or s3-control. */
  readonly name: string;
  readonly protocol: Protocol;
  /** awsJson: what precedes the dot in X-Amz-Target. */
  readonly target: string;
  /** query protocols: the Version parameter. */
  readonly version: string;
  readonly namespace: string;
  /** awsJson: 1.0 or 1.1, as in the content type. */
  readonly jsonVersion: string;
  readonly buckets: boolean;
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

export type Package = Readonly<Record<string, unknown>>;

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

/** @throws Error for a protocol that the sandbox does not speak */
export async function loadApi({ name, sdk }: { readonly name: string; readonly sdk: Sdk }): Promise<Api> {
  const loaded = await sdk.load();
  const Client = loaded[sdk.client] as new (config: never) => SdkClient;
  const client = (place: Place, send: Send) => createClient(Client, place, send);
  const nowhere: Send = () => Promise.reject(new Error("This client only describes its protocol"));
  const probe = client({ region: "us-east-1", account: "123456789012" }, nowhere);
  const { protocol } = (probe as unknown as { config: { protocol: SdkProtocol } }).config;
  const shape = protocol.getShapeId();
  const kind = protocols[shape];
  if (!kind) throw new Error(`${sdk.client} speaks ${shape}, which the sandbox does not`);
  return {
    name,
    protocol: kind,
    target: protocol.serviceTarget ?? protocol.options?.serviceTarget ?? "",
    version: protocol.options?.version ?? "",
    namespace: protocol.options?.xmlNamespace ?? "",
    jsonVersion: shape.endsWith("1_0") ? "1.0" : "1.1",
    buckets: sdk.buckets ?? false,
    operations: withCommands(loaded),
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
