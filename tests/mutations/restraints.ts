import type { Mutation } from "./mutation";

const breaker = { file: "runtime/ledger/breaker.ts", tests: ["tests/runtime/ledger/breaker.test.ts"] };
const restraints = {
  file: "runtime/pipeline/restraints.ts",
  tests: ["tests/runtime/pipeline/restraints.test.ts"],
};
const exemptions = { file: "runtime/exemptions.ts", tests: ["tests/runtime/exemptions.test.ts"] };
const ledger = { file: "runtime/ledger/ledger.ts" };
const locks = ["tests/runtime/ledger/locks.test.ts"];

/** Defects of what keeps a guardrail from writing. */
export const restraintMutations: readonly Mutation[] = [
  {
    ...breaker,
    defect: "fights for ever with somebody who breaks it again and again",
    find: "  if (length < fixesAtOnce) return 0;\n",
    replace: "  if (length < 1e9) return 0;\n",
  },
  {
    ...breaker,
    defect: "goes on writing while its breaker is open",
    find: "until: until > now ? until : undefined",
    replace: "until: undefined",
  },
  {
    ...breaker,
    defect: "never waits longer than at first while the fight goes on",
    find: "steps[Math.min(length - fixesAtOnce, steps.length - 1)]",
    replace: "steps[0]",
  },
  {
    ...breaker,
    defect: "puts a finding right any number of times in a day",
    find: "fullOf(same, fixesPerDay, day)",
    replace: "0",
  },
  {
    ...ledger,
    defect: "forgets its own fixes, so that no fight is noticed",
    find: '      ["locked", rows.put({ pk, sk: "breaker" }, breaker, asRead, { seen })],\n',
    replace: "",
    tests: breaker.tests,
  },
  {
    ...ledger,
    defect: "forgets the fix of another invocation that overtook it",
    find: 'rows.put({ pk, sk: "breaker" }, breaker, asRead, { seen })',
    replace: 'rows.put({ pk, sk: "breaker" }, breaker)',
    tests: locks,
  },
  {
    ...breaker,
    defect: "stops putting right other findings of a resource that is fought over",
    find: "ofDay.filter(fix => fix.fingerprint === fingerprint);",
    replace: "ofDay;",
  },
  {
    ...breaker,
    defect: "fights for ever with somebody who breaks it in another way each time",
    find: "fullOf(ofDay, fixesOfAllKinds, first)",
    replace: "fullOf(ofDay, 1e9, first)",
  },
  {
    ...restraints,
    defect: "ignores exemptions",
    find: '  if (exemption !== undefined) return { kind: "exempt", exemption };\n',
    replace: "",
  },
  {
    ...exemptions,
    defect: "exempts whatever begins like the exempt resource",
    find: "wanted.length === parts.length && ",
    replace: "",
  },
  {
    ...exemptions,
    defect: "goes on exempting after the last day",
    find: 'covering.find(exemption => validity(exemption.expires, now) !== "expired")',
    replace: "covering.find(() => true)",
  },
  {
    ...exemptions,
    defect: "exempts everybody where one principal is named",
    find: "principal !== undefined && matchesArn(wanted, principal.arn)",
    replace: "wanted !== principal?.name",
  },
  {
    ...restraints,
    defect: "fixes again what an operator has undone",
    find: "  if (hold !== undefined)\n",
    replace: "  if (hold !== undefined && hold.until < now)\n",
  },
  {
    ...restraints,
    defect: "writes while it is paused",
    find: "  if (pause !== undefined)\n",
    replace: "  if (pause !== undefined && pause.until < now)\n",
  },
  {
    ...ledger,
    defect: "stays paused after the pause has ended",
    find: "item !== undefined && Number(item.ends) > now ? item : undefined",
    replace: "item",
    tests: restraints.tests,
  },
  {
    file: "runtime/ledger/table.ts",
    defect: "puts right any number of resources in an hour",
    find: '      ConditionExpression: "attribute_not_exists(used) OR used < :limit",\n',
    replace: "",
    tests: restraints.tests,
  },
  {
    ...ledger,
    defect: "lets one principal use up the whole budget",
    find: "if (action.principal !== undefined)",
    replace: "if (action.principal === null)",
    tests: restraints.tests,
  },
  {
    ...ledger,
    defect: "counts every fix of one resource against the budget",
    find: "if (wasFixedAfter(begun.breaker, begun.fix.principal, startOfHour(now)))",
    replace: "if (begun.breaker === null)",
    tests: locks,
  },
  {
    ...ledger,
    defect: "lets one controller use up the whole budget",
    find: "if (controller !== undefined)",
    replace: "if (controller === null)",
    tests: restraints.tests,
  },
  {
    defect: "goes by an empty ledger when it cannot be read",
    file: "runtime/pipeline/decide.ts",
    find: "return { error: failureOf(error).message };",
    replace:
      "return { circumstances: Object.fromEntries(found.map(one => [one.resource.arn, { breaker: { fixes: [] } }])) };",
    tests: ["tests/runtime/ledger/ledger.test.ts"],
  },
  {
    defect: "keeps it to itself that its breaker has opened",
    file: "runtime/telling/telling.ts",
    find: 'if (outcome.kind === "held") return outcome.tell;',
    replace: 'if (outcome.kind === "held") return false;',
    tests: breaker.tests,
  },
  {
    defect: "mails what an operator asked for himself",
    file: "runtime/telling/telling.ts",
    find: 'if (outcome.kind === "held") return outcome.tell;',
    replace: 'if (outcome.kind === "held") return true;',
    tests: restraints.tests,
  },
];
