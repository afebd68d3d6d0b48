import type { About, Breach } from "../../tests/guardrails/step";
import type { Sandbox } from "../../sandbox/sandbox";
import type { Stage } from "../../sandbox/play/scenario";
import { explain, parse } from "../../sandbox/play/screen/timeline";

/** One breach and its fix. */
export interface Fixed {
  /** From the event on the bus to the read that proved the fix, in milliseconds. */
  readonly ms: number;
  readonly invocations: number;
  /** What the function called until it had told, in order, as "service:Operation". */
  readonly calls: readonly string[];
}

/**
 * Breaks a new resource and waits for the end of all that follows.
 * @param cold whether the function starts in a new process
 * @throws Error when the fix is not what it must be: its time then says nothing
 */
export async function fix(
  sandbox: Sandbox,
  stage: Stage,
  breach: About<Breach>,
  cold: boolean,
): Promise<Fixed> {
  const name = `guardrails-dev-${breach.guardrail}`;
  const arn = `arn:aws:lambda:${stage.region}:${stage.account}:function:${name}`;
  if (cold) sandbox.functions.retire(arn);
  const from = sandbox.journal.happenings.length;
  const broken = await breach.play(stage);
  await sandbox.idle();
  const since = sandbox.journal.happenings.slice(from);
  const invocations = since.flatMap(one =>
    one.kind === "invocation" && one.functionName === name ? [one] : [],
  );
  const wrong = (await broken.differences()).flatMap(explain);
  if (invocations.some(one => one.cold !== cold || one.error !== undefined))
    wrong.push(`expected ${cold ? "cold" : "warm"} starts without error: ${JSON.stringify(invocations)}`);
  const event = since.find(one => one.kind === "event" && one.rules.some(rule => rule.endsWith(name)));
  const said = since
    .flatMap(one => (one.kind === "log" && one.functionName === name ? [parse(one.line)] : []))
    .find(line => line?.audit === 1 && line.resource === broken.arn);
  const verified = Date.parse((said?.times as { verified?: string } | undefined)?.verified ?? "");
  if (said?.outcome !== "remediated" || event === undefined || Number.isNaN(verified))
    wrong.push(`expected to be remediated: ${JSON.stringify(said)}`);
  if (wrong.length > 0) throw new Error(`${breach.guardrail} went wrong: ${wrong.join("; ")}`);
  await pass(sandbox);
  return {
    ms: verified - (event?.at ?? NaN),
    invocations: invocations.length,
    calls: since.flatMap(one =>
      one.kind === "call" && one.principal.endsWith(`/${name}/${name}`) && one.service !== "logs"
        ? [`${one.service}:${one.operation}`]
        : [],
    ),
  };
}

/** Minutes, so that many breaches stay within an hour's budget. */
const pass = (sandbox: Sandbox): Promise<void> => sandbox.clock.advance(200_000);
