import type { Occasion } from "../occasion";
import type { Outcome } from "../pipeline/outcome";
import { attentionTo } from "../pipeline/restraints";
import type { Judged } from "./judge";

/** A line of the digest. */
export const newsOf = ({ resource, finding }: Judged) => ({
  arn: resource.arn,
  words: (finding?.summary ?? "").slice(0, 600),
});

/**
 * What came of a finding that the sweep does not have put right.
 * @param isLoud whether people are to hear of it every hour: a call that could not be read may have brought it
 * @throws Error where nothing was found
 */
export function outcomeOf(
  { resource, state, finding, news, expired }: Judged,
  occasion: Occasion,
  at: number,
  isLoud: boolean,
): Outcome {
  if (finding === undefined) throw new Error(`Nothing is wrong with ${resource.arn}`);
  const baseline = news.kind === "baseline";
  const code = baseline ? "baseline" : "sweep";
  const attention = attentionTo(finding, { kind: "notified", code });
  return {
    kind: "notified",
    code,
    attention: isLoud && !baseline && attention === "daily" ? "hourly" : attention,
    resource,
    finding,
    before: state,
    expired,
    because: baseline
      ? "it was so when this guardrail first looked"
      : news.kind === "told"
        ? news.because
        : (finding.notifyOnly ?? "a sweep only tells"),
    occasionId: occasion.id,
    occasionKey: occasion.key,
    times: { event: Date.parse(occasion.time), received: at, decided: at },
    calls: [],
  };
}
