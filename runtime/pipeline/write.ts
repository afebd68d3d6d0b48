import { codeOf, failureOf, isRefusal } from "../aws/errors";
import type { Json } from "../json";
import { type Action, actionId } from "../ledger/actions";
import { judge } from "../ledger/breaker";
import type { Refusal } from "../ledger/ledger";
import {
  type BegunCase,
  type BusyCase,
  type DecidedCase,
  type EndedCase,
  type FoundCase,
  isEnded,
  isFound,
  isWritable,
  unsettled,
} from "./case";
import { type Known, restrained } from "./decide";
import { readAndAssess } from "./read";
import type { RestraintCode } from "./restraints";
import {
  causeOf,
  failCase,
  isThrottled,
  keyOf,
  record,
  recorded,
  type Run,
  traced,
  tryEach,
  waited,
} from "./run";

/** How long a write waits for a resource that was just created: 15 s in all. */
export const notYetPauses = [500, 1_000, 2_000, 4_000, 7_500];

/** Records the intent of each with the state before: no record, no write. */
export async function begin(
  run: Run,
  decided: readonly DecidedCase[],
  known: Known,
): Promise<((BegunCase & FoundCase) | BusyCase | EndedCase)[]> {
  const begun: ((BegunCase & FoundCase) | BusyCase | EndedCase)[] = [];
  for (const one of decided)
    begun.push(...(await tryEach(run, [one], async () => [await beginOne(run, one, known)])));
  return begun;
}

async function beginOne(
  run: Run,
  decided: DecidedCase,
  known: Known,
): Promise<(BegunCase & FoundCase) | BusyCase | EndedCase> {
  const { guardrail, config, occasion, ledger, world } = run;
  const { resource, finding, state, action: earlier } = decided;
  const { principal } = causeOf(run, decided);
  const now = world.now();
  const occasionKey = keyOf(run, decided);
  const action: Action = earlier ?? {
    id: actionId(guardrail.id, occasionKey, resource.arn),
    state: "intended",
    guardrail: guardrail.id,
    resource,
    occasionKey,
    occasionId: occasion.id,
    principal,
    finding,
    before: recorded(run, state, finding),
    opened: now,
    settings: config.settings as Json,
    code: config.code,
  };
  const fix = {
    at: now,
    principal: principal?.arn ?? "unknown",
    tool: principal?.tool ?? "unknown",
    eventId: occasion.id,
    fingerprint: finding.fingerprint,
  };
  const before = known.circumstances?.[resource.arn]?.breaker ?? { fixes: [] };
  const { budget } = config;
  const nth = judge(before, finding.fingerprint, now, guardrail.severity).fixes + 1;
  const intent = {
    owner: world.invocation,
    until: now + world.remaining(),
    since: decided.readAt,
    now,
    breaker: before,
    fix,
    limits: { budget, principal: Math.ceil(budget / 2), controller: Math.ceil(budget / 2) },
    controller: decided.management?.manager?.name,
    call: occasion.record && {
      record: occasion.record,
      name: occasion.name,
      called: Date.parse(occasion.time),
    },
    continued: earlier !== undefined,
  };
  for (let part = action; ;) {
    try {
      const refusal = await ledger.begin(part, intent);
      return refusal === undefined ? { ...decided, action: part, nth } : refused(run, decided, refusal);
    } catch (error) {
      if (codeOf(error) !== "StateTooLarge") throw error;
      const half = guardrail.parts?.half(state, part.finding);
      if (half === undefined)
        return restrained(run, decided, {
          kind: "held",
          code: "too-large",
          because: failureOf(error).message,
          tell: true,
          due: now + 6 * hour,
        });
      part = { ...part, finding: half, before: recorded(run, state, half), isPart: true };
    }
  }
}

const hour = 3600_000;
/** Budgets are those of an hour of the clock. */
const nextHour = (now: number): number => (Math.floor(now / hour) + 1) * hour;

/** The limits that a refusal may tell of, in words. */
const reached: Partial<Record<Refusal, [RestraintCode, (run: Run, decided: DecidedCase) => string]>> = {
  budget: ["budget", () => "this guardrail's budget for an hour is used up"],
  principal: [
    "principal-budget",
    (run, decided) =>
      `${causeOf(run, decided).principal?.arn} has used up its share of this guardrail's budget for an hour`,
  ],
  controller: [
    "controller-budget",
    (_, { management }) =>
      `${management?.manager?.name} puts back what this guardrail changes, and has used up its share of the budget for an hour: change ${management?.manager?.changeAt}`,
  ],
};

function refused(run: Run, decided: DecidedCase, refusal: Refusal): BusyCase | EndedCase {
  const now = run.world.now();
  const limit = reached[refusal];
  if (limit !== undefined) {
    const [code, words] = limit;
    const because = `${words(run, decided)} (${run.config.budget} resources in all)`;
    return restrained(run, decided, { kind: "held", code, because, tell: true, due: nextHour(now) });
  }
  if (refusal === "paused")
    return restrained(run, decided, {
      kind: "held",
      code: "paused",
      because: "it has just been paused",
      tell: true,
      due: now + 5 * 60_000,
    });
  return { ...decided, isBusy: true };
}

/** Writes a batch, and records that it is written. */
export async function write(
  run: Run,
  clients: unknown,
  begun: readonly (BegunCase & FoundCase)[],
): Promise<(BegunCase | EndedCase)[]> {
  const written = await writeTogether(run, clients, begun);
  await record(run, unsettled(written), ({ action }) => run.ledger.advance(action, "written"));
  return written;
}

/** At once; when that fails, reads what it left, and tries each of those alone. */
async function writeTogether(
  run: Run,
  clients: unknown,
  begun: readonly (BegunCase & FoundCase)[],
): Promise<(BegunCase | EndedCase)[]> {
  let left: readonly (BegunCase | EndedCase)[] = begun;
  if (begun.length > 1) {
    // The error is not lost: what it kept from being written fails again alone, and says so.
    const failed = await traced(run, begun, () => attempt(run, clients, begun)).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    if (failed === undefined) return [...begun];
    if (isThrottled(failed.error)) return begun.map(one => failCase(run, one, failed.error));
    left = await readAndAssess(run, clients, begun);
  }
  const written: (BegunCase | EndedCase)[] = [];
  for (const one of left)
    written.push(isEnded(one) || !mayBeWritten(one) ? one : await writeAlone(run, clients, one));
  return written;
}

const mayBeWritten = (begun: BegunCase): begun is BegunCase & FoundCase =>
  isFound(begun) && isWritable(begun.finding);

const writeAlone = (
  run: Run,
  clients: unknown,
  begun: BegunCase & FoundCase,
): Promise<BegunCase | EndedCase> =>
  traced(run, [begun], () => attempt(run, clients, [begun])).then(
    () => begun,
    (error: unknown) => ({ ...failCase(run, begun, error), isRefused: isRefusal(error) }),
  );

async function attempt(run: Run, clients: unknown, begun: readonly (BegunCase & FoundCase)[]): Promise<void> {
  const { guardrail, config } = run;
  const work = begun.map(({ resource, state, finding, action }) => ({
    resource,
    state,
    // Nothing is written that was not recorded.
    finding: action.isPart ? action.finding : finding,
  }));
  for (const ms of [...notYetPauses, undefined]) {
    try {
      return await guardrail.remediate(clients, work, config.settings);
    } catch (error) {
      const mayRepeat = ms !== undefined && guardrail.notYet.includes(codeOf(error));
      if (!mayRepeat || !(await waited(run, ms))) throw error;
    }
  }
}
