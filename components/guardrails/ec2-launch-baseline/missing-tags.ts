import type { Tags } from "../../../runtime/aws/tags";
import type { InstanceState, Part } from "./instances";
import { type Baseline, list, type PartsLack } from "./lack";
import type { Launch } from "./launch";
import type { TagSource } from "./tags";

/** Which required tags the parts lack, and the value that each gets. */
export function tagsLacking(
  parts: readonly Part[],
  state: InstanceState,
  baseline: Baseline,
  launch: Launch | undefined,
): PartsLack<Tags> {
  const lacks = parts.flatMap(part =>
    Object.keys(baseline.requiredTags)
      .filter(key => part.tags[key] === undefined)
      .map(key => ({ part, key, ...valueFor(key, part, state, baseline, launch) })),
  );
  const write: Record<string, Tags> = {};
  for (const { part, key, value } of lacks)
    if (value !== undefined) write[part.id] = { ...write[part.id], [key]: value };
  const keys = [...new Set(lacks.map(({ key }) => key))].sort();
  const without = (wanted: string) => lacks.filter(({ key }) => key === wanted).map(({ part }) => part.id);
  return {
    words: keys.map(key => `lacks the tag ${key} on ${list(without(key))}`),
    write,
    told: lacks.flatMap(({ why }) => why ?? []),
  };
}

/**
 * The value of a missing tag: what the launch gave this very part, else the first source that knows the key, else the
 * setting's. This is the place for an organisation's own logic, e.g. a cost centre computed from the subnet's name.
 */
function valueFor(
  key: string,
  part: Part,
  state: InstanceState,
  { requiredTags, protectedTags, infer }: Baseline,
  launch: Launch | undefined,
): { value: string; why?: undefined } | { value?: undefined; why: string } {
  // IAM's conditions on tags know no case, so a write that holds only where the key is missing would be refused:
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
  const similar = Object.keys(part.tags).find(other => other.toLowerCase() === key.toLowerCase());
  if (similar !== undefined)
    return { why: `${part.id} has the tag ${similar}, which IAM takes for ${key}: rename one` };
  const given = launch?.tags[part.kind]?.[key];
  if (protectedTags.includes(key))
    // The default in its place would take away what the launch gave, and the caller's value is not ours to write.
    return given === undefined
      ? { value: requiredTags[key] }
      : { why: `the launch gave ${part.id} the tag ${key}, which a read does not show` };
  const sources: Record<TagSource, Tags> = {
    launch: instanceTags(state),
    subnet: state.subnetTags,
    vpc: state.vpcTags,
    principal: launch?.personTags ?? {},
  };
  // A read just after the launch may not show yet what the launch gave this part: the same value then does no harm.
  const found = infer.map(source => sources[source][key]).find(value => value !== undefined && value !== "");
  return { value: given ?? found ?? requiredTags[key] };
}

const instanceTags = (state: InstanceState): Tags =>
  state.parts.find(part => part.kind === "instance")?.tags ?? {};
