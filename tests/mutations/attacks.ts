import type { Mutation } from "./mutation";

const unreadable = {
  file: "runtime/invocation/hear.ts",
  tests: ["tests/runtime/invocation/unreadable.test.ts"],
};
const unread = { ...unreadable, file: "runtime/tick/unread.ts" };
const urgency = { file: "runtime/tick/take-up.ts", tests: ["tests/runtime/tick/urgency.test.ts"] };
const inTime = { file: "runtime/invocation/settle.ts", tests: ["tests/runtime/invocation/in-time.test.ts"] };
const watch = ["tests/runtime/tick/watch.test.ts"];
const ticks = ["tests/runtime/tick/nothing-stays.test.ts"];
const restrained = {
  file: "runtime/pipeline/restraints.ts",
  tests: ["tests/runtime/pipeline/restrained-once.test.ts"],
};
const managed = { file: "runtime/who/managed-by.ts", tests: ["tests/runtime/who/managed-by.test.ts"] };

/** Defects that somebody with few rights would make use of. */
export const attackMutations: readonly Mutation[] = [
  {
    ...unreadable,
    defect: "ignores a record without bodies",
    find: '  if ("unreadable" in naming) return lookAround(invocation, event, naming.unreadable);\n',
    replace: "",
  },
  {
    ...unreadable,
    defect: "tells of a record without bodies, and does not look",
    find: "  await ledger.sweeps.request(guardrail.id, environment.region, world.now(), { why, replacesCall });\n",
    replace: "",
  },
  {
    ...unreadable,
    defect: "writes after an unreadable call of somebody whose calls are only told",
    find: 'return manager === undefined && caller === "other" && waitUntil === undefined && !isExempt;',
    replace: "return true;",
  },
  {
    ...unreadable,
    defect: "puts right, for an unreadable call, what another's event has brought",
    find: "seen[arn] === undefined || isBroughtBy(seen[arn], key)",
    replace: "arn !== key",
  },
  {
    file: "components/guardrails/ec2-launch-baseline.ts",
    tests: ["tests/guardrails/ec2-launch-baseline/reads.test.ts"],
    defect: "gives a call's tags to whatever was launched around its time",
    find: "its.includes(one.id) ? one : ofNobody(one)",
    replace: "one",
  },
  {
    file: "components/guardrails/security-group-open-ingress/resources.ts",
    tests: ["tests/naming.test.ts"],
    defect: "takes an answer that CloudTrail has omitted for one without groups",
    find: " && answer.omitted !== true",
    replace: "",
  },
  {
    file: "components/guardrails/s3-bucket-encryption/reasons.ts",
    tests: ["tests/guardrails/s3-bucket-encryption/encryption.test.ts"],
    defect: "takes another account's key for the required one because it has its id",
    find: " && owner === ownerOf(kmsKeyArn)",
    replace: "",
  },
  {
    ...unreadable,
    defect: "tells nobody of an unreadable call when it cannot look",
    find: "    problem = error;\n",
    replace: "    throw error;\n",
  },
  {
    file: "runtime/pipeline/pipeline.ts",
    tests: watch,
    defect: "lets one principal keep functions waiting for ever",
    find: "place.nth <= mostWaits",
    replace: "place.nth > 0",
  },
  {
    file: "runtime/pipeline/watching.ts",
    tests: watch,
    defect: "never looks again at what it did not wait for",
    find: "const isDoubted = isHasty(one) ||",
    replace: "const isDoubted = isHasty(one) &&",
  },
  {
    file: "runtime/pipeline/read.ts",
    tests: ["tests/runtime/pipeline/recollect.test.ts"],
    defect: "believes that an event brought what an earlier one's look has seen",
    find: "if (glimpsed === undefined || !isWritable(finding)) return finding;",
    replace: "if (named !== undefined) return finding;",
  },
  {
    file: "runtime/ledger/waiting.ts",
    tests: ["tests/runtime/telling/flood.test.ts"],
    defect: "keeps the first critical finding waiting for others",
    find: "isCritical && seen.wasCritical ?",
    replace: "isCritical ?",
  },
  {
    ...unread,
    defect: "takes an unreadable call for answered by a sweep that can tell nothing new",
    find: "completed.since <= since && ",
    replace: "",
  },
  {
    ...unread,
    defect: "tells of a record without bodies once",
    find: "!isAnswered(one) && isToldAgain(one, world.now())",
    replace: "one === null",
  },
  {
    ...urgency,
    defect: "takes up one principal's quiet finding before another's critical ones",
    find: "due.filter(one => rankOf(one) === rank)",
    replace: 'due.filter(one => rankOf(one) !== rank && rank === "hourly")',
  },
  {
    ...urgency,
    defect: "tries first and for ever what something else stands in the way of",
    find: '  code === ("blocked" satisfies RestraintCode) ? "daily" : attention;',
    replace: '  code === null ? "daily" : attention;',
  },
  {
    ...inTime,
    defect: "works on a thousand resources before it tells of one",
    find: "export const batchSize = 25;",
    replace: "export const batchSize = 1000;",
  },
  {
    ...inTime,
    defect: "begins what cannot end in time",
    find: "    if (at > 0 && world.remaining() < Math.max(firstGuess, 1.5 * slowest) + reserve) break;\n",
    replace: "",
  },
  {
    defect: "waits half a minute for whatever is made and taken back at once",
    file: "runtime/pipeline/read.ts",
    find: "absences >= 2",
    replace: "absences >= Infinity",
    tests: watch,
  },
  {
    defect: "never looks again at what two late reads did not show",
    file: "runtime/pipeline/watching.ts",
    find: "if (!isWatched && !isToReread) continue;",
    replace: "if (!isWatched) continue;",
    tests: watch,
  },
  {
    defect: "never looks again at what another account may open",
    file: "runtime/tick/watch.ts",
    find: "if (always.length > 0) await settle(",
    replace: "if (always.length > 1e9) await settle(",
    tests: watch,
  },
  {
    defect: "does not look for what an outage of the ledger has hidden",
    file: "runtime/tick/outage.ts",
    find: "world.now() - last > periodsMissed * period",
    replace: "world.now() - last > Infinity",
    tests: ticks,
  },
  {
    defect: "forgets in its container that the ledger did not answer",
    file: "runtime/handler.ts",
    find: "(memory.cutOff ??= on.now())",
    replace: "undefined",
    tests: ticks,
  },
  {
    defect: "begins a sweep with every tick after an outage",
    file: "runtime/tick/outage.ts",
    find: "  delete memory.cutOff;\n",
    replace: "",
    tests: ticks,
  },
  {
    defect: "takes a condition that does not hold for an outage of the ledger",
    file: "runtime/ledger/outage.ts",
    find: "if (!answers.includes(codeOf(error))) onOutage();",
    replace: "onOutage();",
    tests: ticks,
  },
  {
    ...restrained,
    defect: "fights with a controller that it only suspects",
    find: '(fixes > 0 || open?.code === "contested")',
    replace: "(fixes > 1e9)",
  },
  {
    ...restrained,
    defect: "breaks a deployment of CloudFormation half-way",
    find: "  if (waitUntil > now)\n",
    replace: "  if (waitUntil > Infinity)\n",
  },
  {
    ...restrained,
    defect: "waits anew with each call of CloudFormation, for ever",
    find: 'open?.code === "deployment" ? open.since + deploymentTime : Infinity,',
    replace: "Infinity,",
  },
  {
    ...managed,
    defect: "takes a tag that anybody can set for a manager",
    find: '(caller === "controller"\n',
    replace: "(caller !== undefined\n",
  },
  {
    ...managed,
    defect: "takes a role of any account for a service's own",
    find: "`arn:${partitionOf(region).id}:iam::${account}:role/aws-service-role/`",
    replace:
      '`arn:${partitionOf(region).id}:iam::${principal?.arn.split(":")[4] ?? account}:role/aws-service-role/`',
  },
  {
    defect: "hears of other accounts' calls",
    file: "components/sources.ts",
    find: "account: [account],",
    replace: "",
    tests: ["tests/components/program.test.ts"],
  },
];
