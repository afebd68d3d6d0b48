import { InvokeCommand } from "@aws-sdk/client-lambda";
import type { Action } from "../runtime/ledger/actions";
import { judge } from "../runtime/ledger/breaker";
import { codeOf } from "../runtime/aws/errors";
import type { JsonObject } from "../runtime/json";
import { partName } from "../runtime/names";
import { plain } from "../runtime/plain";
import { minuteOf } from "./durations";
import { type Decision, operatorsLedger } from "./ledger";
import type { Operator } from "./operator";
import type { Scope } from "./pause";

/** How far back held actions are looked for. */
export const lookBack = 14;
const day = 24 * 3600_000;

/** What becomes of one held action. */
export interface Resumption {
  readonly action: Action;
  /** Older ones of the same finding, which go with it. */
  readonly older: readonly Action[];
  /** Why it stays held. Undefined: its event is sent to the function again. */
  readonly left?: string;
}

export interface Resumed {
  /** The pauses that are lifted, by scope. */
  readonly lifted: readonly (Decision & { readonly scope: Scope })[];
  readonly actions: readonly Resumption[];
}

/** What `resume` would do. Writes nothing. */
export async function planResume(
  operator: Operator,
  scope: Scope,
  guardrails: readonly string[],
): Promise<Resumed> {
  const ledger = operatorsLedger(operator);
  const now = operator.now();
  const scopes = scope === "all" ? ["all", ...guardrails] : [scope];
  const lifted: (Decision & { scope: Scope })[] = [];
  for (const one of scopes) {
    const found = await ledger.pauseOf(one, now);
    if (found !== undefined) lifted.push({ ...found, scope: one });
  }
  const days = Array.from({ length: lookBack + 1 }, (_, at) =>
    new Date(now - at * day).toISOString().slice(0, 10),
  );
  const held = (await ledger.ofDays(days, "held")).filter(({ guardrail }) => guardrails.includes(guardrail));
  const actions: Resumption[] = [];
  for (const [action, ...older] of byFinding(held)) {
    const left = await whyLeft(
      operator,
      action,
      lifted.map(one => one.scope),
    );
    actions.push({ action, older, left });
  }
  return { lifted, actions };
}

/** The actions of each resource and finding, newest first: another finding of a resource is another matter. */
function byFinding(held: readonly Action[]): Action[][] {
  const groups: Record<string, Action[]> = {};
  for (const action of [...held].sort((one, other) => other.opened - one.opened)) {
    const key = JSON.stringify([action.guardrail, action.resource.arn, action.finding.fingerprint]);
    groups[key] = [...(groups[key] ?? []), action];
  }
  return Object.values(groups);
}

/** Why the function would only hold it again, in words. */
async function whyLeft(
  operator: Operator,
  { guardrail, resource, finding }: Action,
  lifted: readonly Scope[],
): Promise<string | undefined> {
  const now = operator.now();
  const asked = [{ arn: resource.arn, fingerprint: finding.fingerprint }];
  const known = await operatorsLedger(operator).circumstances(guardrail, asked, now);
  const { hold, pause, breaker } = known[resource.arn];
  if (hold !== undefined) return `${plain(hold.by)} has undone exactly this, until ${minuteOf(hold.until)}`;
  if (pause !== undefined && !lifted.includes(pause.scope === "all" ? "all" : guardrail))
    return `${plain(pause.by)} has paused ${pause.scope === "all" ? "every guardrail (resume --all)" : guardrail} until ${minuteOf(pause.until)}`;
  if (judge(breaker, finding.fingerprint, now) !== "closed")
    return "somebody has broken it again and again: the guardrail stops for an hour (the notice names both sides)";
  return undefined;
}

/**
 * Lifts the pauses, sends the events of held actions to their functions again, and marks them. The function starts
 * with a fresh read, so that nothing is written on old news.
 * @returns what could not be sent, in words; it stays held
 */
export async function resume(operator: Operator, { lifted, actions }: Resumed): Promise<string[]> {
  const ledger = operatorsLedger(operator);
  for (const { scope } of lifted) await ledger.lift(scope, operator.now());
  const problems: string[] = [];
  for (const group of byEvent(actions.filter(({ left }) => left === undefined))) {
    const [{ action }] = group;
    try {
      await invoke(operator, action);
    } catch (error) {
      if (codeOf(error) !== "ResourceNotFoundException") throw error;
      const arns = group.map(one => one.action.resource.arn).join(", ");
      problems.push(`${arns}: guardrail ${action.guardrail} is not deployed, so this stays held`);
      continue;
    }
    for (const one of group.flatMap(({ action: newest, older }) => [newest, ...older]))
      await ledger.mark(one, "resumed");
  }
  return problems;
}

/** One event may have led to many: it is sent once for all of them. */
function byEvent(actions: readonly Resumption[]): Resumption[][] {
  const groups: Record<string, Resumption[]> = {};
  for (const one of actions) {
    const key = `${one.action.guardrail} ${one.action.occasionKey}`;
    groups[key] = [...(groups[key] ?? []), one];
  }
  return Object.values(groups);
}

async function invoke({ lambda, place }: Operator, { guardrail, source, id }: Action): Promise<void> {
  const payload = { ...(source as JsonObject), resumes: id };
  await lambda.send(
    new InvokeCommand({
      FunctionName: partName(place.stack, guardrail),
      InvocationType: "Event",
      Payload: Buffer.from(JSON.stringify(payload)),
    }),
  );
}
