import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AnyInspecting } from "../../components/definition";
import { periodOf } from "../../components/timer";
import type { GuardrailConfig } from "../../runtime/config";
import type { GuardrailEvent } from "../../runtime/events";
import type { Json } from "../../runtime/json";
import { deploymentTime } from "../../runtime/who/managed-by";
import { actors, type Simulation } from "../guardrails/simulation";
import { enter, unpack } from "../support/fakes/container";
import { tickOf } from "../support/events/ticks";
import { settingsOf } from "../support/inspecting";
import { configOf } from "../support/invocation";
import { stageOf } from "../support/stages";
import { replaceAws } from "./aws";
import { diceOf } from "./dice";
import { arnOfActor, eventOf, rulesOf } from "./events";
import { lambda, type Invocation } from "./lambda";
import { isExcused, liveness } from "./promises/liveness";
import { failureOf, operate, operatorAt } from "./operators";
import { forging, type Plan, type Step } from "./plan";
import {
  changesBetween,
  type Licence,
  safety,
  type Span,
  type Undone,
  type Violation,
} from "./promises/safety";
import { virtualTime } from "./time";
import { truthOf } from "./promises/truth";
import { type Caller, simulatedWorld, type Version } from "./world";

/** What came of a plan. */
export interface History {
  readonly violations: readonly Violation[];
  /** What happened, in order, each sentence with its time. */
  readonly sentences: readonly string[];
  readonly turns: number;
}

export interface Guarded {
  readonly definition: AnyInspecting;
  readonly simulation: Simulation<object>;
}

let folder: string | undefined;
/** Where the functions' archive lies. */
function archive(): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), "simulate-"));
    process.on("exit", () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return folder;
}

const rules: Record<string, ReturnType<typeof rulesOf>> = {};
const hour = 3600_000;
/**
 * How long after the last step the guardrail has for what it has heard of, and for what only a sweep can find; and how
 * long what is left to people is watched, for whom nothing but hourly notices would follow.
 */
const patience = { heard: 9 * hour, unheard: 26 * hour, left: 3 * hour };

