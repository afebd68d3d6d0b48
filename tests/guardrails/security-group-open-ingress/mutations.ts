import type { Mutation } from "../../mutations/mutation";

export const mutations: readonly Mutation[] = [
  {
    defect: "revokes all rules of a group instead of the offending ones",
    file: "components/guardrails/security-group-open-ingress.ts",
    find: "await revokeRules(ec2, state.groupId, finding.data.remove);",
    replace: "await revokeRules(ec2, state.groupId, finding.data.remove.length > 0 ? state.rules : []);",
    tests: ["tests/guardrails/security-group-open-ingress/guardrail.test.ts"],
  },
  {
    defect: "removes rules that are older than the change",
    file: "components/guardrails/security-group-open-ingress/assess.ts",
    find: "const brought = state.rules.filter(rule => isBrought(rule, hints, known));",
    replace: "const brought = state.rules;",
    tests: ["tests/guardrails/security-group-open-ingress/assess.test.ts"],
  },
  {
    defect: "overlooks IPv6",
    file: "components/guardrails/security-group-open-ingress/openings.ts",
    find: "const families = [4, 6] as const;",
    replace: "const families = [4] as const;",
    tests: ["tests/guardrails/security-group-open-ingress/assess.test.ts"],
  },
  {
    defect: "looks at the port itself, and not at the ranges that hold it",
    file: "components/guardrails/security-group-open-ingress/rules.ts",
    find: "rule.fromPort <= port && port <= rule.toPort",
    replace: "rule.fromPort === port",
    tests: ["tests/guardrails/security-group-open-ingress/assess.test.ts"],
  },
  {
    defect: "reads the first page of a group's rules only",
    file: "components/guardrails/security-group-open-ingress/reads.ts",
    find: "return { items: page.SecurityGroupRules, NextToken: page.NextToken };",
    replace: "return { items: page.SecurityGroupRules };",
    tests: ["tests/guardrails/security-group-open-ingress/reads.test.ts"],
  },
  {
    defect: "removes an old open rule whose description somebody edits",
    file: "components/guardrails/security-group-open-ingress/assess.ts",
    find: "known?.[rule.ruleId] === inWords(rule)",
    replace: "known === null",
    tests: ["tests/guardrails/security-group-open-ingress/assess.test.ts"],
  },
  {
    defect: "takes whatever does not check its addresses now for an appliance",
    file: "components/guardrails/security-group-open-ingress/assess.ts",
    find: "known[applianceKey] === undefined",
    replace: "known === null",
    tests: ["tests/guardrails/security-group-open-ingress/assess.test.ts"],
  },
  {
    defect: "keeps bystanders' rules with the state before",
    file: "components/guardrails/security-group-open-ingress/inspect.ts",
    find: "state.rules.filter(({ ruleId }) => ids.includes(ruleId))",
    replace: "state.rules",
    tests: ["tests/guardrails/security-group-open-ingress/assess.test.ts"],
  },
];
