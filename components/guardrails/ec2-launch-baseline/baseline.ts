import { createHash } from "node:crypto";
import type { BaselineState, InstanceState, Part } from "./instances";
import { inferTags, type LaunchTags, type TagSource } from "./tags";
import type { Tags } from "../../../runtime/aws/tags";

export interface Baseline {
  /** Key → the value it gets when nothing better is known. */
  readonly requiredTags: Tags;
  /** Where better values come from, in this order. */
  readonly infer: readonly TagSource[];
}

/** What only the launch's event knows. */
export type LaunchHints = { launchTags: LaunchTags; personTags: Tags };

/** What is missing, by the id of the part that it is missing from: tags with their values, groups as the whole new set. */
export type Missing = { tags: Record<string, Tags>; groups: Record<string, string[]> };

/** What is lacking, in words, as what to write, and `problems` that keep groups from being judged. */
export interface Lack {
  readonly words: string[];
  readonly missing: Missing;
  readonly problems: string[];
}

/** What the parts in scope of all instances lack. */
export function lackOf({ instances, only }: BaselineState, baseline: Baseline, hints: LaunchHints): Lack {
  const lacks = instances.map(instance => lackOfOne(instance, only, baseline, hints));
  return {
    words: lacks.flatMap(lack => lack.words),
    missing: {
      tags: Object.assign({}, ...lacks.map(({ missing }) => missing.tags)),
      groups: Object.assign({}, ...lacks.map(({ missing }) => missing.groups)),
    },
    problems: [...new Set(lacks.flatMap(lack => lack.problems))],
  };
}

function lackOfOne(state: InstanceState, only: string, baseline: Baseline, hints: LaunchHints): Lack {
  const parts = state.isEnded ? [] : state.parts.filter(part => only === "" || part.id === only);
  const tags: Record<string, Tags> = {};
  for (const part of parts) {
    const found = missingTags(part, state, baseline, hints);
    if (Object.keys(found).length > 0) tags[part.id] = found;
  }
  const interfaces = state.isQuarantined ? [] : parts.filter(part => part.kind === "network-interface");
  const { id, problem } = state.adminGroup;
  const outside = id === "" ? [] : interfaces.filter(part => !part.groups.includes(id));
  const groups = Object.fromEntries(
    outside.map((part): [string, string[]] => [part.id, [...part.groups, id]]),
  );
  const words = tagsInWords(tags);
  if (outside.length > 0)
    words.push(`is outside the administrators' group ${id} on ${list(Object.keys(groups))}`);
  const problems = interfaces.length > 0 && id === "" ? [problem] : [];
  words.push(...problems.map(why => `has no administrators' group to be in: ${why}`));
  const sentence = words.length > 0 ? [`Instance ${state.id} ${words.join("; ")}`] : [];
  return { words: sentence, missing: { tags, groups }, problems };
}

function missingTags(part: Part, state: InstanceState, baseline: Baseline, hints: LaunchHints): Tags {
  const absent = Object.entries(baseline.requiredTags).filter(([key]) => part.tags[key] === undefined);
  const known: Record<TagSource, Tags> = {
    launch: Object.assign(
      {},
      ...Object.values(hints.launchTags),
      hints.launchTags.instance,
      instanceTags(state),
    ),
    subnet: state.subnetTags,
    vpc: state.vpcTags,
    principal: hints.personTags,
  };
  // A read just after the launch may not show yet what the launch gave this part: the same value then does no harm.
  const given = hints.launchTags[part.kind] ?? {};
  return inferTags(Object.fromEntries(absent), [given, ...baseline.infer.map(source => known[source])]);
}

const instanceTags = (state: InstanceState): Tags =>
  state.parts.find(part => part.kind === "instance")?.tags ?? {};

/** e.g. `lacks the tag Owner on i-1 and vol-1`, one for each key. */
function tagsInWords(tags: Record<string, Tags>): string[] {
  const keys = [...new Set(Object.values(tags).flatMap(found => Object.keys(found)))].sort();
  return keys.map(key => {
    const without = Object.keys(tags).filter(id => tags[id][key] !== undefined);
    return `lacks the tag ${key} on ${list(without)}`;
  });
}

const list = (ids: string[]): string =>
  ids.length < 2 ? ids.join() : `${ids.slice(0, -1).join(", ")} and ${ids[ids.length - 1]}`;

/** Short, and equal for the same words only; an instance has too many parts to spell them out in a key. */
export const fingerprintOf = (words: readonly string[]): string =>
  createHash("sha256").update(words.join("\n")).digest("hex").slice(0, 16);

/** Ids that need exactly the same tags, in calls of at most 1,000 ids, which is what CreateTags takes. */
export function tagCalls(missing: readonly Record<string, Tags>[]): { ids: string[]; tags: Tags }[] {
  const ids: Record<string, string[]> = {};
  for (const [id, tags] of missing.flatMap(part => Object.entries(part))) {
    const same = JSON.stringify(Object.entries(tags).sort());
    ids[same] = [...new Set([...(ids[same] ?? []), id])];
  }
  return Object.entries(ids).flatMap(([same, all]) =>
    Array.from({ length: Math.ceil(all.length / 1000) }, (_, at) => ({
      ids: all.slice(at * 1000, (at + 1) * 1000),
      tags: Object.fromEntries(JSON.parse(same) as [string, string][]),
    })),
  );
}
