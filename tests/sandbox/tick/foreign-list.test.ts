import {
  AuthorizeSecurityGroupIngressCommand,
  CreateManagedPrefixListCommand,
  EC2Client,
  ModifyManagedPrefixListCommand,
} from "@aws-sdk/client-ec2";
import { expect } from "chai";
import { madeElsewhere } from "../../../sandbox/services/ec2/made-elsewhere";
import { groupId } from "../../guardrails/security-group-open-ingress/steps/groups";
import { type DeployedStack, startStack } from "../support/stack";

const minute = 60_000;
const other = "210987654321";

describe("a prefix list of another account, on a port that is guarded", function () {
  this.timeout(600_000);
  let stack: DeployedStack;
  let PrefixListId = "";

  before(async () => {
    stack = await startStack();
    const { sandbox, stage } = stack;
    const owner = sandbox.account.client(EC2Client, { account: other });
    const { PrefixList } = await owner.send(
      new CreateManagedPrefixListCommand({
        PrefixListName: "offices",
        AddressFamily: "IPv4",
        MaxEntries: 5,
        Entries: [{ Cidr: "198.51.100.0/24" }],
      }),
    );
    PrefixListId = PrefixList?.PrefixListId ?? "";
    madeElsewhere(sandbox.account).sharedLists().set(PrefixListId, other);
    const IpPermissions = [
      { IpProtocol: "tcp", FromPort: 22, ToPort: 22, PrefixListIds: [{ PrefixListId }] },
    ];
    await stage
      .client(EC2Client, "ada")
      .send(
        new AuthorizeSecurityGroupIngressCommand({ GroupId: await groupId(stage, "offices"), IpPermissions }),
      );
  });
  after(() => stack.stop());

  it("is told at once: its owner decides who comes in, though nothing is open", async () => {
    const { mails } = await stack.stage.settle();

    expect(mails.map(({ body }) => body).join()).to.contain(`account ${other}, which is not trusted here`);
  });

  it("is told by the next tick after its owner has widened it, without any event here", async () => {
    const { sandbox, stage } = stack;
    const widening = { PrefixListId, CurrentVersion: 1, AddEntries: [{ Cidr: "0.0.0.0/0" }] };
    await sandbox.account
      .client(EC2Client, { account: other })
      .send(new ModifyManagedPrefixListCommand(widening));

    await sandbox.clock.advance(6 * minute);
    const { mails } = await stage.settle();

    const bodies = mails.map(({ body }) => body).join();
    expect(bodies).to.contain(
      `Prefix list ${PrefixListId} of account ${other} opens security groups to the world`,
    );
  });
});
