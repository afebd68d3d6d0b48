import { failureOf } from "../aws/errors";
import { type Exemption, exemptionFor } from "../exemptions";
import { opened } from "../ledger/breaker";
import type { Circumstances } from "../ledger/ledger";
import { managementOf } from "../who/managed-by";
import { capabilities } from "../modes";
import { ownerOf } from "../owner";
import { type DecidedCase, type EndedCase, type FoundCase, isOpen } from "./case";
import { type Restraint, restraintOf } from "./restraints";
import { factsOf, type Run, stationFor, tryEach } from "./run";

/** What the ledger knows of the findings, by ARN, or why it cannot be asked. Neither where nothing is written anyway. */
export interface Known {
  readonly circumstances?: Readonly<Record<string, Circumstances>>;
  readonly error?: string;
}

/** A finding with all that is known of its surroundings. */
interface KnownCase extends DecidedCase {
  readonly exempt?: Exemption;
  /** Whether that exemption ends soon. */
  readonly soon?: Exemption;
}

export async function askLedger(
  { guardrail, config, ledger, world }: Run,
  found: readonly FoundCase[],
): Promise<Known> {
  if (capabilities[config.mode].acts === "never") return {};
  try {
    const asked = found.map(({ resource, finding }) => ({
      arn: resource.arn,
      fingerprint: finding.fingerprint,
    }));
    return { circumstances: await ledger.circumstances(guardrail.id, asked, world.now()) };
  } catch (error) {
    return { error: failureOf(error).message };
  }
}

/** Ends each finding that is not to be written, with the reason; the others may be put right. */
export async function decide(
  run: Run,
  clients: unknown,
  found: readonly FoundCase[],
  known: Known,
): Promise<(DecidedCase | EndedCase)[]> {
  const decided: (DecidedCase | EndedCase)[] = [];
  for (const one of found) {
    const asked = await tryEach(run, [one], async () => [await surroundingsOf(run, clients, one)]);
    const judged = await stationFor(asked, isOpen, open =>
      tryEach(run, open, async part => Promise.all(part.map(each => judge(run, each, known)))),
    );
    decided.push(...judged);
  }
  return decided;
}

/** Asks who runs and owns the resource, where somebody hears of it, and whether it is exempt. */
async function surroundingsOf(run: Run, clients: unknown, found: FoundCase): Promise<KnownCase> {
  const { guardrail, config, occasion, world } = run;
  const { resource, state } = found;
  const { principal } = occasion;
  const facts = capabilities[config.mode].tells
    ? await guardrail.ownership(clients, resource, state)
    : undefined;
  return {
    ...found,
    manager: facts && managementOf(facts, occasion, config.who).manager,
    owner: facts ? ownerOf(facts.tags ?? {}) : found.owner,
    ...exemptionFor(config.exemptions, { guardrail: guardrail.id, resource, principal }, world.now()),
  };
}

async function judge(run: Run, known: KnownCase, ledger: Known): Promise<DecidedCase | EndedCase> {
  const { config, occasion, guardrail, world } = run;
  const { exempt, soon, ...found } = known;
  const { resource, finding, manager } = found;
  const circumstances = ledger.circumstances?.[resource.arn];
  const now = world.now();
  const restraint = restraintOf({
    finding,
    mode: config.mode,
    managed: config.managed,
    manager,
    replayed: found.replayed,
    exemption: exempt,
    circumstances: found.forgotten === undefined ? circumstances : undefined,
    ledgerError: ledger.error ?? found.forgotten,
    occasionKey: occasion.key,
    now,
  });
  if (restraint === undefined) return found;
  if (restraint.kind === "exempt" && soon !== undefined && capabilities[config.mode].tells)
    return restrained(run, found, { ...restraint, endsSoon: true });
  const breaker = circumstances?.breaker;
  if (restraint.kind === "held" && restraint.opens && breaker && breaker.openedBy !== occasion.key) {
    const open = opened(breaker, now, occasion.key, finding.fingerprint);
    await run.ledger.openBreaker(guardrail.id, resource.arn, open, now);
  }
  return restrained(run, found, restraint);
}

/** Ends a case with the reason why its finding is not written. */
export const restrained = (run: Run, found: FoundCase, restraint: Restraint): EndedCase => ({
  ...found,
  outcome: { ...factsOf(run, found), finding: found.finding, before: found.state, ...restraint },
});
