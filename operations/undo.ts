import { isDeepStrictEqual } from "node:util";
import type { AnyInspecting } from "../components/definition";
import type { Action } from "../runtime/ledger/actions";
import { failureOf } from "../runtime/aws/errors";
import type { Json } from "../runtime/json";
import type { Resource, State } from "../runtime/guardrail";
import { minuteOf, plain } from "../runtime/plain";
import { changesBetween } from "./changes";
import { type Held, operatorsLedger } from "./ledger";
import { countUndone } from "./metric";
import { publish } from "./notices";
import { guardrailOf, inspectingGuardrails, type Operator } from "./operator";
import { refusal } from "./refusals";

/** A change, and what taking it back would mean now. */
export interface Plan {
  readonly action: Action;
  readonly definition: AnyInspecting;
  /** What the change left behind; with force for one that was never proven, what is there now. */
  readonly after: State;
  readonly now: State;
  /** When that was read. */
  readonly readAt: number;
  /** `- ` and `+ ` lines: what the guardrail changed, and what somebody changed since. */
  readonly changed: readonly string[];
  readonly since: readonly string[];
  /** The resource is as before already: an undo that did not end, or somebody did it by hand. */
  readonly isBack: boolean;
}

export type Reference = { readonly id: string } | { readonly last: string };

const isChange = ({ state }: Action): boolean => state !== "held";

/** Finds the change and reads the resource. Writes nothing. @throws Refusal when it cannot be taken back. */
export async function planUndo(
  operator: Operator,
  reference: Reference,
  options: { readonly force?: boolean } = {},
): Promise<Plan> {
  const action = await find(operator, reference);
  const definition = guardrailOf(action.guardrail);
  if (action.state === "undone") throw refusal(`Action ${action.id} is undone already.`);
  if (!isChange(action))
    throw refusal(
      `Action ${action.id} changed nothing: the guardrail held back, because ${plain(action.because, 400)}.`,
    );
  const { resource, before } = action;
  const readAt = operator.now();
  const now = await readNow(operator, definition, action);
  if (now === undefined) throw refusal(`${resource.arn} is gone: there is nothing to restore.`);
  const after = action.after ?? unproven(action, now, options.force);
  const since = changesBetween(after as Json, now as Json);
  const isBack = since.length > 0 && (await isUndone(operator, { action, definition, after }));
  if (since.length > 0 && !isBack && options.force !== true)
    throw refusal(
      [
        `${resource.arn} has moved on since the guardrail changed it:`,
        ...since.map(text => `  ${text}`),
        "Undoing restores only what the guardrail changed, but whoever did this may rely on it. --force undoes all the same.",
      ].join("\n"),
    );
  return { action, definition, after, now, readAt, changed: changesBetween(before, after), since, isBack };
}

/** A change whose second read never came: only the operator can say that what is there now is what it left. */
function unproven({ id, state }: Action, now: State, force: boolean | undefined): State {
  if (force === true) return now;
  throw refusal(
    state === "failed"
      ? `Action ${id} failed: what it left behind was never proven. --force takes everything that differs from before as its doing.`
      : `Action ${id} has not ended yet: the guardrail may be at work on it. Try again in a few minutes.`,
  );
}

async function find({ ...operator }: Operator, reference: Reference): Promise<Action> {
  const ledger = operatorsLedger(operator);
  if ("id" in reference) {
    const action = await ledger.byId(reference.id);
    if (action !== undefined) return action;
    throw refusal(
      `The ledger of stack ${operator.place.stack} has no action ${plain(reference.id, 60)}. Notices and audit lines name them; undo --last <ARN> finds a resource's newest.`,
    );
  }
  const ids = inspectingGuardrails().map(({ id }) => id);
  const action = (await ledger.ofResource(reference.last, ids)).find(isChange);
  if (action !== undefined) return action;
  throw refusal(`No guardrail of stack ${operator.place.stack} has changed ${plain(reference.last, 300)}.`);
}

/** What concerns the change in a fresh read, as the ledger keeps it. */
async function readNow(
  { clients }: Operator,
  definition: AnyInspecting,
  { settings, finding, resource }: Action,
): Promise<State | undefined> {
  const states = (await definition.inspect(
    clients(definition, resource.region),
    [resource],
    settings,
  )) as Record<string, State>;
  const state = states[resource.arn] as State | undefined;
  return state === undefined ? undefined : (definition.recorded?.(state, finding) ?? state);
}

type Change = Pick<Plan, "action" | "definition" | "after">;

/** Resources and states that the events of the undo itself lead the guardrail to; the first is the undone one. */
const echoes = ({ action, definition, after }: Change): { resource: Resource; state: State }[] => {
  const { resource, before } = action;
  const told = definition.undone?.(resource, before, after) ?? [];
  return told.length > 0 ? told : [{ resource, state: before }];
};

const fingerprintOf = (
  { action, definition }: Change,
  resource: Resource,
  state: State,
): string | undefined => definition.assess(state, action.settings, resource.hints)?.fingerprint;

