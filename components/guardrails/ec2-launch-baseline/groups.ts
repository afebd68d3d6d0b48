import { areOnly, type InstanceState, type Part } from "./instances";
import { type Baseline, list, type PartsLack } from "./lack";
import type { Launch } from "./launch";

/**
 * Which interfaces are outside the administrators' group. An isolated instance is not asked for it, and an interface
 * gets it only where nobody can have isolated it since: with the very groups that its launch gave it, or where the
 * settings ask for the baseline at all times.
 * @param isNew whether nobody knew the instance before
 */
export function groupsLacking(
  parts: readonly Part[],
  state: InstanceState,
  { when, quarantineGroups }: Baseline,
  launch: Launch | undefined,
  isNew: boolean,
): PartsLack<string[]> {
  const interfaces = parts.filter(part => part.kind === "network-interface");
  const nothing = { words: [], write: {}, told: [] };
  if (state.isIsolated)
    return isNew && interfaces.length > 0
      ? {
          ...nothing,
          words: [`is new and has nothing but quarantine groups on ${list(interfaces.map(part => part.id))}`],
          told: ["what is in quarantine is left alone; who isolates what is new?"],
        }
      : nothing;
  const { id, problem } = state.adminGroup;
  if (interfaces.length > 0 && id === "")
    return { ...nothing, words: [`has no administrators' group to be in: ${problem}`], told: [problem] };
  const outside = interfaces.filter(part => !part.groups.includes(id));
  const judged = outside.map(part => ({ part, why: whyLeftAlone(part, when, quarantineGroups, launch) }));
  const ids = outside.map(part => part.id);
  return {
    words: ids.length > 0 ? [`is outside the administrators' group ${id} on ${list(ids)}`] : [],
    write: Object.fromEntries(
      judged
        .filter(({ why }) => why === undefined)
        .map(({ part }): [string, string[]] => [part.id, [...part.groups, id]]),
    ),
    told: judged.flatMap(({ why }) => why ?? []),
  };
}

function whyLeftAlone(
  { id, groups }: Part,
  when: Baseline["when"],
  quarantineGroups: readonly string[],
  launch: Launch | undefined,
): string | undefined {
  if (areOnly(quarantineGroups, groups))
    return `${id} has nothing but quarantine groups, and other interfaces of the instance have others: it is not isolated`;
  const given = launch !== undefined && Object.hasOwn(launch.groups, id) ? launch.groups[id] : undefined;
  if (given === undefined && when === "always") return undefined;
  if (launch === undefined)
    return `groups are put right only at a launch (when: launch), since whoever isolates an instance changes them too`;
  if (given === undefined)
    return `the record of the launch does not say which groups ${id} got, so nobody can tell whether they were changed since`;
  return given.join() === groups.join()
    ? undefined
    : `${id} was launched with ${list(given)} and has ${list(groups)} now: somebody changed its groups`;
}
