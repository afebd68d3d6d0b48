import type { Mutation } from "../../mutations/mutation";

export const mutations: readonly Mutation[] = [
  {
    defect: "replaces an interface's groups instead of adding one",
    file: "components/guardrails/ec2-launch-baseline/baseline.ts",
    find: "[part.id, [...part.groups, id]]",
    replace: "[part.id, [id]]",
    tests: [
      "tests/guardrails/ec2-launch-baseline/baseline.test.ts",
      "tests/guardrails/ec2-launch-baseline/guardrail.test.ts",
    ],
  },
  {
    defect: "overwrites required tags that are there",
    file: "components/guardrails/ec2-launch-baseline/baseline.ts",
    find: ".filter(([key]) => part.tags[key] === undefined);",
    replace: ".filter(([key, value]) => part.tags[key] !== value);",
    tests: ["tests/guardrails/ec2-launch-baseline/baseline.test.ts"],
  },
  {
    defect: "lets a quarantined instance out",
    file: "components/guardrails/ec2-launch-baseline/baseline.ts",
    find: 'state.isQuarantined ? [] : parts.filter(part => part.kind === "network-interface")',
    replace: 'parts.filter(part => part.kind === "network-interface")',
    tests: ["tests/guardrails/ec2-launch-baseline/baseline.test.ts"],
  },
  {
    defect: "writes to interfaces that a service runs",
    file: "components/guardrails/ec2-launch-baseline/instances.ts",
    find: "...interfaces.filter(isOurs).map(interfacePart).sort(byPartId),",
    replace: "...interfaces.map(interfacePart).sort(byPartId),",
    tests: [
      "tests/guardrails/ec2-launch-baseline/reads.test.ts",
      "tests/guardrails/ec2-launch-baseline/baseline.test.ts",
    ],
  },
  {
    defect: "sees the first instance of a launch only",
    file: "components/guardrails/ec2-launch-baseline/launch.ts",
    find: "toList(response.instancesSet).flatMap(",
    replace: "toList(response.instancesSet).slice(0, 1).flatMap(",
    tests: ["tests/guardrails/ec2-launch-baseline/guardrail.test.ts"],
  },
];