/** Every finding that the undo brings back, each once. */
function heldBy(change: Change): Held[] {
  const { resource, finding } = change.action;
  const held = [{ arn: resource.arn, fingerprint: finding.fingerprint }];
  for (const echo of echoes(change)) {
    const fingerprint = fingerprintOf(change, echo.resource, echo.state);
    if (fingerprint !== undefined) held.push({ arn: echo.resource.arn, fingerprint });
  }
  return held.filter(
    one => held.find(other => other.arn === one.arn && other.fingerprint === one.fingerprint) === one,
  );
}

/** Whether a fresh read shows what was before, or the finding that the guardrail ended. */
async function isUndone(operator: Operator, change: Change): Promise<boolean> {
  const { action, definition } = change;
  const now = await readNow(operator, definition, action);
  if (now === undefined) return false;
  if (isDeepStrictEqual(now, action.before)) return true;
  const [{ resource, state }] = echoes(change);
  const wanted = fingerprintOf(change, resource, state);
  return wanted !== undefined && fingerprintOf(change, resource, now) === wanted;
}

/** What came of an undo. */
export interface Undone {
  readonly heldUntil: number;
  /** What went wrong after the resource was restored, in words; [] when nothing did. */
  readonly warnings: readonly string[];
}

/** How long a restored resource is read again: 7.5 s in all. */
const pauses = [0, 500, 1_000, 2_000, 4_000];

/**
 * Takes a change back: the holds first, so that what is restored is not put right again, then the guardrail's `undo`
 * with the operator's credentials, then the proof by a fresh read, then the ledger, the topic and the metric.
 * @throws Refusal saying what is true now when it did not work
 */
export async function undo(
  operator: Operator,
  plan: Plan,
  decision: { readonly reason: string; readonly ms: number },
): Promise<Undone> {
  const { action, definition, after, isBack } = plan;
  const ledger = operatorsLedger(operator);
  const started = operator.now();
  const heldUntil = started + decision.ms;
  const held = heldBy(plan);
  if (!(await ledger.lock(action, plan.readAt, started)))
    throw refusal(
      `A guardrail is at work on ${action.resource.arn}, or was a moment ago: try again in a minute.`,
    );
  try {
    await ledger.hold(action, held, { ends: heldUntil, reason: plain(decision.reason, 300) });
    if (!isBack) await restore();
    if (!(await proven()))
      throw refusal(
        `The restoring calls went through, but a fresh read of ${action.resource.arn} does not show what was before. The hold stays until ${minuteOf(heldUntil)}; the action is not marked as undone. Look at the resource, then run undo again.`,
      );
    await ledger.mark(action, "undone");
  } finally {
    await ledger.unlock(action, operator.now());
  }
  return { heldUntil, warnings: await tell() };

  async function restore(): Promise<void> {
    try {
      const clients = operator.clients(definition, action.resource.region);
      await definition.undo(clients, action.resource, action.before, after);
    } catch (error) {
      throw await failed(error);
    }
  }

  /** A hold on something that was not restored would only leave the next breach alone. */
  async function failed(error: unknown): Promise<Error> {
    const { code, message } = failureOf(error);
    const why = `${action.resource.arn} could not be restored (${code}: ${plain(message, 500)}).`;
    const now = await readNow(operator, definition, action).catch(() => undefined);
    if (now !== undefined && isDeepStrictEqual(now, plan.now)) {
      await ledger.unhold(action, held, operator.now());
      return refusal(
        `${why}\nNothing has changed, and the hold is taken back. undo --policy prints what an operator needs.`,
      );
    }
    const lines = now === undefined ? ["it cannot be read"] : changesBetween(plan.now as Json, now as Json);
    return refusal(
      `${why}\nA part was restored, or nobody can tell; the hold stays until ${minuteOf(heldUntil)}, so that nothing undoes it behind your back. Since the undo began:\n${lines.map(text => `  ${text}`).join("\n")}`,
    );
  }

  async function proven(): Promise<boolean> {
    for (const ms of pauses) {
      if (ms > 0) await operator.pause(ms);
      if (await isUndone(operator, plan)) return true;
    }
    return false;
  }

  async function tell(): Promise<string[]> {
    const { title, severity, id } = definition;
    const told = {
      verb: "UNDONE" as const,
      severity,
      guardrail: id,
      what: `${title}: ${action.resource.id}`,
      region: action.resource.region,
      lines: [
        title,
        "",
        `${operator.by} has taken back what guardrail ${id} did to`,
        `  ${action.resource.arn}`,
        `(action ${action.id} of ${minuteOf(action.opened)}), because: ${plain(decision.reason, 300)}`,
        "",
        "It is again as it was found:",
        `  ${action.finding.summary}`,
        `Exactly this is left alone until ${minuteOf(heldUntil)}; anything else on the resource is not.`,
      ],
    };
    const warnings: string[] = [];
    for (const [what, step] of [
      ["The topic was not told", () => publish(operator, told)],
      ["The metric Undone was not counted", () => countUndone(operator, id)],
    ] as const)
      await step().catch((error: unknown) => {
        const { code, message } = failureOf(error);
        warnings.push(`${what} (${code}: ${plain(message, 400)})`);
      });
    return warnings;
  }
}
