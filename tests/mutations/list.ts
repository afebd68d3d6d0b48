import type { Mutation } from "./mutation";
import { attackMutations } from "./attacks";
import { causeMutations } from "./causes";
import { deploymentMutations } from "./deployment";
import { guardrailMutations } from "./guardrails";
import { ledgerMutations } from "./ledger";
import { pipelineMutations } from "./pipeline";
import { restraintMutations } from "./restraints";
import { sweepMutations } from "./sweep";
import { tellingMutations } from "./telling";

export const mutations: readonly Mutation[] = [
  ...pipelineMutations,
  ...ledgerMutations,
  ...restraintMutations,
  ...sweepMutations,
  ...tellingMutations,
  ...attackMutations,
  ...causeMutations,
  ...guardrailMutations,
  ...deploymentMutations,
];
