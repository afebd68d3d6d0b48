import type { Mutation } from "./mutation";
import { causeMutations } from "./causes";
import { deploymentMutations } from "./deployment";
import { guardrailMutations } from "./guardrails";
import { ledgerMutations } from "./ledger";
import { pipelineMutations } from "./pipeline";
import { restraintMutations } from "./restraints";

export const mutations: readonly Mutation[] = [
  ...pipelineMutations,
  ...ledgerMutations,
  ...restraintMutations,
  ...causeMutations,
  ...guardrailMutations,
  ...deploymentMutations,
];
