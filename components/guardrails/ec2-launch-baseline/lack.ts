import type { Tags } from "../../../runtime/aws/tags";
import type { TagSource } from "./tags";

/** What the settings ask for. */
export interface Baseline {
  /** Only launches are put right, or also what is changed later. */
  readonly when: "launch" | "always";
  /** Key → the value it gets when nothing better is known. */
  readonly requiredTags: Tags;
  /** Keys that give access: they never get a value that a caller can choose. */
  readonly protectedTags: readonly string[];
  /** Where better values come from, in this order. */
  readonly infer: readonly TagSource[];
  /** The ids of the groups that isolate an instance. */
  readonly quarantineGroups: readonly string[];
}

/** What the parts of one instance lack of one kind. */
export interface PartsLack<What> {
  /** What is wrong, in words: the same whether or not it is written. */
  readonly words: string[];
  /** What to write, by the id of the part. */
  readonly write: Record<string, What>;
  /** Why some of it is told only. */
  readonly told: string[];
}

/** Ids as a list in words: `a, b and c`. */
export const list = (ids: readonly string[]): string =>
  ids.length < 2 ? ids.join() : `${ids.slice(0, -1).join(", ")} and ${ids[ids.length - 1]}`;
