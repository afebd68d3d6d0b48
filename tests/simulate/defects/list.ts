/** Something that a review found, put back: `find` stands exactly once in `file`. */
export interface Defect {
  /** What the functions then do. */
  readonly defect: string;
  /** Which sentence of docs/safety.md or of the changelog it takes back, in a word or two. */
  readonly finding: string;
  /** Whose histories show it. */
  readonly guardrail: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const launch = { guardrail: "ec2-launch-baseline" };
const buckets = { guardrail: "s3-bucket-encryption" };
const ingress = { guardrail: "security-group-open-ingress" };
const restraints = { file: "runtime/pipeline/restraints.ts" };

/** Behaviour of the functions, one finding after the other. */
export const defects: readonly Defect[] = [
  {
    ...launch,
    defect: "believes a launch that a replayed client token repeats",
    finding: "confused deputy",
    file: "components/guardrails/ec2-launch-baseline/belief.ts",
    find: "  const called = `the call was made at ${at}`;",
    replace: '  if (at !== "") return undefined;\n  const called = `the call was made at ${at}`;',
  },
  {
    ...launch,
    defect: "opens an instance again that a responder isolated after its launch",
    finding: "confused deputy",
    file: "components/guardrails/ec2-launch-baseline/groups.ts",
    find: "return given.join() === groups.join()",
    replace: "return given.length > 0",
  },
  {
    ...buckets,
    defect: "believes that a bucket is new whenever somebody creates it",
    finding: "forged causes",
    file: "components/guardrails/s3-bucket-encryption/reasons.ts",
    find: "  if (madeAt === undefined) return undefined;",
    replace: '  if (madeAt !== "") return undefined;',
  },
  {
    ...buckets,
    defect: "writes what was known before the event that names it",
    finding: "forged causes",
    ...restraints,
    find: "if (facts.replayed !== undefined && facts.resumed === undefined)",
    replace: 'if (facts.replayed === "" && facts.resumed === undefined)',
  },
  {
    ...ingress,
    defect: "removes an old rule because its description was edited",
    finding: "what a fix costs others",
    file: "components/guardrails/security-group-open-ingress/assess.ts",
    find: "known?.[rule.ruleId] === inWords(rule)",
    replace: 'known?.[rule.ruleId] === ""',
  },
  {
    ...ingress,
    defect: "ignores a record without bodies in silence",
    finding: "records without bodies",
    file: "runtime/invocation/hear.ts",
    find: '  if ("unreadable" in naming) return lookAround(invocation, event, naming.unreadable);\n',
    replace: "",
  },
  {
    ...ingress,
    defect: "never takes up what is held",
    finding: "held is for ever",
    file: "runtime/tick/tick.ts",
    find: "{ takeUp, ",
    replace: "{ ",
  },
  {
    ...ingress,
    defect: "says that nothing is open",
    finding: "the alarm goes out",
    file: "runtime/tick/gauges.ts",
    find: "Open: (await ledger.countOpen(guardrail.id)) + (await openElsewhere(tick))",
    replace: "Open: 0 * (await ledger.countOpen(guardrail.id))",
  },
  {
    ...ingress,
    defect: "keeps no open finding",
    finding: "the alarm goes out",
    file: "runtime/pipeline/remain.ts",
    find: "  for (const one of cases) {\n",
    replace: "  for (const one of cases.slice(0, 0)) {\n",
  },
  {
    ...ingress,
    defect: "fights for ever with whoever breaks it again and again",
    finding: "growing pauses",
    file: "runtime/ledger/breaker.ts",
    find: "  if (length < fixesAtOnce) return 0;",
    replace: "  if (length >= 0) return 0;",
  },
  {
    ...buckets,
    defect: "puts right what the first sweep found",
    finding: "baseline",
    file: "runtime/sweep/judge.ts",
    find: '  if (isBaseline) return { kind: "baseline" };',
    replace: '  if (isBaseline) return { kind: "since-last-sweep" };',
  },
  {
    ...launch,
    defect: "puts right in a sweep what an event's look has left to its caller",
    finding: "managed by something else",
    file: "runtime/sweep/judge.ts",
    find: 'if (isAsLeft && verdict?.kind !== "begun")',
    replace: 'if (isAsLeft && verdict?.kind === "right")',
  },
  {
    ...ingress,
    defect: "records the bystanders and not what it removes",
    finding: "the state before",
    file: "components/guardrails/security-group-open-ingress/inspect.ts",
    find: "data.remove.some(removed => isSameAdmission(removed, rule))",
    replace: "!data.remove.some(removed => isSameAdmission(removed, rule))",
  },
  {
    ...buckets,
    defect: "locks a partner out with a KMS key",
    finding: "access by others",
    file: "components/guardrails/s3-bucket-encryption/reasons.ts",
    find: "  if (bucket.outsiders.length === 0) return undefined;\n",
    replace: "  if (bucket.outsiders.length >= 0) return undefined;\n",
  },
  {
    ...ingress,
    defect: "writes what is exempt",
    finding: "an operator's word",
    ...restraints,
    find: '  if (exemption !== undefined) return { kind: "exempt", exemption };',
    replace: '  if (exemption?.owner === "") return { kind: "exempt", exemption };',
  },
  {
    ...launch,
    defect: "says remediated without a second read",
    finding: "the proof",
    file: "runtime/pipeline/verify.ts",
    find: "open => readAndAssess(run, clients, open)",
    replace: "async open => open.map(one => ({ ...one, finding: undefined }))",
  },
];
