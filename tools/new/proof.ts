import type { Plan } from "./plan";

/** tests/guardrails/<id>/: file → text. */
export function proofTexts(plan: Plan): Record<string, string> {
  const { kind, events } = plan;
  const fixtures = Object.fromEntries(
    Object.entries(events).map(([name, event]) => [
      `events/${name}.json`,
      JSON.stringify(event, undefined, 2),
    ]),
  );
  return {
    "proof.ts": proofText(plan),
    "steps.ts": stepsText(plan),
    "guardrail.test.ts": testText(plan),
    ...(kind !== "direct" && { "account.ts": accountText(plan) }),
    ...(kind === "writing" && { "breach.ts": breachText(plan), "simulation.ts": simulationText(plan) }),
    ...fixtures,
  };
}

const todo = ({ id }: Plan, file: string, what: string): string =>
  `throw new Error("Write tests/guardrails/${id}/${file}: ${what}");`;

function proofText({ kind }: Plan): string {
  if (kind === "direct")
    return `import type { Proof } from "../proof";
import { steps } from "./steps";

export const proof: Proof = { kind: "direct", steps, mutations: [] };
`;
  const isWriting = kind === "writing";
  return `import type { Proof } from "../proof";
import { account } from "./account";
${isWriting ? 'import { breach } from "./breach";\nimport { simulation } from "./simulation";\n' : ""}import { steps } from "./steps";

export const proof: Proof = {
  kind: "${kind}",
  settings: {},
  account,
${isWriting ? "  confirms: {},\n  breach,\n  simulation,\n  writes: {},\n" : ""}  steps,
  unused: {},
  mutations: [],
};
`;
}

const expectedText: Readonly<Record<Plan["kind"], string>> = {
  writing: "broken()",
  reading: '{ notify: { outcomes: ["notified"], notices: 1 } }',
  direct: "{ notify: { outcomes: [], notices: 1 } }",
};

const stepsText = (
  plan: Plan,
): string => `import { ${plan.kind === "writing" ? "broken, " : ""}type Step } from "../step";

export const steps: readonly Step[] = [
  {
    name: "${plan.id}",
    title: "Ada calls ${plan.call}",
    chapter: "breach",
    expected: ${expectedText[plan.kind]},
    play: async _stage => {
      ${todo(plan, "steps.ts", "what Ada does, and what must then be so in the account")}
    },
  },
];
`;

const accountText = (plan: Plan): string => `import type { GuardrailEvent } from "../../../runtime/events";
import type { FakeAccount } from "../account";

/** Every resource that is asked for, each as the guardrail must not leave it. */
export function account(_event: GuardrailEvent): FakeAccount {
  ${todo(plan, "account.ts", `{ ${plan.service}: { Operation: input => answer } } for each operation that it calls`)}
}
`;

const breachText = (plan: Plan): string => `import type { Breach } from "../step";

export const breach: Breach = {
  service: "${plan.service}",
  writes: [],
  play: async _stage => {
    ${todo(plan, "breach.ts", "a new resource, broken by one call, and how it must be in the end")}
  },
};
`;

const simulationText = (plan: Plan): string => {
  const write = (what: string): string => todo(plan, "simulation.ts", what);
  return `import type { Simulation } from "../simulation";

/** What is configured, as plain data. */
type Account = { made: number };

export const simulation: Simulation<Account> = {
  found: () => ({ made: 0 }),
  reads: {},
  writes: {},
  deeds: [],
  things: _account => {
    ${write("what is configured: thing → member → value")}
  },
  wrongs: _account => {
    ${write("what is wrong now")}
  },
  readOf: _thing => {
    ${write("by which operation a thing is looked at")}
  },
  mayChange: (_account, _change) => {
    ${write("which changes end something wrong")}
  },
  isTrue: (_before, _account, _changes) => {
    ${write("whether a recorded state is how the account was")}
  },
};
`;
};

function testText(plan: Plan): string {
  const { id, name, kind, names } = plan;
  const more =
    kind === "direct"
      ? `describe("${id}: what the notice says", () => {
  it("what happened, and what to do", () => {
    const text = rendered(guardrail, writtenEvents("${id}")["${names.acting}"]);

    assert.notMatch(text.join("\\n"), /^Write/m, "write notice.lines of components/guardrails/${id}.ts");
  });
});
`
      : `describe("${id}: what it finds", () => {
  it("what is wrong with a resource, and nothing wrong with one that is as it should be", () => {
    assert.fail("Write tests/guardrails/${id}/guardrail.test.ts: what assess says of one state and of the other");
  });
});
`;
  return `import { assert } from "chai";
import { ${name} as guardrail } from "../../../components/guardrails/${id}";
import { behaves${kind === "direct" ? ", rendered" : ""} } from "../../support/behaviour";
${kind === "direct" ? 'import { writtenEvents } from "../../support/events/written";\n' : ""}
behaves(guardrail, {
  "must act": { "the call": "${names.acting}" },
  "must not act": {
    "the same call, refused": "${names.refused}",
    "another call": "${names.other}",
${names.own === undefined ? "" : `    "the call by its own role": "${names.own}",\n`}  },
});

${more}`;
}