/** Plays a history from its first step until nothing is left to happen. @throws Error for what the simulation does not know */
export async function play(plan: Plan, { definition, simulation }: Guarded): Promise<History> {
  const begin = plan.start - plan.lead;
  const time = virtualTime(begin);
  const violations: Violation[] = [];
  const sentences: string[] = [];
  const mistakes: Error[] = [];
  const mistake = (error: Error): void => void mistakes.push(error);
  const log = (sentence: string): void =>
    void sentences.push(`${new Date(time.now).toISOString().slice(0, 19)}Z ${sentence}`);
  const broken = (violation: Violation): void => {
    violations.push(violation);
    log(`BROKEN: ${violation.promise}: ${violation.words}`);
  };
  const founding = diceOf(plan.seed + 1);
  const settings = settingsOf(definition, {
    ...stageOf(definition.id).settings,
    ...simulation.settings?.(founding),
  });
  const found = simulation.found(founding, begin, settings);
  let config: GuardrailConfig = {
    ...configOf(plan.mode, settings),
    budget: plan.budget,
    sweep: plan.mode === "enforce" ? plan.sweep : "notify",
    who: {
      trusted: { accounts: [] },
      controllers: plan.controllers.map(arnOfActor),
      expected: plan.expected.map(arnOfActor),
    },
  };
  const world = simulatedWorld(simulation, plan, time, found, { log, written, mistake });
  const truth = truthOf(simulation, world, begin);
  const pauses: Span[] = [];
  const undone = new Map<string, Undone>();
  const asked = new Set<string>();
  const judge = safety(simulation, world, { pauses, undone, isLeft: isLeftToCallers }, broken);
  const licences = new Map<Caller, Licence>();
  const functions = lambda(definition, plan, time, { log, line, started, done });
  const bodyless = new Set<string>();
  /** The things that an event names without having brought them. */
  const named = new Map<string, readonly string[]>();
  /** What came to the function, for whoever forges. */
  const sent: GuardrailEvent[] = [];
  /** The events of which the function has heard, and those of which it has come to an end. */
  const heard = new Set<string>();
  const handled = new Set<string>();
  /** By the id of an event: the step that it tells of. */
  const told = new Map<string, Step>();
  /** Whether an operator has had tried again what was left. */
  let isResumed = false;
  const passes = (rules[definition.id] ??= rulesOf(definition));
  let undoing: Set<string> | undefined;

  /** What the alarm on open findings watches; undefined before the first tick. */
  let gauge: number | undefined;
  /** When the first sweep had ended. */
  let sweptAt = Infinity;
  function line(text: string): void {
    if (text.includes('"Open":')) gauge = (JSON.parse(text) as { Open: number }).Open;
  }

  function deploy(next: GuardrailConfig): void {
    config = next;
    unpack(archive(), config);
  }

  function started(invocation: Invocation): void {
    const { id, takes } = invocation.payload as unknown as GuardrailEvent & { takes?: unknown };
    heard.add(id);
    const isTick = !Object.hasOwn(truth.brought, id);
    // What an operator resumes may be anything that was told.
    const resumed = takes === undefined ? [] : truth.left().map(({ thing }) => thing);
    // Where the record says nothing, the guardrail looks itself at what is new.
    const made = Object.values(truth.brought).flatMap(things => [...things]);
    const looked = bodyless.has(id) ? [...mayFind(), ...made] : [];
    // What it names may have become wrong since, by another call.
    const news = (named.get(id) ?? []).filter(isNews);
    const things = isTick
      ? new Set([...mayFind(), ...resumed])
      : new Set([...truth.brought[id], ...news, ...looked]);
    const occasion = isTick ? "nothing that happened" : `event ${id}`;
    licences.set(invocation, { invocation, config, brought: things, occasion });
  }

  function done({ payload }: Invocation): void {
    handled.add(String((payload as { id?: string }).id));
  }

  /** Whether a breach that this step brought is told and not written now. */
  function isLeftTo(
    { actor, at, isDeployed }: Step,
    thing: string,
    { exemptions }: GuardrailConfig,
  ): boolean {
    if (actor === "operator") return false;
    const arns = truth.noticed.get(thing) ?? [];
    return (
      plan.controllers.includes(actor) ||
      exemptions.some(
        ({ resource, principal }) => principal === arnOfActor(actor) && arns.every(arn => arn === resource),
      ) ||
      (isDeployed === true && time.now < plan.start + at + deploymentTime)
    );
  }

  function isLeftToCallers(thing: string, { config, invocation }: Licence): boolean {
    if (isResumed || asked.has(thing)) return false;
    const cause = truth.left().find(one => one.thing === thing)?.cause;
    const { id } = invocation.payload as { id?: string };
    if (cause === undefined || (!handled.has(cause) && cause !== id)) return false;
    const about = [...heard].filter(
      event => truth.brought[event]?.has(thing) || named.get(event)?.includes(thing),
    );
    // What looks in place of a record without bodies knows who called, and not what for.
    const unread = bodyless.has(cause) ? [...bodyless].filter(event => heard.has(event)) : [];
    if (unread.length > 0 && config.sweep === "enforce") return false;
    return [...about, ...unread].every(event => isLeftTo(told.get(event) as Step, thing, config));
  }

  /** Whether nobody can have known before that a thing is wrong. */
  const isNews = (thing: string): boolean =>
    !isSwept() || truth.left().some(one => one.thing === thing && one.since > begin);

  /** Whether a sweep has come to its end: until then nobody knows what was there before. */
  const isSwept = (): boolean =>
    world.table.items.get(`${definition.id}#tick sweep#us-east-1`)?.completed !== undefined;

  /** What a tick may put right: what events have brought, what has become wrong since the stack began, what was asked for. */
  function mayFind(): Set<string> {
    const events = Object.entries(truth.brought).filter(([id]) => heard.has(id));
    const since = truth.left().filter(one => one.since > begin);
    const brought = events.flatMap(([, things]) => [...things]);
    return new Set([...brought, ...since.map(({ thing }) => thing), ...asked]);
  }

  function written(caller: Caller, operation: string, before: Version, after: Version): void {
    const licence = licences.get(caller);
    const changes = changesBetween(simulation, before.account, after.account);
    const said = changes.map(
      ({ thing, member, from, to }) => `; ${thing} ${member}: ${from ?? "nothing"} to ${to ?? "nothing"}`,
    );
    log(`${caller.name} writes: ${operation}${said.join("")}`);
    if (licence !== undefined) {
      judge.judge(licence, operation, before, after);
    } else changes.forEach(({ thing }) => undoing?.add(thing));
    truth.look();
  }

  function act(step: Step): void {
    const deed = simulation.deeds.find(({ name }) => name === step.deed);
    if (deed === undefined) throw new Error(`${definition.id} has no deed ${step.deed}`);
    const { answer, before, after } = world.change(account =>
      deed.play(account as never, diceOf(step.seed), time.now),
    );
    if (answer === undefined) {
      world.versions.pop();
      return;
    }
    log(`The ${step.actor} ${answer.words}${step.isDeployed ? ", through CloudFormation" : ""}`);
    truth.look();
    if (answer.record === undefined) return;
    const id = `event-${step.id}`;
    const { about = [], names = [] } = answer;
    truth.told(id, before, after, [...about, ...names.filter(isNews)]);
    named.set(id, names);
    if (step.isBodyless) bodyless.add(id);
    told.set(id, step);
    const record = step.isDeployed
      ? { ...answer.record, invokedBy: "cloudformation.amazonaws.com" }
      : answer.record;
    const event = eventOf(id, step.actor, record, time.now, step.isBodyless === true);
    world.trail.record(eventOf(id, step.actor, record, time.now, false));
    if (!passes(event)) return;
    if (step.delays.length === 0) log("Its event never comes");
    step.delays.forEach((delay, copy) =>
      time.at(time.now + delay, () => {
        const name = `The event of the ${step.actor}'s ${step.deed} (step ${step.id}${copy > 0 ? ", again" : ""})`;
        sent.push(event);
        log(`${name} reaches the function${step.isBodyless ? ", without bodies" : ""}`);
        functions.invoke(event as unknown as Json, `${step.id}.${copy}`, name);
      }),
    );
  }

  /** Somebody who may invoke the function, or put an event on the bus, says again what happened, or says it of another. */
  function forge(step: Step): void {
    const dice = diceOf(step.seed);
    if (sent.length === 0) return;
    const real = dice.pick(sent);
    const said = dice.pick([time.now, Date.parse(real.time), time.now - 2 * hour]);
    const at = `${new Date(said).toISOString().slice(0, 19)}Z`;
    const id = `event-${step.id}`;
    const eventID = dice.chance(0.5) ? id : String(real.detail.eventID);
    const event = { ...real, id, time: at, detail: { ...real.detail, eventTime: at, eventID } };
    const name = `A forged event (step ${step.id}), which says ${real.id} again`;
    log(`${name}, reaches the function`);
    functions.invoke(event as unknown as Json, `${step.id}.0`, name);
  }

  function work(step: Step): void {
    time.current = {
      kind: "operator",
      name: "The operator",
      isDead: false,
      calls: 0,
      shown: {},
      strike: () => undefined,
      die: () => undefined,
    } as Caller;
    const decisions = {
      asked,
      failures: functions.queue.map(payload => failureOf(definition.id, payload)),
      pauses,
      undone,
      noticed: [...truth.noticed.values()],
      thingsOf: (arn: string) => [
        ...[...truth.noticed].flatMap(([thing, arns]) => (arns.includes(arn) ? [thing] : [])),
        ...(simulation.partsOf?.(world.newest().account as never, arn) ?? []),
      ],
      wordsOf: (thing: string) => truth.left().flatMap(one => (one.thing === thing ? [one.words] : [])),
      fixedAndWrongOn: (arn: string) =>
        truth
          .left()
          .filter(({ arns, words }) => arns.includes(arn) && judge.hasWritten(words))
          .map(({ thing }) => thing),
      callers: actors.map(arnOfActor),
      exempt: (exemptions: GuardrailConfig["exemptions"]) =>
        deploy({ ...config, exemptions: [...config.exemptions, ...exemptions] }),
    };
    isResumed ||= step.deed === "resume" || step.deed === "redrive";
    operate(operatorAt(time), step.deed, definition.id, diceOf(step.seed), decisions, async undo => {
      undoing = new Set();
      await undo();
      return [...undoing];
    }).then(words => log(`The operator ${words}`), mistake);
  }

  const circumstances = () => ({
    now: time.now,
    begin,
    config,
    undone,
    callers: new Map(
      [...told].flatMap(([id, { actor }]) => (actor === "operator" ? [] : [[id, arnOfActor(actor)]])),
    ),
    heard,
    notices: world.notices,
    queue: functions.queue,
    gauge,
    sweptAt,
    held: [...world.table.items.values()].filter(({ pk }) => pk?.S === `${definition.id}#held`),
  });
  const ends = [
    ...plan.steps.map(({ at, delays }) => at + Math.max(0, ...delays)),
    ...plan.outages.map(({ to }) => to),
  ];
  const last = plan.start + Math.max(0, ...ends);

  /** Whether there is nothing left to wait for. */
  function isOver(): boolean {
    if (time.now < last + hour || functions.running > 0) return false;
    // What was left to a controller must be left by the next day's sweep, too.
    if (config.sweep === "enforce" && plan.controllers.length > 0 && time.now < last + patience.unheard)
      return false;
    const open = truth.left().filter(one => one.since > begin && !isExcused(one, circumstances()));
    if (isLeft(open)) return true;
    const isUnheard = open.some(({ cause }) => cause === undefined || !heard.has(cause));
    return open.length === 0 || time.now > last + (isUnheard ? patience.unheard : patience.heard);
  }

  /** Whether all that is open is left to people for good: told, alarmed, and not to be tried again. */
  function isLeft(open: readonly unknown[]): boolean {
    if (open.length === 0 || time.now < last + patience.left) return false;
    const so = circumstances();
    const isAwaited = so.held.some(({ open: isOpen, due }) => isOpen?.N === "1" && due !== undefined);
    return !isAwaited && liveness(truth.left(), so).length === 0;
  }

  /** Every so many minutes, at minutes of its own. */
  function tick(at: number, period: number, count: number): void {
    time.at(at, () => {
      if (isSwept()) sweptAt = Math.min(sweptAt, at);
      if (isOver()) return;
      const id = `tick-${count}`;
      functions.invoke(tickOf(definition.id, at, id) as unknown as Json, id, `Tick ${count}`);
      tick(at + period, period, count + 1);
    });
  }

  world.forget = receipt => {
    const place = functions.queue.findIndex(payload => failureOf(definition.id, payload).receipt === receipt);
    if (place >= 0) functions.queue.splice(place, 1);
  };
  world.invoke = payload => functions.invoke(payload, "operator", "What the operator resumes");
  const restore = replaceAws(world.send, mistake);
  const leave = enter(archive());
  deploy(config);
  try {
    for (const step of plan.steps)
      time.at(plan.start + step.at, () => {
        if (step.actor === "operator") work(step);
        else if (step.deed === forging.name) forge(step);
        else act(step);
      });
    const minutes = periodOf(definition, plan.mode);
    if (minutes !== undefined) tick(begin + 90_000, minutes * 60_000, 0);
    await time.run(Infinity);
  } finally {
    leave();
    restore();
  }
  if (mistakes.length > 0) throw mistakes[0];
  liveness(truth.left(), circumstances()).forEach(broken);
  return { violations, sentences, turns: time.turns };
}
