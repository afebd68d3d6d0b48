import { InvokeCommand } from "@aws-sdk/client-lambda";
import { codeOf } from "../runtime/aws/errors";
import { createLedger } from "../runtime/ledger/ledger";
import { type OpenFinding, openName } from "../runtime/ledger/open";
import { ledgerName, partName } from "../runtime/names";
import { minuteOf, plain } from "../runtime/plain";
import { type Decision, operatorsLedger } from "./ledger";
import type { Operator } from "./operator";
import type { Scope } from "./pause";

/** What becomes of one open finding. */
export interface Resumption {
  readonly finding: OpenFinding;
  /** Why it stays open. Undefined: the function tries it again. */
  readonly left?: string;
}

export interface Resumed {
  /** The pauses that are lifted, by scope. */
  readonly lifted: readonly (Decision & { readonly scope: Scope })[];
  readonly findings: readonly Resumption[];
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
  const findings: Resumption[] = [];
  for (const guardrail of guardrails)
    for (const finding of await functionsLedger(operator).openFindings(guardrail))
      findings.push({
        finding,
        left: await whyLeft(
          operator,
          finding,
          lifted.map(one => one.scope),
        ),
      });
  return { lifted, findings };
}

const functionsLedger = ({ dynamodb, place }: Operator) => createLedger(dynamodb, ledgerName(place.stack));

/** Whether no guardrail puts it right by itself: a person judges. */
export const isLeftToPeople = ({ finding, code }: Pick<OpenFinding, "finding" | "code">): boolean =>
  finding.notifyOnly !== undefined || code === "managed";

/** Why the function would only leave it open again, in words. */
async function whyLeft(
  operator: Operator,
  { guardrail, resource, finding, code, because }: OpenFinding,
  lifted: readonly Scope[],
): Promise<string | undefined> {
  if (isLeftToPeople({ finding, code })) return `it is left to you, because ${plain(because, 300)}`;
  const asked = [{ arn: resource.arn, fingerprint: finding.fingerprint }];
  const known = await operatorsLedger(operator).circumstances(guardrail, asked, operator.now());
  const { hold, pause } = known[resource.arn];
  if (hold !== undefined) return `${plain(hold.by)} has undone exactly this, until ${minuteOf(hold.until)}`;
  if (pause === undefined) return undefined;
  const isLifted = lifted.includes(pause.scope === "all" ? "all" : guardrail);
  if (isLifted) return undefined;
  return `${plain(pause.by)} has paused ${pause.scope === "all" ? "every guardrail (resume --all)" : guardrail} until ${minuteOf(pause.until)}`;
}

/**
 * Lifts the pauses, marks the open findings in the ledger as due, and wakes their functions. A function starts with a
 * fresh read, so that nothing is written on old news.
 * @returns what could not be taken up, in words; it stays open
 */
export async function resume(operator: Operator, { lifted, findings }: Resumed): Promise<string[]> {
  const ledger = operatorsLedger(operator);
  for (const { scope } of lifted) await ledger.lift(scope, operator.now());
  const taken = findings.flatMap(({ finding, left }) => (left === undefined ? [finding] : []));
  const problems: string[] = [];
  for (const guardrail of new Set(taken.map(one => one.guardrail))) {
    const its = taken.filter(one => one.guardrail === guardrail);
    const marked: OpenFinding[] = [];
    for (const one of its)
      if (await markDue(operator, one)) marked.push(one);
      else problems.push(`${plain(one.resource.arn)}: the guardrail is at work on it just now`);
    try {
      if (marked.length > 0) await wake(operator, guardrail, marked);
    } catch (error) {
      if (codeOf(error) !== "ResourceNotFoundException") throw error;
      const arns = marked.map(({ resource }) => plain(resource.arn)).join(", ");
      problems.push(`${arns}: guardrail ${guardrail} is not deployed, so this stays open`);
    }
  }
  return problems;
}

/** The function believes the ledger alone that somebody wants it tried again. */
function markDue(operator: Operator, one: OpenFinding): Promise<boolean> {
  const now = operator.now();
  const revision = `${now} ${operator.by}`;
  return functionsLedger(operator).revise(one, { ...one, due: now, resumed: operator.by, revision }, now);
}

/** Has a guardrail's function take up these open findings now. */
export async function wake(
  { lambda, place }: Operator,
  guardrail: string,
  findings: readonly OpenFinding[],
): Promise<void> {
  const takes = findings.map(({ resource, finding }) => openName(resource.arn, finding.fingerprint));
  await lambda.send(
    new InvokeCommand({
      FunctionName: partName(place.stack, guardrail),
      InvocationType: "Event",
      Payload: Buffer.from(JSON.stringify({ takes })),
    }),
  );
}
