import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import {
  GetRequiredPackagesResponse,
  LanguageHandshakeResponse,
  RunResponse,
  type GetRequiredPackagesRequest,
  type LanguageHandshakeRequest,
  type RunRequest,
} from "@pulumi/pulumi/proto/language_pb";
import { PackageDependency, PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { runProgramProcess } from "../engine/runner";
import { serveGrpc, unary } from "../grpc";

/** The program has said itself what is wrong: `RunError` of @pulumi/pulumi. */
const saidItself = 32;

/**
 * Pulumi's Node.js language host, as far as `pulumi up` and its like need it, for a CLI that was built from Go modules:
 * a released one brings its own. Pulumi's CLI starts it with the engine's address and reads the port from its output.
 * https://github.com/pulumi/pulumi/blob/v3.248.0/proto/pulumi/language.proto
 */
export async function main([engineAddress = ""]: readonly string[]): Promise<void> {
  let engine = engineAddress;
  const running = new AbortController();

  const run = async (request: RunRequest): Promise<RunResponse> => {
    const response = new RunResponse();
    const code = await runProgramProcess({
      cwd: request.getInfo()?.getProgramDirectory() ?? request.getPwd(),
      project: request.getProject(),
      stack: request.getStack(),
      organization: request.getOrganization(),
      preview: request.getDryrun(),
      monitor: request.getMonitorAddress(),
      engine,
      config: Object.fromEntries(request.getConfigMap().toArray()),
      secretKeys: request.getConfigsecretkeysList(),
      // The engine shows what this process prints as what the program says.
      print: line => void process.stdout.write(`${line}\n`),
      signal: running.signal,
    });
    if (code === saidItself) response.setBail(true);
    else if (code !== 0) response.setError(`Program exited with non-zero exit code: ${code}`);
    return response;
  };

  const { port } = await serveGrpc(0, server =>
    server.addService(LanguageRuntimeService, {
      handshake: unary((request: LanguageHandshakeRequest) => {
        engine = request.getEngineAddress() || engine;
        return new LanguageHandshakeResponse();
      }),
      getPluginInfo: unary(() => new PluginInfo()),
      getRequiredPackages: unary(requiredPackages),
      run: unary(run),
      cancel: unary(() => {
        running.abort();
        return new Empty();
      }),
    }),
  );
  console.log(port);
  // The CLI is the parent. Without it nobody asks any more.
  setInterval(() => process.ppid === 1 && process.exit(), 1000).unref();
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  /** Packages that belong to a provider say so here. */
  readonly pulumi?: { readonly resource?: boolean; readonly name?: string; readonly version?: string };
}

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;

/** The providers of the packages that the program depends on, as they are installed. */
function requiredPackages(request: GetRequiredPackagesRequest): GetRequiredPackagesResponse {
  const folder = request.getInfo()?.getProgramDirectory() ?? ".";
  const installed = Object.keys(readManifest(folder).dependencies ?? {})
    .map(name => join(folder, "node_modules", name))
    .filter(existsSync)
    .map(readManifest);
  const response = new GetRequiredPackagesResponse();
  for (const { name, version, pulumi } of installed) {
    if (pulumi?.resource !== true) continue;
    const found = new PackageDependency();
    found.setName(pulumi.name ?? name.replace(/^@pulumi\//, ""));
    found.setKind("resource");
    found.setVersion(`v${pulumi.version ?? version}`);
    response.addPackages(found);
  }
  return response;
}
