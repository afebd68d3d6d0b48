import { expect } from "chai";
import { catalogue, defaultPack } from "../../../components/guardrails";
import { readSettings } from "../../../components/settings";
import { deployStack } from "../../../sandbox/play/deploy";
import { isDue, planOf } from "../../../sandbox/play/plan";
import { playStep, steps } from "../../../sandbox/play/scenario";
import { explain } from "../../../sandbox/play/screen/timeline";
import { project, startSandbox } from "../../../sandbox/sandbox";
import { everything } from "../../support/everything";
import { sharedPython } from "../support/account";
import { stacks } from "./stacks";

/** Each takes half a minute: all of them with STACKS=all. */
const played =
  process.env.STACKS === "all"
    ? Object.keys(stacks)
    : ["China", "one off, one that only tells, one that only looks"];

const adminGroup = { [`${project}:adminSecurityGroupId`]: "sg-0123456789abcdef0" };

/** Step → why it is skipped. */
function skippedIn(config: Record<string, string>): Record<string, string> {
  const { guardrails } = readSettings({ ...config, ...adminGroup }, catalogue, defaultPack);
  const plan = planOf(steps, guardrails);
  return Object.fromEntries(plan.flatMap(one => (isDue(one) ? [] : [[one.step.name, one.skipped]])));
}

const withGuardrail = (id: string, wish: object): Record<string, string> => {
  const config = everything();
  const key = `${project}:guardrails`;
  const given = JSON.parse(config[key] ?? "{}") as Record<string, object>;
  return { ...config, [key]: JSON.stringify({ ...given, [id]: { ...given[id], ...wish } }) };
};

describe("the scenario of a stack", function () {
  this.timeout(600_000);

  it("leaves nothing out where everything is on, in whichever region", () => {
    expect(skippedIn(everything())).to.deep.equal({});
    expect(skippedIn(stacks["another region"]())).to.deep.equal({});
  });

  it("skips what a guardrail would do that is off, or goes less far, and says which", () => {
    const skipped = skippedIn(stacks["recipients only"]());

    expect(skipped["vpc-created"]).to.equal("vpc-created is off");
    expect(skipped["undo-by-an-operator"]).to.equal(
      "it needs enforce, and security-group-open-ingress is in notify",
    );
    expect(skipped).to.not.have.any.keys("ssh-opened-flat", "denied-call", "wrong-before-the-stack");
  });

  it("skips what other settings leave nothing of, with the setting and its value", () => {
    expect(skippedIn(withGuardrail("s3-bucket-encryption", { algorithm: "AES256" }))).to.include({
      "bucket-created": "it needs algorithm other than 'AES256', and the stack has 'AES256'",
    });
    expect(skippedIn(withGuardrail("ec2-launch-baseline", { when: "launch" }))).to.deep.equal({
      "tag-deleted": "it needs when 'always', and the stack has 'launch'",
    });
    expect(skippedIn(withGuardrail("security-group-open-ingress", { sweep: "off" }))).to.include({
      "wrong-before-the-stack": "it needs sweep other than 'off', and the stack has 'off'",
    });
    const ports = skippedIn(withGuardrail("security-group-open-ingress", { ports: [3389] }));
    expect(ports["ssh-opened-flat"]).to.equal("it needs ports with 22, and the stack has [ 3389 ]");
    expect(ports).to.not.have.any.keys("denied-call", "ssh-from-office");
  });

  it("skips what goes on from a step that is skipped", () => {
    const skipped = skippedIn(withGuardrail("s3-bucket-encryption", { algorithm: "AES256" }));

    expect(skipped["own-role-change"]).to.equal("it goes on from bucket-created, which is skipped");
  });

  it("plays no more fixes than the budget of an hour has", () => {
    const skipped = skippedIn(withGuardrail("security-group-open-ingress", { budget: 2 }));

    expect(skipped).to.not.have.any.keys("ssh-opened-permissions", "ssh-opened-flat");
    expect(skipped["ssh-opened-by-name"]).to.equal("the steps before use up its budget of 2 an hour");
  });

  for (const name of played)
    it(`ends as that stack promises: ${name}`, async () => {
      const config = stacks[name]();
      const sandbox = await startSandbox({ python: await sharedPython(), region: config["aws:region"] });
      try {
        const { plan, stage } = await deployStack(sandbox, config, { stack: "dev", steps });
        sandbox.timers.running = false;
        const wrong: string[] = [];
        for (const due of plan.filter(isDue)) {
          const { step, differences } = await playStep(due, stage, sandbox.clock);
          wrong.push(...differences.flatMap(explain).map(line => `${step.name}: ${line}`));
        }
        expect(wrong.join("\n")).to.equal("");
        expect(plan.filter(isDue)).to.have.length.greaterThan(5);
      } finally {
        await sandbox.stop();
      }
    });
});
