import type { EndedCase, NamedCase, ReadCase } from "./case";
import { type Run, tryEach } from "./run";

/** Reads the state of each and judges it. All are of the clients' region. */
export const readAndAssess = <Stage extends NamedCase>(
  run: Run,
  clients: unknown,
  cases: readonly Stage[],
): Promise<((Stage & ReadCase) | EndedCase)[]> =>
  tryEach<Stage, Stage & ReadCase>(run, cases, async part => {
    const { guardrail, config, world } = run;
    const readAt = world.now();
    const resources = part.map(({ resource }) => resource);
    const states = await guardrail.inspect(clients, resources, config.settings);
    return part.map(named => {
      const { resource } = named;
      const seen = states[resource.arn];
      const isGone = seen?.gone === true;
      const state = isGone ? undefined : seen;
      const finding = state && guardrail.assess(state, config.settings, resource.hints, named.known);
      return { ...named, readAt, state, isGone, finding };
    });
  });

/** Who held the lock has put it right meanwhile: there is nothing left to do, nor to wait for. */
export const leftToOthers = (read: ReadCase): ReadCase =>
  read.isBusy === true && read.finding === undefined
    ? { ...read, isBusy: false, resource: { ...read.resource, claim: undefined } }
    : { ...read, isBusy: false };

/** Whether a read contradicts what the occasion claims, so that it may be stale. */
export const isContradicted = ({ resource, state, finding, isGone }: ReadCase): boolean =>
  !isGone &&
  ((resource.claim !== undefined && state === undefined) ||
    (resource.claim === "breach" && finding === undefined));
