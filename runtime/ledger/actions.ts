import { createHash } from "crypto";
import type { Json } from "../json";
import type { Principal } from "../occasion";
import type { Finding, Resource, State } from "../guardrail";

/**
 * The life of one change: `intended` (recorded, perhaps written), `written`, `verified` (proven, perhaps not told),
 * `failed` (may be tried again), then told: `notified`; or `held`, which the finding's next try ends; and at last perhaps `undone`.
 */
export type ActionState = "intended" | "written" | "verified" | "failed" | "held" | "notified" | "undone";

/** One change of one resource, as the ledger keeps it. Times in epoch milliseconds. */
export interface Action {
  readonly id: string;
  readonly state: ActionState;
  readonly guardrail: string;
  readonly resource: Resource;
  /** Of the occasion: its key, by which a repeated delivery is told, and its id. */
  readonly occasionKey: string;
  readonly occasionId: string;
  readonly principal?: Principal;
  readonly finding: Finding;
  /** Set where that is part of what was found: the change of all of it was too large to be recorded. */
  readonly isPart?: true;
  /** Recorded once, before the first write, and never overwritten. */
  readonly before: State;
  readonly after?: State;
  readonly opened: number;
  readonly verified?: number;
  /** Why it is held. */
  readonly because?: string;
  /** The guardrail's settings then, so that an undo reads the resource as the change did. */
  readonly settings: Json;
  /** Short hash of the code that acted. */
  readonly code: string;
}

/** The same for every delivery of an occasion: what makes a change happen once in effect. */
export const actionId = (guardrail: string, occasionKey: string, arn: string): string =>
  createHash("sha256")
    .update(JSON.stringify([guardrail, occasionKey, arn]))
    .digest("hex")
    .slice(0, 20);
