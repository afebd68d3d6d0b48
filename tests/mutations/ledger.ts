import type { Mutation } from "./mutation";

const once = ["tests/runtime/pipeline/once.test.ts"];
const ledger = { file: "runtime/ledger/ledger.ts", tests: ["tests/runtime/ledger/ledger.test.ts"] };
const table = { file: "runtime/ledger/table.ts", tests: ["tests/runtime/ledger/ledger.test.ts"] };
const items = { file: "runtime/ledger/items.ts", tests: ["tests/runtime/ledger/ledger.test.ts"] };
const telling = { file: "runtime/telling/telling.ts", tests: ["tests/runtime/telling/telling.test.ts"] };
const locks = ["tests/runtime/ledger/locks.test.ts"];
const restraints = ["tests/runtime/pipeline/restraints.test.ts"];
const handler = ["tests/runtime/handler.test.ts"];

/** Defects of the record, and of what happens once in effect. */
export const ledgerMutations: readonly Mutation[] = [
  {
    ...ledger,
    defect: "lets two invocations write one resource at once",
    find: 'rows.put({ pk, sk: "lock" }, lock, ours, { since, holder: owner })',
    replace: 'rows.put({ pk, sk: "lock" }, lock)',
    tests: locks,
  },
  {
    ...ledger,
    defect: "writes what it read while another invocation was still changing it",
    find: "ours, { since, holder: owner })",
    replace: "ours, { since: now, holder: owner })",
    tests: locks,
  },
  {
    ...ledger,
    defect: "keeps the lock of an invocation that died for ever",
    find: "attribute_not_exists(pk) OR ends <= :since OR holder = :holder",
    replace: "attribute_not_exists(pk) OR holder = :holder",
    tests: locks,
  },
  {
    ...ledger,
    defect: "is locked out by its own earlier try",
    find: "attribute_not_exists(pk) OR ends <= :since OR holder = :holder",
    replace: "attribute_not_exists(pk) OR ends <= :since",
    tests: locks,
  },
  {
    ...ledger,
    defect: "never gives its lock back",
    find: "    await rows.end(key, lock.owner, lock.now);\n",
    replace: "",
  },
  {
    ...table,
    defect: "gives back a lock that another invocation holds",
    find: 'ConditionExpression: "holder = :holder"',
    replace: 'ConditionExpression: "attribute_exists(pk)"',
  },
  {
    ...ledger,
    defect: "writes although it was paused since it looked",
    find: `      ...brakeKeys(action.guardrail).map((key): Step<Refusal> => [
        "paused",
        rows.check(key, "attribute_not_exists(pk) OR ends <= :now", { now }),
      ]),
`,
    replace: "",
    tests: restraints,
  },
  {
    ...ledger,
    defect: "fixes an event's resource a second time when two deliveries overtake each other",
    find: '["recorded", rows.put({ pk, sk: occasionSort(action.occasionKey) }, event, isNew)],',
    replace: '["recorded", rows.put({ pk, sk: occasionSort(action.occasionKey) }, event)],',
    tests: locks,
  },
  {
    ...ledger,
    defect: "never takes up again what an invocation left that died",
    find: "    if (begun.continued) return rows.transact(steps);\n",
    replace: "",
  },
  {
    ...ledger,
    defect: "overwrites the recorded state before with the state after",
    find: "{ state, ...more, after: after && pack(after) }",
    replace: "{ state, ...more, after: after && pack(after), before: after && pack(after) }",
    tests: locks,
  },
  {
    defect: "reports the state after the write as the state before",
    file: "runtime/pipeline/verify.ts",
    find: "      before,\n",
    replace: "      before: state,\n",
    tests: ["tests/runtime/pipeline/pipeline.test.ts"],
  },
  {
    defect: "writes although the intent could not be recorded",
    file: "runtime/pipeline/write.ts",
    find: "    continued: earlier !== undefined,\n  });\n",
    replace: "    continued: earlier !== undefined,\n  }).catch(() => undefined);\n",
    tests: once,
  },
  {
    defect: "takes a change that nobody was told of for a duplicate",
    file: "runtime/pipeline/recall.ts",
    find: 'if (earlier === "finished")',
    replace: "if (earlier !== undefined)",
    tests: once,
  },
  {
    defect: "takes what an earlier try has put right for compliant, and tells nobody",
    file: "runtime/pipeline/pipeline.ts",
    find: "stationFor(looked, isOpen, open => recover(run, open))",
    replace: "looked",
    tests: once,
  },
  {
    ...telling,
    defect: "closes the event before anybody is told",
    find: "  const known = await toldBefore(telling);\n",
    replace: `  const known = await toldBefore(telling);
  for (const outcome of result.outcomes) await close(telling, outcome, true);
`,
  },
  {
    ...telling,
    defect: "never closes an event, so that each delivery is told anew",
    find: "  if (isOver) await ledger.finish(",
    replace: "  if (isOver && kind === undefined) await ledger.finish(",
    tests: ["tests/deployed/same-as-source.test.ts"],
  },
  {
    ...telling,
    defect: "closes an event although trying again may help",
    find: 'const isOver = kind !== "failed" || outcome.error.final;',
    replace: "const isOver = true;",
  },
  {
    ...telling,
    defect: "tells of a finding once and never again",
    find: "at > now() - quiet",
    replace: "at > 0",
  },
  {
    ...telling,
    defect: "tells of the same finding with every event",
    find: "isWorthTelling(outcome) && !known.has(outcome.resource.arn)",
    replace: "isWorthTelling(outcome)",
  },
  {
    ...telling,
    defect: "tells nobody when the ledger cannot be read",
    find: `    // An unreadable ledger must not keep anybody from hearing; that it is unreadable is told by the outcomes.
    return new Set();
`,
    replace: "    return new Set(result.outcomes.map(outcome => outcome.resource.arn));\n",
    tests: ledger.tests,
  },
  {
    ...telling,
    defect: "mails when another invocation is at work on the resource",
    find: 'outcome.kind !== "failed" || outcome.error.code !== "Locked"',
    replace: "true",
    tests: locks,
  },
  {
    ...telling,
    defect: "forgets what it held back, so that nobody can resume it",
    find: "      else await ledger.keep(heldAction(sender.id, occasion, config, outcome, now()));\n",
    replace: "",
    tests: restraints,
  },
  {
    defect: "ends well although the ledger refused what was done",
    file: "runtime/handler.ts",
    find: "      if (result.problems.length > 0) throw result.problems[0];\n",
    replace: "",
    tests: [...once, ...handler],
  },
  {
    defect: "ends well although nothing could be written without the ledger",
    file: "runtime/handler.ts",
    find: 'outcome.kind === "held" && outcome.retry ? outcome.because : undefined',
    replace: 'outcome.kind === "held" && outcome.retry ? undefined : undefined',
    tests: [...once, ...handler],
  },
  {
    defect: "takes an event that is resumed for one that is over",
    file: "runtime/events.ts",
    find: "key: resumes === undefined ?",
    replace: "key: resumes !== event.id ?",
    tests: locks,
  },
  {
    ...table,
    defect: "reads only a part of what the ledger knows when that is under load",
    find: "        Keys = answer.UnprocessedKeys?.[table]?.Keys;\n",
    replace: "        Keys = undefined;\n",
  },
  {
    ...table,
    defect: "fails when another transaction is in the way",
    find: "if (!mayPass || tries === mostTries) throw error;",
    replace: "throw error;",
  },
  {
    ...items,
    defect: "reads items of a layout that it does not know",
    find: "if (fields.v !== layout)",
    replace: "if (fields.v === undefined)",
  },
  {
    ...items,
    defect: "changes what is too large to be recorded",
    find: "if (packed.length > largest)",
    replace: "if (packed.length < 0)",
  },
];
