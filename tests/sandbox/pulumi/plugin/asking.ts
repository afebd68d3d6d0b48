import { credentials, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { fromStruct, toStruct } from "../../../../sandbox/pulumi/grpc";
import { servePlugin } from "../../../../sandbox/pulumi/plugin";
import { startSandbox, type Sandbox } from "../../../../sandbox/sandbox";
import type { Properties } from "../../../../sandbox/pulumi/values";
import { sharedPython } from "../../support/account";

/** A resource that the plugin made, as Pulumi's engine would keep it. */
export interface Kept {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

/** What a diff answers. */
export interface Told {
  /** Each changed input, and whether it is added, deleted or updated, `_REPLACE` where it replaces the resource. */
  readonly changed: Readonly<Record<string, string>>;
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/** Pulumi's engine as far as its questions to a provider go, with plain values; failed calls throw their message. */
export interface Engine {
  configure(configuration: Properties): Promise<void>;
  /** What is wrong with a configuration. */
  checkConfig(configuration: Properties): Promise<string[]>;
  check(type: string, inputs: Properties): Promise<string[]>;
  create(type: string, name: string, inputs: Properties, preview?: boolean): Promise<Kept>;
  diff(kept: Kept, inputs: Properties): Promise<Told>;
  update(kept: Kept, inputs: Properties, preview?: boolean): Promise<Kept>;
  /** Undefined: it is gone. */
  read(kept: Kept): Promise<Kept | undefined>;
  import(type: string, name: string, id: string): Promise<Kept | undefined>;
  remove(kept: Kept): Promise<void>;
  invoke(token: string, args: Properties): Promise<Properties>;
  schema(): Promise<string>;
  close(): void;
}

/** An engine on a connection of its own. */
export function engineOn(port: number): Engine {
  const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
  });
  const ask = <Request, Response>(
    method: (request: Request, answer: (error: ServiceError | null, response: Response) => void) => unknown,
    request: Request,
  ): Promise<Response> =>
    new Promise((resolve, reject) =>
      method.call(client, request, (error, response) =>
        error === null ? resolve(response) : reject(new Error(error.details)),
      ),
    );
  const urnOf = ({ type, name }: Pick<Kept, "type" | "name">) =>
    `urn:pulumi:dev::plugin::test:index:Component$${type}::${name}`;

  const reading = async (kept: Kept): Promise<Kept | undefined> => {
    const request = new pb.ReadRequest();
    request.setUrn(urnOf(kept));
    request.setId(kept.id);
    request.setInputs(toStruct(kept.inputs));
    request.setProperties(toStruct(kept.outputs));
    const answer = await ask<pb.ReadRequest, pb.ReadResponse>(client.read, request);
    if (answer.getId() === "") return undefined;
    return {
      ...kept,
      id: answer.getId(),
      inputs: fromStruct(answer.getInputs()),
      outputs: fromStruct(answer.getProperties()),
    };
  };
  const failures = (answer: pb.CheckResponse) => answer.getFailuresList().map(failure => failure.getReason());

  return {
    configure: async configuration => {
      const request = new pb.ConfigureRequest();
      request.setArgs(toStruct(configuration));
      await ask<pb.ConfigureRequest, pb.ConfigureResponse>(client.configure, request);
    },
    checkConfig: async configuration => {
      const request = new pb.CheckRequest();
      request.setNews(toStruct(configuration));
      return failures(await ask<pb.CheckRequest, pb.CheckResponse>(client.checkConfig, request));
    },
    check: async (type, inputs) => {
      const request = new pb.CheckRequest();
      request.setUrn(urnOf({ type, name: "checked" }));
      request.setNews(toStruct(inputs));
      return failures(await ask<pb.CheckRequest, pb.CheckResponse>(client.check, request));
    },
    create: async (type, name, inputs, preview = false) => {
      const request = new pb.CreateRequest();
      request.setUrn(urnOf({ type, name }));
      request.setProperties(toStruct(inputs));
      request.setPreview(preview);
      const answer = await ask<pb.CreateRequest, pb.CreateResponse>(client.create, request);
      return { type, name, id: answer.getId(), inputs, outputs: fromStruct(answer.getProperties()) };
    },
    diff: async (kept, inputs) => {
      const request = new pb.DiffRequest();
      request.setUrn(urnOf(kept));
      request.setId(kept.id);
      request.setOlds(toStruct(kept.outputs));
      request.setOldInputs(toStruct(kept.inputs));
      request.setNews(toStruct(inputs));
      const answer = await ask<pb.DiffRequest, pb.DiffResponse>(client.diff, request);
      const kinds = Object.entries(pb.PropertyDiff.Kind);
      return {
        changed: Object.fromEntries(
          answer.getDiffsList().map((name): [string, string] => {
            const kind = answer.getDetaileddiffMap().get(name)?.getKind();
            return [name, kinds.find(([, value]) => value === kind)?.[0] ?? "nothing"];
          }),
        ),
        replaces: answer.getReplacesList(),
        deleteBeforeReplace: answer.getDeletebeforereplace(),
      };
    },
    update: async (kept, inputs, preview = false) => {
      const request = new pb.UpdateRequest();
      request.setUrn(urnOf(kept));
      request.setId(kept.id);
      request.setOlds(toStruct(kept.outputs));
      request.setOldInputs(toStruct(kept.inputs));
      request.setNews(toStruct(inputs));
      request.setPreview(preview);
      const answer = await ask<pb.UpdateRequest, pb.UpdateResponse>(client.update, request);
      return { ...kept, inputs, outputs: fromStruct(answer.getProperties()) };
    },
    read: reading,
    import: (type, name, id) => reading({ type, name, id, inputs: {}, outputs: {} }),
    remove: async kept => {
      const request = new pb.DeleteRequest();
      request.setUrn(urnOf(kept));
      request.setId(kept.id);
      request.setProperties(toStruct(kept.outputs));
      await ask(client.delete, request);
    },
    invoke: async (token, args) => {
      const request = new pb.InvokeRequest();
      request.setTok(token);
      request.setArgs(toStruct(args));
      const answer = await ask<pb.InvokeRequest, pb.InvokeResponse>(client.invoke, request);
      return fromStruct(answer.getReturn());
    },
    schema: async () => {
      const request = new pb.GetSchemaRequest();
      return (await ask<pb.GetSchemaRequest, pb.GetSchemaResponse>(client.getSchema, request)).getSchema();
    },
    close: () => client.close(),
  };
}

export interface Plugged {
  readonly sandbox: Sandbox;
  readonly port: number;
  stop(): Promise<void>;
}

/** An empty account with the plugin. Give the hook that calls this a timeout of minutes. */
export async function startPlugin(): Promise<Plugged> {
  const sandbox = await startSandbox({ python: await sharedPython() });
  const plugin = await servePlugin({
    clients: (make, region) => sandbox.gateway.client(make, { region }),
    folder: __dirname,
  });
  return {
    sandbox,
    port: plugin.port,
    stop: async () => {
      plugin.close();
      await sandbox.stop();
    },
  };
}
