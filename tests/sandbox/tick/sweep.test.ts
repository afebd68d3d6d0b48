import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { expect } from "chai";
import { prepareAccount } from "../../../sandbox/play/prepare";
import { createStage } from "../../../sandbox/play/stage";
import { parse } from "../../../sandbox/play/screen/timeline";
import { type Sandbox, startSandbox } from "../../../sandbox/sandbox";
import { everything } from "../../support/everything";
import { sharedPython } from "../support/account";

const minute = 60_000;
const guardrail = "security-group-open-ingress";

describe("what was wrong before a stack was there", function () {
  this.timeout(600_000);
  let sandbox: Sandbox;
  let groupId: string;
  let subjects: string[];

  before(async () => {
    sandbox = await startSandbox({ python: await sharedPython() });
    const prepared = await prepareAccount(sandbox);
    const ec2 = sandbox.gateway.client(EC2Client);
    const made = await ec2.send(new CreateSecurityGroupCommand({ GroupName: "old", Description: "Old" }));
    groupId = made.GroupId ?? "";
    const IpPermissions = [
      { IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "0.0.0.0/0" }] },
    ];
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions }));
    // Its event has found nobody who listens before the stack is there.
    await sandbox.clock.advance(5 * minute);
    await sandbox.idle();
    await sandbox.deploy({ config: prepared.configure(everything()), stack: "dev" });
    await sandbox.idle();
    const stage = createStage(sandbox, "dev", prepared, []);
    await sandbox.clock.advance(15 * minute);
    await sandbox.idle();
    subjects = [...new Set((await stage.settle()).mails.map(({ subject }) => subject))];
  });
  after(() => sandbox.stop());

  it("is found by the deployed function's first sweep, with the permissions that it has", () => {
    const lines = sandbox.journal.happenings.flatMap(one =>
      one.kind === "log" ? [(parse(one.line) ?? {}) as Record<string, unknown>] : [],
    );
    const errors = lines.filter(line => "error" in line && line.audit !== 1);
    const found = lines.filter(line => line.audit === 1 && line.guardrail === guardrail);

    expect(errors.map(line => JSON.stringify(line))).to.deep.equal([]);
    expect(found.map(({ resource, outcome, because }) => ({ resource, outcome, because }))).to.deep.equal([
      {
        resource: `arn:aws:ec2:us-east-1:123456789012:security-group/${groupId}`,
        outcome: "notified",
        because: "it was so when this guardrail first looked",
      },
    ]);
  });

  it("is told once, as the baseline, and left as it is", async () => {
    const ours = subjects.filter(
      subject => subject.includes("Baseline") && subject.includes("administration"),
    );
    const Filters = [{ Name: "group-id", Values: [groupId] }];
    const ec2 = sandbox.gateway.client(EC2Client);
    const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));

    expect(ours, subjects.join("\n")).to.have.length(1);
    expect(SecurityGroupRules.filter(({ IsEgress }) => !IsEgress)).to.have.length(1);
  });
});
