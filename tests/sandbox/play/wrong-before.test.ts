import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { policyText } from "../../../operations/operator-policy";
import type { Command } from "../../../operations/permissions";
import type { Credentials } from "../../../sandbox/iam/identity";
import { parse } from "../../../sandbox/play/screen/timeline";
import { project, type Sandbox } from "../../../sandbox/sandbox";
import { guardrailsHere, type Ran } from "../support/operating";
import { addUser, type DeployedStack, setUserPolicy, startStack } from "../support/stack";

const minute = 60_000;
const account = "123456789012";
const id = "security-group-open-ingress";
const olgaArn = `arn:aws:iam::${account}:user/olga`;
const arnOf = (groupId: string) => `arn:aws:ec2:us-east-1:${account}:security-group/${groupId}`;
const policyOf = (command: Command, folder: string): object =>
  JSON.parse(
    policyText(
      [command],
      { stack: "dev", partition: "aws", account, home: "us-east-1" },
      undefined,
      process.stderr,
      folder,
    ),
  ) as object;

describe("what was wrong before the stack, in an operator's hands", function () {
  this.timeout(600_000);
  let stack: DeployedStack;
  let olga: Credentials;
  let folder: string;
  const old: string[] = [];

  const openGroup = async (sandbox: Sandbox, GroupName: string): Promise<string> => {
    const ec2 = sandbox.gateway.client(EC2Client);
    const { GroupId = "" } = await ec2.send(
      new CreateSecurityGroupCommand({ GroupName, Description: "Old" }),
    );
    const anywhere = { IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [anywhere] }));
    return GroupId;
  };
  const stillOpen = async (): Promise<string[]> => {
    const ec2 = stack.sandbox.gateway.client(EC2Client);
    const Filters = [{ Name: "group-id", Values: old }];
    const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
    return SecurityGroupRules.flatMap(one => (one.IsEgress ? [] : [one.GroupId ?? ""])).sort();
  };
  /** Olga has what the command's printed policy gives, and nothing else. */
  const run = async (command: Command, ...args: string[]): Promise<Ran> => {
    await setUserPolicy(stack.sandbox, "olga", policyOf(command, stack.stackFiles));
    return guardrailsHere(stack, olga, command, ...args);
  };
  const sweep = (...args: string[]) => run("sweep", ...args);
  const fix = (...args: string[]) => run("baseline", "fix", ...args);

  before(async () => {
    stack = await startStack({
      config: { operators: [olgaArn] },
      prepare: async sandbox => {
        for (const name of ["attic", "barn", "cellar"]) old.push(await openGroup(sandbox, name));
        // Their events have found nobody who listens before the stack is there.
        await sandbox.clock.advance(5 * minute);
        await sandbox.idle();
        return {};
      },
    });
    folder = mkdtempSync(join(tmpdir(), "stack-file-"));
    const guardrails = { [id]: "enforce", "s3-bucket-encryption": "notify", "vpc-created": "notify" };
    const lines = Object.entries({ recipients: ["secops@example.com"], guardrails }).map(
      ([key, value]) => `  ${project}:${key}: ${JSON.stringify(value)}`,
    );
    writeFileSync(
      join(folder, "Pulumi.dev.yaml"),
      ["config:", "  aws:region: us-east-1", ...lines, ""].join("\n"),
    );
    stack.stackFiles = folder;
    olga = await addUser(stack.sandbox, "olga", policyOf("sweep", stack.stackFiles));
  });
  after(async () => {
    if (folder) rmSync(folder, { recursive: true });
    await stack?.stop();
  });

  it("is found by `guardrails sweep`, which lists each, changes nothing and ends with 3", async () => {
    const ran = await sweep("--guardrail", id);

    expect(ran.code, ran.err).to.equal(3);
    for (const group of old) expect(ran.out).to.include(`${id}: ${arnOf(group)}\n`);
    expect(ran.out).to.match(/^guardrail +region +looked at +wrong +exempt$/m);
    expect(ran.out).to.match(/^security-group-open-ingress +us-east-1 +\d+ +3 +0$/m);
    expect(ran.out).to.match(/^\d+ calls, 0 refused because they came too fast\.\n$/m);
    expect(ran.err).to.match(/^security-group-open-ingress in us-east-1: \d+ resources so far$/m);
    expect(await stillOpen()).to.deep.equal([...old].sort());
  });

  it("is one JSON value and nothing else under --json", async () => {
    const ran = await sweep("--guardrail", id, "--json");

    expect(ran.code, ran.err).to.equal(3);
    const { sweeps } = JSON.parse(ran.out) as { sweeps: { wrong: { resource: string }[] }[] };
    expect(sweeps).to.have.length(1);
    expect(sweeps[0].wrong.map(({ resource }) => resource)).to.have.members(old.map(arnOf));
  });

  it("ends with 0 for a guardrail that finds nothing wrong", async () => {
    const ran = await sweep("--guardrail", "s3-bucket-encryption");

    expect(ran.code, ran.err).to.equal(0);
    expect(ran.out).to.match(/^s3-bucket-encryption +us-east-1 +\d+ +0 +0$/m);
  });

  it("is not looked for with a wrong id, with a guardrail that looks at nothing, or without rights", async () => {
    const wrong = await sweep("--guardrail", "open-doors");
    const direct = await sweep("--guardrail", "vpc-created");
    await setUserPolicy(stack.sandbox, "olga", policyOf("pause", stack.stackFiles));
    const barred = await guardrailsHere(stack, olga, "sweep", "--guardrail", id);

    const known = `s3-bucket-encryption, ${id}`;
    expect([wrong.code, wrong.out]).to.deep.equal([2, ""]);
    expect(wrong.err).to.include(`"open-doors" is not enabled in this stack; enabled are ${known}.`);
    expect([direct.code, direct.out]).to.deep.equal([2, ""]);
    expect(direct.err).to.include(`enabled are ${known}.`);
    expect(barred.code).to.equal(1);
    expect(barred.out).to.match(/NOT TO ITS END: UnauthorizedOperation/);
    expect(barred.err).to.equal("The same command with --policy prints what an operator needs.\n");
  });

  it("has no fix before the first sweep, without a guardrail, or with a wrong id or limit", async () => {
    const early = await fix("--guardrail", id, "--yes");
    const nobody = await fix("--yes");
    const wrong = await fix("--guardrail", "open-doors", "--yes");
    const endless = await fix("--guardrail", id, "--limit", "all", "--yes");

    expect(early).to.include({ code: 0, err: "" });
    expect(early.out).to.equal("No baseline: no sweep has found anything that was wrong before.\n");
    expect([nobody.code, nobody.err]).to.deep.equal([
      2,
      "Whose baseline is to be put right? Give --guardrail <id>.\n",
    ]);
    expect(wrong.code).to.equal(2);
    expect(wrong.err).to.match(
      /There is no guardrail "open-doors" that changes anything; there are .*ingress/,
    );
    expect([endless.code, endless.err]).to.deep.equal([
      2,
      '--limit "all": expected a number from 1 to 999.\n',
    ]);
  });

  it("is put right by `baseline fix`, as many as the limit, in the operator's name", async () => {
    await stack.sandbox.clock.advance(15 * minute);
    await stack.stage.settle();
    expect(await stillOpen(), "told, not written").to.deep.equal([...old].sort());

    const ran = await fix("--guardrail", id, "--limit", "2", "--yes");
    const { outcomes } = await stack.stage.settle();

    expect(ran.code, ran.err).to.equal(0);
    expect(ran.out).to.include("3 in the baseline, 2 chosen.\n");
    expect(outcomes.filter(({ kind }) => kind === "remediated")).to.have.length(2);
    const open = await stillOpen();
    expect(open).to.have.length(1);
    const fixed = old.filter(group => !open.includes(group));
    expect(audited().map(({ resource, principal }) => [resource, principal?.arn])).to.have.deep.members(
      fixed.map(group => [arnOf(group), olgaArn]),
    );
    for (const group of fixed) expect(await changesOf(group)).to.include(olgaArn);
  });

  it("comes back by `undo`, that one alone, and stays", async () => {
    const open = await stillOpen();
    const back = old.find(group => !open.includes(group)) ?? "";

    const ran = await run("undo", "--last", arnOf(back), "--reason", "vendor visit", "--yes");
    await stack.stage.settle();

    expect(ran.code, ran.err).to.equal(0);
    expect(await stillOpen()).to.deep.equal([...open, back].sort());
  });

  const audited = () =>
    stack.sandbox.journal.happenings
      .flatMap(one => (one.kind === "log" ? [(parse(one.line) ?? {}) as unknown as Audit] : []))
      .filter(one => one.audit === 1 && one.outcome === "remediated");
  /** What the ledger keeps of a group's changes, as text. */
  const changesOf = async (groupId: string): Promise<string> => {
    const { Items = [] } = await stack.sandbox.gateway.client(DynamoDBClient).send(
      new QueryCommand({
        TableName: "guardrails-dev-ledger",
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: `${id}#${arnOf(groupId)}` } },
      }),
    );
    return JSON.stringify(Items);
  };
});

interface Audit {
  readonly audit?: number;
  readonly outcome?: string;
  readonly resource?: string;
  readonly principal?: { readonly arn?: string };
}
