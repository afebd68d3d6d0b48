import { createLedger } from "../../runtime/ledger/ledger";
import type { OpenFinding } from "../../runtime/ledger/open";
import type { Sweeps } from "../../runtime/ledger/sweeps";
import { covering } from "../../components/regions";
import { ledgerName } from "../../runtime/names";
import { operatorsLedger, type Decision } from "../ledger";
import { inspectingGuardrails, type Operator } from "../operator";
import type { Scope } from "../pause";
import { baselineOf } from "../sweep/baseline";

/** What the ledger holds of one guardrail. */
export interface Remembered {
  /** Found, and still wrong, the oldest first. */
  readonly open: readonly OpenFinding[];
  /** How many resources were wrong before the first sweep, and are. */
  readonly baseline: number;
  /** By region. */
  readonly sweeps: Readonly<Record<string, Pick<Sweeps, "running" | "completed">>>;
}

export type Pause = Decision & { readonly scope: Scope };

/** The pauses that hold now: of every guardrail, then of each. */
export async function pausesOf(operator: Operator): Promise<Pause[]> {
  const ledger = operatorsLedger(operator);
  const found: Pause[] = [];
  for (const scope of ["all", ...inspectingGuardrails().map(({ id }) => id)]) {
    const pause = await ledger.pauseOf(scope, operator.now());
    if (pause !== undefined) found.push({ ...pause, scope });
  }
  return found;
}

/** @throws Error of DynamoDB */
export async function rememberedOf(operator: Operator, guardrail: string): Promise<Remembered> {
  const { openFindings, sweeps } = createLedger(operator.dynamodb, ledgerName(operator.place.stack));
  const open = await openFindings(guardrail);
  const regions = covering(operator.place).regions.map(
    async region => [region, await sweeps.get(guardrail, region)] as const,
  );
  return {
    open: open.sort((one, other) => one.since - other.since),
    baseline: (await baselineOf(operator, [guardrail])).length,
    sweeps: Object.fromEntries(await Promise.all(regions)),
  };
}
