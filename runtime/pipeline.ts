import { codeOf, failureOf } from "./errors";
import { type GuardrailEvent, type Json, principalOf } from "./events";
import type { Finding, GuardrailRuntime, Resource, State } from "./guardrail";
import type { GuardrailConfig } from "./config";
import { type Manager, managedBy } from "./managed-by";
import { ownerOf } from "./owner";
import type { Outcome } from "./outcome";

/** A definition's run-time half without what only operators call. */
export type Remediator<Settings, Clients, Hints, S extends State, Data extends Json> = Omit<
  GuardrailRuntime<Settings, Clients, Hints, S, Data>,
  "undo" | "inventory"
>;

/** What the pipeline takes from the outside. Times in milliseconds. */
export interface World {
  now(): number;
  pause(ms: number): Promise<void>;
  /** The AWS operations made since the last call. */
  takeCalls(): string[];
  /** How long the invocation may still run. */
  remaining(): number;
}

/** Kept free at the end of an invocation for the notice, the metrics and the audit lines. */
const reserve = 10_000;

/** How long a read that contradicts the event is repeated before it is believed: 30 s in all. */
export const claimPauses = [1_000, 2_000, 4_000, 8_000, 15_000];
/** How long a written resource is read again until the finding is gone: 15 s in all. */
export const verifyPauses = [500, 1_000, 2_000, 4_000, 7_500];
/** How long a write waits for a resource that was just created: 15 s in all. */
export const notYetPauses = [500, 1_000, 2_000, 4_000, 7_500];

/** One resource on its way to its outcome. */
interface Case<Hints, S extends State, Data extends Json> {
  readonly resource: Resource<Hints>;
  readonly calls: string[];
  owner?: string;
  state?: S;
  finding?: Finding<Data>;
  outcome?: Outcome;
}

/**
 * The one path from an event to an outcome for each resource that it names, in the order in which they are named.
 * Throws only when the event itself cannot be read; whatever fails for one resource is that resource's outcome.
 */
