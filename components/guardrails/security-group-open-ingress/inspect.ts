import type { EC2Client } from "@aws-sdk/client-ec2";
import type { Finding, Known, Resource } from "../../../runtime/guardrail";
import { type IngressHints, type OpenIngress, rememberedOf } from "./assess";
import type { InterfaceState } from "./interfaces";
import { isOwnedElsewhere, type ListState } from "./lists";
import { guardedPorts, openings, type OpeningSettings } from "./openings";
import { groupIdOf, readGroups, readInterface, readList, withInterfaces } from "./reads";
import { isInterface, isList } from "./resources";
import { isSameAdmission, type IngressState } from "./rules";

/** What is looked at: a group, a prefix list, or an interface with all its groups. */
export type IngressStates = IngressState | ListState | InterfaceState;

/** The state of each by ARN; interfaces of groups are read only where they bear on the judgement. */
export async function inspect(
  { ec2 }: { ec2: EC2Client },
  found: readonly Resource<IngressHints>[],
  given: OpeningSettings,
) {
  const ports = guardedPorts(given);
  const states: Record<string, IngressStates> = {};
  for (const list of found.filter(isList)) {
    const state = await readList(ec2, list, ports);
    if (state !== undefined) states[list.arn] = state;
  }
  for (const one of found.filter(isInterface)) {
    const state = await readInterface(ec2, one.id, ports);
    if (state !== undefined) states[one.arn] = state;
  }
  const groups: { arn: string; id?: string; isAttached: boolean }[] = [];
  for (const { arn, id, hints } of found.filter(one => !isList(one) && !isInterface(one)))
    groups.push({
      arn,
      id: hints.byName === "" ? id : await groupIdOf(ec2, id),
      isAttached: hints.route === "group-attached",
    });
  const ids = [...new Set(groups.flatMap(({ id }) => id ?? []))];
  const read = await readGroups(ec2, ids, ports);
  const attached = groups.flatMap(({ id, isAttached }) => (isAttached && id !== undefined ? [id] : []));
  const worthIt = Object.entries(read).filter(
    ([id, state]) => (attached.includes(id) || isForAll(state)) && openings(state, given, ports).length > 0,
  );
  const all = { ...read, ...(await withInterfaces(ec2, Object.fromEntries(worthIt), attached)) };
  for (const { arn, id } of groups) if (id !== undefined && Object.hasOwn(all, id)) states[arn] = all[id];
  return states;
}

/** Whether a rule for all protocols makes it matter what has the group. */
const isForAll = ({ rules }: IngressState): boolean => rules.some(({ protocol }) => protocol === "-1");

export function remembered(state: IngressStates, given: OpeningSettings): Known {
  return state.kind === "security-group" ? rememberedOf(state, given) : {};
}

/**
 * Of a group, the rules that are removed, and the lists that they refer to: undo compares nothing else. By what they
 * admit: those that are made again have other ids.
 */
export function recorded(state: IngressStates, { data }: Finding<OpenIngress>): IngressStates {
  if (state.kind !== "security-group") return state;
  const rules = state.rules.filter(rule => data.remove.some(removed => isSameAdmission(removed, rule)));
  const lists = Object.entries(state.lists).filter(([id]) => rules.some(({ source }) => source === id));
  return { kind: state.kind, groupId: state.groupId, rules, lists: Object.fromEntries(lists) };
}

/** Whoever owns a list may widen it, and no event tells of it here. */
export function isWatched(state: IngressStates): boolean {
  return state.kind === "prefix-list" && isOwnedElsewhere(state);
}
