import { createRequire } from "module";
import * as pulumi from "@pulumi/pulumi";
import * as bundling from "../../components/bundle";
import type { Definition } from "../../components/definition";

/** One registration, as the engine would get it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  /* Inputs of any resource type: tests assert their shape. */
  /* eslint-disable-next-line @typescript-eslint/no-explicit-any */
  readonly inputs: Record<string, any>;
  /** Name of the parent resource, "" for the stack itself. */
  readonly parent: string;
  readonly dependencies: readonly string[];
  readonly deleteBeforeReplace: boolean;
  readonly retainOnDelete: boolean;
  /** Id of what is taken over instead of being made, "" otherwise. */
  readonly importId: string;
}

export interface Deployed {
  readonly resources: readonly Registered[];
  readonly outputs: Record<string, unknown>;
  /** The one resource of this type and name. @throws Error listing what there is. */
  find(type: string, name: string): Registered;
  all(type: string): Registered[];
}

export const account = "123456789012";
export const region = "us-east-1";

const invokes: Record<string, object> = {
  "aws:index/getCallerIdentity:getCallerIdentity": {
    accountId: account,
    arn: `arn:aws:iam::${account}:user/deployer`,
    userId: "AIDAEXAMPLE",
  },
  "aws:index/getRegion:getRegion": { region, name: region, id: region, description: "US East" },
};

/** What the provider reads of a KMS key; throws as the provider fails, where it cannot. */
export type KeyMock = (asked: { readonly keyId: string; readonly region: string }) => object;

/** Any key is there and fit for S3. */
export const fitKey: KeyMock = asked => ({
  arn: asked.keyId.startsWith("arn:")
    ? asked.keyId
    : `arn:aws:kms:${asked.region}:${account}:key/${asked.keyId}`,
  keyState: "Enabled",
  keyUsage: "ENCRYPT_DECRYPT",
  keySpec: "SYMMETRIC_DEFAULT",
});

/** Outputs that the provider adds to the inputs, by resource type. */
const outputsOf: Record<string, (name: string) => object> = {
  "aws:sns/topic:Topic": name => ({ arn: `arn:aws:sns:${region}:${account}:${name}` }),
  "aws:sqs/queue:Queue": name => ({
    arn: `arn:aws:sqs:${region}:${account}:${name}`,
    url: `https://sqs.${region}.amazonaws.com/${account}/${name}`,
  }),
  "aws:iam/role:Role": name => ({ arn: `arn:aws:iam::${account}:role/guardrails/${name}` }),
  "aws:lambda/function:Function": name => ({ arn: `arn:aws:lambda:${region}:${account}:function:${name}` }),
  "aws:cloudwatch/eventRule:EventRule": name => ({ arn: `arn:aws:events:${region}:${account}:rule/${name}` }),
  "aws:cloudwatch/logGroup:LogGroup": name => ({
    arn: `arn:aws:logs:${region}:${account}:log-group:${name}`,
  }),
  "aws:cloudwatch/metricAlarm:MetricAlarm": name => ({
    arn: `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`,
  }),
  "aws:dynamodb/table:Table": name => ({ arn: `arn:aws:dynamodb:${region}:${account}:table/${name}` }),
  "aws:dynamodb/resourcePolicy:ResourcePolicy": () => ({}),
  "aws:cloudwatch/dashboard:Dashboard": () => ({}),
  "aws:sns/topicPolicy:TopicPolicy": () => ({}),
  "aws:sns/topicSubscription:TopicSubscription": () => ({}),
  "aws:sqs/queuePolicy:QueuePolicy": () => ({}),
  "aws:iam/rolePolicy:RolePolicy": () => ({}),
  "aws:lambda/permission:Permission": () => ({}),
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": () => ({}),
  "aws:cloudwatch/eventTarget:EventTarget": () => ({}),
};

/** Anew each time: a program registers its resources when it is loaded. */
const load = createRequire(__filename);
const loadProgram = (): unknown => {
  delete load.cache[load.resolve("../../index")];
  return (load("../../index") as () => unknown)();
};

const { bundleRemediators } = bundling;
let known = new Map<Definition, bundling.Bundle | undefined>();

/** Bundling takes most of a deployment's time and depends on the definition alone: each is bundled once. */
(bundling as { bundleRemediators: typeof bundleRemediators }).bundleRemediators = async definitions => {
  const unknown = definitions.filter(definition => !known.has(definition));
  const bundles = await bundleRemediators(unknown);
  unknown.forEach(definition => known.set(definition, bundles[definition.id]));
  return Object.fromEntries(
    definitions.flatMap(definition => {
      const bundle = known.get(definition);
      return bundle === undefined ? [] : [[definition.id, bundle]];
    }),
  );
};

