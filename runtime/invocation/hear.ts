import { failureOf } from "../aws/errors";
import { arnOf } from "../aws/partition";
import { type GuardrailEvent, occasionOf } from "../events";
import { matchesArn } from "../exemptions";
import { namedIn, type Resource } from "../guardrail";
import { capabilities } from "../modes";
import type { EndedCase } from "../pipeline/case";
import type { Occasion } from "../occasion";
import { isBroughtBy, type Seen } from "../ledger/seen";
import { sweptSince } from "../ledger/sweeps";
import { keepOpen } from "../pipeline/remain";
import { managementOf } from "../who/managed-by";
import type { Invocation } from "./invocation";
import { report, settle, type Settled } from "./settle";

/** What came of an event; `ignored`: why it concerns nothing of this guardrail. */
export interface Heard extends Settled {
  readonly ignored?: string;
}

/**
 * Whether what this caller breaks is put right at all: what stands in for the record must not write what the record
 * itself would have left to a controller, to somebody expected or exempt, or to CloudFormation's deployment.
 */
function wouldBePutRight({ guardrail, config }: Invocation, occasion: Occasion): boolean {
  const { manager, caller, waitUntil } = managementOf({}, occasion, config.who);
  const isExempt = config.exemptions.some(
    ({ guardrail: id, principal }) =>
      id === guardrail.id &&
      principal !== undefined &&
      occasion.principal !== undefined &&
      matchesArn(principal, occasion.principal.arn),
  );
  return manager === undefined && caller === "other" && waitUntil === undefined && !isExempt;
}

/** Has a sweep begun. @returns what it can tell, in words */
async function askSweep(invocation: Invocation, occasion: Occasion, why: string): Promise<string> {
  const { guardrail, config, environment, ledger, world } = invocation;
  const swept = await ledger.sweeps.get(guardrail.id, environment.region);
  const replacesCall = wouldBePutRight(invocation, occasion) || undefined;
  await ledger.sweeps.request(guardrail.id, environment.region, world.now(), { why, replacesCall });
  return sweptSince(swept, config.settings, world.now()) === undefined
    ? "a sweep begins with the next tick, which cannot tell what is new, because no earlier one has ended: look yourself"
    : "a sweep begins with the next tick";
}

/** Those that no other look has seen: of what an event of its own has brought, that has said who called. */
async function unseen(
  { guardrail, config, ledger }: Invocation,
  looked: readonly Resource[],
  { key }: Occasion,
): Promise<readonly Resource[]> {
  if (looked.length === 0 || !capabilities[config.mode].usesLedger) return looked;
  const arns = looked.map(({ arn }) => arn);
  const seen: Readonly<Record<string, Seen | undefined>> = await ledger.seen.get(guardrail.id, arns);
  return looked.filter(({ arn }) => seen[arn] === undefined || isBroughtBy(seen[arn], key));
}

/** The code of what an event may have concerned and nobody could read. */
export const unreadable = "unreadable";

/** Takes whatever an event names to its outcome. What it should name and does not is a finding of its own. */
export async function hear(invocation: Invocation, event: GuardrailEvent): Promise<Heard> {
  const { guardrail, config } = invocation;
  const occasion = occasionOf(event);
  const naming = guardrail.resources(event, config.settings);
  if ("unreadable" in naming) return lookAround(invocation, event, naming.unreadable);
  const heard = await settle(invocation, occasion, namedIn(naming));
  if ("elsewhere" in naming) return { ...heard, ignored: naming.elsewhere };
  return heard.outcomes.length > 0
    ? heard
    : { ...heard, ignored: "the event names no resource of this guardrail" };
}

/**
 * After a record without what is needed from it, which CloudTrail leaves out where it is too long: looks itself, where the
 * guardrail can, or has a sweep begun at once; and says so, because whoever called may have wanted it so.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
async function lookAround(invocation: Invocation, event: GuardrailEvent, missing: string): Promise<Heard> {
  const { guardrail, config, ledger, world } = invocation;
  const { account, region } = event;
  const occasion = occasionOf(event);
  const { tells, usesLedger } = capabilities[config.mode];
  const mayAsk = usesLedger && guardrail.inventory !== undefined && config.sweep !== "off";
  const why = `the record of ${occasion.name ?? event["detail-type"]} (event ${event.id}) lacks ${missing}`;
  // Whatever keeps the guardrail from looking must not keep anybody from hearing that it has to.
  let looked: readonly Resource[] | undefined;
  let done: string;
  let problem: unknown;
  try {
    looked = await guardrail.look?.(guardrail.clients(region), event, config.settings);
    done =
      looked !== undefined
        ? "the guardrail has looked itself for what the call may have concerned"
        : mayAsk
          ? await askSweep(invocation, occasion, why)
          : "nothing looks for what the call has concerned, because there is no sweep: look yourself";
  } catch (error) {
    problem = error;
    looked = undefined;
    done = `the guardrail could not look for what the call has concerned: ${failureOf(error).message}`;
  }
  const resource: Resource = {
    arn: arnOf("cloudtrail", region, account, `event/${occasion.key}`),
    type: "AWS::CloudTrail::Event",
    id: occasion.key,
    account,
    region,
    hints: {},
  };
  const now = world.now();
  const finding = {
    fingerprint: unreadable,
    summary: `${why}, so it cannot be said what was called for`,
    data: {},
  };
  const facts = {
    resource,
    principal: occasion.principal,
    occasionId: occasion.id,
    occasionKey: occasion.key,
    times: { event: Date.parse(occasion.time), received: now, decided: now },
    calls: [],
    finding,
    before: {},
    because: done,
    code: unreadable,
  } as const;
  const outcome = tells
    ? ({ ...facts, kind: "held", tell: true, attention: "hourly", due: looked && now } as const)
    : ({ ...facts, kind: "observed" } as const);
  const problems: unknown[] = [];
  const one: EndedCase = { resource, calls: [], outcome };
  await keepOpen({ guardrail, occasion, received: now, config, world, ledger, problems }, [one]);
  await report(invocation, occasion, { outcomes: [outcome], actions: {}, closing: [], problems });
  if (problem !== undefined) throw problem;
  if (problems.length > 0) throw problems[0];
  const { outcomes, left } = await settle(
    invocation,
    occasion,
    await unseen(invocation, looked ?? [], occasion),
  );
  return { outcomes: [outcome, ...outcomes], left };
}
