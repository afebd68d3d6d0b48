import { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { failureOf } from "../aws/errors";
import { callsOf, knowsLater, recordBy } from "../aws/trail";
import { type GuardrailEvent, isFailedCall, principalOf, textAt } from "../events";
import { namedIn } from "../guardrail";
import type { JsonObject } from "../json";
import type { Action } from "../ledger/actions";
import { confirmAfter, type UnconfirmedCause } from "../ledger/causes";
import { capabilities } from "../modes";
import { gaugeLine } from "../telling/metrics";
import { unconfirmedNotice } from "../telling/unconfirmed";
import type { Tick } from "./chore";

/** CloudTrail answers two lookups a second for the whole account, and others want some: one in two seconds is ours. */
const pace = 2_000;
/** Kept free for the chores that follow. */
const reserve = 30_000;
/** How soon it is asked again where CloudTrail itself is behind. */
const behindFor = 15 * 60_000;
/** How long a region may have nothing later before that is taken for its quiet, where the home region has some. */
const quietFor = 24 * 3600_000;

/**
 * Asks CloudTrail whether it knows the calls that brought this guardrail's writes: 15 minutes, one and three hours
 * after. A call that it does not know then, while it knows later ones of that region, is told as critical; where nothing
 * happens in that region, after a day. Where it is behind altogether, that is one gauge and no verdict.
 */
export async function causes(tick: Tick): Promise<void> {
  const { guardrail, config, ledger, world, environment, write } = tick;
  // What was written before the mode was lowered is confirmed too.
  if (!capabilities[config.mode].usesLedger) return;
  const trails: Record<string, CloudTrailClient> = {};
  let isFirst = true;
  const ask = async <T>(region: string, lookup: (trail: CloudTrailClient) => Promise<T>): Promise<T> => {
    if (!isFirst) await world.pause(pace);
    isFirst = false;
    return lookup((trails[region] ??= new CloudTrailClient({ region })));
  };
  let behind = 0;
  const problems: unknown[] = [];
  for (const cause of await ledger.causes(guardrail.id)) {
    if (cause.due > world.now() || world.remaining() < reserve) break;
    try {
      if ((await confirm(tick, cause, ask)) === "behind") behind++;
    } catch (error) {
      // One that cannot be asked for, in a region that does not answer, must not keep the others from it.
      problems.push(error);
    }
  }
  if (behind > 0)
    write(
      gaugeLine({ stack: environment.stack, guardrail: guardrail.id }, { CausesBehind: behind }, world.now()),
    );
  if (problems.length > 0) throw problems[0];
}

type Ask = <T>(region: string, lookup: (trail: CloudTrailClient) => Promise<T>) => Promise<T>;

async function confirm(
  tick: Tick,
  cause: UnconfirmedCause,
  ask: Ask,
): Promise<"settled" | "later" | "behind"> {
  const { ledger, world, environment } = tick;
  const { record, begun, asked, called } = cause;
  const known = await ask(record.region, trail => recordBy(trail, record.id));
  if (known !== undefined && hasBrought(tick, known, cause, await actionOf(tick, cause))) {
    await ledger.settleCause(cause, world.now());
    return "settled";
  }
  const next: number | undefined = confirmAfter[asked + 1];
  if (next !== undefined) {
    await ledger.askLater(cause, begun + next);
    return "later";
  }
  const hasLater = (region: string) => ask(region, trail => knowsLater(trail, Math.min(called, begun)));
  // An event can name a region in which nothing happens, so that nothing later is ever known of it.
  const isQuiet = async () => world.now() >= begun + quietFor && (await hasLater(environment.region));
  if (!(await hasLater(record.region)) && !(await isQuiet())) {
    await ledger.askLater({ ...cause, asked: asked - 1 }, world.now() + behindFor);
    return "behind";
  }
  await accuse(tick, cause, ask);
  await ledger.settleCause(cause, world.now());
  return "settled";
}

async function actionOf({ ledger }: Tick, cause: UnconfirmedCause): Promise<Action> {
  const action = await ledger.actionOf(cause);
  if (action === undefined)
    throw new Error(`The ledger has lost the action ${cause.id} of an unconfirmed cause`);
  return action;
}

/**
 * Whether a record is of the call that an action was said to come from: whoever forges an event can give it the id of
 * another call. The record is read as its event was: the same call of the same caller that did not fail, naming the
 * resource, and what it made, by the members that name resources; elsewhere in a record a caller writes anything.
 */
function hasBrought(
  { guardrail, config }: Tick,
  detail: JsonObject,
  { record, name }: UnconfirmedCause,
  { resource, principal }: Action,
): boolean {
  const event: GuardrailEvent = {
    id: record.id,
    "detail-type": "AWS API Call via CloudTrail",
    source: "aws.cloudtrail",
    account: resource.account,
    time: textAt(detail, "eventTime") ?? "",
    region: record.region,
    resources: [],
    detail,
  };
  if (isFailedCall(event) || textAt(detail, "eventName") !== name) return false;
  if (principal !== undefined && principalOf(event).arn !== principal.arn) return false;
  const naming = guardrail.resources(event, config.settings);
  // What was found by a look, because the record lacks its bodies, no record can name.
  if ("unreadable" in naming) return true;
  const made = resource.fresh ?? [];
  return namedIn(naming).some(
    ({ arn, fresh = [] }) => arn === resource.arn && made.every(one => fresh.includes(one)),
  );
}

/** Tells of a write whose cause CloudTrail does not know. */
async function accuse(tick: Tick, cause: UnconfirmedCause, ask: Ask): Promise<void> {
  const { environment, post } = tick;
  const action = await actionOf(tick, cause);
  const name = action.principal?.name;
  const calls =
    name === undefined ? [] : await ask(cause.record.region, trail => callsOf(trail, name, cause.called));
  const now = await stateNow(tick, action);
  await post.send([unconfirmedNotice({ cause, action, stack: environment.stack, now, calls })]);
}

/** What a fresh look at the resource says, in words: it must not keep anybody from hearing of the rest. */
async function stateNow({ guardrail, config }: Tick, { resource }: Action): Promise<string> {
  try {
    const states = await guardrail.inspect(guardrail.clients(resource.region), [resource], config.settings);
    const state = states[resource.arn];
    if (state === undefined || state.gone === true) return "It is gone.";
    return guardrail.assess(state, config.settings, resource.hints)?.summary ?? "Nothing is wrong with it.";
  } catch (error) {
    return `It cannot be read: ${failureOf(error).message}`;
  }
}
