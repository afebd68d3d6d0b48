import { type Seen, type Verdict, wasWrong } from "../ledger/seen";
import type { Outcome } from "../pipeline/outcome";
import type { Judged } from "./judge";

/** Whether it is right since this sweep had begun to put it right, and died: that is still to be proven and told. */
export const isRightSince = ({ finding }: Judged, before: Seen | undefined, started: number): boolean =>
  finding === undefined && before?.verdict?.kind === "begun" && before.verdict.sweep === started;

/** What is remembered of them does not change before they are right. */
export const begunOf = (
  judged: readonly Judged[],
  seen: Readonly<Record<string, Seen | undefined>>,
  started: number,
  at: number,
): [string, Seen][] =>
  judged.map(({ resource: { arn }, finding }) => {
    const verdict = seen[arn]?.verdict;
    return [
      arn,
      {
        values: seen[arn]?.values ?? {},
        at,
        verdict: {
          kind: "begun",
          sweep: started,
          fingerprint: finding?.fingerprint,
          baseline: verdict?.baseline,
          wasWrong: wasWrong(verdict) || undefined,
        },
      },
    ];
  });

const isRight = ({ kind }: Outcome): boolean =>
  kind === "remediated" || kind === "compliant" || kind === "gone" || kind === "duplicate";

/** What was put right is as it was known before, right or wrong: broken again the same way it is new. */
export const remembered = (
  judged: readonly Judged[],
  seen: Readonly<Record<string, Seen | undefined>>,
  outcomes: readonly Outcome[],
  started: number,
): [string, Seen][] => {
  const right = new Set(outcomes.filter(isRight).map(({ resource }) => resource.arn));
  return judged.flatMap(({ resource: { arn }, remember }): [string, Seen][] => {
    if (remember === undefined || !right.has(arn)) return remember === undefined ? [] : [[arn, remember]];
    const before = seen[arn]?.verdict;
    const verdict: Verdict =
      before !== undefined && wasWrong(before)
        ? { ...before, kind: "wrong", sweep: started, wasWrong: undefined }
        : { kind: "right", sweep: started };
    return [[arn, { ...remember, values: seen[arn]?.values ?? {}, verdict }]];
  });
};
