import type { Mutation } from "./mutation";

const once = ["tests/runtime/pipeline/once.test.ts"];
const ledger = { file: "runtime/ledger/ledger.ts", tests: ["tests/runtime/ledger/ledger.test.ts"] };
const table = { file: "runtime/ledger/table.ts", tests: ["tests/runtime/ledger/ledger.test.ts"] };
const items = { file: "runtime/ledger/items.ts", tests: ["tests/runtime/ledger/ledger.test.ts"] };
const telling = { file: "runtime/telling/telling.ts", tests: ["tests/runtime/telling/telling.test.ts"] };
const parts = ["tests/runtime/pipeline/parts.test.ts"];
const locks = ["tests/runtime/ledger/locks.test.ts"];
const ticks = ["tests/runtime/tick/nothing-stays.test.ts"];
const gauges = ["tests/runtime/tick/gauges.test.ts"];
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
    find: "await ledger.begin(part, intent);",
    replace: "await ledger.begin(part, intent).catch(() => undefined);",
    tests: once,
  },
  {
    defect: "writes all of what was recorded in part",
    file: "runtime/pipeline/write.ts",
    find: "finding: action.isPart ? action.finding : finding,",
    replace: "finding,",
    tests: parts,
  },
  {
    defect: "forgets what is left of a change in parts when it dies",
    file: "runtime/pipeline/recall.ts",
    find: "after === undefined || isPart) return begun;",
    replace: "after === undefined) return begun;",
    tests: parts,
  },
  {
    defect: "waits for all of a change in parts to be gone",
    file: "runtime/pipeline/verify.ts",
    find: "if (isPart && guardrail.parts !== undefined)",
    replace: "if (isPart && guardrail.parts === undefined)",
    tests: parts,
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
    find: "  const told = await whatWasTold(telling);\n",
    replace: `  const told = await whatWasTold(telling);
  for (const outcome of result.outcomes) await close(telling, told, outcome, true);
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
    find: 'const isOver = (kind !== "failed" || outcome.error.final) && isKept;',
    replace: "const isOver = true;",
  },
  {
    defect: "closes an event although the ledger lacks what came of it",
    file: "runtime/telling/telling.ts",
    find: "const isKept = result.problems.length === 0;",
    replace: "const isKept = result.problems.length >= 0;",
    tests: ["tests/runtime/ledger/ledger.test.ts"],
  },
  {
    defect: "is done with a part although what is left of it is not open",
    file: "runtime/telling/telling.ts",
    find: "(isKept || !action.isPart)",
    replace: "(isKept || action.isPart)",
    tests: parts,
  },
  {
    ...telling,
    file: "runtime/telling/told.ts",
    defect: "tells of a finding once and never again",
    find: "at > now - quietOf(outcome)",
    replace: "at > 0",
  },
  {
    ...telling,
    defect: "tells of the same finding with every event",
    find: "isWorthTelling(outcome, occasion) && !told.wasTold(outcome)",
    replace: "isWorthTelling(outcome, occasion)",
  },
  {
    ...telling,
    defect: "tells nobody when the ledger cannot be read",
    find: "readTold(asking).catch(() => nothingTold(asking))",
    replace: "readTold(asking).catch(() => ({ ...nothingTold(asking), wasTold: () => true }))",
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
    defect: "forgets what it held back, so that nobody takes it up",
    file: "runtime/pipeline/remain.ts",
    find: "    else if (isBreach(run, reason)) await ledger.open(next);",
    replace: "",
    tests: restraints,
  },
  {
    defect: "ends well although the ledger refused what was done",
    file: "runtime/invocation/settle.ts",
    find: "  if (problems.length > 0) throw problems[0];\n",
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
    defect: "takes up no more than one finding of a resource",
    file: "runtime/tick/take-up.ts",
    find: "waiting = waiting.filter(one => !part.includes(one));",
    replace: "waiting = [];",
    tests: ticks,
  },
  {
    defect: "leaves open for good whatever no further event is about",
    file: "runtime/tick/tick.ts",
    find: "{ takeUp, ",
    replace: "{ ",
    tests: ticks,
  },
  {
    defect: "takes up all at once what waited for the end of a pause",
    file: "runtime/tick/take-up.ts",
    find: "Math.floor(config.budget / 4)",
    replace: "config.budget",
    tests: ticks,
  },
  {
    defect: "believes whoever asks it to write what is held",
    file: "runtime/tick/take-up.ts",
    find: "isDue(one, world.now()) && names.includes(",
    replace: "names.includes(",
    tests: ticks,
  },
  {
    defect: "keeps calling open what is gone",
    file: "runtime/pipeline/remain.ts",
    find: "  if (item !== undefined) await ledger.revise(item, undefined, world.now());\n",
    replace: "",
    tests: ticks,
  },
  {
    defect: "closes what a tick has put right before it is told",
    file: "runtime/pipeline/remain.ts",
    find: "    return [item, isEnded ? open : undefined].filter(one => one !== undefined);\n",
    replace:
      "    for (const one of [item, isEnded ? open : undefined]) if (one) await ledger.revise(one, undefined, world.now());\n    return [];\n",
    tests: ["tests/runtime/tick/dies.test.ts"],
  },
  {
    defect: "closes one finding of a resource with a look, however many are gone",
    file: "runtime/tick/take-up.ts",
    find: "    others: rest[item.resource.arn],\n",
    replace: "",
    tests: ticks,
  },
  {
    defect: "takes up one principal's findings before all others'",
    file: "runtime/tick/take-up.ts",
    find: "    turns.set(who, turn + 1);\n",
    replace: "",
    tests: ticks,
  },
  {
    defect: "reads the same part of what is open each time where there is much",
    file: "runtime/ledger/open.ts",
    find: "bound.place() * 0x10000",
    replace: "0 * bound.place()",
    tests: ["tests/runtime/tick/what-is-held.test.ts"],
  },
  {
    defect: "says nothing of what is open once nothing is",
    file: "runtime/tick/gauges.ts",
    find: "  say({ Open: (await ledger.countOpen(guardrail.id)) + (await openElsewhere(tick)) });\n",
    replace:
      "  const open = (await ledger.countOpen(guardrail.id)) + (await openElsewhere(tick));\n  if (open > 0) say({ Open: open });\n",
    tests: ticks,
  },
  {
    defect: "lets others say that nothing is open while one timer is switched off",
    file: "runtime/tick/gauges.ts",
    find: "return have.filter(Boolean).length;",
    replace: "return 0 * have.length;",
    tests: gauges,
  },
  {
    defect: "says that the timer rang although what is open cannot be counted",
    file: "runtime/tick/gauges.ts",
    find: "  say({ Open: ",
    replace: "  say({ TickDelay: Math.max(0, world.now() - Date.parse(occasion.time)) });\n  say({ Open: ",
    tests: gauges,
  },
  {
    defect: "keeps silent while something is held for hours",
    file: "runtime/pipeline/decide.ts",
    find: "const again = isToldAgain(item, run.world.now()) ? undefined : (true as const);",
    replace: "const again = true as const;",
    tests: ticks,
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
