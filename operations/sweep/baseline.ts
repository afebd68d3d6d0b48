import { createLedger } from "../../runtime/ledger/ledger";
import type { OpenFinding } from "../../runtime/ledger/open";
import { baselineDay, toSeen } from "../../runtime/ledger/seen";
import type { Resource } from "../../runtime/guardrail";
import { ledgerName } from "../../runtime/names";
import { operatorsLedger } from "../ledger";
import type { Operator } from "../operator";
import { wake } from "../resume";

/** One resource of the baseline: what was wrong before the first sweep, as a sweep saw it last. */
export interface Standing {
  readonly guardrail: string;
  readonly resource: Resource;
  readonly words: string;
  readonly fingerprint: string;
  /** Why no guardrail would put it right: it is people's to judge. */
  readonly left?: string;
  /** When the sweep that saw it began, in epoch milliseconds. */
  readonly since: number;
}

/** The baseline of these guardrails, the oldest first. The index of days is a moment behind. */
export async function baselineOf(operator: Operator, guardrails: readonly string[]): Promise<Standing[]> {
  const standing: Standing[] = [];
  for (const guardrail of guardrails)
    for (const item of await operatorsLedger(operator).ofDay(baselineDay(guardrail))) {
      const { verdict } = toSeen(item);
      if (verdict?.baseline === undefined) continue;
      const { sweep, fingerprint = "", baseline } = verdict;
      standing.push({ guardrail, ...baseline, fingerprint, since: sweep });
    }
  return standing.sort(
    (one, other) => one.since - other.since || (one.resource.arn < other.resource.arn ? -1 : 1),
  );
}

/**
 * Has a guardrail put right what its baseline holds: each is recorded as open and due, in the operator's name, and the
 * function is woken. It starts with a fresh read, and all that restrains a write restrains this one: mode, exemptions,
 * pause, budget.
 */
export async function fixBaseline(operator: Operator, chosen: readonly Standing[]): Promise<void> {
  const { open } = createLedger(operator.dynamodb, ledgerName(operator.place.stack));
  for (const guardrail of new Set(chosen.map(one => one.guardrail))) {
    const asked = chosen.filter(one => one.guardrail === guardrail).map(one => askedFor(operator, one));
    for (const one of asked) await open(one);
    await wake(operator, guardrail, asked);
  }
}

function askedFor(
  { by, place, now }: Operator,
  { guardrail, resource, words, fingerprint }: Standing,
): OpenFinding {
  const at = now();
  const time = new Date(at).toISOString();
  return {
    guardrail,
    resource,
    finding: { fingerprint, summary: words, data: {} },
    kind: "held",
    code: "baseline",
    because: `${by} has asked that it is put right`,
    cause: {
      kind: "resume",
      key: `baseline#${time}#${by}`,
      id: `baseline-${time}`,
      time,
      account: place.account,
      region: resource.region,
      principal: { arn: by, tool: "cli" },
      words: "asked to put right what was wrong before the first sweep",
    },
    since: at,
    attention: "hourly",
    due: at,
    told: at,
    tries: 0,
    resumed: by,
    // As if nothing had been known: only so does a guardrail take for new what is old.
    known: {},
    revision: `${at} ${by}`,
  };
}
