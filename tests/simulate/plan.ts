import type { Sweep } from "../../runtime/config";
import type { Mode } from "../../runtime/modes";
import type { Actor, Dice } from "../guardrails/simulation";
import { diceOf } from "./dice";

/** A history before it is played, as plain data: any part can be left out, and the rest stays as it is. */
export interface Plan {
  readonly seed: number;
  readonly guardrail: string;
  readonly mode: Mode;
  readonly budget: number;
  readonly sweep: Sweep;
  /** Whom the stack lists. */
  readonly controllers: readonly Actor[];
  readonly expected: readonly Actor[];
  /** When the first step is, in epoch milliseconds, and how long before the stack began. */
  readonly start: number;
  readonly lead: number;
  readonly steps: readonly Step[];
  readonly faults: readonly Fault[];
  readonly outages: readonly Outage[];
}

/** What somebody does. Times in milliseconds after the start. */
export interface Step {
  readonly id: number;
  readonly at: number;
  readonly actor: Actor | "operator";
  /** Of the guardrail's simulation, or of the operator. */
  readonly deed: string;
  /** What the deed's own choices are made from. */
  readonly seed: number;
  /** How long each copy of its event is under way; [] when it never comes. */
  readonly delays: readonly number[];
  /** CloudTrail leaves out what the call said and what it was answered. */
  readonly isBodyless?: true;
  /** CloudFormation makes the call for the actor. */
  readonly isDeployed?: true;
}

export const strokes = [
  "dies before",
  "dies after",
  "is throttled",
  "loses the answer",
  "reads old news",
] as const;

export const everyTry = -1;

/** What goes wrong in one invocation. */
export interface Fault {
  /** Of a delivery: `<step>.<copy>`, or `tick-<n>`. */
  readonly delivery: string;
  /** Lambda's tries, from 0; or `everyTry`. */
  readonly attempt: number;
  /** The calls of the try, from 0. */
  readonly call: number;
  readonly how: (typeof strokes)[number];
  /** How old the news is, in milliseconds. */
  readonly age: number;
}

/** A service that answers nobody for a while. Milliseconds after the start. */
export interface Outage {
  readonly service: "dynamodb" | "sns";
  readonly from: number;
  readonly to: number;
}

/** The oldest news that a read may give: EC2 and S3 are soon consistent. */
export const oldest = 8_000;
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

export interface Repertoire {
  readonly name: string;
  readonly weight: number;
  readonly by: readonly (Actor | "operator")[];
}

/** What somebody may do who can send events of their own. */
export const forging: Repertoire = { name: "forge", weight: 1, by: ["attacker"] };

const between = (dice: Dice, least: number, most: number): number => least + dice.below(most - least + 1);

/** How long the copies of an event are under way: mostly seconds, sometimes hours, twice, or for ever. */
function delaysOf(dice: Dice): number[] {
  const one = (): number =>
    dice.chance(0.85)
      ? between(dice, 1 * second, 20 * second)
      : dice.chance(0.7)
        ? between(dice, 20 * second, 30 * minute)
        : between(dice, 30 * minute, 5 * hour);
  if (dice.chance(0.04)) return [];
  return dice.chance(0.1) ? [one(), one()] : [one()];
}

/** The history of this seed. */
export function planOf(seed: number, guardrail: string, repertoire: readonly Repertoire[]): Plan {
  const dice = diceOf(seed);
  const start = Date.parse("2026-01-05T08:00:00Z") + dice.below(24) * hour + dice.below(60) * minute;
  const steps: Step[] = [];
  const count = between(dice, 1, 9);
  const pace = dice.pick([10 * second, 3 * minute, 40 * minute]);
  let at = 0;
  for (let id = 0; id < count; id++) {
    at += dice.below(pace);
    const step = stepOf(dice, id, at, repertoire);
    steps.push(step);
    // Somebody insists.
    if (step.actor !== "operator" && dice.chance(0.2)) {
      const every = dice.pick([30 * second, 4 * minute, 20 * minute]);
      for (let again = between(dice, 1, 6); again > 0; again--)
        steps.push({ ...step, id: ++id, at: (at += every), delays: delaysOf(dice) });
    }
  }
  const faults: Fault[] = [];
  if (dice.chance(0.6))
    for (let left = between(dice, 1, 5); left > 0; left--) faults.push(faultOf(dice, steps));
  const outages: Outage[] = [];
  if (dice.chance(0.15)) {
    const from = dice.below(at + minute);
    const service = dice.pick(["dynamodb", "sns"] as const);
    outages.push({ service, from, to: from + dice.pick([20 * second, 5 * minute, 2 * hour]) });
  }
  return {
    seed,
    guardrail,
    mode: dice.chance(0.85) ? "enforce" : dice.pick(["notify", "observe"] as const),
    budget: dice.chance(0.2) ? 2 : 50,
    sweep: dice.pick(["notify", "notify", "notify", "enforce", "off"] as const),
    start,
    lead: dice.pick([0, 40 * minute, 40 * minute]),
    steps,
    faults,
    outages,
    controllers: dice.chance(0.4) ? ["controller"] : [],
    expected: dice.chance(0.3) ? ["pipeline"] : [],
  };
}

function stepOf(dice: Dice, id: number, at: number, repertoire: readonly Repertoire[]): Step {
  const all = repertoire.flatMap(deed => Array<Repertoire>(deed.weight).fill(deed));
  const { name, by } = dice.pick(all);
  return {
    id,
    at,
    actor: dice.pick(by),
    deed: name,
    seed: dice.below(2 ** 31),
    delays: delaysOf(dice),
    ...(dice.chance(0.04) && { isBodyless: true as const }),
    ...(dice.chance(0.05) && { isDeployed: true as const }),
  };
}

/** Ticks of the hours in which things happen. */
const ticks = 40;

function faultOf(dice: Dice, steps: readonly Step[]): Fault {
  const { id, delays } = dice.pick(steps);
  const isOfTick = dice.chance(0.3);
  return {
    delivery: isOfTick ? `tick-${dice.below(ticks)}` : `${id}.${dice.below(Math.max(1, delays.length))}`,
    attempt: dice.chance(0.7) ? 0 : between(dice, everyTry, 2),
    call: dice.below(20),
    how: dice.pick(strokes),
    age: between(dice, 500, oldest),
  };
}
