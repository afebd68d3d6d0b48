import { failureOf } from "../aws/errors";
import { type Exemption, exemptionFor } from "../exemptions";
import type { Circumstances } from "../ledger/ledger";
import { managementOf } from "../who/managed-by";
import { listingCommand } from "../who/who";
import { capabilities } from "../modes";
import { ownerOf } from "../owner";
import { type DecidedCase, type EndedCase, type FoundCase, isOpen, isWritable, type Taken } from "./case";
import { isToldAgain } from "../ledger/open";
import { attentionTo, type Restraint, type RestraintCode, restraintOf } from "./restraints";
import { causeOf, factsOf, type Run, stationFor, tryEach } from "./run";

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
    if (isLookedAtOnly(run, one)) {
      decided.push(stillOpen(run, one));
      continue;
    }
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
  const { guardrail, config } = run;
  const { resource, state } = found;
  const cause = causeOf(run, found);
  const facts = capabilities[config.mode].tells
    ? await guardrail.ownership(clients, resource, state)
    : undefined;
  return {
    ...found,
    management: facts && managementOf(facts, cause, config.who),
    owner: facts ? ownerOf(facts.tags ?? {}) : found.owner,
    ...exemptionOf(run, found),
  };
}

function exemptionOf(run: Run, found: FoundCase) {
  const { guardrail, config, world } = run;
  const { principal } = causeOf(run, found);
  const resource = { ...found.resource, arn: found.finding.arn ?? found.resource.arn };
  return exemptionFor(config.exemptions, { guardrail: guardrail.id, resource, principal }, world.now());
}

/** Whether an open finding is as it was, and it is not yet time to try again. */
function isLookedAtOnly(run: Run, found: FoundCase): boolean {
  const { taken, finding } = found;
  if (taken === undefined || taken.isDue) return false;
  const was = taken.item.finding;
  const isSame = finding.fingerprint === was.fingerprint && isWritable(finding) === isWritable(was);
  return isSame && exemptionOf(run, found).exempt === undefined;
}

/** An open finding that is as it was: no news until it is time to tell it again. */
function stillOpen(run: Run, found: FoundCase): EndedCase {
  const { item } = found.taken as NonNullable<FoundCase["taken"]>;
  const { kind, because, due, attention } = item;
  const again = isToldAgain(item, run.world.now()) ? undefined : (true as const);
  const facts = {
    ...factsOf(run, found),
    finding: found.finding,
    before: found.state,
    because,
    attention,
    again,
  };
  const code = item.code as RestraintCode;
  return {
    ...found,
    outcome: kind === "held" ? { ...facts, kind, code, due, tell: true } : { ...facts, kind, code },
  };
}

async function judge(run: Run, known: KnownCase, ledger: Known): Promise<DecidedCase | EndedCase> {
  const { config, guardrail, world } = run;
  const { exempt, soon, ...asked } = known;
  const circumstances = ledger.circumstances?.[asked.resource.arn];
  const found = { ...asked, open: circumstances?.open };
  const { resource, finding, management, taken } = found;
  const { principal } = causeOf(run, found);
  const restraint = restraintOf({
    finding,
    severity: guardrail.severity,
    mode: config.mode,
    managed: config.managed,
    management,
    replayed: found.replayed,
    exemption: exempt,
    circumstances: found.forgotten === undefined ? circumstances : undefined,
    ledgerError: ledger.error ?? found.forgotten,
    resumed: taken?.item.resumed,
    listing: principal && listingCommand("controllers", config.who, principal.arn, resource.account),
    now: world.now(),
  });
  if (restraint === undefined) return (taken && leftAs(run, found, taken)) ?? found;
  if (restraint.kind === "exempt" && soon !== undefined && capabilities[config.mode].tells)
    return restrained(run, found, { ...restraint, endsSoon: true });
  return restrained(run, found, restraint);
}

/** What was told and left is looked at to see whether it is gone, and not written because it looks otherwise now. */
function leftAs(run: Run, found: KnownCase, { item, isDue }: Taken): EndedCase | undefined {
  const { kind, code, resumed, because } = item;
  if (kind !== "notified" || isDue || resumed !== undefined) return undefined;
  return restrained(run, found, { kind, code: code as RestraintCode, because });
}

/** Ends a case with the reason why its finding is not written. */
export function restrained(run: Run, found: FoundCase, restraint: Restraint): EndedCase {
  const { finding, state: before } = found;
  const { kind } = restraint;
  const isAwaited = finding.critical === true || capabilities[run.config.mode].acts !== "never";
  const attention =
    isAwaited && (kind === "held" || kind === "notified")
      ? attentionTo(finding, { kind, code: restraint.code })
      : undefined;
  return { ...found, outcome: { ...factsOf(run, found), finding, before, attention, ...restraint } };
}
