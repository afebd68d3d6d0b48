import { codeOf } from "../aws/errors";
import type { GuardrailConfig } from "../config";
import type { Page, Resource, State } from "../guardrail";
import type { Ledger } from "../ledger/ledger";
import { isSwept, type Progress, settingsKey, type Sweeps } from "../ledger/sweeps";
import { capabilities } from "../modes";
import type { Occasion } from "../occasion";
import { isWritable } from "../pipeline/case";
import type { Outcome } from "../pipeline/outcome";
import type { World } from "../pipeline/run";
import { besideUndone, judge, type Judged, type Judging, type Listed, sweepKey } from "./judge";
import { listed } from "./digest";
import { begunOf, isRightSince, remembered } from "./memory";
import { newsOf, outcomeOf } from "./outcome";

/** A guardrail that can list what there is. */
export interface Sweepable extends Judging {
  isWatched?(state: State, settings: unknown): boolean;
  inventory(
    clients: unknown,
    scope: { account: string; region: string; partition: string },
    settings: unknown,
    from?: string,
  ): AsyncIterable<Page>;
}

/** Where a sweep goes, and what it is given to act and tell with. */
export interface Sweeping {
  readonly guardrail: Sweepable;
  /** For the region. */
  readonly clients: unknown;
  readonly config: GuardrailConfig;
  readonly place: { readonly account: string; readonly region: string; readonly partition: string };
  readonly ledger: Pick<Ledger, "seen" | "sweeps" | "watch">;
  readonly world: Pick<World, "now" | "remaining">;
  /** Takes resources through the pipeline, and tells what came of them. */
  readonly putRight: (occasion: Occasion, resources: readonly Resource[]) => Promise<readonly Outcome[]>;
  /** Records and tells outcomes that are not written, but for what the digest tells. */
  readonly report: (occasion: Occasion, outcomes: readonly Outcome[]) => Promise<void>;
  /** Tells at the end of a sweep what is new. */
  readonly finish: (occasion: Occasion, done: Progress) => Promise<void>;
}

/** What one call came to. */
export type Swept =
  | { readonly kind: "not-due" | "taken" | "unfinished"; readonly sweeps: Sweeps }
  | { readonly kind: "complete"; readonly sweeps: Sweeps; readonly done: Progress };

/** Sweeps are daily; a little less, so that the tick before the hour begins it. */
const interval = 24 * 3600_000 - 10 * 60_000;
/** A page is not begun with less time than this left: it is read, judged, remembered, and what is new is told. */
const timeForPage = 25_000;
/** A place that AWS forgets again and again: the region cannot be gone through in parts. */
const mostRestarts = 5;

/** Whether a sweep is to begin or to go on now: at once, too, when the stack has changed what is required. */
export const isDue = ({ running, completed, request }: Sweeps, settings: unknown, now: number): boolean =>
  running !== undefined ||
  request !== undefined ||
  completed?.by !== settingsKey(settings) ||
  now - completed.started >= interval;

/**
 * Goes on with the sweep of one region where the last call left it, or begins the next when it is due; page by page
 * while the time lasts. A page is judged, then what may be written is put right, then it is remembered, and only then
 * the place is: whoever dies in between takes the page again.
 */
export async function sweepOn(sweeping: Sweeping): Promise<Swept> {
  const { ledger, guardrail, config, place, world } = sweeping;
  const found = await ledger.sweeps.get(guardrail.id, place.region);
  if (!isDue(found, config.settings, world.now())) return { kind: "not-due", sweeps: found };
  const by = settingsKey(config.settings);
  const running = found.running?.by === by ? found.running : begun(found, config.settings, world.now());
  try {
    return await goThrough(sweeping, found, running);
  } catch (error) {
    if (running.from === undefined || !isLostPlace(error)) throw error;
    if (running.restarts >= mostRestarts) throw error;
    const { started, isBaseline, replacesCall, restarts } = running;
    const first = begun(found, config.settings, started);
    const again = { ...first, isBaseline, replacesCall, restarts: restarts + 1 };
    return goThrough(sweeping, await latest(sweeping), again);
  }
}

const begun = (sweeps: Sweeps, settings: unknown, now: number): Progress => ({
  started: now,
  by: settingsKey(settings),
  isBaseline: !isSwept(sweeps, settings, now),
  replacesCall: sweeps.request?.replacesCall,
  restarts: 0,
  looked: 0,
  wrong: 0,
  fresh: 0,
  news: [],
});

const latest = ({ ledger, guardrail, place }: Sweeping): Promise<Sweeps> =>
  ledger.sweeps.get(guardrail.id, place.region);

/**
 * A token of a page lives for a while only, and nobody says how long:
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (InvalidNextToken, InvalidPaginationToken)
 */
const isLostPlace = (error: unknown): boolean =>
  /Token|^InvalidArgument$|^InvalidParameterValue$/.test(codeOf(error)) &&
  !/^(ExpiredToken|InvalidClientToken|UnrecognizedClient|InvalidToken$)/.test(codeOf(error));