/** From here on everything is bundled anew. */
export const forgetBundles = (): void => void (known = new Map());

const nameIn = (urn: string): string => urn.split("::").pop() ?? "";

/**
 * Runs a program (by default the project's own) as `pulumi up` loads it, against recorded mocks, and waits for every
 * resource. Unmocked invokes and unknown resource types throw, and whatever fails in the background fails this call.
 * @param config full keys ("aws-event-guardrails:recipients") and their values; what is no text goes in as JSON.
 * @param as `caller`, the ARN that STS gives for whoever deploys; `preview`, whether nothing is to be made; `key`, what
 * KMS tells of a key; `unanswered`, with what words every look at the account fails
 */
export async function deploy(
  config: Record<string, unknown>,
  program: () => unknown = loadProgram,
  stack = "dev",
  as: {
    readonly caller?: string;
    readonly preview?: boolean;
    readonly key?: KeyMock;
    readonly unanswered?: string;
  } = {},
): Promise<Deployed> {
  const failures: unknown[] = [];
  let fail: (reason: unknown) => void = () => undefined;
  // A resource whose inputs failed is never made, and the program would wait for it.
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => undefined);
  const onFailure = (reason: unknown) => {
    failures.push(reason);
    fail(reason);
  };
  const previous = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", onFailure);
  try {
    const text = Object.entries({ "aws:region": region, ...config }).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    pulumi.runtime.setAllConfig(Object.fromEntries(text));
    const seen: Omit<Registered, keyof Options>[] = [];
    await pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs, custom }) => {
          seen.push({ type, name, inputs, custom: custom !== false });
          if (custom === false || !type.startsWith("aws:")) return { id: `${name}-id`, state: inputs };
          if (!(type in outputsOf)) throw new Error(`No mock for resource type ${type}`);
          return {
            id: `${type}::${name}`,
            state: { ...inputs, ...outputsOf[type](String(inputs.name ?? name)) },
          };
        },
        call: ({ token, inputs }) => {
          // As gRPC says it.
          if (as.unanswered !== undefined)
            throw Object.assign(new Error(as.unanswered), { details: as.unanswered });
          if (token === "aws:kms/getKey:getKey") return (as.key ?? fitKey)(inputs);
          if (!(token in invokes)) throw new Error(`No mock for ${token}`);
          const isCaller = token.endsWith(":getCallerIdentity") && as.caller !== undefined;
          return isCaller ? { ...invokes[token], arn: as.caller } : invokes[token];
        },
      },
      "aws-event-guardrails",
      stack,
      as.preview ?? false,
    );
    const options = recordOptions();
    const outputs = (await Promise.race([pulumi.runtime.runInPulumiStack(async () => program()), failed])) as
      Record<string, unknown> | undefined;
    await Promise.race([pulumi.runtime.disconnect(), failed]);
    await new Promise(resolve => setImmediate(resolve));
    if (failures.length > 0) throw failures[0];
    const resources = seen.map(one => ({ ...one, ...options[`${one.type}::${one.name}`] }));
    return {
      resources,
      outputs: await settled(outputs ?? {}),
      all: type => resources.filter(one => one.type === type),
      find: (type, name) => {
        const found = resources.filter(one => one.type === type && one.name === name);
        if (found.length !== 1)
          throw new Error(
            `${found.length} resources ${type} ${name}; there are\n${resources.map(r => `${r.type} ${r.name}`).join("\n")}`,
          );
        return found[0];
      },
    };
  } finally {
    process.removeListener("unhandledRejection", onFailure);
    previous.forEach(listener => process.on("unhandledRejection", listener));
  }
}

type Options = Pick<
  Registered,
  "parent" | "dependencies" | "deleteBeforeReplace" | "retainOnDelete" | "importId"
>;

interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getDependenciesList(): string[];
  getDeletebeforereplace(): boolean;
  getRetainondelete(): boolean;
  getImportid(): string;
}

/** Parents, dependencies and options do not reach mocks; they are in the request to the engine. */
function recordOptions() {
  const options: Record<string, Options> = {};
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource(request: Request, callback: unknown): void;
  };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    options[`${request.getType()}::${request.getName()}`] = {
      parent: nameIn(request.getParent()),
      dependencies: request.getDependenciesList().map(nameIn),
      deleteBeforeReplace: request.getDeletebeforereplace(),
      retainOnDelete: request.getRetainondelete(),
      importId: request.getImportid(),
    };
    register(request, callback);
  };
  return options;
}

async function settled(outputs: Record<string, unknown>): Promise<Record<string, unknown>> {
  return (await new Promise(resolve => pulumi.output(outputs).apply(resolve))) as Record<string, unknown>;
}
