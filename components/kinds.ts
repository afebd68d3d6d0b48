import { modes, type Mode } from "../runtime/modes";
import type { Definition } from "./definition";

export type Kind = Definition["kind"];

/** What a kind of guardrail is, for everybody who deploys, configures, operates or describes one. */
export interface KindCapabilities {
  /** From the least to the most. */
  readonly modes: readonly Mode[];
  /** Why it has fewer than all, in words that follow "can only …: ". */
  readonly onlyBecause?: string;
  /** Whether a function looks at the event: only then are there settings, permissions, exemptions and metrics. */
  readonly hasFunction: boolean;
  /** Whether its function may touch the ledger, where the mode uses it. */
  readonly hasLedger: boolean;
  /** What its rules hand the event to. */
  readonly target: "topic" | "function";
  /** Read through `budgetOf`, which knows what a definition says of its own; 0: it never writes. */
  readonly budget: number;
}

/** Every kind that a definition can be of, a row each. */
export const kinds = {
  direct: {
    modes: ["notify"],
    onlyBecause:
      "its rule hands the event straight to the topic, and no function runs that could look at the account or change it",
    hasFunction: false,
    hasLedger: false,
    target: "topic",
    budget: 0,
  },
  inspecting: { modes, hasFunction: true, hasLedger: true, target: "function", budget: 50 },
} as const satisfies Readonly<Record<Kind, KindCapabilities>>;

export const capabilitiesOf = ({ kind }: Pick<Definition, "kind">): KindCapabilities => kinds[kind];

/** How many resources it may put right in an hour unless the stack says otherwise. */
export const budgetOf = ({ kind, budget }: Pick<Definition, "kind"> & { readonly budget?: number }): number =>
  budget ?? kinds[kind].budget;

type Of<Row> = Extract<
  Definition,
  { kind: { [K in Kind]: (typeof kinds)[K] extends Row ? K : never }[Kind] }
>;

/** The definitions of those kinds that have a function. */
export type WithFunction = Of<{ hasFunction: true }>;
/** The definitions of those kinds whose rules publish by themselves. */
export type Publishing = Of<{ target: "topic" }>;

export const hasFunction = (definition: Definition): definition is WithFunction =>
  kinds[definition.kind].hasFunction;
export const isPublishing = (definition: Definition): definition is Publishing =>
  kinds[definition.kind].target === "topic";
