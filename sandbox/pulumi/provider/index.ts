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
import { suffixOf, type Clients, type ResourceType } from "./resource-type";
import { snsTypes } from "./sns";
import { sqsTypes } from "./sqs";

export type { Clients } from "./resource-type";

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
}): (type: string) => ResourceProvider {
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

  const provider: ResourceProvider = {
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
        tags: { ...configuration.defaultTags, ...(inputs.tags as Record<string, string> | undefined) },
        autoName: `${name}-${suffixOf(urn)}`,
      };
      return known.create(creation).catch(nameError);
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
