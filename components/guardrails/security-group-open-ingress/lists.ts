import type { Finding } from "../../../runtime/guardrail";
import { left, reasonsOf, type OpenIngress } from "./assess";
import { guardedPorts, isOpen, openings, type OpeningSettings } from "./openings";
import type { IngressRule, IngressState } from "./rules";
import { fingerprintOf, inWords, ruleInWords, some } from "./words";

/** A prefix list, and the groups whose guarded ports refer to it. */
export type ListState = {
  kind: "prefix-list";
  prefixListId: string;
  /** The account that may change its entries; `AWS` for those of AWS. */
  ownerId: string;
  /** The account in which it is used. */
  account: string;
  groups: IngressState[];
};

export interface ListSettings extends OpeningSettings {
  readonly trusted: { readonly accounts: readonly string[] };
}

/** Whether another account changes its entries, unheard here. */
export const isOwnedElsewhere = ({ ownerId, account }: Pick<ListState, "ownerId" | "account">): boolean =>
  ownerId !== "AWS" && ownerId !== account;

/**
 * The finding of a prefix list that opens guarded ports in the groups that refer to it: told, never written, because
 * other groups may rely on the list. One that a foreign account owns is told once, whatever is in it.
 */
export function assessList(state: ListState, settings: ListSettings): Finding<OpenIngress> | undefined {
  const { prefixListId, ownerId, groups } = state;
  const isOurs = (rule: IngressRule): boolean => rule.source === prefixListId;
  const why = "other groups may rely on the list: change its entries, or the rules that refer to it";
  const leave = groups.flatMap(group => {
    const opened = openings(group, settings, guardedPorts(settings)).filter(
      ({ rules, family }) =>
        isOpen(rules.filter(isOurs), group, settings, family) ||
        !isOpen(
          rules.filter(rule => !isOurs(rule)),
          group,
          settings,
          family,
        ),
    );
    return group.rules
      .filter(rule => isOurs(rule) && opened.some(({ rules }) => rules.includes(rule)))
      .map(rule => left(rule, group.groupId, why));
  });
  const attribute = "entry of aws_ec2_managed_prefix_list";
  if (leave.length > 0) {
    const inGroup = (words: string, groupId: string): string => `${groupId} ${words}`;
    const words = leave.map(rule => inGroup(ruleInWords(rule), rule.groupId));
    const owner = isOwnedElsewhere(state) ? ` of account ${ownerId}` : "";
    return {
      fingerprint: fingerprintOf(leave.map(rule => inGroup(inWords(rule), rule.groupId))),
      summary: `Prefix list ${prefixListId}${owner} opens security groups to the world: ${some(words)}.`,
      data: { remove: [], leave },
      notifyOnly: reasonsOf(leave),
      critical: true,
      attribute,
    };
  }
  if (!isOwnedElsewhere(state) || settings.trusted.accounts.includes(ownerId) || groups.length === 0)
    return undefined;
  const users = groups.map(({ groupId }) => groupId);
  return {
    fingerprint: fingerprintOf([`owner ${ownerId}`]),
    summary: `Prefix list ${prefixListId} decides who reaches guarded ports of ${some(users)}, and account ${ownerId}, which is not trusted here, may change its entries at any time.`,
    data: { remove: [], leave: [] },
    notifyOnly: `nothing is open now; if account ${ownerId} is one of yours, list it under trusted.accounts`,
    once: true,
    attribute,
  };
}
