import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serializeRemediator } from "../../components/bundle";
import type { AnyInspecting } from "../../components/definition";
import type { GuardrailConfig } from "../../runtime/config";
import type { GuardrailEvent } from "../../runtime/events";
import { createHandler, type LambdaContext, type Summary } from "../../runtime/handler";
import type { FakeAccount } from "../guardrails/account";
import { enter, unpack } from "./fakes/container";
import { fakeClient } from "./fakes/client";

const load = createRequire(__filename);

export type Handler = (payload: unknown, context: LambdaContext) => Promise<Summary>;

/** Everything of an invocation that somebody outside can see. */
export interface Transcript {
  /** What the function wrote to its standard output: audit lines, metrics, errors. */
  readonly lines: readonly string[];
  /** What AWS was asked, publications among it: `<service> <region> <operation>` and the input. */
  readonly sent: readonly { readonly call: string; readonly input: object }[];
  readonly answer?: Summary;
  readonly thrown?: string;
}

/** What mocha defines in every file: none of it is there when the program is deployed. */
export const mochaGlobals = [
  "describe",
  "it",
  "before",
  "beforeEach",
  "after",
  "afterEach",
  "context",
  "specify",
  "run",
];

/**
 * The text that Pulumi would deploy. A captured name that is also a global is not serialized, so mocha's are hidden.
 */
export async function deployedText(definition: AnyInspecting): Promise<string> {
  return withoutMocha(() => serializeRemediator(definition));
}

/** Runs something in the globals that `pulumi up` has. */
export async function withoutMocha<T>(work: () => Promise<T>): Promise<T> {
  const globals = globalThis as unknown as Record<string, unknown>;
  const saved = mochaGlobals.filter(name => name in globals).map(name => [name, globals[name]] as const);
  saved.forEach(([name]) => delete globals[name]);
  try {
    return await work();
  } finally {
    saved.forEach(([name, value]) => (globals[name] = value));
  }
}

/** A definition's handler as its source says. */
export const sourceHandler = (definition: AnyInspecting): Handler =>
  createHandler(
    definition,
    definition.triggers.flatMap(trigger => ("pattern" in trigger ? [trigger.pattern] : [])),
  );

/** What loads a serialized text anew, as Lambda does in each new container. */
export function textLoader(text: string): () => Handler {
  const run = new Function("module", "exports", "require", text);
  return () => {
    const module = { exports: {} as { handler: Handler } };
    run(module, module.exports, load);
    return module.exports.handler;
  };
}

export const configOf = (
  mode: GuardrailConfig["mode"],
  settings: unknown,
  managed: GuardrailConfig["managed"] = "notify",
): GuardrailConfig => ({
  format: 2,
  mode,
  managed,
  sweep: "notify",
  who: { trusted: { accounts: [] }, controllers: [], expected: [] },
  recipients: 1,
  metrics: "stack",
  ticking: [],
  budget: 50,
  settings,
  exemptions: [],
  code: "abc123",
});

/**
 * One invocation in a container of its own: `make` builds the handler, SDK clients send to a fake account, and time
 * passes only where the function waits, at once.
 */
export async function invoke(
  make: () => Handler,
  event: GuardrailEvent,
  config: GuardrailConfig,
  account: FakeAccount,
): Promise<Transcript> {
  const folder = mkdtempSync(join(tmpdir(), "guardrail-"));
  unpack(folder, config);
  const lines: string[] = [];
  const sent: Transcript["sent"][number][] = [];
  const restore = [
    enter(folder),
    replaceSend(account, sent),
    replaceTime(Date.parse(event.time) + 2_000),
    replaceOutput(lines),
  ];
  try {
    const start = Date.now();
    const context = {
      awsRequestId: "invocation-1",
      getRemainingTimeInMillis: () => 60_000 - (Date.now() - start),
    };
    const answer = await make()(structuredClone(event), context);
    return { lines, sent, answer };
  } catch (error) {
    return { lines, sent, thrown: `${(error as Error).name}: ${(error as Error).message}` };
  } finally {
    restore.forEach(undo => undo());
    rmSync(folder, { recursive: true });
  }
}

type Sender = { send: unknown };
type Next = (args: { input: unknown }) => Promise<{ output: unknown }>;
type Middleware = (next: Next, context: { commandName: string }) => Next;
interface Client {
  readonly middlewareStack: {
    applyToStack(stack: {
      add: (one: Middleware, options: { name?: string }) => void;
      addRelativeTo(): void;
    }): void;
  };
  readonly config: { region(): Promise<string> };
}

/** Puts the fake account behind every client of its services, whoever builds the client and when. */
function replaceSend(account: FakeAccount, sent: Transcript["sent"][number][]): () => void {
  const restore = Object.entries(account).map(([service, answers]) => {
    const { prototype } = clientClass(service);
    const fake = fakeClient(answers);
    prototype.send = async function (this: Client, command: object) {
      const region = await this.config.region();
      const next = async () => {
        try {
          return { output: await (fake.send as (command: object) => Promise<unknown>)(command) };
        } finally {
          const call = fake.calls[fake.calls.length - 1];
          sent.push({ call: `${service} ${region} ${call?.operation}`, input: call?.input });
        }
      };
      const commandName = command.constructor.name;
      return (await recordingStep(this)(next, { commandName })({ input: command })).output;
    };
    return () => void delete (prototype as Partial<Sender>).send;
  });
  return () => restore.forEach(undo => undo());
}

/** Of the steps of a client's calls only the product's own is taken, which records them; the SDK's need a network. */
function recordingStep({ middlewareStack }: Client): Middleware {
  let found: Middleware = next => next;
  middlewareStack.applyToStack({
    add: (middleware, { name }) => void (name === "traceCalls" && (found = middleware)),
    addRelativeTo: () => undefined,
  });
  return found;
}

function clientClass(service: string): { prototype: Sender } {
  const module = load(`@aws-sdk/client-${service}`) as Record<string, { prototype: Sender }>;
  const name = Object.keys(module).find(key => /^[A-Z]\w*Client$/.test(key));
  if (name === undefined) throw new Error(`@aws-sdk/client-${service} has no client`);
  return module[name];
}

function replaceTime(start: number): () => void {
  const saved = { Date: globalThis.Date, setTimeout: globalThis.setTimeout };
  let now = start;
  globalThis.Date = class extends saved.Date {
    constructor(...given: [] | [number]) {
      super(...((given.length === 0 ? [now] : given) as [number]));
    }
    static override now = () => now;
  } as DateConstructor;
  globalThis.setTimeout = ((run: () => void, ms = 0) => {
    now += ms;
    return setImmediate(run);
  }) as unknown as typeof setTimeout;
  return () => void Object.assign(globalThis, saved);
}

function replaceOutput(lines: string[]): () => void {
  const { write } = process.stdout;
  process.stdout.write = ((text: string) => {
    lines.push(text);
    return true;
  }) as typeof write;
  return () => void (process.stdout.write = write);
}
