import type { Json, JsonObject } from "../../runtime/json";

/**
 * The small account in which one guardrail is simulated (docs/simulator.md), written without a line of the guardrail:
 * what is wrong is judged here anew. `Account` is plain data, of which the simulator keeps earlier versions.
 */
export interface Simulation<Account extends object = never> {
  /** Knobs, laid over the settings of the proof. */
  settings?(dice: Dice): Readonly<Record<string, unknown>>;
  /** A new account: a few resources, some of them long since as they should not be. */
  found(dice: Dice, now: number, settings: Readonly<Record<string, unknown>>): Account;
  /** `<service> <Operation>` → what it answers, to the function and to operators, about the account at that time. */
  readonly reads: Readonly<
    Record<string, { read(account: Account, input: never, at: number): unknown }["read"]>
  >;
  /** Those that change the account, which they are given to change. */
  readonly writes: Readonly<Record<string, { write(account: Account, input: never): unknown }["write"]>>;
  readonly deeds: readonly Deed<Account>[];
  /** All that is configured, flat: thing → member → value. A thing is what one record can be about: a rule, a bucket, a volume. */
  things(account: Account): Record<string, Record<string, string>>;
  /** What is wrong now. */
  wrongs(account: Account): Wrong[];
  /** The things that a resource is made of, where more of them are looked at with it than are wrong. */
  partsOf?(account: Account, arn: string): string[];
  /** By which operation this thing is looked at, as `reads` has it. */
  readOf(thing: string): string;
  /** Whether the guardrail may make this change to this account at all. */
  mayChange(account: Account, change: Change): boolean;
  /** Whether a state that the ledger holds as the one before these changes is how the account was, and holds what they change. */
  isTrue(before: Json, account: Account, changes: readonly Change[]): boolean;
}

/** Choices that are the same for the same seed. */
export interface Dice {
  /** A whole number from 0 to below this. */
  below(limit: number): number;
  /** @throws Error when there is nothing to choose from. */
  pick<T>(list: readonly T[]): T;
  chance(probability: number): boolean;
}

export const actors = ["engineer", "pipeline", "controller", "attacker"] as const;
export type Actor = (typeof actors)[number];

/** Something that somebody may do. */
export interface Deed<Account extends object> {
  readonly name: string;
  /** How often, beside the others. */
  readonly weight: number;
  readonly by: readonly Actor[];
  /** Does it. Undefined: there is nothing to do it to. */
  readonly play: { play(account: Account, dice: Dice, now: number): Done | undefined }["play"];
}

export interface Done {
  /** After the actor's name, e.g. "opens TCP 22 of sg-1 to 0.0.0.0/0 (sgr-1)". */
  readonly words: string;
  /** What CloudTrail records of it; absent for what no rule hears of. */
  readonly record?: CallRecord;
  /** Things that the guardrail may put right on it, beside what the call has made and what it has made wrong. */
  readonly about?: readonly string[];
  /** Things that the record names, though the call made and broke nothing: only a sweep can have known them. */
  readonly names?: readonly string[];
}

/** The part of a CloudTrail record that depends on the call. */
export interface CallRecord {
  /** As in ec2.amazonaws.com. */
  readonly service: string;
  readonly name: string;
  readonly request: JsonObject;
  readonly response: JsonObject | null;
  readonly resources?: JsonObject[];
  /** The service that called on the actor's behalf. */
  readonly invokedBy?: string;
}

export interface Wrong {
  /** Of `things`. */
  readonly thing: string;
  /** Of the resource as the guardrail may name it: the whole, or the part that a call was about. */
  readonly arns: readonly string[];
  /** By which a notice names it. */
  readonly id: string;
  readonly words: string;
}

/** One member of one thing, before and after; undefined where there is none. */
export interface Change {
  readonly thing: string;
  readonly member: string;
  readonly from?: string;
  readonly to?: string;
}

/** @throws Error for what the simulated account does not know. */
export function unknown(what: string): never {
  throw Object.assign(new Error(`The simulated account does not know ${what}`), { isMistake: true });
}

/** What EC2's Describe operations are asked, by filter name. @throws Error for a filter that is not in `known` */
export function filtersOf(
  { Filters = [] }: { readonly Filters?: readonly { Name?: string; Values?: string[] }[] },
  ...known: string[]
): Record<string, string[]> {
  return Object.fromEntries(
    Filters.map(({ Name = "", Values = [] }) => {
      if (!known.includes(Name)) unknown(`the filter ${Name}`);
      return [Name, Values];
    }),
  );
}
