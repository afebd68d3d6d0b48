import type { Mutation } from "./mutation";

const conformance = ["tests/conformance.test.ts"];
const testOf = (guardrail: string) => [`tests/guardrails/${guardrail}/guardrail.test.ts`];

/** Defects of single guardrails and of what they share. */
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
    file: "runtime/managed-by.ts",
    find: "key: /^aws:autoscaling:groupName$/",
    replace: "key: /^aws:autoscaling:group$/",
    tests: ["tests/runtime/managed-by.test.ts"],
  },
  {
    defect: "overwrites a bucket's BlockedEncryptionTypes",
    file: "components/guardrails/s3-bucket-encryption/encryption.ts",
    find: "{ ...rule, ApplyServerSideEncryptionByDefault: byDefault }",
    replace: "{ ApplyServerSideEncryptionByDefault: byDefault }",
    tests: ["tests/guardrails/s3-bucket-encryption/encryption.test.ts"],
  },
  {
    defect: "weakens a bucket that is encrypted more strongly than required",
    file: "components/guardrails/s3-bucket-encryption/encryption.ts",
    find: "const algorithm = isWeaker(current, required.algorithm) ? required.algorithm : current;",
    replace: "const algorithm = required.algorithm;",
    tests: ["tests/guardrails/s3-bucket-encryption/encryption.test.ts"],
  },
  {
    defect: "locks outsiders out of a bucket with a KMS key",
    file: "components/guardrails/s3-bucket-encryption/encryption.ts",
    find: "  if (bucket.outsiders.length === 0) return undefined;\n",
    replace: "  return undefined;\n",
    tests: ["tests/guardrails/s3-bucket-encryption/encryption.test.ts"],
  },
  {
    defect: "writes to a bucket of that name whoever owns it",
    file: "components/guardrails/s3-bucket-encryption.ts",
    find: "const owned = { Bucket: id, ExpectedBucketOwner: account };",
    replace: "const owned = { Bucket: id, Account: account };",
    tests: testOf("s3-bucket-encryption"),
  },
  {
    defect: "replaces an interface's groups instead of adding one",
    file: "components/guardrails/ec2-launch-baseline/baseline.ts",
    find: "[part.id, [...part.groups, id]]",
    replace: "[part.id, [id]]",
    tests: ["tests/guardrails/ec2-launch-baseline/baseline.test.ts", ...testOf("ec2-launch-baseline")],
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
    tests: testOf("ec2-launch-baseline"),
  },
  {
    defect: "revokes all rules of a group instead of the offending ones",
    file: "components/guardrails/security-group-open-ingress.ts",
    find: "await revokeRules(ec2, state.groupId, finding.data.remove);",
    replace: "await revokeRules(ec2, state.groupId, finding.data.remove.length > 0 ? state.rules : []);",
    tests: testOf("security-group-open-ingress"),
  },
  {
    defect: "removes rules that are older than the change",
    file: "components/guardrails/security-group-open-ingress/assess.ts",
    find: "const named = mayRemove ? state.rules.filter(rule => isNamed(rule, hints)) : [];",
    replace: "const named = mayRemove ? state.rules : [];",
    tests: ["tests/guardrails/security-group-open-ingress/assess.test.ts"],
  },
  {
    defect: "overlooks IPv6",
    file: "components/guardrails/security-group-open-ingress/assess.ts",
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
    find: "return { items: page.SecurityGroupRules, token: page.NextToken };",
    replace: "return { items: page.SecurityGroupRules };",
    tests: ["tests/guardrails/security-group-open-ingress/reads.test.ts"],
  },
];
