import type { GuardrailConfig } from "../config";
import { type Exemption, exemptionFor } from "../exemptions";
import type { Finding, Known, Resource, State } from "../guardrail";
import type { Json } from "../json";
import {
  isSameValues,
  isStale,
  knownBefore,
  remembering,
  type Seen,
  type Verdict,
  wasWrong,
} from "../ledger/seen";
import { capabilities } from "../modes";
import { isWritable } from "../pipeline/case";
import type { Outcome } from "../pipeline/outcome";
import { plain } from "../plain";

/** The members of a guardrail that judge; all of them pure. */
export interface Judging {
  readonly id: string;
  assess(state: State, settings: unknown, hints: unknown, known?: Known): Finding<Json> | undefined;
  remembered?(state: State, settings: unknown): Known;
}

/** A resource as an inventory lists it. */
export interface Listed {
  readonly resource: Resource;
  readonly state: State;
}

/** The sweep that judges. Times in epoch milliseconds. */
export interface Judge {
  readonly guardrail: Judging;
  readonly config: Pick<GuardrailConfig, "settings" | "exemptions" | "mode">;
  readonly started: number;
  readonly isBaseline: boolean;
  /** When the page had been read. */
  readonly at: number;
}

/**
 * What is new about a resource: nothing; a finding that is to be told only, and why; or one that came since an earlier
 * sweep saw the resource right, or did not see it, so that putting it right returns to what stood.
 */
export type News =
  | { readonly kind: "none" }
  | { readonly kind: "baseline" }
  | { readonly kind: "told"; readonly because: string }
  | { readonly kind: "since-last-sweep" };

export interface Judged extends Listed {
  readonly finding?: Finding<Json>;
  readonly exemption?: Exemption;
  readonly expired?: Exemption;
  readonly news: News;
  /** What is remembered of it from now on; undefined: what was remembered stays. */
  readonly remember?: Seen;
}

/** Judges one resource against what earlier looks left of it. Pure. */
export function judge(by: Judge, { resource, state }: Listed, before: Seen | undefined): Judged {
  const { guardrail, config, started, isBaseline, at } = by;
  const known = knownBefore(before, isBaseline ? undefined : 0, {
    key: sweepKey(resource.region, started),
    time: started,
  });
  const finding = guardrail.assess(state, config.settings, resource.hints, known);
  const values = remembering(before, guardrail.remembered?.(state, config.settings) ?? {}, at);
  const { exempt, expired } = exemptionFor(config.exemptions, { guardrail: guardrail.id, resource }, at);
  const isExempt = finding !== undefined && exempt !== undefined;
  const news = isExempt ? none : newsOf(by, { resource, state }, finding, before, values);
  const verdict = verdictOf(by, { resource, state }, finding, isExempt, news, before?.verdict);
  const isChanged =
    before === undefined || !isSameValues(before.values, values) || !isSameVerdict(before.verdict, verdict);
  return {
    resource,
    state,
    finding,
    exemption: isExempt ? exempt : undefined,
    expired: finding === undefined ? undefined : expired,
    news,
    ...((isChanged || isStale(before.at, at)) && { remember: { values, at, verdict } }),
  };
}

const none = { kind: "none" } as const;

/** The same for every page of a sweep, and for its repetition after a death. */
export const sweepKey = (region: string, started: number): string =>
  `sweep#${region}#${new Date(started).toISOString()}`;

function newsOf(
  by: Judge,
  { state, resource }: Listed,
  finding: Finding<Json> | undefined,
  before: Seen | undefined,
  values: Seen["values"],
): News {
  if (finding === undefined) return none;
  const { started, isBaseline } = by;
  const verdict = before?.verdict;
  // A page that is taken again after a death has judged before: it tells again, and does not write.
  const isAgain = verdict?.sweep === started;
  const isAsLeft = before !== undefined && isSameValues(before.values, values);
  // What was seen otherwise in between has come back.
  const isSame = verdict?.kind === "wrong" && verdict.fingerprint === finding.fingerprint && isAsLeft;
  if (isSame && !isAgain) return none;
  // What is critical is told until it is gone, however old it is.
  if (isBaseline && finding.critical) return told("it was so when this guardrail first looked");
  if (isBaseline) return { kind: "baseline" };
  if (verdict?.kind === "exempt") return told("an exemption covered it at the last sweep");
  if (isSame) return told("this sweep has seen it before");
  // An event's look has decided by who called, whom a sweep does not know: what it has left is not a sweep's to write.
  if (isAsLeft && verdict?.kind !== "begun")
    return told(
      verdict?.kind === "right"
        ? "it is as an earlier look left it: what is required of it may have changed since"
        : "it is as an earlier look left it",
    );
  if (wasWrong(verdict) && !isOfNewParts(by, { state, resource }, before, values))
    return told("the resource was wrong at the last sweep too");
  return { kind: "since-last-sweep" };
}

/**
 * Whether a resource that was wrong before is to be written for the sake of parts alone that were not there then, such as
 * rules of a security group: if all that is new had been known, there would be nothing to write.
 */
function isOfNewParts(
  { guardrail, config }: Judge,
  { state, resource }: Listed,
  before: Seen | undefined,
  values: Seen["values"],
): boolean {
  const old = before?.values ?? {};
  const known = Object.fromEntries(
    Object.entries(values).map(([identity, { words }]) => [identity, old[identity]?.words ?? words]),
  );
  return !isWritable(guardrail.assess(state, config.settings, resource.hints, known));
}

/**
 * What else is wrong with a resource that was not put right because an operator has undone just that: nobody would hear
 * of it otherwise.
 */
export function besideUndone(
  { guardrail, config }: Judge,
  one: Judged,
  outcome: Outcome,
): Judged | undefined {
  if (outcome.kind !== "held" || outcome.code !== "undone") return undefined;
  const { resource, state } = one;
  const known = guardrail.remembered?.(state, config.settings);
  const finding = guardrail.assess(state, config.settings, resource.hints, known);
  if (finding === undefined || finding.fingerprint === one.finding?.fingerprint) return undefined;
  return { ...one, finding, news: told("it is beside what an operator has undone") };
}

const told = (because: string): News => ({ kind: "told", because });

function verdictOf(
  { started, config, isBaseline, guardrail }: Judge,
  { resource, state }: Listed,
  finding: Finding<Json> | undefined,
  isExempt: boolean,
  news: News,
  before: Verdict | undefined,
): Verdict {
  if (finding === undefined) return { kind: "right", sweep: started };
  const { fingerprint } = finding;
  if (isExempt) return { kind: "exempt", sweep: started, fingerprint };
  // What a mode that only tells has told of is part of what a mode that writes finds there.
  const isLeft = isBaseline || capabilities[config.mode].acts === "never";
  const stays = news.kind === "none" ? before?.baseline : undefined;
  // As if an operator asked, for whom nothing was known.
  const asked = guardrail.assess(state, config.settings, resource.hints, {});
  const left = asked?.notifyOnly && plain(asked.notifyOnly, 300);
  const found = { words: plain(finding.summary, 300), resource, ...(left !== undefined && { left }) };
  const baseline = news.kind !== "none" && isLeft ? found : stays;
  return { kind: "wrong", sweep: started, fingerprint, baseline };
}

const isSameVerdict = (one: Verdict | undefined, other: Verdict): boolean =>
  one?.kind === other.kind &&
  one.fingerprint === other.fingerprint &&
  one.baseline?.words === other.baseline?.words;
