import { createHash } from "node:crypto";
import type { Tags } from "../../../runtime/aws/tags";
import type { Known } from "../../../runtime/guardrail";
import { whyNotLaunched } from "./belief";
import { groupsLacking } from "./groups";
import type { BaselineState, InstanceState } from "./instances";
import type { Baseline } from "./lack";
import type { Launch } from "./launch";
import { tagsLacking } from "./missing-tags";

/** What only the event knows; a sweep and a later change know nothing. */
export type LaunchHints = { launch?: Launch };

/** What is missing, by the id of the part that it is missing from: tags with their values, groups as the whole new set. */
export type Missing = { tags: Record<string, Tags>; groups: Record<string, string[]> };

/** What is wrong, in words; what of it to write; and why the rest is told only. */
export interface Lack {
  readonly words: string[];
  readonly missing: Missing;
  readonly told: string[];
}

/** What the parts in scope of all instances lack. */
export function lackOf(
  { instances, only }: BaselineState,
  baseline: Baseline,
  hints: LaunchHints,
  known: Known | undefined,
): Lack {
  const lacks = instances.map(instance => lackOfOne(instance, only, baseline, hints, known));
  return {
    words: lacks.flatMap(lack => lack.words),
    missing: {
      tags: Object.assign({}, ...lacks.map(({ missing }) => missing.tags)),
      groups: Object.assign({}, ...lacks.map(({ missing }) => missing.groups)),
    },
    told: [...new Set(lacks.flatMap(lack => lack.told))],
  };
}

function lackOfOne(
  state: InstanceState,
  only: string,
  baseline: Baseline,
  { launch }: LaunchHints,
  known: Known | undefined,
): Lack {
  const parts = state.isEnded ? [] : state.parts.filter(part => only === "" || part.id === only);
  const doubt = launch && whyNotLaunched(state, launch.at);
  const isNew =
    doubt === undefined && (launch !== undefined || (known !== undefined && !(state.id in known)));
  const lacks = [
    tagsLacking(parts, state, baseline, launch),
    groupsLacking(parts, state, baseline, launch, isNew),
  ];
  // That what is new is in quarantine is no other finding of what lacks tags: an undone one stays undone.
  const [ofTags] = lacks;
  const isBeside = state.isIsolated && ofTags.words.length > 0;
  const words = (isBeside ? [ofTags] : lacks).flatMap(lack => lack.words);
  if (words.length === 0) return { words, missing: { tags: {}, groups: {} }, told: [] };
  const [tags, groups] = lacks.map(lack => lack.write);
  const sentence = [`Instance ${state.id} ${words.join("; ")}`];
  if (doubt !== undefined) return { words: sentence, missing: { tags: {}, groups: {} }, told: [doubt] };
  return {
    words: sentence,
    missing: { tags, groups } as Missing,
    told: lacks.flatMap(lack => lack.told),
  };
}

/** Short, and equal for the same words only; an instance has too many parts to spell them out in a key. */
export const fingerprintOf = (words: readonly string[]): string =>
  createHash("sha256").update(words.join("\n")).digest("hex").slice(0, 16);
