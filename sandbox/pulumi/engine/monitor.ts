import { randomUUID } from "node:crypto";
import { InvokeResponse } from "@pulumi/pulumi/proto/provider_pb";
import type {
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  ResourceInvokeRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import { RegisterResourceResponse, Result, SupportsFeatureResponse } from "@pulumi/pulumi/proto/resource_pb";
import { status } from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { fromStruct, toStruct } from "../grpc";
import type { Created, ResourceProvider } from "./provider";
import { stackType, urnOf, type RegisteredResource } from "./registrations";
import { optionsOf } from "./request";
import { decodeProperties, encodeProperties, type Properties } from "../values";

/** What the program may rely on. Transforms, hooks and parameterized packages would need calls back into the program. */
const features = [
  "secrets",
  "resourceReferences",
  "outputValues",
  "deletedWith",
  "replaceWith",
  "aliasSpecs",
] as const;

const providerType = "pulumi:providers:";

export interface Monitor {
  /** In the order in which the engine answered them. */
  readonly resources: RegisteredResource[];
  supportsFeature(request: { getId(): string }): SupportsFeatureResponse;
  register(request: RegisterResourceRequest): Promise<RegisterResourceResponse>;
  registerOutputs(request: RegisterResourceOutputsRequest): Empty;
  invoke(request: ResourceInvokeRequest): Promise<InvokeResponse>;
  /** Fails the run over a call that the sandbox does not serve. */
  refuse(what: string): Promise<never>;
  /** When nothing is being created any more: a program that fails does not wait for its other resources. */
  settled(): Promise<void>;
}

/**
 * Pulumi's ResourceMonitor without its transport: what the program asks, answered by a provider. A failure is reported
 * once, with the resource it belongs to; from then on the monitor is closed, as Pulumi's engine is, and the program ends.
 */
export function createMonitor(options: {
  stack: string;
  project: string;
  preview: boolean;
  provider: (type: string) => ResourceProvider;
  created(resource: RegisteredResource): void;
  fail(message: string, urn?: string): void;
  /** Tells what is otherwise than with Pulumi's own engine. */
  say(message: string, urn: string): void;
}): Monitor {
  const { stack, project, preview, provider, created, fail, say } = options;
  const resources: RegisteredResource[] = [];
  const registering = new Set<string>();
  const working = new Set<Promise<unknown>>();
  let closed = false;

  const closing = () => Object.assign(new Error("the engine is shutting down"), { code: status.UNAVAILABLE });

  const attempt = async <T>(urn: string | undefined, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      closed = true;
      fail(error instanceof Error ? error.message : String(error), urn);
      throw closing();
    }
  };

  const guarded = async <T>(urn: string | undefined, work: () => Promise<T>): Promise<T> => {
    if (closed) throw closing();
    const attempted = attempt(urn, work);
    working.add(attempted);
    return attempted.finally(() => working.delete(attempted));
  };

  const find = (urn: string): RegisteredResource => {
    const found = resources.find(resource => resource.urn === urn);
    if (found === undefined)
      throw new Error(`the program names a resource that it has not registered: ${urn}`);
    return found;
  };

  /** Of a reference `<urn>::<id>`. */
  const providerInputs = (reference: string): Properties | undefined =>
    reference === "" ? undefined : find(reference.slice(0, reference.lastIndexOf("::"))).inputs;

  const create = async (
    registration: Omit<RegisteredResource, "id" | "outputs" | "secretOutputs">,
  ): Promise<Partial<Created>> => {
    const { urn, type, name, inputs, custom, options: set } = registration;
    if (!custom) return {};
    if (set.import !== undefined)
      say(`This account is new and has no ${type} ${set.import} to adopt: it is made instead`, urn);
    if (type.startsWith(providerType)) return { id: randomUUID(), outputs: inputs };
    return provider(type).create({
      urn,
      type,
      name,
      inputs,
      preview,
      ...(set.provider === undefined ? {} : { provider: providerInputs(set.provider) }),
    });
  };

  const register = async (request: RegisterResourceRequest): Promise<RegisterResourceResponse> => {
    const type = request.getType();
    const name = request.getName();
    const parent = request.getParent() || undefined;
    const urn = urnOf({ stack, project, type, name, parent });
    return guarded(urn, async () => {
      if (registering.has(urn))
        throw new Error(`Duplicate resource URN '${urn}'; try giving it a unique name`);
      registering.add(urn);
      if (request.getRemote()) throw new Error("the sandbox runs no component of another package");
      if (parent === undefined ? type !== stackType : find(parent) === undefined)
        throw new Error("only the stack has no parent");

      const wire = fromStruct(request.getObject());
      const { values: inputs, secrets } = decodeProperties(wire);
      const dependencies = request.getDependenciesList();
      const propertyDependencies = Object.fromEntries(
        request
          .getPropertydependenciesMap()
          .toArray()
          .map(([key]): [string, string[]] => [
            key,
            request.getPropertydependenciesMap().get(key)?.getUrnsList() ?? [],
          ]),
      );
      dependencies.forEach(find);

      const registration = {
        urn,
        type,
        name,
        custom: request.getCustom(),
        parent,
        dependencies,
        propertyDependencies,
        inputs,
        secrets,
        options: optionsOf(request),
      };
      const { id, outputs } = await create(registration);
      const secretOutputs = [...new Set([...secrets, ...request.getAdditionalsecretoutputsList()])];
      const resource = { ...registration, id, outputs, secretOutputs };
      resources.push(resource);
      created(resource);

      const response = new RegisterResourceResponse();
      response.setUrn(urn);
      response.setId(id ?? "");
      response.setResult(Result.SUCCESS);
      response.setObject(
        toStruct({
          ...wire,
          ...encodeProperties(outputs ?? {}, request.getAcceptsecrets() ? secretOutputs : []),
        }),
      );
      return response;
    });
  };

  const registerOutputs = (request: RegisterResourceOutputsRequest): Empty => {
    if (closed) throw closing();
    const resource = find(request.getUrn());
    const { values, secrets } = decodeProperties(fromStruct(request.getOutputs()));
    resources[resources.indexOf(resource)] = { ...resource, outputs: values, secretOutputs: secrets };
    return new Empty();
  };

  const invoke = (request: ResourceInvokeRequest): Promise<InvokeResponse> =>
    guarded(undefined, async () => {
      const token = request.getTok();
      const args = decodeProperties(fromStruct(request.getArgs())).values;
      const result = await provider(token).invoke({
        token,
        args,
        provider: providerInputs(request.getProvider()),
      });
      const response = new InvokeResponse();
      response.setReturn(toStruct(encodeProperties(result, [])));
      return response;
    });

  const supportsFeature = (request: { getId(): string }) => {
    const response = new SupportsFeatureResponse();
    response.setHassupport(features.some(feature => feature === request.getId()));
    return response;
  };

  const refuse = (what: string) =>
    guarded<never>(undefined, async () => {
      throw new Error(`the sandbox does not implement ${what}`);
    });

  const settled = async () => void (await Promise.allSettled([...working]));

  return { resources, supportsFeature, register, registerOutputs, invoke, refuse, settled };
}
