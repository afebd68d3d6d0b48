import type { Mutation } from "./mutation";

const causes = { file: "runtime/tick/causes.ts", tests: ["tests/runtime/tick/causes.test.ts"] };
const redrive = { file: "operations/redrive.ts", tests: ["tests/operations/redrive.test.ts"] };

/** Defects of asking CloudTrail for the call that brought a write. */
export const causeMutations: readonly Mutation[] = [
  {
    ...causes,
    defect: "accuses somebody while CloudTrail is behind",
    find: "if (!(await hasLater(record.region)) && !(await isQuiet())) {",
    replace: 'if (record.region === "") {',
  },
  {
    ...causes,
    defect: "waits for ever for a region in which nothing happens",
    find: "world.now() >= begun + quietFor",
    replace: "world.now() < 0",
  },
  {
    ...causes,
    defect: "forgets the causes of what was written before the mode was lowered",
    find: "if (!capabilities[config.mode].usesLedger) return;",
    replace: 'if (capabilities[config.mode].acts === "never") return;',
  },
  {
    ...causes,
    defect: "asks CloudTrail as fast as it can",
    find: "if (!isFirst) await world.pause(pace);",
    replace: "if (isFirst) await world.pause(pace);",
  },
  {
    ...causes,
    defect: "believes a write whose cause CloudTrail never knew",
    find: "await accuse(tick, cause, ask);",
    replace: "",
  },
  {
    ...causes,
    defect: "takes any call's record for the cause, if only its id is right",
    find: "known !== undefined && hasBrought(tick, known, cause, await actionOf(tick, cause))",
    replace: "known !== undefined",
  },
  {
    file: "runtime/ledger/ledger.ts",
    tests: causes.tests,
    defect: "forgets by which call a write came about",
    find: "if (begun.call !== undefined) steps.push",
    replace: "if (begun.call === null) steps.push",
  },
  {
    ...redrive,
    defect: "sends forged messages of the dead-letter queue to a function",
    find: "if (doubt !== undefined) return refused",
    replace: 'if (doubt === "") return refused',
  },
];
