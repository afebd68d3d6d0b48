import type { Mutation } from "./mutation";

const conformance = ["tests/conformance.test.ts"];
const program = ["tests/components/program.test.ts"];
const ledgerPermissions = ["tests/deployed/ledger-permissions.test.ts"];
const names = ["tests/deployed/names.test.ts"];

/** Defects of what is deployed: rules, permissions, archives. */
export const deploymentMutations: readonly Mutation[] = [
  {
    defect: "drops calls of root and IAM users along with its own",
    file: "components/sources.ts",
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
    find: "...writable[capabilities[mode].acts](write)",
    replace: "...write",
    tests: program,
  },
  {
    defect: "grants a function what it never uses",
    file: "components/guardrails/security-group-open-ingress.ts",
    find: '"ec2:DescribeSecurityGroups",',
    replace: '"ec2:DescribeSecurityGroups", "ec2:DescribeVpcs",',
    tests: conformance,
  },
  {
    defect: "grants a function less than it uses",
    file: "components/guardrails/s3-bucket-encryption/permissions.ts",
    find: '"s3:GetBucketTagging", ',
    replace: "",
    tests: conformance,
  },
  {
    defect: "lets any rule of any account write to the dead-letter queue",
    file: "components/shared/failures.ts",
    find: "place.apply(where => rulesArn(where))",
    replace: '"arn:aws:events:*:*:rule/*"',
    tests: program,
  },
  {
    defect: "lets whoever may send to any queue forge a failure",
    file: "components/shared/failures.ts",
    find: '        Effect: "Deny",',
    replace: '        Effect: "Allow",',
    tests: program,
  },
  {
    defect: "loses events that cannot be delivered",
    file: "components/sources.ts",
    find: "      deadLetterConfig: { arn: shared.deadLetterQueueArn },\n",
    replace: "",
    tests: program,
  },
  {
    defect: "lets any rule of any account invoke a function",
    file: "components/sources.ts",
    find: "        sourceArn: rule.arn,\n",
    replace: "",
    tests: program,
  },
  {
    defect: "ships documentation inside the function",
    file: "components/bundle.ts",
    find: "...{ remembered, sweptOnly, recorded, parts, isWatched, inventory, look },\n",
    replace:
      "...{ remembered, sweptOnly, recorded, parts, isWatched, inventory, look, why: definition.why },\n",
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
    find: "batch, notYet },\n        ...{ remembered, sweptOnly, recorded, parts, isWatched, inventory, look },\n      },\n      expected,",
    replace:
      "batch, notYet: [] },\n        ...{ remembered, sweptOnly, recorded, parts, isWatched, inventory, look },\n      },\n      expected.slice(1),",
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
    file: "runtime/telling/sections.ts",
    find: "export const section = (",
    replace: "const fetch = 1;\nexport const section = (",
    tests: names,
  },
  {
    defect: "imports two modules whose names end alike, of which Lambda gets one",
    file: "runtime/config.ts",
    find: 'import { readFileSync } from "fs";\n',
    replace: 'import { readFileSync } from "fs";\nimport "fs/promises";\nimport "timers/promises";\n',
    tests: names,
  },
  {
    defect: "lets no operator undo",
    file: "components/guardrails/s3-bucket-encryption/permissions.ts",
    find: 'undo: [{ actions: ["s3:PutEncryptionConfiguration"]',
    replace: 'undo: [{ actions: ["s3:PutBucketTagging"]',
    tests: conformance,
  },
  {
    defect: "names a function like a global of mocha, so that tests serialize another text",
    file: "runtime/telling/sections.ts",
    find: "export const section = (",
    replace: "const describe = 1;\nexport const section = (",
    tests: names,
  },
  {
    defect: "lets anybody with permissions of DynamoDB write the ledger",
    file: "components/shared/ledger.ts",
    find: "Action: itemActions.map(action => `dynamodb:${action}`),",
    replace: 'Action: ["dynamodb:Scan"],',
    tests: ledgerPermissions,
  },
  {
    defect: "keeps the operators out of the ledger",
    file: "components/shared/ledger.ts",
    find: "    ...operators.flatMap(entry => arnPatterns(listedIn(entry, where))),\n",
    replace: "",
    tests: ledgerPermissions,
  },
  {
    defect: "lets a function rewrite the records of other guardrails",
    file: "components/statements.ts",
    find: "[`${guardrail}#*`]",
    replace: '["*"]',
    tests: ledgerPermissions,
  },
  {
    defect: "lets whoever is none of the stack's deployers deploy it",
    file: "components/admission/deployers.ts",
    find: "if (deployers.some(entry => mayBe(entry, callerArn))) return undefined;",
    replace: "if (deployers.length > 0) return undefined;",
    tests: ["tests/components/admission/deployers.test.ts"],
  },
  {
    defect: "deploys a key that S3 could not use",
    file: "components/admission/keys.ts",
    find: "  return problem && inWords(required, region, problem, commandFor(key.state, at));",
    replace: "  return problem && undefined;",
    tests: ["tests/components/admission/keys.test.ts"],
  },
  {
    defect: "stops no deployment, whatever is wrong",
    file: "components/admission/index.ts",
    find: "if (!pulumi.runtime.isDryRun()) throw",
    replace: "if (pulumi.runtime.isDryRun()) throw",
    tests: ["tests/components/admission/keys.test.ts"],
  },
  {
    defect: "takes silence for a sign that all is well",
    file: "components/shared/alarms.ts",
    find: 'ticksAnHour > 0 ? "breaching" : "notBreaching"',
    replace: '"notBreaching"',
    tests: program,
  },
  {
    defect: "has no alarm that a final failure would set off",
    file: "components/shared/alarms.ts",
    find: 'watch: { ...ofStack("FailedForGood", stack), ...sum },',
    replace: 'watch: { ...ofStack("FailedForGood", stack), ...sum, threshold: 1e9 },',
    tests: program,
  },
  {
    defect: "lets all guardrails tick in the same minute",
    file: "components/timer.ts",
    find: "Math.max(0, place) % period",
    replace: "0 * place",
    tests: ["tests/components/timer.test.ts"],
  },
  {
    defect: "looks at severe findings as rarely as at mild ones",
    file: "runtime/tick/period.ts",
    find: "isUrgent[severity] ? 5 : 15",
    replace: "isUrgent[severity] ? 15 : 15",
    tests: ["tests/components/timer.test.ts"],
  },
];
