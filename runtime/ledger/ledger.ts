import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Action, ActionState } from "./actions";
import { type Call, causesIn, causeStep } from "./causes";
import { type Breaker, closed, type Fix, wasFixedAfter, withFix } from "./breaker";
import type { State } from "../guardrail";
import {
  type Brake,
  actionFields,
  actionKey,
  occasionSort,
  inDays,
  type Key,
  kept,
  pack,
  brakeKeys,
  budgetPartition,
  resourceKey,
  short,
  startOfHour,
  type Stored,
  toAction,
} from "./items";
import { machine } from "../machine";
import { type OpenFinding, openFindingsIn, openKey, toOpen } from "./open";
import { seenIn } from "./seen";
import { sweepsIn } from "./sweeps";
import { queryPartition } from "./query";
import { waitingIn } from "./waiting";
import { watchedIn } from "./watched";
import { createTable, type Step, type Waiting } from "./table";

/** What the ledger knows that bears on one finding. Times in epoch milliseconds. */
export interface Circumstances {
  readonly breaker: Breaker;
  /** The finding, where it is open already. */
  readonly open?: OpenFinding;
  /** An operator's undo: exactly this finding is left alone until then. */
  readonly hold?: { readonly until: number; readonly reason: string; readonly by: string };
  readonly pause?: {
    readonly scope: Brake;
    readonly until: number;
    readonly reason: string;
    readonly by: string;
  };
}

/** What is remembered of a notice: when it was told, of what, and whether it is never told again. */
export interface Remembered {
  readonly at: number;
  readonly made?: string;
  readonly isForGood?: boolean;
}

/** Why an intent was not recorded, so that nothing may be written. */
export type Refusal = "locked" | "paused" | "budget" | "principal" | "controller" | "recorded";

export interface Limits {
  /** Resources per guardrail, account and hour. */
  readonly budget: number;
  /** Of those, for one principal, and for one controller. */
  readonly principal: number;
  readonly controller: number;
}

/** Actions that somebody was told of, whether or not the event was closed too. */
const over: readonly unknown[] = ["notified", "undone"] satisfies ActionState[];

