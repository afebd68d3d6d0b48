import type { Mutation } from "./mutation";

const tests = ["tests/runtime/sweep/sweep.test.ts"];
const sweep = { file: "runtime/sweep/sweep.ts", tests };
const judge = { file: "runtime/sweep/judge.ts", tests };
const memory = { tests: ["tests/runtime/pipeline/recollect.test.ts"] };
const seen = { ...memory, file: "runtime/ledger/seen.ts" };
const recollect = { ...memory, file: "runtime/pipeline/recollect.ts" };

/** Defects of going through what there is, and of what is remembered from one look to the next. */
export const sweepMutations: readonly Mutation[] = [
  {
    ...judge,
    defect: "puts right what was wrong before the first sweep",
    find: '  if (isBaseline) return { kind: "baseline" };\n',
    replace: "",
  },
  {
    ...judge,
    defect: "tells with every sweep what an earlier one has told",
    find: "  if (isSame && !isAgain) return none;\n",
    replace: "",
  },
  {
    ...judge,
    defect: "writes again what a sweep that died has judged before",
    find: "const isAgain = verdict?.sweep === started;",
    replace: "const isAgain = false;",
  },
  {
    ...judge,
    defect: "puts right what an exemption covered at the last sweep",
    find: 'if (verdict?.kind === "exempt") return told(',
    replace: "if (verdict === null) return told(",
  },
  {
    ...judge,
    defect: "puts right what has not changed when only the requirement has",
    find: 'if (isAsLeft && verdict?.kind !== "begun")',
    replace: "if (before === null)",
  },
  {
    ...judge,
    defect: "puts right in a sweep what an event's look has left to whoever called",
    find: 'if (isAsLeft && verdict?.kind !== "begun")',
    replace: 'if (isAsLeft && verdict?.kind === "right")',
  },
  {
    ...judge,
    defect: "says nothing of what was put right since the last sweep and is wrong again",
    find: "verdict.fingerprint === finding.fingerprint && isAsLeft",
    replace: "verdict.fingerprint === finding.fingerprint",
  },
  {
    ...judge,
    file: "runtime/pipeline/recollect.ts",
    defect: "takes for old what a sweep found, was put right, and is broken again",
    find: "if (isSame && outcome.remaining === undefined) return",
    replace: "if (isAsked && outcome.remaining === undefined) return",
  },
  {
    file: "runtime/pipeline/recollect.ts",
    tests: ["tests/operations/sweep/baseline.test.ts"],
    defect: "asks again and again for what was put right of the baseline",
    find: 'if (verdict?.kind !== "wrong" || outcome.kind !== "remediated") return verdict;',
    replace: "if (outcome !== undefined) return verdict;",
  },
  {
    ...judge,
    defect: "hides behind what an operator has undone what else is wrong",
    find: 'outcome.kind !== "held" || outcome.code !== "undone"',
    replace: 'outcome.kind !== "exempt"',
  },
  {
    ...judge,
    defect: "leaves what is new of a resource because it was wrong in another way",
    find: "!isWritable(guardrail.assess(state, config.settings, resource.hints, known))",
    replace: "known === null",
  },
  {
    ...judge,
    defect: "puts right what was wrong at the last sweep and is wrong in another way now",
    find: "if (wasWrong(verdict) && !isOfNewParts(",
    replace: "if (verdict === null && !isOfNewParts(",
  },
  {
    ...judge,
    file: "runtime/sweep/memory.ts",
    defect: "takes a resource for right of which only a new part was put right",
    find: "before !== undefined && wasWrong(before)",
    replace: "before !== undefined && before === null",
  },
  {
    ...judge,
    defect: "writes down every resource with every sweep",
    find: "(isChanged || isStale(before.at, at))",
    replace: "(isChanged || at > 0)",
  },
  {
    ...sweep,
    defect: "puts right in a sweep that is to tell",
    find: '  (sweep === "enforce" || replacesCall === true) &&\n',
    replace: "",
  },
  {
    ...sweep,
    defect: "only tells in the sweep that stands in for a call that could not be read",
    find: '(sweep === "enforce" || replacesCall === true)',
    replace: 'sweep === "enforce"',
    tests: ["tests/runtime/invocation/unreadable.test.ts"],
  },
  {
    ...sweep,
    defect: "sweeps once, and never again",
    find: "now - completed.started >= interval",
    replace: "now - completed.started >= Infinity",
  },
  {
    ...sweep,
    defect: "judges by other settings half-way through a sweep",
    find: "found.running?.by === by ? found.running :",
    replace: "found.running !== undefined ? found.running :",
  },
  {
    ...sweep,
    defect: "begins again with the first page in every part of a sweep",
    find: "config.settings, progress.from);",
    replace: "config.settings);",
  },
  {
    ...sweep,
    defect: "begins a page that cannot end in time",
    find: "    yield page;\n    if (world.remaining() < timeForPage) return;\n",
    replace: "    yield page;\n",
  },
  {
    ...sweep,
    defect: "gives a sweep up when AWS has forgotten the place",
    find: "if (running.from === undefined || !isLostPlace(error)) throw error;",
    replace: "if (error !== undefined) throw error;",
  },
  {
    ...sweep,
    defect: "calls a sweep complete that told nobody",
    find: "await sweeping.finish(occasionOf(sweeping, done), done);",
    replace: "await sweeping.finish(occasionOf(sweeping, done), done).catch(() => undefined);",
  },
  {
    ...sweep,
    defect: "keeps every finding of a sweep in one item of the ledger",
    find: "...forDigest.map(newsOf)].slice(0, listed),",
    replace: "...forDigest.map(newsOf)],",
  },
  {
    ...sweep,
    file: "runtime/sweep/memory.ts",
    defect: "takes what a sweep has put right for known, so that it is never new again",
    find: "{ ...remember, values: seen[arn]?.values ?? {}, verdict }",
    replace: "{ ...remember, verdict }",
  },
  {
    file: "runtime/sweep/memory.ts",
    defect: "writes what a sweep had begun though the stack no longer wants it to",
    find: "finding === undefined && before?.verdict",
    replace: "before?.verdict",
    tests: ["tests/runtime/tick/dies.test.ts"],
  },
  {
    file: "runtime/sweep/memory.ts",
    defect: "forgets what a sweep had begun when it died",
    find: 'verdict?.kind === "begun" && before.verdict.sweep === started',
    replace: 'verdict?.kind === "begun" && before.verdict.sweep !== started',
    tests: ["tests/runtime/tick/dies.test.ts"],
  },
  {
    ...sweep,
    file: "runtime/ledger/sweeps.ts",
    defect: "lets two invocations go through one region at once",
    find: '"revision = :revision"',
    replace: '"attribute_exists(pk)"',
  },
  {
    ...recollect,
    defect: "takes what one call brought for known, though only a sweep may know it",
    find: "!sweptOnly.includes(identity) || seen?.values[identity] !== undefined",
    replace: "!sweptOnly.includes(identity) || seen?.values[identity] === undefined",
  },
  {
    ...recollect,
    defect: "believes an event that says it has made what a sweep knew",
    find: "if (seen === undefined || old.length === 0) return",
    replace: "if (seen !== null) return",
  },
  {
    ...recollect,
    defect: "believes an event while the ledger cannot say what was known",
    find: "{ ...one, forgotten: message }",
    replace: "one",
  },
  {
    ...recollect,
    defect: "leaves a trace in observe",
    find: "guardrail.remembered !== undefined && capabilities[config.mode].usesLedger",
    replace: "guardrail.remembered !== undefined",
  },
  {
    ...recollect,
    defect: "forgets what a tick has put right, so that it is taken for old when it is made again",
    find: 'outcome.kind !== "duplicate" : outcome.kind === "remediated"',
    replace: 'outcome.kind !== "duplicate" : false',
  },
  {
    ...seen,
    defect: "believes an event that says it is older than what is known",
    find: "time < claimedAt - longestDelay ? claimedAt : time",
    replace: "time < 0 ? claimedAt : time",
  },
  {
    ...seen,
    defect: "takes an event that is delivered again for a replay",
    find: "(memory.by !== short(asking.key) || memory.was !== undefined) &&",
    replace: "",
  },
  {
    ...seen,
    defect: "takes what no sweep has looked for for what was not there",
    find: "return sweptSince === undefined || sweptSince >= limitOf(asking) ? undefined :",
    replace: "return",
  },
  {
    ...seen,
    defect: "takes what no sweep had looked for yet for what was not there",
    find: " || sweptSince >= limitOf(asking)",
    replace: "",
  },
  {
    defect: "writes what a sweep only told, once it looks otherwise",
    file: "runtime/pipeline/decide.ts",
    find: 'kind !== "notified" || isDue || resumed !== undefined',
    replace: "kind !== null",
    tests: ["tests/runtime/tick/nothing-stays.test.ts"],
  },
  {
    ...seen,
    defect: "says of what was changed what it is now, and not what it was",
    find: "isLater ? (memory.was ?? memory.words) : memory.words",
    replace: "memory.words",
  },
];
