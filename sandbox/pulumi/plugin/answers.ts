import { readFileSync } from "node:fs";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { fromStruct, toStruct } from "../grpc";
import { readConfiguration } from "../provider/configuration";
import type { AwsProvider } from "../provider";
import { decodeProperties, encodeProperties, type Properties } from "../values";
import { diffResponse } from "./diff";

export type Answers = ReturnType<typeof answersOf>;

/** What the engine asks, in its protocol's messages, answered by the provider. */
export const answersOf = (provider: AwsProvider) => ({
  nothing: () => new Empty(),
  handshake: () => new pb.ProviderHandshakeResponse(),
  pluginInfo: () => {
    const info = new PluginInfo();
    info.setVersion(awsVersion());
    return info;
  },
  checkConfig: (request: pb.CheckRequest) => checked(request, problemsOf(plain(request.getNews()))),
  /** Whether what is deployed must be replaced, each resource's own difference tells. */
  diffConfig: () => new pb.DiffResponse(),
  configure: (request: pb.ConfigureRequest) => {
    const configuration = plain(request.getArgs());
    readConfiguration(configuration);
    const response = new pb.ConfigureResponse();
    response.setSupportspreview(true);
    return { configuration, response };
  },
  check: (request: pb.CheckRequest) =>
    checked(request, provider.check(typeOf(request), plain(request.getNews()))),
  diff: async (request: pb.DiffRequest, configuration: Properties) => {
    const [oldInputs, inputs] = [plain(request.getOldInputs()), plain(request.getNews())];
    const difference = await provider.diff({
      ...addressed(request, request.getOlds(), configuration),
      oldInputs,
      inputs,
    });
    return diffResponse(difference, oldInputs, inputs);
  },
  create: async (request: pb.CreateRequest, configuration: Properties) => {
    const { id, outputs } = await provider.create({
      urn: request.getUrn(),
      type: typeOf(request),
      name: nameOf(request),
      inputs: plain(request.getProperties()),
      provider: configuration,
      preview: request.getPreview(),
    });
    const response = new pb.CreateResponse();
    response.setId(id);
    response.setProperties(message(outputs));
    return response;
  },
  /** An answer without an id says that the resource is gone. */
  read: async (request: pb.ReadRequest, configuration: Properties) => {
    const found = await provider.read({
      ...addressed(request, request.getProperties(), configuration),
      inputs: plain(request.getInputs()),
    });
    const response = new pb.ReadResponse();
    if (found === undefined) return response;
    response.setId(request.getId());
    response.setInputs(message(found.inputs));
    response.setProperties(message(found.outputs));
    return response;
  },
  update: async (request: pb.UpdateRequest, configuration: Properties) => {
    const outputs = await provider.update({
      ...addressed(request, request.getOlds(), configuration),
      oldInputs: plain(request.getOldInputs()),
      inputs: plain(request.getNews()),
      preview: request.getPreview(),
    });
    const response = new pb.UpdateResponse();
    response.setProperties(message(outputs));
    return response;
  },
  remove: async (request: pb.DeleteRequest, configuration: Properties) => {
    await provider.remove(addressed(request, request.getProperties(), configuration));
    return new Empty();
  },
  invoke: async (request: pb.InvokeRequest, configuration: Properties) => {
    const result = await provider.invoke({
      token: request.getTok(),
      args: plain(request.getArgs()),
      provider: configuration,
    });
    const response = new pb.InvokeResponse();
    response.setReturn(message(result));
    return response;
  },
});

const plain = (struct: Struct | undefined): Properties => decodeProperties(fromStruct(struct)).values;
const message = (values: Properties): Struct => toStruct(encodeProperties(values, []));

const addressed = (
  request: { getUrn(): string; getId(): string },
  state: Struct | undefined,
  provider: Properties,
) => ({ type: typeOf(request), id: request.getId(), state: plain(state), provider });

/** Of a URN `urn:pulumi:<stack>::<project>::<types of its ancestors>$<type>::<name>`. */
function typeOf(request: { getUrn(): string }): string {
  const [, , types = ""] = request.getUrn().split("::");
  return types.slice(types.lastIndexOf("$") + 1);
}

const nameOf = (request: { getUrn(): string }): string => request.getUrn().split("::").slice(3).join("::");

/** The inputs as they are, with what is wrong with them. */
function checked(request: pb.CheckRequest, problems: readonly string[]): pb.CheckResponse {
  const response = new pb.CheckResponse();
  response.setInputs(request.getNews());
  response.setFailuresList(
    problems.map(reason => {
      const failure = new pb.CheckFailure();
      failure.setReason(reason);
      return failure;
    }),
  );
  return response;
}

function problemsOf(configuration: Properties): string[] {
  try {
    readConfiguration(configuration);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** It says that it is the package that the program was written for. */
const awsVersion = (): string =>
  (JSON.parse(readFileSync(require.resolve("@pulumi/aws/package.json"), "utf8")) as { version: string })
    .version;
