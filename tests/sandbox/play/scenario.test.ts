import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { useOf, type RoleUse } from "../../../sandbox/iam/audit";
import { deployedRoles } from "../../../sandbox/iam/deployed-roles";
import { deployStack } from "../../../sandbox/play/deploy";
import { isDue, type Planned } from "../../../sandbox/play/plan";
import { playStep, type Stage, steps } from "../../../sandbox/play/scenario";
import { type Sandbox, startSandbox } from "../../../sandbox/sandbox";
import { explain } from "../../../sandbox/play/screen/timeline";
import { differencesOf } from "./golden/differences";
import { ordered } from "./golden/normalized";
import { deployedAs, type Golden, ledgerOf, saidIn } from "./golden/record";
import { proofOf, proofs } from "../../guardrails";
import { everything } from "../../support/everything";
import { sharedPython } from "../support/account";

/** What the scenario said and kept when it was last looked at. To accept a change: GOLDEN=write. */
const goldenFile = join(__dirname, "golden", "scenario.json");

type Mail = { readonly subject: string; readonly body: string };

describe("the real program on the sandbox account", function () {
  this.timeout(600_000);
  let sandbox: Sandbox;
  let plan: readonly Planned[];
  let stage: Stage;
  let deployment: ReturnType<typeof deployedAs>;
  const said: Record<string, ReturnType<typeof saidIn>> = {};

  before(async () => {
    sandbox = await startSandbox({ python: await sharedPython() });
    const standing = await deployStack(sandbox, everything(), { stack: "dev", steps });
    ({ plan, stage } = standing);
    deployment = deployedAs(standing.deployed);
    sandbox.timers.running = false;
  });
  after(() => sandbox?.stop());

  let hasFailed = false;
  afterEach(function () {
    hasFailed ||= this.currentTest?.state === "failed";
  });

  for (const step of steps)
    it(`${step.name}: ${step.title}, and the account ends as it should`, async () => {
      const before = sandbox.journal.happenings.length;
      const due = plan.find(one => one.step.name === step.name);
      if (due === undefined || !isDue(due)) return expect.fail(`skipped: ${due?.skipped}`);
      const { differences } = await playStep(due, stage, sandbox.clock);
      said[step.name] = saidIn(sandbox.journal.happenings.slice(before));
      expect(differences.flatMap(explain).join("\n")).to.equal("");
    });

  describe("as a whole", () => {
    // After a step that failed, these would only say so again.
    before(function () {
      if (hasFailed) this.skip();
    });

    it("says and keeps, byte for byte, what it did before: lines, mails, ledger, outputs and names", async () => {
      const ledger = await ledgerOf(sandbox, "guardrails-dev-ledger");
      const golden: Golden = { steps: said, ledger, ...deployment };
      if (process.env.GOLDEN === "write")
        writeFileSync(goldenFile, `${JSON.stringify(golden, undefined, 1)}\n`);
      const before = JSON.parse(readFileSync(goldenFile, "utf8"), (_, value: unknown) =>
        typeof value === "string" ? ordered(value) : value,
      ) as Golden;
      expect(differencesOf(before, golden), "what differs; GOLDEN=write accepts it").to.equal("");
      expect(golden.outputs).to.deep.equal(before.outputs);
    });

    it("shows the notice-only mail as it really arrives: SNS's own subject, every line quoted", () => {
      const direct = steps.filter(({ guardrail }) => proofOf(guardrail).kind === "direct");
      const mails = direct.flatMap(({ name }) => said[name].mails).map(mail => JSON.parse(mail) as Mail);

      expect(mails).to.not.be.empty;
      for (const { subject, body } of mails) {
        expect(subject).to.equal("AWS Notification Message");
        expect(body.split("\n")[0]).to.match(/^".*"$/);
      }
    });

    it("never lets a guardrail's own write reach its own rule", () => {
      const own = sandbox.journal.happenings.flatMap(one => {
        if (one.kind !== "event") return [];
        const identity = JSON.stringify(
          (one.event as { detail?: { userIdentity?: object } }).detail?.userIdentity ?? {},
        );
        return one.rules.filter(rule => {
          const own = rule.split("/").pop()?.replace("guardrails-dev-", "guardrails-dev-use1-");
          return identity.includes(`role/guardrails/${own}"`);
        });
      });
      expect(own).to.deep.equal([]);
    });

    describe("permissions", () => {
      let roles: RoleUse[];
      before(async () => {
        roles = useOf(await deployedRoles(sandbox.account), sandbox.authorizer.audit);
      });

      it("are never too few: nothing that a function asked for was refused", () => {
        expect(roles.flatMap(({ denied }) => denied)).to.deep.equal([]);
      });

      it("are never more than used, but for what only other situations need", () => {
        const unused = roles.map(({ role, granted }) => ({
          guardrail: (role.split("/").pop() ?? "").replace("guardrails-dev-use1-", ""),
          actions: granted.filter(({ checks }) => checks === 0).map(({ action }) => action),
        }));
        // Every function may read single items of the ledger, put what failed into the queue, and ask at its ticks what is open, who is subscribed, and who made a call.
        const every = [
          "cloudtrail:LookupEvents",
          "dynamodb:GetItem",
          "dynamodb:Query",
          "sns:GetTopicAttributes",
          "sqs:SendMessage",
        ];
        const known = proofs.flatMap(proof =>
          proof.kind === "direct"
            ? []
            : Object.keys(proof.unused).map(action => `${proof.guardrail} ${action}`),
        );

        const own = unused.flatMap(({ guardrail, actions }) =>
          actions.filter(action => !every.includes(action)).map(action => `${guardrail} ${action}`),
        );
        expect(own.sort(), "`unused` of the proofs").to.deep.equal(known.sort());
        for (const { granted } of roles)
          expect(granted.map(({ action }) => action)).to.include.members(every);
      });
    });
  });
});
