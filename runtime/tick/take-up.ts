import { fixesOfAllKinds } from "../ledger/breaker";
import { isToldAgain, type OpenFinding, openName } from "../ledger/open";
import type { Invocation } from "../invocation/invocation";
import { settle } from "../invocation/settle";
import type { Occasion } from "../occasion";
import type { Taken } from "../pipeline/case";
import type { RestraintCode } from "../pipeline/restraints";
import type { Tick } from "./chore";
import { withoutRecords } from "./unread";

/** So many open findings are looked at in one tick; the others in the next ones. */
const mostLooks = 250;
/** So many are held in memory, some kilobytes each; where there are more, others at each tick. */
const mostRead = 5_000;

/**
 * Takes up what is open: a fresh read of each, and another try of what is due. The critical ones first, and of those as
 * loud one of each principal in turn: nobody's thousand findings keep another's one from being put right.
 */
export async function takeUp(tick: Tick): Promise<void> {
  const { guardrail, ledger, config, world, occasion } = tick;
  const bound = { most: mostRead, place: world.random };
  const open = await withoutRecords(tick, occasion, await ledger.openFindings(guardrail.id, bound));
  const due = byUrgency(open.filter(one => isDue(one, world.now())));
  const now = firstOf(due, Math.max(1, Math.floor(config.budget / 4)));
  const others = inTurn(
    open.filter(one => !now.includes(one)),
    Math.max(0, mostLooks - now.length),
    world,
  );
  const chosen = new Set([...now, ...others]);
  const rest: Record<string, OpenFinding[]> = {};
  for (const one of open) if (!chosen.has(one)) (rest[one.resource.arn] ??= []).push(one);
  const take = (item: OpenFinding, isDue: boolean): Taken => ({
    item,
    isDue,
    others: rest[item.resource.arn],
  });
  await takeAll(tick, occasion, [
    ...now.map(item => take(item, true)),
    ...others.map(item => take(item, false)),
  ]);
}

/**
 * What is taken up of so many resources at most, and of each no more than the breaker lets through at once. After a
 * pause or an outage all of it is due at once: what has just been broken needs some of the budget too.
 */
function firstOf(due: readonly OpenFinding[], resources: number): OpenFinding[] {
  const chosen: Record<string, number> = {};
  return due
    .filter(({ resource: { arn } }) => {
      if (chosen[arn] === undefined && Object.keys(chosen).length >= resources) return false;
      chosen[arn] = (chosen[arn] ?? 0) + 1;
      return chosen[arn] <= fixesOfAllKinds;
    })
    .slice(0, mostLooks);
}

/** One of each principal's in turn, each principal's in the order given. */
export function byTurns(open: readonly OpenFinding[]): OpenFinding[] {
  const turns = new Map<string, number>();
  const turnOf = ({ cause }: OpenFinding): number => {
    const who = cause.principal?.arn ?? cause.kind;
    const turn = turns.get(who) ?? 0;
    turns.set(who, turn + 1);
    return turn;
  };
  return open
    .map(one => ({ one, turn: turnOf(one) }))
    .sort((first, second) => first.turn - second.turn)
    .map(({ one }) => one);
}

/** Whether the reason why it was not put right has ended. */
export const isDue = ({ due }: OpenFinding, now: number): boolean => due !== undefined && due <= now;

/** What is blocked is due at each tick, and so comes last: it could only be written if what stands in the way is gone. */
const rankOf = ({ attention, code }: OpenFinding): OpenFinding["attention"] =>
  code === ("blocked" satisfies RestraintCode) ? "daily" : attention;

/** By loudness, and those as loud by turns: who has waited the longest since it was due, of each principal. */
export const byUrgency = (due: readonly OpenFinding[]): OpenFinding[] =>
  (["critical", "hourly", "daily"] as const).flatMap(rank =>
    byTurns(due.filter(one => rankOf(one) === rank).sort((one, other) => (one.due ?? 0) - (other.due ?? 0))),
  );

/**
 * So many of them: first those of which people are to hear again, then one of each resource, another at each time,
 * since its look closes whatever else of the resource is gone.
 */
function inTurn(open: readonly OpenFinding[], most: number, world: Tick["world"]): OpenFinding[] {
  if (open.length <= most) return [...open];
  const isOverdue = (one: OpenFinding): boolean => isToldAgain(one, world.now());
  const waiting = open.filter(one => !isOverdue(one));
  const from = Math.floor(world.random() * waiting.length);
  const seen = new Set<string>();
  const isFirst = ({ resource: { arn } }: OpenFinding): boolean => !seen.has(arn) && seen.add(arn).has(arn);
  const turns = byTurns([...waiting.slice(from), ...waiting.slice(0, from)].filter(isFirst));
  return [...byTurns(open.filter(isOverdue)), ...turns].slice(0, most);
}

/** Left free for the chores that follow, in milliseconds. */
const reserve = 30_000;

/** Takes open findings through the pipeline; those of one resource one after the other, since each has hints of its own. */
export async function takeAll(
  invocation: Invocation,
  occasion: Occasion,
  taken: readonly Taken[],
): Promise<void> {
  let waiting = taken;
  for (let wave = 1; waiting.length > 0; wave += 1) {
    if (wave > 1 && invocation.world.remaining() < reserve) return;
    const arns = new Set<string>();
    const part = waiting.filter(({ item }) => {
      const { arn } = item.resource;
      return !arns.has(arn) && arns.add(arn);
    });
    const resources = part.map(({ item }) => item.resource);
    const { left } = await settle(invocation, occasion, resources, part);
    if (left.length > 0) return;
    waiting = waiting.filter(one => !part.includes(one));
  }
}

/** The open findings that an operator's request names, or undefined when the payload is none. */
export function takesIn(payload: unknown): readonly string[] | undefined {
  const takes = (payload as { takes?: unknown } | null | undefined)?.takes;
  return Array.isArray(takes) ? takes.filter(name => typeof name === "string") : undefined;
}

/**
 * Takes up what an operator asks for. The request only says where to look: that it is to be tried again, and by whose
 * decision, stands in the ledger, where nobody but operators can have written it.
 */
export async function takeAsked(invocation: Invocation, names: readonly string[]): Promise<void> {
  const { guardrail, ledger, world, environment } = invocation;
  const { account, region } = environment;
  const occasion: Occasion = {
    kind: "resume",
    key: `resume#${world.invocation}`,
    id: world.invocation,
    time: new Date(world.now()).toISOString(),
    account,
    region,
    words: "took up again what was held, as an operator asked",
  };
  const open = await withoutRecords(invocation, occasion, await ledger.openFindings(guardrail.id));
  const asked = open.filter(
    one => isDue(one, world.now()) && names.includes(openName(one.resource.arn, one.finding.fingerprint)),
  );
  await takeAll(
    invocation,
    occasion,
    byUrgency(asked).map(item => ({ item, isDue: true })),
  );
}