async function goThrough(sweeping: Sweeping, before: Sweeps, from: Progress): Promise<Swept> {
  const { guardrail, clients, place, config, world } = sweeping;
  if (from.isOver) return end(sweeping, before, from);
  // A sweep that dies, or cannot tell, must be known again by its start: what it has remembered is no news to another.
  const first = from.from === undefined ? await save(sweeping, before, from) : before;
  if (first === undefined) return { kind: "taken", sweeps: before };
  let sweeps = first;
  let progress = from;
  const pages = guardrail.inventory(clients, place, config.settings, progress.from);
  for await (const { items, next } of inTime(pages, world)) {
    const taken = await takePage(sweeping, progress, items);
    if (taken === undefined) return { kind: "unfinished", sweeps };
    progress = { ...taken, from: next, ...(next === undefined && { isOver: true as const }) };
    const saved = await save(sweeping, sweeps, progress);
    if (saved === undefined) return { kind: "taken", sweeps };
    sweeps = saved;
    if (progress.isOver) return end(sweeping, sweeps, progress);
  }
  return { kind: "unfinished", sweeps };
}

/** @returns undefined when another invocation has gone on meanwhile */
const save = ({ ledger, guardrail, place, world }: Sweeping, sweeps: Sweeps, running: Progress) =>
  ledger.sweeps.save(guardrail.id, place.region, sweeps, { ...sweeps, running }, world.now());

/** Tells what is new, and only then is the sweep complete. */
async function end(sweeping: Sweeping, sweeps: Sweeps, done: Progress): Promise<Swept> {
  const { ledger, guardrail, place, world } = sweeping;
  await sweeping.finish(occasionOf(sweeping, done), done);
  const now = world.now();
  const saved = await ledger.sweeps.save(
    guardrail.id,
    place.region,
    sweeps,
    completed(sweeps, done, now),
    now,
  );
  return saved === undefined ? { kind: "taken", sweeps } : { kind: "complete", sweeps: saved, done };
}

/** Those pages that can be taken before the time is over. */
async function* inTime(pages: AsyncIterable<Page>, world: Sweeping["world"]): AsyncGenerator<Page> {
  if (world.remaining() < timeForPage) return;
  for await (const page of pages) {
    yield page;
    if (world.remaining() < timeForPage) return;
  }
}

/** What asked for a sweep before this one began is answered by it. */
function completed(
  { completed: last, request }: Sweeps,
  { started, by, looked, isBaseline }: Progress,
  now: number,
): Omit<Sweeps, "revision"> {
  const isAnswered = request !== undefined && request.at <= started;
  const since = isBaseline ? now : (last?.since ?? now);
  return { completed: { started, ended: now, by, looked, since }, request: isAnswered ? undefined : request };
}

/**
 * One page: judged, put right where that may be, told, remembered. Undefined when there was no time to put all of it
 * right: then nothing of it is remembered, and it is taken again.
 */
async function takePage(
  sweeping: Sweeping,
  progress: Progress,
  items: readonly Listed[],
): Promise<Progress | undefined> {
  const { guardrail, config, ledger, world } = sweeping;
  const { started, isBaseline } = progress;
  const at = world.now();
  const alive = items.filter(({ state }) => state.gone !== true);
  const arns = alive.map(({ resource }) => resource.arn);
  const seen = arns.length > 0 ? await ledger.seen.get(guardrail.id, arns) : {};
  const by = { guardrail, config, started, isBaseline, at };
  const judged = alive.map(item => judge(by, item, seen[item.resource.arn]));
  const occasion = occasionOf(sweeping, progress);
  const mayWrite = judged.filter(
    one => isToWrite(one, progress, config) || isRightSince(one, seen[one.resource.arn], started),
  );
  let outcomes: readonly Outcome[] = [];
  if (mayWrite.length > 0) {
    // Whoever dies after the write finds it right when the page is taken again: it must be known as begun.
    await ledger.seen.put(guardrail.id, begunOf(mayWrite, seen, started, at));
    outcomes = await sweeping.putRight(
      occasion,
      mayWrite.map(({ resource }) => resource),
    );
  }
  if (outcomes.length < mayWrite.length) return undefined;
  const told = [
    ...judged.filter(one => one.news.kind !== "none" && !mayWrite.includes(one)),
    ...mayWrite.flatMap((one, index) => besideUndone(by, one, outcomes[index]) ?? []),
  ];
  if (told.length > 0)
    await sweeping.report(
      occasion,
      told.map(one => outcomeOf(one, occasion, at, progress.replacesCall === true)),
    );
  await ledger.seen.put(guardrail.id, remembered(judged, seen, outcomes, started));
  for (const { resource, state } of alive)
    if (guardrail.isWatched?.(state, config.settings))
      await ledger.watch(guardrail.id, { resource, cause: occasion, at });
  const forDigest = told.filter(({ finding }) => finding?.critical !== true);
  return {
    ...progress,
    looked: progress.looked + alive.length,
    wrong: progress.wrong + judged.filter(({ finding, exemption }) => finding && !exemption).length,
    fresh: progress.fresh + forDigest.length,
    news: [...progress.news, ...forDigest.map(newsOf)].slice(0, listed),
  };
}

/**
 * Only what an earlier sweep saw right, or did not see, and only where the stack says so, or a call that broke it could
 * not be read.
 */
const isToWrite = (
  { news, finding }: Judged,
  { replacesCall }: Progress,
  { mode, sweep }: GuardrailConfig,
): boolean =>
  news.kind === "since-last-sweep" &&
  (sweep === "enforce" || replacesCall === true) &&
  capabilities[mode].acts !== "never" &&
  isWritable(finding);

const occasionOf = ({ guardrail, place }: Sweeping, { started, looked }: Progress): Occasion => ({
  kind: "sweep",
  key: sweepKey(place.region, started),
  id: `sweep-${guardrail.id}-${new Date(started).toISOString()}`,
  time: new Date(started).toISOString(),
  account: place.account,
  region: place.region,
  words:
    looked > 0 ? `went through ${place.region}, ${looked} resources so far,` : `went through ${place.region}`,
});
