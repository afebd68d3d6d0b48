import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Definition } from "../../components/definition";
import { catalogue } from "../../components/guardrails";
import type { Proof } from "./proof";
import { type About, type Breach, chapters, type Step } from "./step";

const load = createRequire(__filename);
const fileOf = (id: string): string => `tests/guardrails/${id}/proof.ts`;
const isProven = (id: string): boolean => existsSync(join(__dirname, id, "proof.ts"));

/** How many calls its rules listen to. */
const heard = ({ triggers }: Definition): number =>
  triggers.flatMap(trigger => ("pattern" in trigger ? (trigger.pattern.detail?.eventName ?? []) : [])).length;

/** The proof of each guardrail of the catalogue that has one, the plainest first: those that listen to the fewest calls. */
export const proofs: readonly About<Proof>[] = [...(catalogue as readonly Definition[])]
  .sort((a, b) => heard(a) - heard(b))
  .flatMap(({ id }) => {
    if (!isProven(id)) return [];
    const { proof } = load(join(__dirname, id, "proof.ts")) as { proof?: Proof };
    return proof === undefined ? [] : [{ guardrail: id, ...proof }];
  });

/** @throws Error saying what to write for a guardrail without one. */
export function proofOf(id: string): Proof {
  const proof = proofs.find(({ guardrail }) => guardrail === id);
  if (proof === undefined) throw new Error(`Write ${fileOf(id)}: export const proof: Proof = { … }`);
  return proof;
}

/** The breach of each guardrail that writes. */
export const breaches: readonly About<Breach>[] = proofs.flatMap(proof =>
  proof.kind === "writing" ? [{ guardrail: proof.guardrail, ...proof.breach }] : [],
);

/** @throws Error when there is none. */
export function breachOf(id: string): About<Breach> {
  const breach = breaches.find(({ guardrail }) => guardrail === id);
  if (breach === undefined) throw new Error(`${fileOf(id)} has no breach: { kind: "writing", breach: … }`);
  return breach;
}

/** What somebody does in an account, in order: chapter by chapter, the plainest guardrail first. */
export const steps: readonly About<Step>[] = chapters.flatMap(chapter =>
  proofs.flatMap(({ guardrail, steps }) =>
    steps.filter(step => step.chapter === chapter).map(step => ({ guardrail, ...step })),
  ),
);
