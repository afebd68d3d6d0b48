import { status, type ServerUnaryCall } from "@grpc/grpc-js";
import { ResourceProviderService, type IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { serveGrpc, unary, unimplemented, type GrpcServer } from "../grpc";
import { createProvider, type Clients } from "../provider";
import type { Properties } from "../values";
import { answersOf, type Answers } from "./answers";

/**
 * Serves the sandbox's AWS provider as a plugin of Pulumi's own engine, which finds it by
 * `PULUMI_DEBUG_PROVIDERS=aws:<port>` and then deploys onto the sandbox account:
 * https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto
 * @throws Error if the port is taken.
 */
export function servePlugin(options: {
  readonly clients: Clients;
  /** The program's folder. */
  readonly folder: string;
  /** Any free one unless given. */
  readonly port?: number;
}): Promise<GrpcServer> {
  const { clients, folder, port = 0 } = options;
  const answers = answersOf(createProvider({ clients, config: {}, folder })("aws"));
  return serveGrpc(port, server => server.addService(ResourceProviderService, handlersOf(answers)));
}

/**
 * The engine has a connection for each provider of a stack and configures it first. Several stacks, and several
 * providers of one, are served at once: each by the configuration of its own connection.
 */
function handlersOf(answers: Answers): IResourceProviderServer {
  const configurations = new Map<string, Properties>();
  const configurationOf = (call: { getPeer(): string }): Properties => {
    const configuration = configurations.get(call.getPeer());
    if (configuration !== undefined) return configuration;
    const message =
      "the AWS provider of the sandbox is not configured on this connection; run the command again";
    throw Object.assign(new Error(message), { code: status.FAILED_PRECONDITION });
  };
  const configured = <Request, Response>(
    answer: (request: Request, configuration: Properties) => Response | Promise<Response>,
  ) =>
    unary((request: Request, call: ServerUnaryCall<Request, Response>) =>
      answer(request, configurationOf(call)),
    );

  return {
    handshake: unary(answers.handshake),
    attach: unary(answers.nothing),
    cancel: unary(answers.nothing),
    getPluginInfo: unary(answers.pluginInfo),
    checkConfig: unary(answers.checkConfig),
    diffConfig: unary(answers.diffConfig),
    configure: unary((request, call) => {
      const { configuration, response } = answers.configure(request);
      configurations.set(call.getPeer(), configuration);
      return response;
    }),
    check: configured(answers.check),
    diff: configured(answers.diff),
    create: configured(answers.create),
    read: configured(answers.read),
    update: configured(answers.update),
    delete: configured(answers.remove),
    invoke: configured(answers.invoke),
    getSchema: refused("a schema"),
    parameterize: refused("parameters"),
    call: refused("methods"),
    construct: refused("components"),
    list: call =>
      call.destroy(Object.assign(new Error(lacks("lists of resources")), { code: status.UNIMPLEMENTED })),
    getMapping: refused("mappings"),
    getMappings: refused("mappings"),
  };
}

const lacks = (what: string) => `the AWS provider of the sandbox lacks ${what}`;
const refused = (what: string) => unimplemented(lacks(what));
