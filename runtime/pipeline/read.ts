import type { Finding, Resource, State } from "../guardrail";
import { type EndedCase, isWritable, type NamedCase, type ReadCase } from "./case";
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
      const finding = state && judged(run, named, state);
      const absences = state && isAbsent(run, resource, state) ? (named.absences ?? 0) + 1 : 0;
      return { ...named, readAt, state, isGone, finding, absences };
    });
  });

/** What is wrong, believing nothing to be new that a look has seen before: it may be the only one that there was. */
function judged({ guardrail, config }: Run, named: NamedCase, state: State): Finding | undefined {
  const { resource, known, glimpsed } = named;
  const finding = guardrail.assess(state, config.settings, resource.hints, known);
  if (glimpsed === undefined || !isWritable(finding)) return finding;
  const careful = guardrail.assess(state, config.settings, resource.hints, glimpsed);
  return isWritable(careful) ? finding : careful;
}

/** Whether nothing of what the event says it has made is there, although the resource is. */
function isAbsent({ guardrail, config }: Run, { fresh = [] }: Resource, state: State): boolean {
  const there = guardrail.remembered?.(state, config.settings);
  return there !== undefined && fresh.length > 0 && !fresh.some(identity => Object.hasOwn(there, identity));
}

/** Whether it was so twice in a row: made and taken back, and not worth the wait. */
export const isHasty = ({ absences = 0 }: NamedCase): boolean => absences >= 2;

/** Who held the lock has put it right meanwhile: there is nothing left to do, nor to wait for. */
export const leftToOthers = (read: ReadCase): ReadCase =>
  read.isBusy === true && read.finding === undefined
    ? { ...read, isBusy: false, resource: { ...read.resource, claim: undefined } }
    : { ...read, isBusy: false };

/** Whether a read contradicts what the occasion claims, so that it may be stale. */
export const isContradicted = ({ resource, state, finding, isGone, ...read }: ReadCase): boolean =>
  !isGone &&
  !isHasty({ resource, ...read }) &&
  ((resource.claim !== undefined && state === undefined) ||
    (resource.claim === "breach" && finding === undefined));
