import type { Server } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import {
  GetRootResourceResponse,
  LogSeverity,
  SetRootResourceResponse,
} from "@pulumi/pulumi/proto/engine_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import type { ReadResourceRequest, ResourceCallRequest } from "@pulumi/pulumi/proto/resource_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { serveGrpc, unary, unimplemented } from "../grpc";
import { plainText, programError, type Diagnostic } from "./diagnostics";
import { createMonitor, type Monitor } from "./monitor";
import type { ResourceProvider } from "./provider";
import { stackType, type RegisteredResource } from "./registrations";
import { runProgramProcess } from "./runner";
import type { Properties } from "../values";

export type { Diagnostic, ProgramError } from "./diagnostics";
export type { CreateRequest, Created, ResourceProvider } from "./provider";
export type { RegisteredOptions, RegisteredResource } from "./registrations";
export { unknownValue, type Archive, type Asset, type Properties } from "../values";

export interface RunOptions {
  /** The folder with Pulumi.yaml. */
  readonly cwd: string;
  readonly stack: string;
  readonly project: string;
  readonly organization?: string;
  /** Full keys and texts, e.g. { "aws:region": "us-east-1" }; lists and objects as JSON. */
  readonly config: Readonly<Record<string, string>>;
  /** Keys of `config` whose values are secret. */
  readonly secretKeys?: readonly string[];
  readonly provider: (type: string) => ResourceProvider;
  /** As `pulumi preview`: nothing is created, and what only creation tells is unknown to the program. */
  readonly preview?: boolean;
  /** Hears each resource when it is there, and everything the program says. */
  readonly progress?: (step: { readonly resource: RegisteredResource } | Diagnostic) => void;
  readonly signal?: AbortSignal;
}

export interface RunResult {
  /** In the order in which they were there; the stack is among them. */
  readonly resources: readonly RegisteredResource[];
  /** The stack's outputs; in a preview a value may be `unknownValue`. */
  readonly outputs: Properties;
  /** Names of the outputs that hold a secret. */
  readonly secretOutputs: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Runs an unmodified Pulumi program: Pulumi's own runner in a process of its own, this process as its engine.
 * @throws ProgramError with one readable message if the program fails or a resource cannot be created.
 */
export async function runProgram(options: RunOptions): Promise<RunResult> {
  const { progress = () => undefined } = options;
  const diagnostics: Diagnostic[] = [];
  const lines: string[] = [];
  const say = (diagnostic: Diagnostic) => {
    diagnostics.push(diagnostic);
    progress(diagnostic);
  };
  const monitor = createMonitor({
    stack: options.stack,
    project: options.project,
    preview: options.preview ?? false,
    provider: options.provider,
    created: resource => progress({ resource }),
    fail: (message, urn) => say({ severity: "error", message, urn }),
    say: (message, urn) => say({ severity: "info", message, urn }),
  });

  const server = await serveGrpc(0, added => addServices(added, monitor, say));
  const address = `127.0.0.1:${server.port}`;
  try {
    const exitCode = await runProgramProcess({
      cwd: options.cwd,
      project: options.project,
      stack: options.stack,
      organization: options.organization ?? "organization",
      preview: options.preview ?? false,
      monitor: address,
      engine: address,
      config: options.config,
      secretKeys: options.secretKeys ?? [],
      print: line => {
        lines.push(plainText(line));
        say({ severity: "info", message: plainText(line) });
      },
      signal: options.signal,
    });
    if (exitCode !== 0 || diagnostics.some(({ severity }) => severity === "error"))
      throw programError(diagnostics, exitCode, lines.slice(-20));
  } finally {
    await monitor.settled();
    server.close();
  }
  const stack = monitor.resources.find(resource => resource.type === stackType);
  return {
    resources: monitor.resources,
    outputs: stack?.outputs ?? {},
    secretOutputs: stack?.secretOutputs ?? [],
    diagnostics,
  };
}

/** Answers the program: as the monitor of its resources, and as the engine that hears what it says. */
function addServices(server: Server, monitor: Monitor, say: (diagnostic: Diagnostic) => void): void {
  server.addService(ResourceMonitorService, {
    supportsFeature: unary(monitor.supportsFeature),
    registerResource: unary(monitor.register),
    registerResourceOutputs: unary(monitor.registerOutputs),
    invoke: unary(monitor.invoke),
    call: unary((request: ResourceCallRequest) => monitor.refuse(`the method ${request.getTok()}`)),
    readResource: unary((request: ReadResourceRequest) =>
      monitor.refuse(`reading an existing ${request.getType()} (get "${request.getName()}")`),
    ),
    registerStackTransform: unary(() => monitor.refuse("transforms")),
    registerStackInvokeTransform: unary(() => monitor.refuse("transforms of invokes")),
    registerResourceHook: unary(() => monitor.refuse("resource hooks")),
    registerErrorHook: unary(() => monitor.refuse("error hooks")),
    registerPackage: unary(() => monitor.refuse("parameterized packages")),
    signalAndWaitForShutdown: unary(() => new Empty()),
  });

  let rootUrn = "";
  server.addService(EngineService, {
    log: unary((request: { getSeverity(): LogSeverity; getMessage(): string; getUrn(): string }) => {
      const severity = severities[request.getSeverity()];
      const message = plainText(request.getMessage());
      if (severity !== undefined) say({ severity, message, urn: request.getUrn() || undefined });
      return new Empty();
    }),
    setRootResource: unary((request: { getUrn(): string }) => {
      rootUrn = request.getUrn();
      return new SetRootResourceResponse();
    }),
    getRootResource: unary(() => {
      const response = new GetRootResourceResponse();
      response.setUrn(rootUrn);
      return response;
    }),
    startDebugging: refused("debugging"),
    requirePulumiVersion: refused("a check of the Pulumi version"),
  });
}

const severities: Partial<Record<LogSeverity, Diagnostic["severity"]>> = {
  [LogSeverity.INFO]: "info",
  [LogSeverity.WARNING]: "warning",
  [LogSeverity.ERROR]: "error",
};

const refused = (what: string) => unimplemented(`the sandbox's engine does not implement ${what}`);
