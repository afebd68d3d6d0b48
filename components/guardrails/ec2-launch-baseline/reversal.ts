import type { BaselineState, InstanceState, Part } from "./instances";
import type { Missing } from "./baseline";

/** What has to go, and which groups to put back, for `after` to be as `before` again. */
export function reversalOf(before: readonly InstanceState[], after: readonly InstanceState[]): Missing {
  const earlier = Object.fromEntries(
    before.flatMap(state => state.parts).map((part): [string, Part] => [part.id, part]),
  );
  const reversal: Missing = { tags: {}, groups: {} };
  for (const part of after.flatMap(state => state.parts)) {
    const was = earlier[part.id];
    if (was === undefined) continue;
    const added = Object.entries(part.tags).filter(([key]) => was.tags[key] === undefined);
    if (added.length > 0) reversal.tags[part.id] = Object.fromEntries(added);
    if (part.groups.join() !== was.groups.join()) reversal.groups[part.id] = was.groups;
  }
  return reversal;
}

/**
 * The states while tags and groups are taken back: all as before, tags only, groups only; and as before on an instance
 * that was isolated since, of which groups are no longer asked.
 */
export function beforeUndone(before: BaselineState, after: BaselineState): BaselineState[] {
  const later = Object.fromEntries(
    after.instances.flatMap(({ parts }) => parts).map((part): [string, Part] => [part.id, part]),
  );
  const mixed = (member: "tags" | "groups"): BaselineState => ({
    ...before,
    instances: before.instances.map(instance => ({
      ...instance,
      parts: instance.parts.map(part => ({ ...part, [member]: (later[part.id] ?? part)[member] })),
    })),
  });
  const isolated = before.instances.map(instance => ({ ...instance, isIsolated: true }));
  return [before, mixed("groups"), mixed("tags"), { ...before, instances: isolated }];
}

/** Each part that is taken back, by id, as it is read when an event names it alone. */
export function partStates(state: BaselineState, after: BaselineState): [string, BaselineState][] {
  const { tags, groups } = reversalOf(state.instances, after.instances);
  const changed = [...Object.keys(tags), ...Object.keys(groups)];
  return state.instances.flatMap(instance =>
    instance.parts
      .filter(({ id }) => changed.includes(id))
      .map(({ id, kind }): [string, BaselineState] => [
        id,
        { instances: [instance], only: kind === "instance" ? "" : id },
      ]),
  );
}
