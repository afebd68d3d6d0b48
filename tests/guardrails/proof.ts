import type { GuardrailEvent } from "../../runtime/events";
import type { Mutation } from "../mutations/mutation";
import type { FakeAccount } from "./account";
import type { Simulation } from "./simulation";
import type { Breach, Step } from "./step";

/** What proves one guardrail, beside its events and its own tests: tests/guardrails/<id>/proof.ts exports it. */
export type Proof = DirectProof | ReadingProof | WritingProof;

interface Common {
  /** What the scenario plays of it, in the sandbox and in an account of AWS. */
  readonly steps: readonly Step[];
  /** Defects that its tests must notice. */
  readonly mutations: readonly Mutation[];
}

/** Of a guardrail whose rule tells by itself, without a function. */
export interface DirectProof extends Common {
  readonly kind: "direct";
}

interface Inspecting extends Common {
  /** The knobs with which the breach, the steps and the account below are something to put right. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Laid over them where the function runs alone against the account: stack settings, knobs that make it read more. */
  readonly alone?: Readonly<Record<string, unknown>>;
  /** A small account in which each event that must act finds something to put right. */
  account(event: GuardrailEvent): FakeAccount;
  /** Field of an input → the error that AWS answers with when there is no such thing as it names. */
  readonly absent?: Readonly<Record<string, string>>;
  /** Actions that the role has and the scenario does not need → the situation that needs them. */
  readonly unused: Readonly<Record<string, string>>;
}

/** Of a guardrail with a function that only ever tells. */
export interface ReadingProof extends Inspecting {
  readonly kind: "reading";
}

/** Of a guardrail with a function that puts right. */
export interface WritingProof extends Inspecting {
  readonly kind: "writing";
  readonly breach: Breach;
  /** The account that it is simulated in: `npm run simulate`. */
  readonly simulation: Simulation<object>;
  /** What the role may write: each action only takes access away or adds protection, or is kept to that. */
  readonly writes: Readonly<Record<string, Allowance>>;
  /** Write operation → whether the account, asked anew, confirms that this write is called for. */
  readonly confirms: Readonly<Record<string, { confirm(input: never, world: World): boolean }["confirm"]>>;
}

/** Why an action may be granted. */
export interface Allowance {
  readonly reason: string;
  /** Of an action that could also widen: condition operator → keys that every statement with it must have. */
  readonly conditions?: Readonly<Record<string, readonly string[]>>;
}

/** The fake account while a forged event is handled. */
export interface World {
  /** Whether the event names the resource of this id: the account holds nothing else. */
  holds(id: string): boolean;
  ask(service: string, operation: string, input: object): unknown;
}
