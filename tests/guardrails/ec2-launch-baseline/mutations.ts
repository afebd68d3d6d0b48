import type { Mutation } from "../../mutations/mutation";

export const mutations: readonly Mutation[] = [
  {
    defect: "replaces an interface's groups instead of adding one",
    file: "components/guardrails/ec2-launch-baseline/groups.ts",
    find: "[part.id, [...part.groups, id]]",
    replace: "[part.id, [id]]",
    tests: [
      "tests/guardrails/ec2-launch-baseline/baseline.test.ts",
      "tests/guardrails/ec2-launch-baseline/guardrail.test.ts",
    ],
  },
  {
    defect: "overwrites required tags that are there",
    file: "components/guardrails/ec2-launch-baseline/missing-tags.ts",
    find: ".filter(key => part.tags[key] === undefined)",
    replace: ".filter(key => part.tags[key] !== baseline.requiredTags[key])",
    tests: ["tests/guardrails/ec2-launch-baseline/baseline.test.ts"],
  },
  {
    defect: "lets a quarantined instance out",
    file: "components/guardrails/ec2-launch-baseline/groups.ts",
    find: "  if (state.isIsolated)",
    replace: "  if (state.isIsolated && isNew)",
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
    defect: "believes a launch whatever EC2 says",
    file: "components/guardrails/ec2-launch-baseline/belief.ts",
    find: "Math.abs(Date.parse(one) - Date.parse(other)) <= tolerance;",
    replace: "Math.abs(Date.parse(one) - Date.parse(other)) <= tolerance * 1e9;",
    tests: ["tests/guardrails/ec2-launch-baseline/launches.test.ts"],
  },
  {
    defect: "puts back groups that somebody changed since the launch",
    file: "components/guardrails/ec2-launch-baseline/groups.ts",
    find: "return given.join() === groups.join()",
    replace: "return given.length > 0",
    tests: ["tests/guardrails/ec2-launch-baseline/launches.test.ts"],
  },
  {
    defect: "writes a caller's value under a protected key",
    file: "components/guardrails/ec2-launch-baseline/missing-tags.ts",
    find: "if (protectedTags.includes(key))",
    replace: "if (protectedTags.includes(`${key}?`))",
    tests: ["tests/guardrails/ec2-launch-baseline/baseline.test.ts"],
  },
  {
    defect: "sees the first instance of a launch only",
    file: "components/guardrails/ec2-launch-baseline/launch.ts",
    find: 'const ids = idsOf(namedBy(event)).filter(id => id.startsWith("i-"));',
    replace: 'const ids = idsOf(namedBy(event)).slice(0, 1).filter(id => id.startsWith("i-"));',
    tests: ["tests/guardrails/ec2-launch-baseline/guardrail.test.ts"],
  },
  {
    defect: "takes an instance for isolated that has one quarantined interface",
    file: "components/guardrails/ec2-launch-baseline/instances.ts",
    find: "attached.every(one =>",
    replace: "attached.some(one =>",
    tests: ["tests/guardrails/ec2-launch-baseline/reads.test.ts"],
  },
  {
    defect: "knows a quarantine group by a name that anybody can give",
    file: "components/guardrails/ec2-launch-baseline/instances.ts",
    find: "flatMap(group => group.GroupId ?? []),\n        ),\n      ),\n    operator",
    replace: "flatMap(group => group.GroupName ?? group.GroupId ?? []),\n        ),\n      ),\n    operator",
    tests: ["tests/guardrails/ec2-launch-baseline/reads.test.ts"],
  },
  {
    defect: "says nothing of a new instance in quarantine",
    file: "components/guardrails/ec2-launch-baseline/groups.ts",
    find: "return isNew && interfaces.length > 0",
    replace: "return isNew && interfaces.length > 1e9",
    tests: ["tests/guardrails/ec2-launch-baseline/launches.test.ts"],
  },
];
