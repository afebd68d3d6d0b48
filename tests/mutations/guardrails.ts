import { proofs } from "../guardrails";
import type { Mutation } from "./mutation";

const conformance = ["tests/conformance.test.ts"];

/** Defects of what guardrails share, then those that each proof names of its own guardrail. */
export const guardrailMutations: readonly Mutation[] = [
  {
    defect: "takes a failed call for a success when its record has no body",
    file: "runtime/events.ts",
    find: '  textAt(event.detail, "errorCode") !== undefined;',
    replace: '  textAt(event.detail, "errorCode") !== undefined && event.detail.responseElements !== null;',
    tests: conformance,
  },
  {
    defect: "does not recognise Auto Scaling as a manager",
    file: "runtime/who/marks.ts",
    find: "key: /^aws:autoscaling:groupName$/",
    replace: "key: /^aws:autoscaling:group$/",
    tests: ["tests/runtime/who/managed-by.test.ts"],
  },
  ...proofs.flatMap(({ mutations }) => mutations),
];
