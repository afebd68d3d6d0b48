import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { ResourceProvider } from "../engine/provider";
import type { Properties } from "../values";
import { readConfiguration } from "./configuration";
import { dynamodbTypes } from "./dynamodb";
import { eventTypes } from "./events";
import { iamTypes } from "./iam";
import { present } from "./inputs";
import { invokes } from "./invokes";
import { lambdaTypes } from "./lambda";
import { logTypes } from "./logs";
import { monitoringTypes } from "./monitoring";
import type { Clients, Existing } from "./existing";
import {
  differenceOf,
  find,
  wantedTags,
  withInputs,
  type Difference,
  type Found,
  type Known,
} from "./lifecycle";
import { suffixOf, type ResourceType } from "./resource-type";
import { snsTypes } from "./sns";
import { sqsTypes } from "./sqs";

export type { Clients } from "./existing";
export type { Difference } from "./lifecycle";

/** All resource types that the sandbox provides. `folder`: where the paths of file assets begin. */
export const resourceTypes = (folder: string): readonly ResourceType[] => [
  ...snsTypes,
  ...sqsTypes,
  ...iamTypes,
  ...lambdaTypes(folder),
  ...eventTypes,
  ...logTypes,
  ...monitoringTypes,
  ...dynamodbTypes,
];

/** Which resource a question is about. */
interface Addressed {
  /** e.g. aws:sns/topic:Topic */
  readonly type: string;
  readonly id: string;
  /** Its inputs and outputs as they were last known; empty of an import. */
  readonly state: Properties;
  /** The configuration of the provider. */
  readonly provider?: Properties;
}

/** What Pulumi's engine asks beyond creations, to change what is there, to look after it and to remove it. */
export interface AwsProvider extends ResourceProvider {
  /** Every problem of the inputs, one line each. */
  check(type: string, inputs: Properties): string[];
  diff(
    request: Addressed & { readonly oldInputs: Properties; readonly inputs: Properties },
  ): Promise<Difference>;
  /** Undefined: it is gone. `inputs` are those that are known; without any the resource is to be imported. */
  read(request: Addressed & { readonly inputs: Properties }): Promise<Found | undefined>;
  /** The new inputs and outputs. */
  update(
    request: Addressed & {
      readonly oldInputs: Properties;
      readonly inputs: Properties;
      /** Change nothing and foretell. */
      readonly preview: boolean;
    },
  ): Promise<Properties>;
  /** What is gone already is no error. */
  remove(request: Addressed): Promise<void>;
}

/**
 * Stands in for the AWS provider: creates resources through the API of the sandbox account and answers as
 * https://www.pulumi.com/registry/packages/aws/ does. An unknown type, property or function is an error.
 */
export function createProvider(options: {
  readonly clients: Clients;
  /** The stack's config; `aws:*` is the default provider's. */
  readonly config: Readonly<Record<string, string>>;
  /** The program's folder. */
  readonly folder: string;
}): (type: string) => AwsProvider {
  const { clients } = options;
  const types = new Map(resourceTypes(options.folder).map(type => [type.type, type]));
  const stackConfiguration = Object.fromEntries(
    Object.entries(options.config)
      .filter(([key]) => key.startsWith("aws:"))
      .map(([key, value]) => [key.slice("aws:".length), value]),
  );
  const configurationOf = (provider: Properties | undefined) =>
    readConfiguration({ ...stackConfiguration, ...provider });

  const typeOf = (type: string): ResourceType => {
    const known = types.get(type);
    if (known === undefined)
      throw new Error(`the sandbox does not provide ${type}; it provides ${[...types.keys()].join(", ")}`);
    return known;
  };

  const accountIn = async (region: string): Promise<string> => {
    const { Account } = await clients(STSClient, region).send(new GetCallerIdentityCommand({}));
    return present(Account, "Account");
  };

  const knownOf = ({ type, id, state, provider: own }: Addressed): Known => {
    const { region, defaultTags } = configurationOf(own);
    return { type: typeOf(type), id, state, region, defaultTags };
  };
  const existingOf = ({ id, state, region: configured }: Known, given: Properties): Existing => {
    const region = typeof state.region === "string" ? state.region : configured;
    return { id, state, given, region, client: make => clients(make, region) };
  };

  const provider: AwsProvider = {
    check: (type, inputs) => typeOf(type).check(inputs),
    create: async ({ urn, type, name, inputs, provider: own, preview }) => {
      const known = typeOf(type);
      const configuration = configurationOf(own);
      const problems = known.check(inputs);
      if (problems.length > 0) throw new Error(problems.join("\n  "));
      if (preview) return { id: "", outputs: inputs };

      const region = typeof inputs.region === "string" ? inputs.region : configuration.region;
      const { allowedAccountIds } = configuration;
      if (allowedAccountIds !== undefined && !allowedAccountIds.includes(await accountIn(region)))
        throw new Error(`the account is none of aws:allowedAccountIds (${allowedAccountIds.join(", ")})`);
      const creation = {
        urn,
        name,
        inputs,
        region,
        account: () => accountIn(region),
        client: <C>(make: new (config: never) => C) => clients(make, region),
        tags: wantedTags(configuration.defaultTags, inputs),
        autoName: `${name}-${suffixOf(urn)}`,
      };
      return known.create(creation).catch(nameError);
    },
    diff: async request => differenceOf(knownOf(request), request.oldInputs, request.inputs),
    read: async request => {
      const known = knownOf(request);
      return find(known, existingOf(known, request.inputs)).catch(nameError);
    },
    update: async ({ oldInputs, inputs, preview, ...request }) => {
      const known = knownOf(request);
      const { changed } = differenceOf(known, oldInputs, inputs);
      const state = withInputs(known, oldInputs, inputs);
      if (preview) return state;
      const tags = wantedTags(known.defaultTags, inputs);
      const existing = existingOf(known, oldInputs);
      await known.type.update({ ...existing, inputs, changed, tags }).catch(nameError);
      const found = await find({ ...known, state }, { ...existing, state, given: inputs }).catch(nameError);
      if (found === undefined) throw new Error(`${request.type} ${request.id} is gone while it is updated`);
      return found.outputs;
    },
    remove: async request => {
      const known = knownOf(request);
      return known.type.remove(existingOf(known, {})).catch(nameError);
    },
    invoke: async ({ token, args, provider: own }) => {
      const known = invokes[token];
      if (known === undefined)
        throw new Error(
          `the sandbox does not provide ${token}; it provides ${Object.keys(invokes).join(", ")}`,
        );
      return known({ args, region: configurationOf(own).region, clients }).catch(nameError);
    },
  };
  return () => provider;
}

/** Puts AWS's code in front of its message: the SDK keeps them apart, and many messages say little alone. */
function nameError(error: Error): never {
  const fromAws = "$metadata" in error && !error.message.startsWith(error.name);
  throw fromAws ? new Error(`${error.name}: ${error.message}`, { cause: error }) : error;
}
