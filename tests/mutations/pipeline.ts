import type { Mutation } from "./mutation";

const tests = ["tests/runtime/pipeline/pipeline.test.ts"];
const pipeline = { file: "runtime/pipeline/pipeline.ts", tests };
const decide = { file: "runtime/pipeline/decide.ts", tests };
const write = { file: "runtime/pipeline/write.ts", tests };
const verify = { file: "runtime/pipeline/verify.ts", tests };
const run = { file: "runtime/pipeline/run.ts", tests };
const restraints = { file: "runtime/pipeline/restraints.ts", tests };
const handler = { file: "runtime/handler.ts", tests: ["tests/runtime/handler.test.ts"] };

/** Defects on the way from an event to its outcome. */
export const pipelineMutations: readonly Mutation[] = [
  {
    ...verify,
    defect: "says remediated without a second read",
    find: "open => readAndAssess(run, clients, open)",
    replace: "async open => open.map(one => ({ ...one, finding: undefined }))",
  },
  {
    ...verify,
    defect: "says remediated whatever the second read shows",
    find: "isEnded(one) || isStillThere(run, one, one.action) ?",
    replace: "isEnded(one) ?",
  },
  {
    ...pipeline,
    defect: "looks at the first resource of an event only",
    find: ".filter((resource, at) => resources.findIndex(({ arn }) => arn === resource.arn) === at)",
    replace: ".slice(0, 1)",
  },
  {
    ...write,
    defect: "puts right the first resource of a batch only",
    find: "return await guardrail.remediate(clients, work, config.settings);",
    replace: "return await guardrail.remediate(clients, work.slice(0, 1), config.settings);",
  },
  {
    ...restraints,
    defect: "writes in mode notify",
    find: "if (leavesToPeople[acts]) return {",
    replace: "if (acts === undefined) return {",
  },
  {
    ...restraints,
    defect: "writes what is only to be told",
    find: "if (finding.notifyOnly !== undefined)",
    replace: "if (finding.notifyOnly === null)",
  },
  {
    ...restraints,
    defect: "writes to a resource that something else manages",
    find: 'if (manager !== undefined && facts.managed !== "act")',
    replace: "if (manager !== undefined && facts.managed === undefined)",
  },
  {
    ...decide,
    defect: "writes although it cannot know who manages the resource",
    find: "await guardrail.ownership(clients, resource, state)",
    replace: "await guardrail.ownership(clients, resource, state).catch(() => ({ tags: {} }))",
  },
  {
    ...pipeline,
    defect: "believes a first read that contradicts the event",
    find: "one.isBusy === true || isContradicted(one)",
    replace: "one.isBusy === true",
  },
  {
    ...run,
    defect: "lets one resource's failure fail all that are read with it",
    find: "if (cases.length === 1 || isThrottled(error)) return",
    replace: "if (cases.length > 0) return",
  },
  {
    ...write,
    defect: "lets one resource's failure fail all that are written with it",
    find: "if (isThrottled(failed.error)) return",
    replace: "if (failed !== undefined) return",
  },
  {
    ...write,
    defect: "gives up on a resource that was only just created",
    find: "const mayRepeat = ms !== undefined && guardrail.notYet.includes(codeOf(error));",
    replace: "const mayRepeat = false;",
  },
  {
    ...run,
    defect: "waits until Lambda ends the invocation, with nothing told",
    find: "  if (world.remaining() < ms + reserve) return false;\n",
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
    file: "runtime/telling/telling.ts",
    tests: handler.tests,
    defect: "swallows an error of the topic",
    find: "await post.send(atOnce);",
    replace: "await post.send(atOnce).catch(() => undefined);",
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
      '      return { format: 2, mode: "enforce", managed: "act", settings: {}, exemptions: [], code: "" } as never;\n    }\n  }\n\n  return async',
  },
  {
    ...handler,
    defect: "tells nobody that it cannot read its configuration",
    find: "      await publish(unreadable(guardrail.id, environment, occasion, failureOf(error).message));\n",
    replace: "",
  },
];
