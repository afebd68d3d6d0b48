import type { Finding } from "../../../runtime/guardrail";
import type { OpenIngress } from "./assess";
import type { IngressStates } from "./inspect";
import { fingerprintOf, inWords, ruleInWords, some } from "./words";

/** Half of the rules to be removed: each may carry fifty tags, and all that is removed is recorded before. */
export function half(state: IngressStates, finding: Finding<OpenIngress>): Finding<OpenIngress> | undefined {
  const { remove } = finding.data;
  if (state.kind !== "security-group" || remove.length < 2) return undefined;
  const first = remove.slice(0, Math.ceil(remove.length / 2));
  return {
    ...finding,
    fingerprint: fingerprintOf(first.map(inWords)),
    summary: `Security group ${state.groupId} is open to the world, by these rules among others: ${some(first.map(ruleInWords))}.`,
    data: { remove: first, leave: [] },
  };
}

export function isLeft(state: IngressStates, { data }: Finding<OpenIngress>): boolean {
  if (state.kind !== "security-group") return false;
  return state.rules.some(({ ruleId }) => data.remove.some(removed => removed.ruleId === ruleId));
}