/** The record of what was done and what must not be, in one DynamoDB table; this file alone writes and reads its items. */
export function createLedger(client: Pick<DynamoDBClient, "send">, table: string, on: Waiting = machine) {
  const rows = createTable(client, table, on);

  /** What earlier deliveries of an occasion left, by ARN: the unfinished action, or "finished". */
  async function recall(
    guardrail: string,
    asked: readonly { readonly arn: string; readonly occasionKey: string }[],
  ): Promise<Record<string, Action | "finished">> {
    const found = await rows.get(
      asked.map(({ arn, occasionKey }) => ({
        pk: resourceKey(guardrail, arn),
        sk: occasionSort(occasionKey),
      })),
    );
    const recalled: Record<string, Action | "finished"> = {};
    for (const { arn, occasionKey } of asked) {
      const pk = resourceKey(guardrail, arn);
      const event = found.get(`${pk} ${occasionSort(occasionKey)}`);
      if (event === undefined) continue;
      const stored = event.done === 1 ? undefined : await rows.getOne({ pk, sk: String(event.action) });
      const isOver = stored === undefined || over.includes(stored.state);
      if (isOver && event.done !== 1) await rows.set({ pk, sk: occasionSort(occasionKey) }, { done: 1 });
      recalled[arn] = isOver ? "finished" : toAction(stored);
    }
    return recalled;
  }

  /** By ARN, for findings of one guardrail; one read for all of them. */
  async function circumstances(
    guardrail: string,
    asked: readonly { arn: string; fingerprint: string }[],
    now: number,
  ): Promise<Record<string, Circumstances>> {
    const keysOf = ({ arn, fingerprint }: { arn: string; fingerprint: string }): [Key, Key, Key] => {
      const pk = resourceKey(guardrail, arn);
      return [{ pk, sk: "breaker" }, { pk, sk: `hold#${fingerprint}` }, openKey(guardrail, arn, fingerprint)];
    };
    const found = await rows.get([...brakeKeys(guardrail), ...asked.flatMap(keysOf)]);
    const live = ({ pk, sk }: Key) => {
      const item = found.get(`${pk} ${sk}`);
      return item !== undefined && Number(item.ends) > now ? item : undefined;
    };
    const said = (item: Stored) => ({
      until: Number(item.ends),
      reason: String(item.reason),
      by: String(item.by),
    });
    const paused = brakeKeys(guardrail)
      .map(live)
      .find(item => item !== undefined);
    const pause = paused && { ...said(paused), scope: paused.sk as Brake };
    const about = (one: { arn: string; fingerprint: string }): Circumstances => {
      const [breakerKey, holdKey, open] = keysOf(one);
      const breaker = found.get(`${breakerKey.pk} ${breakerKey.sk}`)?.breaker;
      const hold = live(holdKey);
      return {
        breaker: breaker === undefined ? closed : (JSON.parse(String(breaker)) as Breaker),
        hold: hold && said(hold),
        open: toOpen(found.get(`${open.pk} ${open.sk}`)),
        pause,
      };
    };
    return Object.fromEntries(asked.map(one => [one.arn, about(one)]));
  }

  /**
   * Records the intent of a change in one transaction with the lock, the budgets, the breaker and the check of the
   * brake: all of it, or nothing and the reason. An action that is continued takes the lock and the check alone.
   * @param begun `owner`: the invocation that will hold the lock, until the time `until`. `since`: when the resource
   * was read. A lock that was held later, though it is free now, refuses too: its holder may have changed what was read
   */
  async function begin(
    action: Action,
    begun: {
      owner: string;
      until: number;
      since: number;
      now: number;
      /** As it was read, and what is added to it. */
      breaker: Breaker;
      fix: Fix;
      limits: Limits;
      controller?: string;
      /** The call that brought it, where CloudTrail can confirm that there was one. */
      call?: Call;
      continued: boolean;
    },
  ): Promise<Refusal | undefined> {
    const { owner, until, since, now, limits, controller } = begun;
    const pk = resourceKey(action.guardrail, action.resource.arn);
    const ours = "attribute_not_exists(pk) OR ends <= :since OR holder = :holder";
    const lock = { holder: owner, ends: until, ttl: inDays(until, kept.lock) };
    const steps: Step<Refusal>[] = [
      ["locked", rows.put({ pk, sk: "lock" }, lock, ours, { since, holder: owner })],
      ...brakeKeys(action.guardrail).map((key): Step<Refusal> => [
        "paused",
        rows.check(key, "attribute_not_exists(pk) OR ends <= :now", { now }),
      ]),
    ];
    if (begun.continued) return rows.transact(steps);
    const isNew = "attribute_not_exists(pk)";
    const key = actionKey(action);
    const budget = (sk: string, limit: number) =>
      rows.count(
        { pk: budgetPartition(action.guardrail, action.resource.account, now), sk },
        limit,
        inDays(now, kept.budget),
      );
    const event = { action: key.sk, done: 0, ttl: inDays(now, kept.event) };
    const asRead = "attribute_not_exists(pk) OR breaker = :seen";
    const seen = JSON.stringify(begun.breaker);
    const breaker = {
      breaker: JSON.stringify(withFix(begun.breaker, begun.fix)),
      ttl: inDays(now, kept.breaker),
    };
    if (begun.call !== undefined) steps.push(["recorded", causeStep(rows, action, begun.call, now)]);
    steps.push(
      ["recorded", rows.put({ pk, sk: occasionSort(action.occasionKey) }, event, isNew)],
      ["recorded", rows.put(key, { ...actionFields(action), ttl: inDays(now, kept.action) }, isNew)],
      ["locked", rows.put({ pk, sk: "breaker" }, breaker, asRead, { seen })],
    );
    if (controller !== undefined)
      steps.push(["controller", budget(`controller#${short(controller)}`, limits.controller)]);
    // These count resources: fifty rules of one group are one of them, and the breaker bounds what is done to one.
    if (wasFixedAfter(begun.breaker, begun.fix.principal, startOfHour(now))) return rows.transact(steps);
    steps.push(["budget", budget("all", limits.budget)]);
    if (action.principal !== undefined)
      steps.push(["principal", budget(`principal#${short(action.principal.arn)}`, limits.principal)]);
    return rows.transact(steps);
  }

  type More = { after?: State; verified?: number; because?: string };

  /** Moves an action on; `before` is never touched. */
  const advance = (action: Action, state: ActionState, { after, ...more }: More = {}): Promise<void> =>
    rows.set(actionKey(action), { state, ...more, after: after && pack(after) });

  /** The end of a change before it is told: its state, and the lock given back. */
  async function settle(
    action: Action,
    lock: { owner: string; now: number },
    state: "written" | "verified" | "failed",
    more?: More,
  ): Promise<void> {
    await advance(action, state, more);
    const key = { pk: resourceKey(action.guardrail, action.resource.arn), sk: "lock" };
    await rows.end(key, lock.owner, lock.now);
  }

  /** Remembers that somebody was told, and of what that was made; or that there was nothing to tell. */
  const remember = (key: Key, { at, made, isForGood }: Remembered): Promise<void> =>
    rows.write(key, { at, made, ttl: inDays(at, isForGood ? kept.action : kept.notice) });

  /** From now on every further delivery of the occasion is a duplicate for this resource. */
  const finish = (guardrail: string, arn: string, occasionKey: string, now: number): Promise<void> =>
    rows.write(
      { pk: resourceKey(guardrail, arn), sk: occasionSort(occasionKey) },
      { done: 1, ttl: inDays(now, kept.event) },
    );

  return {
    ...openFindingsIn(client, table, rows),
    ...causesIn(client, table, rows),
    ...watchedIn(client, table, rows),
    recall,
    circumstances,
    begin,
    advance,
    settle,
    remember,
    finish,
    get: rows.get,
    seen: seenIn(rows),
    sweeps: sweepsIn(rows),
    waiting: waitingIn(rows, (pk, from) => queryPartition(client, table, pk, from)),
  };
}

export type Ledger = ReturnType<typeof createLedger>;
