import type { GuardrailEvent } from "../../runtime/events";
import { proofOf } from "../guardrails";
import type { FakeAccount } from "../guardrails/account";
import { fakeTable } from "./fakes/table";

/** A small account in which an event of this guardrail finds something to put right, and settings that ask for it. */
export interface Stage {
  readonly settings: Record<string, unknown>;
  account(event: GuardrailEvent): FakeAccount;
}

/** What every guardrail asks besides: a topic that takes all notices, and an empty ledger. */
const shared = (): FakeAccount => ({
  sns: { Publish: () => ({ MessageId: "1" }) },
  dynamodb: fakeTable().answers,
});

/** @throws Error saying what to write for a guardrail that has no account. */
export function stageOf(id: string): Stage {
  const proof = proofOf(id);
  if (proof.kind === "direct")
    throw new Error(`tests/guardrails/${id}/proof.ts is of kind "direct", and ${id} has a function`);
  return {
    settings: { ...proof.settings, ...proof.alone },
    account: event => ({ ...proof.account(event), ...shared() }),
  };
}
