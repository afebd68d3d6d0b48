import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { readStackConfig } from "../../components/settings/file/stack-config";
import { catalogue, defaultPack } from "../../components/guardrails";
import { readSettings } from "../../components/settings";
import { isDue, planOf, type Planned } from "../../sandbox/play/plan";
import { playBefore, playStep, steps, type Stage } from "../../sandbox/play/scenario";
import { createStage } from "../../sandbox/play/stage";
import { project, startSandbox } from "../../sandbox/sandbox";
import { sharedPython } from "../sandbox/support/account";
import { startWorld, type World } from "./support/account";
import { differences, ofEngine, ofState, type StateResource } from "./support/deployment";

describe("a stack that Pulumi's CLI deployed", () => {
  let world: World;
  let config: Record<string, string>;
  let plan: readonly Planned[];
  let stage: Stage;

  before(async () => {
    world = await startWorld();
    const { workspace, prepared, sandbox } = world;
    const file = join(workspace.folder, "Pulumi.dev.yaml");
    const written = () => readStackConfig(readFileSync(file, "utf8"), project);
    for (const [key, value] of Object.entries(prepared.configure(written())))
      if (written()[key] !== value)
        for (const [path, leaf] of leavesOf(value))
          await workspace.pulumi("config", "set", "--path", `${key}${path}`, leaf);
    config = written();
    const now = sandbox.clock.now();
    const { guardrails, recipients } = readSettings(config, catalogue, defaultPack, { stack: "dev", now });
    plan = planOf(steps, guardrails);
    await playBefore(plan.filter(isDue), prepared);
    await workspace.pulumi("up", "--yes", "--skip-preview");
    await sandbox.idle();
    stage = createStage(sandbox, "dev", prepared, recipients);
    sandbox.timers.running = false;
  });
  after(() => world?.stop());

  it("is what the sandbox's own engine deploys, resource for resource", async () => {
    const exported = await world.workspace.pulumi("stack", "export");
    const { deployment } = JSON.parse(exported) as { deployment: { resources: StateResource[] } };
    const beside = await startSandbox({ python: await sharedPython() });
    try {
      const { resources } = await beside.deploy({ config, stack: "dev" });

      const [real, own] = [ofState(deployment.resources), ofEngine(resources)];
      expect(real.size).to.be.greaterThan(50);
      expect([...real.values()].filter(({ codeSha256 }) => codeSha256 !== undefined)).to.have.length(3);
      expect(differences(real, own).join("\n")).to.equal("");
    } finally {
      await beside.stop();
    }
  });

  for (const step of steps)
    it(`plays the scenario: ${step.name}`, async () => {
      const planned = plan.find(one => one.step.name === step.name);
      if (planned === undefined || !isDue(planned))
        throw new Error(`${step.name} is not due on the dev stack`);

      const { differences: wrong } = await playStep(planned, stage, world.sandbox.clock);

      expect(wrong).to.deep.equal([]);
    });
});

/** Paths below a key, and the text at each. */
function leavesOf(value: string): [path: string, leaf: string][] {
  const walk = (path: string, part: unknown): [string, string][] =>
    typeof part !== "object" || part === null
      ? [[path, String(part)]]
      : Object.entries(part).flatMap(([key, item]) =>
          walk(Array.isArray(part) ? `${path}[${key}]` : `${path}.${key}`, item),
        );
  return walk("", /^[[{]/.test(value) ? (JSON.parse(value) as unknown) : value);
}
