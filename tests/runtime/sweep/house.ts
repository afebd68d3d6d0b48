import type { GuardrailConfig } from "../../../runtime/config";
import type { Known, Page, Resource, State } from "../../../runtime/guardrail";
import { createLedger } from "../../../runtime/ledger/ledger";
import type { Progress } from "../../../runtime/ledger/sweeps";
import type { JsonObject } from "../../../runtime/json";
import type { Occasion } from "../../../runtime/occasion";
import type { Outcome } from "../../../runtime/pipeline/outcome";
import type { Remediator } from "../../../runtime/pipeline/run";
import { runPipeline } from "../../../runtime/pipeline/pipeline";
import { sweepOn, type Sweepable, type Swept } from "../../../runtime/sweep/sweep";
import { fakeTable } from "../../support/fakes/table";
import {
  arn,
  config,
  heated,
  house,
  type House,
  type Limits,
  type Room,
  stillWorld,
  thermostat,
} from "../../support/thermostat";
import { namedIn } from "../../../runtime/guardrail";

export const day = 24 * 3600_000;

/** A room as an inventory names it. */
export const roomAt = (id: string): Resource => ({
  arn: arn(id),
  type: "House::Room",
  id,
  region: "us-east-1",
  account: "123456789012",
  hints: {},
});

/** The thermostat with a memory of each room's heat, and an inventory of so many rooms a page. */
export const sweepableThermostat = (home: House, pageSize: number): Sweepable & Remediator => ({
  ...thermostat(home),
  remembered: (state: State): Known => ({ heat: `${(state as Room).degrees} degrees` }),
  async *inventory(
    _clients: unknown,
    _scope: unknown,
    _settings: unknown,
    from?: string,
  ): AsyncGenerator<Page> {
    const ids = Object.keys(home.rooms).sort();
    for (let at = Number(from ?? 0); at === 0 || at < ids.length; at += pageSize) {
      home.calls.push("ListRooms");
      const items = ids.slice(at, at + pageSize).flatMap(id => {
        const state = home.rooms[id];
        return state === undefined ? [] : [{ resource: roomAt(id), state: structuredClone(state) }];
      });
      const next = at + pageSize;
      yield next < ids.length ? { items, next: String(next) } : { items };
    }
  },
});

type Given = Partial<GuardrailConfig<Limits>> & { sweep?: "notify" | "enforce" | "off" };

/** One house with its ledger, whose sweeps and events a test plays; everything that somebody would see is kept. */
export function sweptHouse(rooms: Record<string, number>, given: Given = {}, pageSize = 2) {
  const home = house(rooms);
  const table = fakeTable();
  const ledger = createLedger(table.client, "ledger");
  const guardrail = sweepableThermostat(home, pageSize);
  const seen = {
    reported: [] as Outcome[],
    written: [] as Outcome[],
    finished: [] as { occasion: Occasion; done: Progress }[],
  };
  const settings = { ...config("enforce"), sweep: "notify" as const, ...given };
  let now = Date.parse("2026-01-01T00:00:02Z");
  const worldOf = (remaining = 60_000) => {
    const world = stillWorld(home, remaining);
    const start = now;
    world.time = start;
    // Time passes while the world waits, and when a test says so.
    const at = (): number => world.time + now - start;
    return Object.assign(world, { now: at, remaining: () => remaining - (at() - start) });
  };

  async function sweep(more: { remaining?: number; settings?: Given; fails?: Error } = {}): Promise<Swept> {
    const world = worldOf(more.remaining);
    const used = { ...settings, ...more.settings };
    return sweepOn({
      guardrail,
      clients: home,
      config: used,
      place: { account: "123456789012", region: "us-east-1", partition: "aws" },
      ledger,
      world,
      putRight: async (occasion, resources) => {
        const { outcomes } = await runPipeline(
          { ...guardrail, clients: () => home },
          occasion,
          resources,
          used,
          world,
          ledger,
        );
        seen.written.push(...outcomes);
        return outcomes;
      },
      report: async (_, outcomes) => void seen.reported.push(...outcomes),
      finish: async (occasion, done) => {
        if (more.fails) throw more.fails;
        seen.finished.push({ occasion, done });
      },
    });
  }

  /** Takes an event through the pipeline. */
  async function event(
    ids: string[],
    more: { id?: string; time?: string; fresh?: string[]; identity?: JsonObject } = {},
  ) {
    const id = more.id ?? "11111111-2222-3333-4444-555555555555";
    const { identity } = more;
    const payload = {
      ...heated(ids, identity && { userIdentity: identity }),
      id,
      time: more.time ?? new Date(now).toISOString(),
    };
    const { occasionOf } = await import("../../../runtime/events");
    const resources = namedIn(guardrail.resources(payload, settings.settings)).map(one => ({
      ...one,
      fresh: more.fresh,
    }));
    const at = { ...guardrail, clients: () => home };
    return runPipeline(at, occasionOf(payload), resources, settings, worldOf(), ledger);
  }

  /** A tick tries again all that is open. */
  async function takeUp(): Promise<void> {
    const open = await ledger.openFindings(guardrail.id);
    const occasion: Occasion = {
      kind: "tick",
      key: `tick#${now}`,
      id: `tick-${now}`,
      time: new Date(now).toISOString(),
      account: "123456789012",
      region: "us-east-1",
      words: "looked again at what is open",
    };
    const resources = open.map(({ resource }) => resource);
    const taken = open.map(item => ({ item, isDue: true }));
    const at = { ...guardrail, clients: () => home };
    await runPipeline(at, occasion, resources, settings, worldOf(), ledger, taken);
  }

  return {
    takeUp,
    home,
    table,
    ledger,
    guardrail,
    settings,
    seen,
    sweep,
    event,
    degrees: (id: string) => home.rooms[id]?.degrees,
    heat: (id: string, degrees: number) => void (home.rooms[id] = { degrees, tags: {} }),
    now: () => now,
    pass: (ms: number) => void (now += ms),
    /** What the last complete sweep told. */
    digest: () => seen.finished.at(-1)?.done,
  };
}
