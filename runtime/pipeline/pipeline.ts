import type { GuardrailConfig } from "../config";
import type { Resource } from "../guardrail";
import type { Action } from "../ledger/actions";
import type { Ledger } from "../ledger/ledger";
import type { OpenFinding } from "../ledger/open";
import { capabilities } from "../modes";
import type { Occasion } from "../occasion";
import {
  type BusyCase,
  type EndedCase,
  endedOf,
  type FoundCase,
  isBegun,
  isEnded,
  isFound,
  isOpen,
  type NamedCase,
  type ReadCase,
  type Taken,
  unsettled,
} from "./case";
import { askLedger, decide } from "./decide";
import type { Outcome } from "./outcome";
import { isContradicted, leftToOthers, readAndAssess } from "./read";
import { recall, recover } from "./recall";
import { recollect, remember } from "./recollect";
import { keepOpen } from "./remain";
import { factsOf, failCase, type Remediator, type Run, stationFor, waited, type World } from "./run";
import { verify } from "./verify";
import { watchOn } from "./watching";
import { begin, write } from "./write";

/** How long a read that contradicts the occasion is repeated before it is believed: 30 s in all. */
export const claimPauses = [1_000, 2_000, 4_000, 8_000, 15_000];
/** After so many of these pauses an occasion asks whether it may wait on. */
const shortWait = 2;
/** So many times in an hour one principal's calls keep a function waiting for all of them. */
const mostWaits = 5;

/** What came of one occasion. */
export interface Result {
  /** One for each resource that the occasion names, in its order. */
  readonly outcomes: Outcome[];
  /** The changes under way, by ARN. */
  readonly actions: Readonly<Record<string, Action>>;
  /** The open findings that were put right: no longer open once somebody was told. */
  readonly closing: readonly OpenFinding[];
  /** What the ledger refused after something was written: a reason to try the invocation again. */
  readonly problems: readonly unknown[];
}

/**
 * The one path from an occasion to an outcome for each resource that it names: recall, read, decide, write, verify.
 * Never throws: whatever fails for one resource is that resource's outcome.
 * @param taken the open findings for which resources are looked at again
 */
export async function runPipeline(
  guardrail: Remediator,
  occasion: Occasion,
  resources: readonly Resource[],
  config: GuardrailConfig,
  world: World,
  ledger: Ledger,
  taken: readonly Taken[] = [],
): Promise<Result> {
  const run: Run = { guardrail, occasion, received: world.now(), config, world, ledger, problems: [] };
  const recalled = await recollect(run, await recall(run, namedCases(resources, taken)));
  const ended = endedOf(recalled);
  for (const region of new Set(unsettled(recalled).map(({ resource }) => resource.region))) {
    const here = unsettled(recalled).filter(({ resource }) => resource.region === region);
    ended.push(...(await settleAll(run, guardrail.clients(region), here)));
  }
  await remember(run, ended);
  const byArn = Object.fromEntries(ended.map(one => [one.resource.arn, one]));
  const cases = recalled.map(({ resource }) => byArn[resource.arn]);
  const closing = await keepOpen(run, cases);
  await watchOn(run, cases);
  return {
    outcomes: cases.map(({ outcome }) => outcome),
    actions: Object.fromEntries(
      cases.flatMap(({ resource, action }) => (action === undefined ? [] : [[resource.arn, action]])),
    ),
    closing,
    problems: run.problems,
  };
}

const namedCases = (resources: readonly Resource[], taken: readonly Taken[]): NamedCase[] =>
  resources
    .filter((resource, at) => resources.findIndex(({ arn }) => arn === resource.arn) === at)
    .map(resource => ({
      resource,
      calls: [],
      taken: taken.find(({ item }) => item.resource.arn === resource.arn),
    }));

/** Brings every resource of one region to its outcome; reads again what others are at work on, or what may be stale. */
async function settleAll(run: Run, clients: unknown, named: readonly NamedCase[]): Promise<EndedCase[]> {
  const ended: EndedCase[] = [];
  const believed: ReadCase[] = [];
  let waiting: readonly (NamedCase | ReadCase | BusyCase)[] = named;
  const pauses = [...claimPauses];
  for (let ms: number | undefined = 0; ms !== undefined; ms = nextPause(run, waiting, pauses)) {
    if (ms > 0 && !(await waited(run, ms))) break;
    const read = await readAndAssess(run, clients, waiting);
    const looked = read.map(one => (isEnded(one) ? one : leftToOthers(one)));
    const recovered = await stationFor(looked, isOpen, open => recover(run, open));
    const acted = await stationFor(recovered, isFound, found => putRight(run, clients, found));
    ended.push(...endedOf(acted));
    const open = unsettled(acted);
    waiting = open.filter(one => one.isBusy === true || isContradicted(one));
    believed.push(...open.filter(one => !waiting.includes(one)));
    if (waiting.length === 0) break;
    const doubted = open.filter(one => one.isBusy !== true && isContradicted(one));
    const isLong = pauses.length === claimPauses.length - shortWait && doubted.length > 0;
    if (isLong && !(await mayWaitOn(run))) {
      believed.push(...doubted);
      waiting = open.filter(one => one.isBusy === true);
      if (waiting.length === 0) break;
    }
  }
  for (const one of waiting) {
    if (one.isBusy === true) ended.push(failCase(run, one, locked()));
    else believed.push(one as ReadCase);
  }
  for (const one of believed)
    ended.push({
      ...one,
      outcome: { ...factsOf(run, one), kind: one.state === undefined ? "gone" : "compliant" },
    });
  return ended;
}

/**
 * Whether an event may keep the function waiting for a read that may be stale: whoever makes things and takes them back
 * could keep all functions busy. The next tick looks once more.
 */
async function mayWaitOn({ guardrail, config, occasion, ledger, world }: Run): Promise<boolean> {
  if (occasion.kind !== "event" || !capabilities[config.mode].usesLedger) return true;
  const counted = { group: `wait ${occasion.principal?.arn ?? "unknown"}`, occasion: occasion.key };
  const place = await ledger.waiting.nth(guardrail.id, counted, world.now()).catch(() => undefined);
  return place === undefined || place.nth <= mostWaits;
}

/** Puts right what may be put right, batch by batch; what others are at work on stays busy. */
async function putRight(
  run: Run,
  clients: unknown,
  found: readonly FoundCase[],
): Promise<(BusyCase | EndedCase)[]> {
  if (found.length === 0) return [];
  const known = await askLedger(run, found);
  const decided = await decide(run, clients, found, known);
  return stationFor(decided, isOpen, async open => {
    const size = run.guardrail.batch ?? 1;
    const done: (BusyCase | EndedCase)[] = [];
    for (let at = 0; at < open.length; at += size) {
      const begun = await begin(run, open.slice(at, at + size), known);
      const ended = await stationFor(begun, isBegun, async part =>
        verify(run, clients, await write(run, clients, part)),
      );
      done.push(...ended);
    }
    return done;
  });
}

/** While others are at work on a resource, short pauses that differ from theirs; else the next of the claim's. */
const nextPause = ({ world }: Run, waiting: readonly NamedCase[], pauses: number[]): number | undefined =>
  waiting.some(({ isBusy }) => isBusy === true) ? 500 + Math.round(world.random() * 2_500) : pauses.shift();

const locked = (): Error =>
  Object.assign(new Error("Other invocations are at work on this resource"), { code: "Locked" });
