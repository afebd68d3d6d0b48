/** One deliberate defect. `find` stands exactly once in `file`. */
export interface Mutation {
  /** What the product then does wrong. */
  readonly defect: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** The test files that must notice, quickest first. */
  readonly tests: readonly string[];
}

const pipeline = { file: "runtime/pipeline.ts", tests: ["tests/runtime/pipeline.test.ts"] };
const handler = { file: "runtime/handler.ts", tests: ["tests/runtime/handler.test.ts"] };
const program = ["tests/components/program.test.ts"];
const conformance = ["tests/conformance.test.ts"];
const testOf = (guardrail: string) => [`tests/components/guardrails/${guardrail}.test.ts`];

export const mutations: readonly Mutation[] = [
  {
    ...pipeline,
    defect: "says remediated without a second read",
    find: "      await read(clients, unproven);\n",
    replace: "      unproven.forEach(one => (one.finding = undefined));\n",
  },
  {
    ...pipeline,
    defect: "says remediated whatever the second read shows",
    find: "else if (one.finding === undefined || one.finding.notifyOnly !== undefined)",
    replace: "else",
  },
  {
    ...pipeline,
    defect: "looks at the first resource of an event only",
    find: ".map(resource => ({ resource, calls: [] }));",
    replace: ".map(resource => ({ resource, calls: [] as string[] })).slice(0, 1);",
  },
  {
    ...pipeline,
    defect: "puts right the first resource of a batch only",
    find: "return await guardrail.remediate(clients, work, settings);",
    replace: "return await guardrail.remediate(clients, work.slice(0, 1), settings);",
  },
  {
    ...pipeline,
    defect: "writes in mode notify",
    find: '    if (config.mode === "notify") return { because: "mode notify", manager };\n',
    replace: "",
  },
  {
    ...pipeline,
    defect: "writes what is only to be told",
    find: "    if (one.finding?.notifyOnly !== undefined) return { because: one.finding.notifyOnly, manager };\n",
    replace: "",
  },
  {
    ...pipeline,
    defect: "writes to a resource that something else manages",
    find: 'if (manager === undefined || config.managed === "act") return undefined;',
    replace: "return undefined;",
  },
  {
    ...pipeline,
    defect: "writes although it cannot know who manages the resource",
    find: "await guardrail.ownership(clients, one.resource, one.state as S);",
    replace: "await guardrail.ownership(clients, one.resource, one.state as S).catch(() => ({ tags: {} }));",
  },
  {
    ...pipeline,
    defect: "believes a first read that contradicts the event",
    find: "      group = open(group).filter(isContradicted);\n",
    replace: "      group = [];\n",
  },
  {
    ...pipeline,
    defect: "lets one resource's failure fail its whole batch",
    find: "      if (group.length > 1) for (const one of group) await together([one], step);\n",
    replace: "      if (group.length > 1) group.forEach(one => fail(one, error));\n",
  },
  {
    ...pipeline,
    defect: "gives up on a resource that was only just created",
    find: "const mayRepeat = ms !== undefined && guardrail.notYet.includes(codeOf(error));",
    replace: "const mayRepeat = false;",
  },
  {
    ...pipeline,
    defect: "waits until Lambda ends the invocation, with nothing told",
    find: "    if (world.remaining() < ms + reserve) return false;\n",
    replace: "",
  },
  {
    ...handler,
    defect: "acts on calls that failed",
    find: '  if (isFailedCall(event)) return "the call failed";\n',
    replace: "",
  },
  {
    ...handler,
    defect: "acts on its own calls",
    find: '  if (isOwnCall(event, environment.roleArn)) return "the call was this guardrail\'s own";\n',
    replace: "",
  },
  {
    ...handler,
    defect: "accepts events of another account",
    find: "if (event.account !== environment.account)",
    replace: "if (event.account === undefined)",
  },
  {
    ...handler,
    defect: "accepts events that none of its rules delivers",
    find: "if (!isExpected(event, expected))",
    replace: "if (expected.length === 0)",
  },
  {
    ...handler,
    defect: "swallows an error of the topic",
    find: "for (const notice of composeNotices(sender, event, outcomes)) await publish(notice);",
    replace:
      "for (const notice of composeNotices(sender, event, outcomes)) await publish(notice).catch(() => undefined);",
  },
  {
    ...handler,
    defect: "ends well although resources failed",
    find: "      rethrow(outcomes);\n",
    replace: "",
  },
  {
    ...handler,
    defect: "goes on with a configuration that it cannot read",
    find: "      throw error;\n    }\n  }\n\n  return async",
    replace:
      '      return { format: 1, mode: "enforce", managed: "act", settings: {}, exemptions: [], code: "" } as never;\n    }\n  }\n\n  return async',
  },
  {
    ...handler,
    defect: "tells nobody that it cannot read its configuration",
    find: "      await publish(unreadable(guardrail.id, environment, event, failureOf(error).message));\n",
    replace: "",
  },
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
    file: "runtime/encryption.ts",
    find: "{ ...rule, ApplyServerSideEncryptionByDefault: byDefault }",
    replace: "{ ApplyServerSideEncryptionByDefault: byDefault }",
    tests: ["tests/runtime/encryption.test.ts"],
  },
  {
    defect: "weakens a bucket that is encrypted more strongly than required",
    file: "runtime/encryption.ts",
    find: "const algorithm = isWeaker(current, required.algorithm) ? required.algorithm : current;",
    replace: "const algorithm = required.algorithm;",
    tests: ["tests/runtime/encryption.test.ts"],
  },
  {
    defect: "locks outsiders out of a bucket with a KMS key",
    file: "runtime/encryption.ts",
    find: "  if (bucket.outsiders.length === 0) return undefined;\n",
    replace: "  return undefined;\n",
    tests: ["tests/runtime/encryption.test.ts"],
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
    file: "runtime/launch-baseline.ts",
    find: "[part.id, [...part.groups, id]]",
    replace: "[part.id, [id]]",
    tests: ["tests/runtime/launch-baseline.test.ts", ...testOf("ec2-launch-baseline")],
  },
  {
    defect: "overwrites required tags that are there",
    file: "runtime/launch-baseline.ts",
    find: ".filter(([key]) => part.tags[key] === undefined);",
    replace: ".filter(([key, value]) => part.tags[key] !== value);",
    tests: ["tests/runtime/launch-baseline.test.ts"],
  },
  {
    defect: "lets a quarantined instance out",
    file: "runtime/launch-baseline.ts",
    find: 'state.isQuarantined ? [] : parts.filter(part => part.kind === "network-interface")',
    replace: 'parts.filter(part => part.kind === "network-interface")',
    tests: ["tests/runtime/launch-baseline.test.ts"],
  },
  {
    defect: "writes to interfaces that a service runs",
    file: "runtime/instances.ts",
    find: "...interfaces.filter(isOurs).map(interfacePart).sort(byPartId),",
    replace: "...interfaces.map(interfacePart).sort(byPartId),",
    tests: ["tests/runtime/instance-reads.test.ts", "tests/runtime/launch-baseline.test.ts"],
  },
  {
    defect: "sees the first instance of a launch only",
    file: "runtime/launch.ts",
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
    file: "runtime/open-ingress.ts",
    find: "const named = mayRemove ? state.rules.filter(rule => isNamed(rule, hints)) : [];",
    replace: "const named = mayRemove ? state.rules : [];",
    tests: ["tests/runtime/open-ingress.test.ts"],
  },
  {
    defect: "overlooks IPv6",
    file: "runtime/open-ingress.ts",
    find: "const families = [4, 6] as const;",
    replace: "const families = [4] as const;",
    tests: ["tests/runtime/open-ingress.test.ts"],
  },
  {
    defect: "looks at the port itself, and not at the ranges that hold it",
    file: "runtime/ingress-rules.ts",
    find: "rule.fromPort <= port && port <= rule.toPort",
    replace: "rule.fromPort === port",
    tests: ["tests/runtime/open-ingress.test.ts"],
  },
  {
    defect: "reads the first page of a group's rules only",
    file: "runtime/ingress-reads.ts",
    find: "return { items: page.SecurityGroupRules, token: page.NextToken };",
    replace: "return { items: page.SecurityGroupRules };",
    tests: ["tests/runtime/ingress-reads.test.ts"],
  },
  {
    defect: "drops calls of root and IAM users along with its own",
    file: "components/guardrail.ts",
    find: 'arn: [{ exists: false }, { "anything-but": ownRoleArn ?? "" }],',
    replace: 'arn: [{ "anything-but": ownRoleArn ?? "" }],',
    tests: conformance,
  },
  {
    defect: "is called after failed calls too",
    file: "components/guardrails/s3-bucket-encryption.ts",
    find: "          ...succeeded,\n",
    replace: "",
    tests: conformance,
  },
  {
    defect: "gives a function write permission below enforce",
    file: "components/remediator.ts",
    find: '...(mode === "enforce" ? write : [])',
    replace: "...write",
    tests: program,
  },
  {
    defect: "grants a function what it never uses",
    file: "components/guardrails/security-group-open-ingress.ts",
    find: 'actions: ["ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups"],',
    replace: 'actions: ["ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups", "ec2:DescribeVpcs"],',
    tests: conformance,
  },
  {
    defect: "grants a function less than it uses",
    file: "components/guardrails/s3-bucket-encryption.ts",
    find: '"s3:GetBucketTagging", ',
    replace: "",
    tests: conformance,
  },
  {
    defect: "lets any rule of any account write to the dead-letter queue",
    file: "components/failures.ts",
    find: "place.apply(where => rules.map(rule => ruleArn(where, rule)))",
    replace: '["arn:aws:events:*:*:rule/*"]',
    tests: program,
  },
  {
    defect: "loses events that cannot be delivered",
    file: "components/guardrail.ts",
    find: "          deadLetterConfig: { arn: shared.deadLetterQueueArn },\n",
    replace: "",
    tests: program,
  },
  {
    defect: "lets any rule of any account invoke a function",
    file: "components/guardrail.ts",
    find: "            sourceArn: rule.arn,\n",
    replace: "",
    tests: program,
  },
  {
    defect: "ships documentation inside the function",
    file: "components/bundle.ts",
    find: "{ id, title, severity, clients, resources, inspect, assess, ownership, remediate, batch, notYet },\n      expected,",
    replace:
      "{ ...{ why: definition.why }, id, title, severity, clients, resources, inspect, assess, ownership, remediate, batch, notYet },\n      expected,",
    tests: ["tests/deployed/bundles.test.ts"],
  },
  {
    defect: "bundles whatever a function requires",
    file: "components/bundle.ts",
    find: '  if (typeof name !== "string" || !(sdkModule.test(name) || isBuiltin(name)))\n',
    replace: '  if (typeof name !== "string")\n',
    tests: ["tests/deployed/scanner.test.ts"],
  },
  {
    defect: "leaves a member of the definition out of the deployed text",
    file: "components/bundle.ts",
    find: "ownership, remediate, batch, notYet },\n      expected,",
    replace: "ownership, remediate, batch, notYet: [], },\n      expected.slice(1),",
    tests: ["tests/deployed/same-as-source.test.ts"],
  },
  {
    defect: "deploys other bytes on every run",
    file: "components/bundle.ts",
    find: '    "export const handler = load(id => modules[id]).handler;",\n',
    replace:
      "    `export const built = ${process.hrtime.bigint()}; export const handler = load(id => modules[id]).handler;`,\n",
    tests: ["tests/deployed/bundles.test.ts"],
  },
  {
    defect: "leaves the SDK to be found in Lambda",
    file: "components/bundle.ts",
    find: '    platform: "node",\n',
    replace: '    platform: "node",\n    external: ["@aws-sdk/*"],\n',
    tests: ["tests/deployed/bundles.test.ts"],
  },
  {
    defect: "names a function like a global of Node, which is what Lambda then calls",
    file: "runtime/notify.ts",
    find: "const section = (",
    replace: "const fetch = 1;\nexport const section = (",
    tests: ["tests/deployed/names.test.ts"],
  },
  {
    defect: "imports two modules whose names end alike, of which Lambda gets one",
    file: "runtime/config.ts",
    find: 'import { readFileSync } from "fs";\n',
    replace: 'import { readFileSync } from "fs";\nimport "fs/promises";\nimport "timers/promises";\n',
    tests: ["tests/deployed/names.test.ts"],
  },
  {
    defect: "lets no operator undo",
    file: "components/guardrails/s3-bucket-encryption.ts",
    find: 'undo: [{ actions: ["s3:PutEncryptionConfiguration"]',
    replace: 'undo: [{ actions: ["s3:PutBucketTagging"]',
    tests: conformance,
  },
];
