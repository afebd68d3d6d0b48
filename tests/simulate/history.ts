import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AnyInspecting } from "../../components/definition";
import type { GuardrailConfig } from "../../runtime/config";
import type { GuardrailEvent } from "../../runtime/events";
import type { Json } from "../../runtime/json";
import type { Simulation, Wrong } from "../guardrails/simulation";
import { diceOf } from "./dice";
import { settingsOf } from "../support/inspecting";
import { configOf, ownRoleArn } from "../support/invocation";
import { stageOf } from "../support/stages";
import { replaceAws } from "./aws";
import { eventOf, rulesOf } from "./events";
import { lambda, type Invocation } from "./lambda";
import { type Left, liveness } from "./liveness";
import { operate, operatorAt } from "./operators";
import type { Plan, Step } from "./plan";
import { changesBetween, type Licence, safety, type Span, type Violation } from "./safety";
import { virtualTime } from "./time";
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
/** Where the functions' `config.json` lies. */
function archive(): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), "simulate-"));
    process.on("exit", () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return folder;
}

const rules: Record<string, ReturnType<typeof rulesOf>> = {};

/** Plays a history from its first step until nothing is left to happen. @throws Error for what the simulation does not know */
export async function play(plan: Plan, { definition, simulation }: Guarded): Promise<History> {
  const time = virtualTime(plan.start);
  const violations: Violation[] = [];
  const sentences: string[] = [];
  const mistakes: Error[] = [];
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
  const found = simulation.found(founding, plan.start, settings);
  let config: GuardrailConfig = { ...configOf(plan.mode, settings), budget: plan.budget };
  const world = simulatedWorld(simulation, plan, time, found, {
    log,
    written,
    mistake: error => void mistakes.push(error),
  });
  const pauses: Span[] = [];
  const undone = new Map<string, Span>();
  const noticed: (readonly string[])[] = [];
  const seen = new Set<string>();
  const judge = safety(simulation, world, { pauses, undone }, broken);
  const licences = new Map<Caller, Licence>();
  const functions = lambda(definition, plan, time, { log, line: () => undefined, started });
  /** The things that an event has brought, by the event's id; and the events of which the function has heard. */
  const brought: Record<string, ReadonlySet<string>> = {};
  const heard = new Set<string>();
  /** What is wrong, in words → the event that brought it. */
  const causes = new Map<string, string>();
  const wrongSince = new Map<string, number>();
  const passes = (rules[definition.id] ??= rulesOf(definition));
  let undoing: Set<string> | undefined;

  function deploy(next: GuardrailConfig): void {
    config = next;
    writeFileSync(join(archive(), "config.json"), JSON.stringify(config));
  }

  function started(invocation: Invocation): void {
    const { id } = invocation.payload as unknown as GuardrailEvent;
    const things = brought[id] ?? new Set();
    heard.add(id);
    licences.set(invocation, { invocation, config, brought: things, occasion: `event ${id}` });
  }

  function written(caller: Caller, operation: string, before: Version, after: Version): void {
    const licence = licences.get(caller);
    log(`${caller.name} writes: ${operation}${inWords(before, after)}`);
    if (licence !== undefined) judge.judge(licence, operation, before, after);
    else
      changesBetween(simulation, before.account, after.account).forEach(({ thing }) => undoing?.add(thing));
    look(after);
  }

  const inWords = (before: Version, after: Version): string =>
    changesBetween(simulation, before.account, after.account)
      .map(
        ({ thing, member, from, to }) => `; ${thing} ${member}: ${from ?? "nothing"} to ${to ?? "nothing"}`,
      )
      .join("");

  /** Remembers since when what is wrong is so. */
  function look({ account }: Version): void {
    const now = new Set<string>();
    for (const { words, thing, arns } of simulation.wrongs(account as never)) {
      now.add(words);
      if (!wrongSince.has(words)) wrongSince.set(words, time.now);
      if (!seen.has(thing)) noticed.push(arns);
      seen.add(thing);
    }
    for (const words of wrongSince.keys()) if (!now.has(words)) wrongSince.delete(words);
  }

  function act(step: Step): void {
    const deed = simulation.deeds.find(({ name }) => name === step.deed);
    if (deed === undefined) throw new Error(`${definition.id} has no deed ${step.deed}`);
    const {
      answer: done,
      before,
      after,
    } = world.change(account => deed.play(account as never, diceOf(step.seed), time.now));
    if (done === undefined) {
      world.versions.pop();
      return;
    }
    log(`The ${step.actor} ${done.words}`);
    look(after);
    if (done.record === undefined) return;
    const id = `event-${step.id}`;
    for (const { words } of newlyWrong(before, after)) causes.set(words, id);
    const event = eventOf(id, step.actor, done.record, time.now, step.isBodyless === true);
    brought[id] = new Set([...broughtBy(before, after), ...(done.about ?? [])]);
    if (!passes(event)) return;
    if (step.delays.length === 0) log(`Its event never comes`);
    step.delays.forEach((delay, copy) =>
      time.at(time.now + delay, () => {
        const name = `The event of the ${step.actor}'s ${step.deed} (step ${step.id}${copy > 0 ? ", again" : ""})`;
        log(`${name} reaches the function${step.isBodyless ? ", without bodies" : ""}`);
        functions.invoke(event as unknown as Json, `${step.id}.${copy}`, name);
      }),
    );
  }

  /** What is newly wrong, and what is newly there. */
  function broughtBy(before: Version, after: Version): Set<string> {
    const things = simulation.things(before.account as never);
    const made = Object.keys(simulation.things(after.account as never)).filter(
      thing => !Object.hasOwn(things, thing),
    );
    return new Set([...made, ...newlyWrong(before, after).map(({ thing }) => thing)]);
  }

  function newlyWrong(before: Version, after: Version): Wrong[] {
    const was = new Set(simulation.wrongs(before.account as never).map(({ words }) => words));
    return simulation.wrongs(after.account as never).filter(({ words }) => !was.has(words));
  }

  function work(step: Step): void {
    const operator: Caller = {
      kind: "operator",
      name: "The operator",
      isDead: false,
      calls: 0,
      shown: {},
      strike: () => undefined,
      die: () => undefined,
    };
    time.current = operator;
    const decisions = {
      pauses,
      undone,
      noticed,
      exempt: (exemptions: GuardrailConfig["exemptions"]) =>
        deploy({ ...config, exemptions: [...config.exemptions, ...exemptions] }),
    };
    operate(operatorAt(time), step.deed, definition.id, diceOf(step.seed), decisions, async undo => {
      undoing = new Set();
      await undo();
      return [...undoing];
    }).then(
      words => log(`The operator ${words}`),
      (error: Error) => void mistakes.push(error),
    );
  }

  world.invoke = payload => functions.invoke(payload, "operator", "What the operator resumes");
  const restore = replaceAws(world.send, error => void mistakes.push(error));
  setEnvironment(definition.id);
  deploy(config);
  look(world.newest());
  try {
    for (const step of plan.steps)
      time.at(plan.start + step.at, () => (step.actor === "operator" ? work(step) : act(step)));
    await time.run(Infinity);
  } finally {
    restore();
  }
  if (mistakes.length > 0) throw mistakes[0];
  const left: Left[] = simulation.wrongs(world.newest().account as never).map(wrong => ({
    ...wrong,
    since: wrongSince.get(wrong.words) ?? plan.start,
    isHeard: heard.has(causes.get(wrong.words) ?? ""),
  }));
  const { notices } = world;
  const queued = functions.queue.length;
  liveness(left, { now: time.now, config, undone, notices, queued }).forEach(broken);
  return { violations, sentences, turns: time.turns };
}

function setEnvironment(guardrail: string): void {
  Object.assign(process.env, {
    GUARDRAIL_TOPIC_ARN: "arn:aws:sns:us-east-1:123456789012:guardrails-dev-notices",
    GUARDRAIL_LEDGER_TABLE: "guardrails-dev-ledger",
    GUARDRAIL_ROLE_ARN: ownRoleArn(guardrail),
    GUARDRAIL_STACK: "dev",
    GUARDRAIL_ACCOUNT: "123456789012",
    AWS_REGION: "us-east-1",
    LAMBDA_TASK_ROOT: archive(),
  });
}
