import { objectAt, textAt, toList, type GuardrailEvent } from "../../../runtime/events";
import type { Principal } from "../../../runtime/occasion";
import type { Tags } from "../../../runtime/aws/tags";

/**
 * Where the value of a missing tag may come from: the tags that the instance has from its launch (for its volumes and
 * interfaces), its subnet's, its VPC's, or the person who launched it. Whoever launches chooses all of these values.
 */
export const tagSources = ["launch", "subnet", "vpc", "principal"] as const;
export type TagSource = (typeof tagSources)[number];

/** Tags that a launch asked for, by the resource type that they are for: instance, volume, network-interface. */
export type LaunchTags = { [resourceType: string]: Tags };

/** The tag specifications of RunInstances, and of CreateFleet in its own spelling. */
export function launchTagsIn(event: GuardrailEvent): LaunchTags {
  const request = objectAt(event.detail, "requestParameters");
  const specifications = [
    ...toList(request.tagSpecificationSet),
    ...toList(objectAt(request, "CreateFleetRequest").TagSpecification),
  ];
  const found: LaunchTags = {};
  for (const specification of specifications) {
    const { tags, Tag } = objectAt(specification);
    const type = textAt(specification, "resourceType") ?? textAt(specification, "ResourceType") ?? "";
    for (const tag of toList(tags ?? Tag)) {
      const key = textAt(tag, "key") ?? textAt(tag, "Key");
      const value = textAt(tag, "value") ?? textAt(tag, "Value") ?? "";
      if (key !== undefined) found[type] = { ...found[type], [key]: value };
    }
  }
  return found;
}

/**
 * The person who made the call, as tags for those required keys that ask for a person. A service, root and a
 * service's role are nobody.
 */
export function personTags({ arn, name, type, invokedBy }: Principal, required: Tags): Tags {
  const isPerson = (type === "AssumedRole" || type === "IAMUser") && !arn.includes(":role/aws-service-role/");
  if (!isPerson || name === undefined || invokedBy !== undefined) return {};
  // What EC2 admits in every tag: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html
  const value = name.replace(/[^\w+\-=.:/@]/g, "_").slice(0, 256);
  const keys = Object.keys(required).filter(key => /^(owner|creator|created-?by)$/i.test(key));
  return Object.fromEntries(keys.map(key => [key, value]));
}