export async function runPipeline<Settings, Clients, Hints, S extends State, Data extends Json>(
  guardrail: Remediator<Settings, Clients, Hints, S, Data>,
  event: GuardrailEvent,
  config: GuardrailConfig<Settings>,
  world: World,
): Promise<Outcome[]> {
  type C = Case<Hints, S, Data>;
  const { settings } = config;
  const received = world.now();
  const principal = principalOf(event);
  const named = guardrail.resources(event, settings);
  const cases: C[] = named
    .filter((resource, at) => named.findIndex(other => other.arn === resource.arn) === at)
    .map(resource => ({ resource, calls: [] }));

  const common = (one: C) => ({
    resource: one.resource,
    principal,
    eventId: event.id,
    times: { event: Date.parse(event.time), received, decided: world.now() },
    calls: one.calls,
    owner: one.owner,
  });
  /** Waits, unless the invocation would end before its work is told: then false. */
  const waited = async (ms: number): Promise<boolean> => {
    if (world.remaining() < ms + reserve) return false;
    if (ms > 0) await world.pause(ms);
    return true;
  };
  const fail = (one: C, error: unknown): void => {
    one.outcome = {
      ...common(one),
      kind: "failed",
      finding: one.finding,
      before: one.state,
      error: failureOf(error),
    };
  };

  /** Runs one step for several resources; on an error tries each alone, so that one cannot fail the others. */
  async function together(group: C[], step: (part: C[]) => Promise<void>): Promise<void> {
    world.takeCalls();
    try {
      await step(group);
    } catch (error) {
      if (group.length === 1) fail(group[0], error);
      group.forEach(one => one.calls.push(...world.takeCalls()));
      if (group.length > 1) for (const one of group) await together([one], step);
      return;
    }
    const calls = world.takeCalls();
    group.forEach(one => one.calls.push(...calls));
  }

  const open = (group: C[]): C[] => group.filter(one => one.outcome === undefined);
  const isContradicted = ({ resource, state, finding }: C): boolean =>
    (resource.claim !== undefined && state === undefined) ||
    (resource.claim === "breach" && finding === undefined);

  async function read(clients: Clients, group: C[]): Promise<void> {
    if (group.length === 0) return;
    await together(group, async part => {
      const states = await guardrail.inspect(
        clients,
        part.map(one => one.resource),
        settings,
      );
      for (const one of part) {
        one.state = states[one.resource.arn];
        one.finding = one.state && guardrail.assess(one.state, settings, one.resource.hints);
      }
    });
  }

  /** Why a finding is told and not written; undefined when it may be written. Throws when that cannot be known. */
  async function restraint(
    clients: Clients,
    one: C,
  ): Promise<{ because: string; manager?: Manager } | undefined> {
    if (config.mode === "observe") return { because: "mode observe" };
    const facts = await guardrail.ownership(clients, one.resource, one.state as S);
    const manager = managedBy({ ...facts, principalArn: principal.arn, invokedBy: principal.invokedBy });
    one.owner = ownerOf(facts.tags ?? {});
    if (config.mode === "notify") return { because: "mode notify", manager };
    if (one.finding?.notifyOnly !== undefined) return { because: one.finding.notifyOnly, manager };
    if (manager === undefined || config.managed === "act") return undefined;
    return {
      because: `${manager.name} manages it and would put it back: change ${manager.changeAt}`,
      manager,
    };
  }

  /** Decides each finding: told, or to be written. */
  async function decide(clients: Clients, group: C[]): Promise<C[]> {
    for (const one of group)
      await together([one], async () => {
        const told = await restraint(clients, one);
        if (told === undefined) return;
        one.outcome = {
          ...common(one),
          kind: config.mode === "observe" ? "observed" : "notified",
          finding: one.finding as Finding,
          before: one.state as S,
          ...told,
        };
      });
    return open(group);
  }

  async function write(clients: Clients, part: C[]): Promise<void> {
    const work = part.map(one => ({
      resource: one.resource,
      state: one.state as S,
      finding: one.finding as Finding<Data>,
    }));
    for (const ms of [...notYetPauses, undefined]) {
      try {
        return await guardrail.remediate(clients, work, settings);
      } catch (error) {
        const mayRepeat = ms !== undefined && guardrail.notYet.includes(codeOf(error));
        if (!mayRepeat || !(await waited(ms))) throw error;
      }
    }
  }

  /** The second read: nothing is remediated without it. */
  async function verify(clients: Clients, part: C[]): Promise<void> {
    const before = new Map(
      part.map(one => [one, { state: one.state as S, finding: one.finding as Finding<Data> }]),
    );
    for (const ms of [0, ...verifyPauses]) {
      const unproven = open(part);
      if (unproven.length === 0) return;
      if (ms > 0 && !(await waited(ms))) break;
      await read(clients, unproven);
      for (const one of open(unproven)) {
        const written = before.get(one) as { state: S; finding: Finding<Data> };
        const facts = common(one);
        const times = { ...facts.times, verified: world.now() };
        if (one.state === undefined) one.outcome = { ...facts, kind: "gone" };
        else if (one.finding === undefined || one.finding.notifyOnly !== undefined)
          one.outcome = {
            ...facts,
            times,
            kind: "remediated",
            finding: written.finding,
            before: written.state,
            after: one.state,
            remaining: one.finding,
          };
      }
    }
    for (const one of open(part)) {
      const written = before.get(one) as { state: S; finding: Finding<Data> };
      const error = {
        code: "NotVerified",
        message: `Written, but the read-back still shows: ${one.finding?.summary}`,
        final: false,
      };
      one.outcome = {
        ...common(one),
        kind: "failed",
        finding: written.finding,
        before: written.state,
        error,
      };
    }
  }

  async function act(clients: Clients, group: C[]): Promise<void> {
    const toWrite = await decide(clients, group);
    const size = guardrail.batch ?? 1;
    for (let at = 0; at < toWrite.length; at += size) {
      const part = toWrite.slice(at, at + size);
      await together(part, some => write(clients, some));
      await verify(clients, open(part));
    }
  }

  for (const region of new Set(cases.map(one => one.resource.region))) {
    const clients = guardrail.clients(region);
    let group = cases.filter(one => one.resource.region === region);
    for (const ms of [0, ...claimPauses]) {
      if (ms > 0 && !(await waited(ms))) break;
      await read(clients, group);
      await act(
        clients,
        open(group).filter(one => one.finding !== undefined),
      );
      group = open(group).filter(isContradicted);
      if (group.length === 0) break;
    }
    for (const one of open(cases.filter(c => c.resource.region === region)))
      one.outcome = { ...common(one), kind: one.state === undefined ? "gone" : "compliant" };
  }
  return cases.map(one => one.outcome as Outcome);
}
