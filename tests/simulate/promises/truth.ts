import type { Simulation, Wrong } from "../../guardrails/simulation";
import type { SimulatedWorld, Version } from "../world";

/** Something that is wrong, and all that is truly known of how it came to be. */
export interface Known extends Wrong {
  /** Since when without a break; the stack's beginning for what was so before. */
  readonly since: number;
  /** The id of the event that brought it; undefined for what no event told of. */
  readonly cause?: string;
}

/** What is wrong in the account, since when and by what, whoever else knows it. */
export function truthOf(simulation: Simulation<object>, world: SimulatedWorld, begin: number) {
  const since = new Map<string, number>();
  const causes = new Map<string, string>();
  /** The things that an event has brought, by the event's id: what is newly wrong, newly there, or what it is about. */
  const brought: Record<string, ReadonlySet<string>> = {};
  /** What was wrong at any time: each by all its ARNs. */
  const noticed = new Map<string, readonly string[]>();
  const wrongs = ({ account }: Version): Wrong[] => simulation.wrongs(account as never);
  look();

  /** To be called whenever the account has changed. */
  function look(): void {
    const now = new Set<string>();
    for (const { words, thing, arns } of wrongs(world.newest())) {
      now.add(words);
      if (!since.has(words)) since.set(words, world.newest().at);
      noticed.set(thing, arns);
    }
    for (const words of since.keys())
      if (!now.has(words)) {
        since.delete(words);
        causes.delete(words);
      }
  }

  /** A call has changed the account, and this event tells of it. */
  function told(event: string, before: Version, after: Version, about: readonly string[]): void {
    const was = new Set(wrongs(before).map(({ words }) => words));
    const fresh = wrongs(after).filter(({ words }) => !was.has(words));
    for (const { words } of fresh) causes.set(words, event);
    const things = simulation.things(before.account as never);
    const made = Object.keys(simulation.things(after.account as never)).filter(
      thing => !Object.hasOwn(things, thing),
    );
    brought[event] = new Set([...about, ...made, ...fresh.map(({ thing }) => thing)]);
  }

  const left = (): Known[] =>
    wrongs(world.newest()).map(wrong => ({
      ...wrong,
      since: since.get(wrong.words) ?? begin,
      cause: causes.get(wrong.words),
    }));

  return { look, told, left, brought, noticed };
}
