import { GetRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { expect } from "chai";
import { roleName } from "../../../runtime/names";
import { boundaryIn } from "../../../sandbox/play/boundary";
import { deployStack } from "../../../sandbox/play/deploy";
import { isDue } from "../../../sandbox/play/plan";
import { placeOf } from "../../../sandbox/play/prepare";
import { playStep, type Step, steps } from "../../../sandbox/play/scenario";
import { explain } from "../../../sandbox/play/screen/timeline";
import { project, startSandbox, type Sandbox } from "../../../sandbox/sandbox";
import { sharedPython } from "../support/account";
import { stacks } from "./stacks";

const boundary = `${project}:permissionsBoundary`;
const first = steps.filter(({ name }) => name === "ssh-opened-flat");

describe("a stack with a permissions boundary, in the sandbox", function () {
  this.timeout(600_000);
  let sandbox: Sandbox;
  let config: Record<string, string>;
  before(async () => {
    config = stacks["the example of the settings"]();
    sandbox = await startSandbox({ python: await sharedPython(), region: config["aws:region"] });
  });
  afterEach(() => sandbox?.reset());
  after(() => sandbox?.stop());

  /** Deploys the stack with this boundary; what it got beside its file, and which boundary its role has. */
  async function deployed(given: string, steps: readonly Step[] = []) {
    let said: readonly string[] = [];
    const ready = (additions: readonly string[]): void => void (said = additions);
    const standing = await deployStack(
      sandbox,
      { ...config, [boundary]: given },
      { stack: "dev", steps, ready },
    );
    const RoleName = roleName(placeOf(sandbox, "dev"), "security-group-open-ingress");
    const { Role } = await sandbox.account.client(IAMClient).send(new GetRoleCommand({ RoleName }));
    return { ...standing, said, has: Role?.PermissionsBoundary?.PermissionsBoundaryArn };
  }

  it("finds the policy there, is told so, and does all that it promises within it", async () => {
    const own = config[boundary] ?? "";
    const { plan, stage, said, has } = await deployed(own, first);

    expect(has).to.equal(own);
    expect(said).to.include(`its permissions boundary ${own}, with what guardrails boundary prints`);
    const [due] = plan.filter(isDue);
    const { differences } = await playStep(due, stage, sandbox.clock);
    expect(differences.flatMap(explain).join("\n")).to.equal("");
  });

  it("has the policy in the sandbox's own account, whichever account its file names", async () => {
    const theirs = "arn:aws:iam::210987654321:policy/limits/functions/least";
    const ours = "arn:aws:iam::123456789012:policy/limits/functions/least";
    const { said, has } = await deployed(theirs);

    expect(has).to.equal(ours);
    expect(said).to.include(
      `its permissions boundary ${ours}, in place of ${theirs}, with what guardrails boundary prints`,
    );
  });

  it("keeps a boundary of AWS's own, which every account has", () => {
    const aws = { [boundary]: "arn:aws:iam::aws:policy/PowerUserAccess" };

    expect(boundaryIn(aws, placeOf(sandbox, "dev"))).to.deep.equal({});
  });
});
