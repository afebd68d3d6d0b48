import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { AnyInspecting, Definition, Permissions } from "../components/definition";
import { catalogue } from "../components/guardrails";
import { capabilitiesOf, hasFunction } from "../components/kinds";
import { readSettings } from "../components/settings";
import { proofOf, proofs, steps } from "./guardrails";
import { everything } from "./support/everything";
import { actionsFor, isReading, operationsOf } from "./support/operations";
import { scopeOf, settingsVariants } from "./support/settings-variants";
import { writtenEvents } from "./support/events/written";

const root = join(__dirname, "..");
const definitions: readonly Definition[] = catalogue;

const mayWrite = (definition: AnyInspecting): boolean =>
  settingsVariants(definition).some(
    settings => (definition.permissions(scopeOf(settings)) as Permissions).write.length > 0,
  );

/** The kind of proof that a guardrail owes. */
const owed = (definition: Definition) =>
  hasFunction(definition) ? (mayWrite(definition) ? "writing" : "reading") : "direct";

for (const definition of definitions) {
  const { id } = definition;
  const folder = `tests/guardrails/${id}`;
  const said = `${folder}/proof.ts`;

  describe(`${id} has everything that a guardrail has`, () => {
    it("a proof, of its kind", () => {
      const shape = `export const proof: Proof = { kind: "${owed(definition)}", … }`;

      expect(
        proofs.map(({ guardrail }) => guardrail),
        `write ${said}: ${shape}`,
      ).to.include(id);
      expect(proofOf(id).kind, `${said}: ${shape}`).to.equal(owed(definition));
    });

    it("a step of the scenario in which somebody does what it is there for", () => {
      const own = proofOf(id).steps;
      const broken = own.filter(
        ({ chapter, expected }) =>
          chapter === "breach" &&
          Object.values(expected).some(({ outcomes, notices }) => outcomes.length + notices > 0),
      );

      expect(broken, `write ${folder}/steps.ts: what somebody does, chapter "breach", and what must follow`)
        .to.not.be.empty;
      for (const [at, { name, title, after, expected }] of own.entries()) {
        expect(
          capabilitiesOf(definition).modes,
          `${folder}/steps.ts: a mode that ${id} does not have`,
        ).to.include.members(Object.keys(expected));
        if (after !== undefined)
          expect(
            own.slice(0, at).map(one => one.name),
            `${folder}/steps.ts: ${name} goes on from a step that does not come before it`,
          ).to.include(after);
        expect(name, `${folder}/steps.ts: a step's name is kebab-case`).to.match(/^[a-z0-9]+(-[a-z0-9]+)*$/);
        const same = steps.filter(step => step.name === name || step.title === title);
        expect(same, `${folder}/steps.ts: another step is called so or says so: ${name}`).to.have.length(1);
      }
    });

    it("events that are named by the call that they record", () => {
      const wrong = Object.entries(writtenEvents(id)).flatMap(([name, { detail }]) =>
        name.startsWith(`${String(detail.eventName)}-`) ? [] : [name],
      );
      expect(wrong, `${folder}/events: <EventName>-<case>.json`).to.deep.equal([]);
    });

    it("a place in the tests' stack of everything, as far as it can go", () => {
      const admins = { "aws-event-guardrails:adminSecurityGroupId": "sg-0123456789abcdef0" };
      const { guardrails } = readSettings({ ...everything(), ...admins }, catalogue, []);
      const placed = guardrails.find(one => one.definition.id === id);

      expect(placed?.mode, `${said}: \`settings\` are its knobs in tests/support/everything.ts`).to.equal(
        capabilitiesOf(definition).modes.at(-1),
      );
    });

    if (hasFunction(definition))
      it("an account of its own in which its function runs alone, with the stack settings that it needs", () => {
        const proof = proofOf(id);
        const alone = proof.kind === "direct" ? {} : (proof.alone ?? {});

        expect(Object.keys(alone), `${said}: \`alone\` lacks a stack setting`).to.include.members([
          ...(definition.needs as readonly string[]),
        ]);
      });

    // What it owes is judged in a test of its own; permissions may still be missing.
    if (proofs.some(proof => proof.guardrail === id && proof.kind === "writing")) {
      it("a breach, which its writes put right, and a guard on each write in forged events", async () => {
        const proof = proofOf(id);
        const [breach, confirms] =
          proof.kind === "writing" ? [proof.breach, proof.confirms] : [undefined, {}];
        const called = await operationsOf(definition as AnyInspecting, "remediate");
        const reading = await Promise.all(
          called.map(async operation =>
            (await Promise.all(actionsFor([operation]).map(isReading))).every(Boolean),
          ),
        );
        const writes = called.filter((_, at) => !reading[at]).map(operation => operation.split(":")[1]);

        expect(breach?.writes, `${folder}/breach.ts: \`writes\` are the operations that put it right`).to.not
          .be.empty;
        expect(writes, `${folder}/breach.ts: \`writes\``).to.include.members([...(breach?.writes ?? [])]);
        expect(
          Object.keys(confirms).sort(),
          `${said}: \`confirms\` says of each write how the account confirms that it is called for`,
        ).to.deep.equal(writes.sort());
      });

      it("a simulation, in which somebody can break what it puts right", () => {
        const proof = proofOf(id);
        const deeds = proof.kind === "writing" ? proof.simulation.deeds : [];
        const what = `write ${folder}/simulation.ts: the account that npm run simulate plays in`;

        expect(deeds, what).to.not.be.empty;
        expect(
          deeds.some(({ by }) => by.includes("attacker")),
          `${what}, with a deed of an attacker`,
        ).to.equal(true);
      });

      it("deliberate defects, which its tests notice", () => {
        expect(
          proofOf(id).mutations,
          `write ${folder}/mutations.ts: defects that its tests must notice (node tests/mutations/run.js ${id} tries them), and name it in ${said}`,
        ).to.not.be.empty;
      });

      it("a section on the page of faults: each crash point was tried once", () => {
        const page = readFileSync(join(root, "docs/faults.md"), "utf8");

        expect(page, `run npm run faults -- ${id}: docs/faults.md has no section of it`).to.include(
          `### \`${id}\`: `,
        );
      });
    }
  });
}

describe("tests/guardrails", () => {
  it("holds proofs of the catalogue's guardrails only", () => {
    const folders = readdirSync(join(__dirname, "guardrails"), { withFileTypes: true }).filter(entry =>
      entry.isDirectory(),
    );
    const ids = definitions.map(({ id }) => id);

    for (const { name } of folders)
      expect(ids, `tests/guardrails/${name}/ belongs to no guardrail: remove or rename it`).to.include(name);
  });
});
